import { CatalogueError, type NewEvent, type ScheduledMessageId } from '#contracts';
import {
  advanceSchedules,
  appendEvents,
  claimDueSchedule,
  claimDueSchedules,
  type Database,
  type DueSchedules,
  isTransient,
  nextDueSchedule,
  type ScheduledMessageRow,
  type ScheduleStep,
  type Tx,
} from '#database';
import type { SendableContent } from '#engine';
import { type DraftBy, queueMessages } from '../messaging/queue-messages.js';
import type { Logger } from '../platform/logger.js';
import { type Turn, WorkLoop } from '../platform/work-loop.js';
import { type DueOccurrence, dueOccurrence } from './due-occurrence.js';

/** Schedules of one profile that become messages in one transaction. */
const AT_ONCE = 100;
/** Longest sleep: a schedule that was made meanwhile may be due as soon as that. */
const LONGEST_SLEEP_MS = 1000;

interface Planned {
  row: ScheduledMessageRow;
  occurrence: DueOccurrence;
}

/**
 * Makes messages of scheduled ones when they are due. The message is queued and the schedule moved on in one
 * transaction, under the schedule's lock: whatever dies, and however many workers run, each occurrence becomes one
 * message.
 */
export class ScheduledSender {
  private readonly loop: WorkLoop;

  constructor(private readonly parts: { db: Database; log: Logger; expiryMs: number }) {
    this.loop = new WorkLoop({
      db: parts.db,
      log: parts.log,
      turn: () => this.turn(),
      failed: 'sending scheduled messages failed; it is tried again',
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Takes nothing more and waits for what is under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<Turn> {
    const { db } = this.parts;
    let claimed: ScheduledMessageId[] = [];
    try {
      await db.system(async (tx) => {
        const due = await claimDueSchedules(tx, AT_ONCE);
        claimed = due.rows.map(({ id }) => id);
        await this.queue(tx, due);
      });
    } catch (error) {
      if (isTransient(error)) throw error;
      // One of them cannot be sent; which one is found out one by one.
      for (const id of claimed) await this.queueAlone(id);
    }
    if (claimed.length > 0) return 'more';
    const { dueAt, now } = await nextDueSchedule(db);
    const untilDueMs = dueAt === null ? LONGEST_SLEEP_MS : dueAt.getTime() - now.getTime();
    // One that is due and could not be claimed is another worker's.
    return untilDueMs <= 0 ? LONGEST_SLEEP_MS : Math.min(LONGEST_SLEEP_MS, untilDueMs + 1);
  }

  private async queueAlone(id: ScheduledMessageId): Promise<void> {
    const { db, log } = this.parts;
    try {
      await db.system(async (tx) => this.queue(tx, await claimDueSchedule(tx, id)));
    } catch (error) {
      if (isTransient(error)) throw error;
      if (!(error instanceof CatalogueError)) log.error({ err: error, scheduledMessageId: id }, 'a schedule failed');
      const code = error instanceof CatalogueError ? error.code : 'INTERNAL_ERROR';
      const message = error instanceof CatalogueError ? error.message : 'Waypost failed; see its log.';
      await db.system(async (tx) => fail(tx, await claimDueSchedule(tx, id), { code, message }));
    }
  }

  /** All of one profile. */
  private async queue(tx: Tx, { rows, now }: DueSchedules): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const planned = rows.map((row): Planned => ({ row, occurrence: dueOccurrence(row, now) }));
    const sent = planned.filter(({ occurrence }) => !occurrence.isMissed);
    const { organizationId, profileId } = first;
    const owner = { organizationId, profileId, lane: 'interactive' as const, batchId: null };
    const { messages, events } =
      sent.length === 0
        ? { messages: [], events: [] }
        : await queueMessages(tx, owner, sent.map(draftOf), { expiryMs: this.parts.expiryMs });
    const messageOf = new Map(sent.map((plan, index) => [plan, messages[index]!]));
    await advanceSchedules(
      tx,
      planned.map((plan) => stepOf(plan, messageOf.get(plan)?.id ?? null)),
    );
    const told = planned.map((plan): NewEvent => {
      const message = messageOf.get(plan);
      const about = aboutOf(plan);
      if (!message) {
        const lateBySeconds = Math.round((now.getTime() - plan.occurrence.at.getTime()) / 1000);
        return eventOf(plan.row, { name: 'scheduled_message.missed', payload: { ...about, lateBySeconds } });
      }
      const { id: messageId, conversationId } = message;
      const payload = { ...about, messageId, conversationId };
      return { ...eventOf(plan.row, { name: 'scheduled_message.queued', payload }), conversationId };
    });
    await appendEvents(tx, [...events, ...told]);
  }
}

/** The occurrence is over without a message; later ones may do better. */
async function fail(tx: Tx, { rows, now }: DueSchedules, failure: { code: string; message: string }): Promise<void> {
  const [row] = rows;
  if (!row) return;
  const plan = { row, occurrence: dueOccurrence(row, now) };
  const { next } = plan.occurrence;
  const step = { id: row.id, dueAt: next, messageId: null, isMissed: false, failure };
  await advanceSchedules(tx, [{ ...step, state: next === null ? 'failed' : 'pending' }]);
  const payload = { ...aboutOf(plan), code: failure.code, reason: failure.message };
  await appendEvents(tx, [eventOf(row, { name: 'scheduled_message.failed', payload })]);
}

function draftOf({ row }: Planned): DraftBy {
  const { chat, content, audience, quoted, createdBy } = row;
  return {
    to: chat,
    content: content as SendableContent,
    ...(audience ? { audience } : {}),
    ...(quoted ? { quoted } : {}),
    by: createdBy,
  };
}

function stepOf({ row, occurrence: { isMissed, next } }: Planned, messageId: string | null): ScheduleStep {
  const ended = isMissed && row.queuedCount === 0 ? 'expired' : 'done';
  return { id: row.id, state: next === null ? ended : 'pending', dueAt: next, messageId, isMissed, failure: null };
}

function aboutOf({ row, occurrence: { at, next } }: Planned) {
  return { scheduledMessageId: row.id, dueAt: at.toISOString(), nextAt: next?.toISOString() ?? null };
}

type Told = Pick<
  NewEvent<'scheduled_message.queued' | 'scheduled_message.missed' | 'scheduled_message.failed'>,
  'name' | 'payload'
>;

function eventOf({ organizationId, profileId }: ScheduledMessageRow, told: Told): NewEvent {
  return { organizationId, profileId, actor: { kind: 'system' }, ...told } as NewEvent;
}
