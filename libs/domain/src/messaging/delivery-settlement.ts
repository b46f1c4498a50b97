import type { NewEvent } from '#contracts';
import {
  advanceMessages,
  appendEventsLast,
  type Database,
  lockExpired,
  noteRecipients,
  type StateStep,
  type Tx,
} from '#database';
import { progressBatches } from './batch-progress.js';
import { movedEvents } from './message-events.js';
import { applyOwnActions } from './own-actions.js';
import type { OwnedProfile } from './owned-profile.js';
import { SharedTransaction, type WriteTogether } from './shared-transaction.js';

/**
 * Records how sends ended: state, end of the waiting row, events and batch progress in one transaction. Repeating it is
 * harmless. If the process dies before, the rows are still there under an old epoch, and the next owner sends again under
 * the same WhatsApp ids, which the recipient sees as one message.
 * @throws LeaseLost
 */
export function settleSends(db: Database, owned: OwnedProfile, steps: StateStep[]): Promise<void> {
  const shared = settlements.get(db) ?? new SharedTransaction<StateStep[]>(db, settleTogether);
  settlements.set(db, shared);
  return shared.add(owned, steps);
}

/** Those of all profiles of a process share transactions. */
const settlements = new WeakMap<Database, SharedTransaction<StateStep[]>>();

const settleTogether: WriteTogether<StateStep[]> = (tx, items) =>
  settle(
    tx,
    items.flatMap(({ item }) => item),
  );

const EXPIRE_AT_ONCE = 500;

/**
 * Ends waiting sends whose time is over: `expired` when they never were on the wire, `unknown` otherwise. For profiles
 * that no engine holds as well; what a living owner is working on is left to it. Several processes may run it at once.
 * @returns how many were ended.
 */
export async function expireSends(db: Database): Promise<number> {
  for (let total = 0; ; ) {
    const count = await db.system(async (tx) => {
      const over = await lockExpired(tx, EXPIRE_AT_ONCE);
      const events = await settle(
        tx,
        over.map(({ messageId, wired }) => timeOver(messageId, wired)),
      );
      void appendEventsLast(tx, events);
      return over.length;
    });
    total += count;
    if (count < EXPIRE_AT_ONCE) return total;
  }
}

/** How a send ends whose time is over. */
export function timeOver(messageId: string, wired: boolean): StateStep {
  const at = new Date();
  return wired
    ? { messageId, state: 'unknown', reason: 'not_acknowledged_in_time', at }
    : { messageId, state: 'expired', reason: 'not_sent_in_time', at };
}

/** @returns the events to append */
async function settle(tx: Tx, steps: StateStep[]): Promise<NewEvent[]> {
  const advance = await advanceMessages(tx, steps);
  const toGroups = advance.moved.filter(({ kind, state }) => kind === 'group' && state === 'sent');
  const [done, batches] = await Promise.all([
    applyOwnActions(tx, advance.moved),
    progressBatches(tx, advance),
    toGroups.length > 0 &&
      noteRecipients(
        tx,
        toGroups.map((message) => message.messageId),
      ),
  ]);
  return [...movedEvents(advance.moved, { kind: 'system' }), ...done, ...batches];
}
