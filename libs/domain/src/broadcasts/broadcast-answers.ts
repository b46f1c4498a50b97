import type { NewEvent } from '#contracts';
import {
  advanceMessages,
  appendEvents,
  type Database,
  findUnwanted,
  lockAnswerCursor,
  lockCancellable,
  moveAnswerCursor,
  noteOptOuts,
  noteReplies,
  readPossibleAnswers,
  type Tx,
} from '#database';
import { progressBatches } from '../messaging/batch-progress.js';
import { movedEvents } from '../messaging/message-events.js';

/** Events of one log that are read in one transaction. */
const AT_ONCE = 500;

/**
 * Reads what people write to the numbers of broadcasts: who answered, who wants no more of it; and takes back what waits for
 * them. A reader of the event log like others: the place that was reached moves in the transaction of what was done.
 */
export class BroadcastAnswers {
  constructor(private readonly db: Database) {}

  /** @returns whether there may be more at once */
  readOnce(): Promise<boolean> {
    return this.db.system(async (tx) => {
      const cursor = await lockAnswerCursor(tx);
      if (!cursor) return false;
      const { answers, reached } = await readPossibleAnswers(tx, cursor, AT_ONCE);
      await moveAnswerCursor(tx, cursor, reached);
      const wrote = answers.flatMap(({ name, conversationId, messageId, at }) =>
        name === 'message.received' && conversationId && messageId ? { conversationId, messageId, at } : [],
      );
      const optedOut = answers.flatMap(({ name, personId, at }) =>
        name === 'contact.opted_out' && personId ? { personId, at } : [],
      );
      if (wrote.length + optedOut.length === 0) return true;
      const stopped = await takeBack(tx, {
        optedOut: optedOut.map(({ personId }) => personId),
        wroteIn: [...new Set(wrote.map(({ conversationId }) => conversationId))],
      });
      if (optedOut.length > 0) await noteOptOuts(tx, cursor.streamId, optedOut);
      const noted = wrote.length === 0 ? [] : await noteReplies(tx, wrote);
      const replies = noted.map((answer): NewEvent => {
        const { conversationId } = answer;
        const about = { organizationId: cursor.organizationId, profileId: cursor.streamId, conversationId };
        return { ...about, name: 'broadcast.replied', actor: { kind: 'whatsapp' }, payload: answer };
      });
      await appendEvents(tx, [...stopped, ...replies]);
      return true;
    });
  }
}

/** Cancels what waits and nobody has taken on yet. @returns the events to append */
async function takeBack(tx: Tx, who: { optedOut: string[]; wroteIn: string[] }): Promise<NewEvent[]> {
  const unwanted = await findUnwanted(tx, who);
  if (unwanted.length === 0) return [];
  const free = new Set(await lockCancellable(tx, { messageIds: unwanted.map(({ messageId }) => messageId) }));
  const at = new Date();
  const steps = unwanted
    .filter(({ messageId }) => free.has(messageId))
    .map(({ messageId, reason }) => ({ messageId, state: 'cancelled' as const, reason, at }));
  const advance = await advanceMessages(tx, steps);
  const events = await progressBatches(tx, advance);
  return [...movedEvents(advance.moved, { kind: 'system' }), ...events];
}
