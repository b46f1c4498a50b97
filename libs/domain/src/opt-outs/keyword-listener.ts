import { setTimeout as delay } from 'node:timers/promises';
import { CatalogueError, type NewEvent, type OrganizationId, spokenWord } from '#contracts';
import {
  advanceOptOutCursors,
  appendEvents,
  type ClaimedCursor,
  claimOptOutCursors,
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
import { type OptOutPolicy, readOptOutPolicies } from './opt-out-settings.js';

const EVENTS_AT_ONCE = 200;
const STREAMS_AT_ONCE = 32;
/** Between two looks: what is written in close succession is heard together. */
const REST_MS = 100;

interface Owner {
  organizationId: OrganizationId;
  profileId: string;
}

/** What there is to hear in the stream of a profile. */
interface Heard {
  cursor: ClaimedCursor;
  policy: OptOutPolicy;
  words: Words;
  events: HeardEvent[];
}

/** Keywords as they are compared. */
interface Words {
  out: ReadonlySet<string>;
  back: ReadonlySet<string>;
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
    const unread = streams.filter(({ isNew }) => isNew).map(({ id }) => id);
    if (unread.length > 0) await ensureOptOutCursors(this.db, unread);
    const { passed, loud } = await this.pass(streams.map(({ id }) => id));
    let heard = passed;
    for (const profileId of loud) heard += (await this.hear(profileId)) ? 1 : 0;
    // Those that are left are in the hands of others.
    return heard === 0 ? 'nothing' : 'more';
  }

  /** Nearly nothing of what people write is a keyword: past that all cursors move in one transaction. */
  private pass(streamIds: string[]): Promise<{ passed: number; loud: string[] }> {
    return this.db.system(async (tx) => {
      const all = await listen(tx, streamIds);
      const isLoud = (heard: Heard) => heard.events.some((event) => isMeant(heard, event));
      const quiet = all.filter((heard) => !isLoud(heard));
      if (quiet.length > 0) await advanceOptOutCursors(tx, quiet.map(reached));
      return { passed: quiet.length, loud: all.filter(isLoud).map(({ cursor }) => cursor.streamId) };
    });
  }

  private hear(profileId: string): Promise<boolean> {
    return this.db.system(async (tx) => {
      const [heard] = await listen(tx, [profileId]);
      if (!heard) return false;
      const owner = { organizationId: heard.cursor.organizationId as OrganizationId, profileId };
      const news = await this.react(tx, owner, heard);
      await advanceOptOutCursors(tx, [reached(heard)]);
      await appendEvents(tx, news);
      return true;
    });
  }

  private async react(tx: Tx, owner: Owner, heard: Heard): Promise<NewEvent[]> {
    const { policy, words, events } = heard;
    const news: NewEvent[] = [];
    for (const event of events) {
      if (!isMeant(heard, event)) continue;
      news.push(
        ...(event.text === null ? await this.confirm(tx, owner, policy, event) : await take(tx, owner, words, event)),
      );
    }
    return news;
  }

  /** Answers somebody whose words changed something: the event of the change comes once. */
  private async confirm(tx: Tx, owner: Owner, policy: OptOutPolicy, event: HeardEvent): Promise<NewEvent[]> {
    const text = confirmationOf(policy, event)!;
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

/** Takes the cursors that nobody else holds, and reads what is behind them. */
async function listen(tx: Tx, streamIds: string[]): Promise<Heard[]> {
  const cursors = await claimOptOutCursors(tx, streamIds);
  if (cursors.length === 0) return [];
  const ids = cursors.map(({ streamId }) => streamId);
  const [events, policyOf] = await Promise.all([readHeard(tx, cursors, EVENTS_AT_ONCE), readOptOutPolicies(tx, ids)]);
  return cursors.map((cursor) => {
    const policy = policyOf(cursor.streamId);
    const words = { out: spokenWords(policy.keywords), back: spokenWords(policy.returnKeywords) };
    return { cursor, policy, words, events: events.filter(({ streamId }) => streamId === cursor.streamId) };
  });
}

const spokenWords = (keywords: string[]) => new Set(keywords.map(spokenWord).filter((word) => word !== ''));

/** How far a stream has been heard. */
function reached({ cursor: { streamId, head }, events }: Heard): { streamId: string; seq: number } {
  return { streamId, seq: events.length < EVENTS_AT_ONCE ? head : events.at(-1)!.seq };
}

/** Whether something is to be done about it. */
function isMeant({ policy, words }: Heard, event: HeardEvent): boolean {
  if (!policy.isEnabled || (event.phone === null && event.lid === null)) return false;
  return (event.text === null ? confirmationOf(policy, event) : wishIn(words, event.text)) !== null;
}

/** What is answered to a change; null: nothing. */
function confirmationOf(policy: OptOutPolicy, { name, source }: HeardEvent): string | null {
  if (source !== 'keyword') return null;
  return name === 'contact.opted_out' ? policy.confirmation : policy.returnConfirmation;
}

/** What somebody who writes this wants; null: something else. */
function wishIn({ out, back }: Words, text: string): 'out' | 'in' | null {
  const word = spokenWord(text);
  if (out.has(word)) return 'out';
  return back.has(word) ? 'in' : null;
}

async function take(tx: Tx, owner: Owner, words: Words, event: HeardEvent): Promise<NewEvent[]> {
  const isOptedOut = wishIn(words, event.text!) === 'out';
  const by = { kind: 'whatsapp' } as const;
  const address = { phone: event.phone, lid: event.lid };
  const { contacts, events } = await addContacts(tx, owner, 'message', by, [{ address }]);
  const contactIds = [contacts[0]!.contactId];
  const change = { contactIds, isOptedOut, source: 'keyword', reason: event.text!.trim(), by } as const;
  return [...events, ...(await changeOptOut(tx, owner, change))];
}
