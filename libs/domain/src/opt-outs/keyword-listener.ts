import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueError, type NewEvent, type OrganizationId, spokenWord } from '#contracts';
import {
  advanceOptOutCursor,
  appendEvents,
  claimOptOutCursor,
  type Database,
  ensureOptOutCursors,
  findUnheardStreams,
  type HeardEvent,
  readHeard,
  type Tx,
} from '#database';
import { addContacts } from '../contacts/add-contacts.js';
import { changeOptOut } from '../contacts/opt-outs.js';
import { queueMessages } from '../messaging/queue-messages.js';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import { type OptOutPolicy, readOptOutPolicy } from './opt-out-settings.js';

const EVENTS_AT_ONCE = 200;
const STREAMS_AT_ONCE = 32;
/** Between two looks: what is written in close succession is heard together. */
const REST_MS = 100;

interface Owner {
  organizationId: OrganizationId;
  profileId: string;
}

/**
 * Listens for the words with which people say that they want no more campaigns, or want them again, and answers once. It
 * is a reader of the event log: the position in a profile's stream moves in the transaction that opts out, and in the one
 * that queues the answer, so that nothing is missed and nothing is done twice, whatever dies and however many listen.
 * What the phone tells of old messages is no event of its own, and opts nobody out.
 */
export class KeywordListener {
  private readonly loop: WorkLoop;

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
    private readonly settings: { expiryMs: number },
  ) {
    this.loop = new WorkLoop({
      db,
      log,
      channel: 'events',
      turn: async () => {
        await delay(REST_MS);
        return this.listenOnce();
      },
      failed: 'listening for opt-outs failed; it is tried again',
    });
  }

  start(): void {
    this.loop.start();
  }

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** Up to so many events of each stream that has any. */
  async listenOnce(): Promise<Turn> {
    const streams = await findUnheardStreams(this.db, null, STREAMS_AT_ONCE);
    if (streams.length === 0) return 'nothing';
    await ensureOptOutCursors(this.db, streams);
    let heard = 0;
    for (const profileId of streams) heard += (await this.hear(profileId)) ? 1 : 0;
    // Those that are left are in the hands of others.
    return heard === 0 ? 'nothing' : 'more';
  }

  private hear(profileId: string): Promise<boolean> {
    return this.db.system(async (tx) => {
      const cursor = await claimOptOutCursor(tx, profileId);
      if (!cursor) return false;
      const owner = { organizationId: cursor.organizationId as OrganizationId, profileId };
      const range = { streamId: profileId, after: cursor.seq, head: cursor.head };
      const events = await readHeard(tx, range, EVENTS_AT_ONCE);
      const news = events.length === 0 ? [] : await this.react(tx, owner, events);
      const reached = events.length < EVENTS_AT_ONCE ? cursor.head : events.at(-1)!.seq;
      await advanceOptOutCursor(tx, profileId, reached);
      await appendEvents(tx, news);
      return true;
    });
  }

  private async react(tx: Tx, owner: Owner, events: HeardEvent[]): Promise<NewEvent[]> {
    const policy = await readOptOutPolicy(tx, owner.profileId);
    if (!policy.isEnabled) return [];
    const words: Words = { out: spokenWords(policy.keywords), back: spokenWords(policy.returnKeywords) };
    const news: NewEvent[] = [];
    for (const event of events) {
      if (event.phone === null && event.lid === null) continue;
      news.push(
        ...(event.text === null ? await this.confirm(tx, owner, policy, event) : await take(tx, owner, words, event)),
      );
    }
    return news;
  }

  /** Answers somebody whose words changed something: the event of the change comes once. */
  private async confirm(tx: Tx, owner: Owner, policy: OptOutPolicy, event: HeardEvent): Promise<NewEvent[]> {
    const text = event.name === 'contact.opted_out' ? policy.confirmation : policy.returnConfirmation;
    if (event.source !== 'keyword' || text === null) return [];
    const { phone, lid } = event;
    const draft = {
      to: { kind: 'user', phone, lid },
      content: { kind: 'text', text },
      by: { kind: 'system' },
    } as const;
    const sending = { ...owner, lane: 'interactive', batchId: null } as const;
    try {
      return (await queueMessages(tx, sending, [draft], this.settings)).events;
    } catch (failure) {
      // A profile that is not linked any more, or that may not send now: the opt-out holds without an answer.
      if (!(failure instanceof CatalogueError)) throw failure;
      this.log.info({ profileId: owner.profileId, code: failure.code }, 'an opt-out was not answered');
      return [];
    }
  }
}

/** Keywords as they are compared. */
interface Words {
  out: ReadonlySet<string>;
  back: ReadonlySet<string>;
}

const spokenWords = (keywords: string[]) => new Set(keywords.map(spokenWord).filter((word) => word !== ''));

async function take(tx: Tx, owner: Owner, words: Words, event: HeardEvent): Promise<NewEvent[]> {
  const word = spokenWord(event.text!);
  const isOptedOut = words.out.has(word);
  if (!isOptedOut && !words.back.has(word)) return [];
  const by = { kind: 'whatsapp' } as const;
  const address = { phone: event.phone, lid: event.lid };
  const { contacts, events } = await addContacts(tx, owner, 'message', by, [{ address }]);
  const contactIds = [contacts[0]!.contactId];
  const change = { contactIds, isOptedOut, source: 'keyword', reason: event.text!.trim(), by } as const;
  return [...events, ...(await changeOptOut(tx, owner, change))];
}
