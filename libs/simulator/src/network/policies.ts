import type { BinaryNode } from '../baileys.js';
import { children } from '../wire/stanza.js';
import type { Account } from './account.js';

/** What the service lets an account do. What is left out has no limit. */
export interface Limits {
  /** Messages from the companions of an account. One more is refused with 429. */
  messagesPerMinute?: number;
  /** First messages to people it never exchanged a message with, in 24 hours. One more restricts the account. */
  newChatsPerDay?: number;
  /** How long a restriction lasts that `newChatsPerDay` brings about; default a day. */
  restrictionMs?: number;
  /** Questions about users (`usync`). One more gets 429 `rate-overlimit`; so with all that follow. */
  userQueriesPerMinute?: number;
  /** Questions about groups (`w:g2` get). */
  groupQueriesPerMinute?: number;
  /** Groups made (`w:g2` set `create`). */
  groupsCreatedPerDay?: number;
  /** Pairing codes asked for, for one phone number. */
  pairingCodesPerHour?: number;
  /** Stanzas on one connection; one more ends it and is reported. Default 20 000; counts for connections made later. */
  stanzasPerSecond?: number;
  /** Companions that one phone can have; the phone refuses to link another. */
  companions?: number;
}

/**
 * Limits in the size of those that operators of real numbers report. The service publishes none and changes them; only
 * the number of companions is documented by it.
 */
export const REALISTIC_LIMITS: Limits = {
  messagesPerMinute: 60,
  newChatsPerDay: 250,
  restrictionMs: 24 * 3_600_000,
  userQueriesPerMinute: 60,
  groupQueriesPerMinute: 30,
  groupsCreatedPerDay: 20,
  pairingCodesPerHour: 10,
  companions: 4,
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Keeps to the limits, by sliding windows per account. */
export class Policies {
  limits: Limits = {};
  private readonly uses = new Map<string, number[]>();

  /** The code with which a companion's message must be refused, if it must. `chat` is nobody for a group. */
  refusalOfMessage(account: Account, chat: Account | undefined): number | undefined {
    const isCold = chat !== undefined && chat !== account && !account.peers.has(chat);
    if (isCold && account.restriction.current) return 463;
    if (isCold && !this.spend(account, `new-chats`, this.limits.newChatsPerDay, DAY_MS)) {
      account.restriction.begin({ durationMs: this.limits.restrictionMs });
      return 463;
    }
    return this.spend(account, 'messages', this.limits.messagesPerMinute, MINUTE_MS) ? undefined : 429;
  }

  /** Whether a question goes over a limit and is to be answered with 429. */
  refusesQuery(account: Account, iq: BinaryNode): boolean {
    const { xmlns, type } = iq.attrs;
    if (xmlns === 'usync') return !this.spend(account, 'usync', this.limits.userQueriesPerMinute, MINUTE_MS);
    if (xmlns !== 'w:g2') return false;
    if (type === 'get') return !this.spend(account, 'group-queries', this.limits.groupQueriesPerMinute, MINUTE_MS);
    const isCreation = children(iq).some(({ tag }) => tag === 'create');
    return isCreation && !this.spend(account, 'groups', this.limits.groupsCreatedPerDay, DAY_MS);
  }

  refusesPairingCode(account: Account): boolean {
    return !this.spend(account, 'pairing-codes', this.limits.pairingCodesPerHour, HOUR_MS);
  }

  /** Throws what the phone would show when it can have no further companion. */
  checkCompanions(account: Account): void {
    const { companions = Number.POSITIVE_INFINITY } = this.limits;
    if (account.companions.length >= companions) {
      throw new Error(`${account.number} has ${companions} linked devices already, which is the limit`);
    }
  }

  /** New chats: how many are allowed a day, and how many were begun. */
  newChats(account: Account): { limit: number | undefined; used: number } {
    return { limit: this.limits.newChatsPerDay, used: this.recent(account, 'new-chats', DAY_MS).length };
  }

  private spend(account: Account, what: string, limit: number | undefined, windowMs: number): boolean {
    if (limit === undefined) return true;
    const recent = this.recent(account, what, windowMs);
    const isAllowed = recent.length < limit;
    if (isAllowed) recent.push(account.world.clock.now());
    this.uses.set(`${account.number}/${what}`, recent);
    return isAllowed;
  }

  private recent(account: Account, what: string, windowMs: number): number[] {
    const since = account.world.clock.now() - windowMs;
    return (this.uses.get(`${account.number}/${what}`) ?? []).filter((at) => at > since);
  }
}
