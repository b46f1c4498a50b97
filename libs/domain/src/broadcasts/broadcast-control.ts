import { type Actor, type BroadcastId, errors, eventActor, type NewEvent } from '#contracts';
import {
  appendEvents,
  type BroadcastRow,
  type BroadcastStep,
  cancelPending,
  type Database,
  findWaitingProfiles,
  listenForAnswers,
  releaseOutbox,
  stepBroadcast,
  type Tx,
  wakeSenders,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { readTimes } from '../scheduling/schedule-times.js';
import { countAudience } from './audience-size.js';
import { type BroadcastPreparer, keepPrepared } from './broadcast-preparer.js';
import {
  assertState,
  type BroadcastView,
  broadcastEvent,
  changedMeanwhile,
  getBroadcast,
  resourceOf,
  viewsOf,
} from './broadcasts.js';
import type { GroupRosters } from './group-rosters.js';
import { endWaiting, rest } from './waiting-messages.js';

/**
 * A broadcast that was started, and how many it is for: those who are left out, or repeated, included. Null: lines of a file
 * are still to be counted.
 */
export interface StartedBroadcast {
  broadcast: BroadcastRow;
  recipientCount: number | null;
}

/** When a broadcast is to begin. */
export interface ScheduleWanted {
  /** ISO 8601; without an offset a time of day in its time zone. */
  scheduledAt: string;
  /** RFC 5545; null: once. */
  recurrence: string | null;
  /** How late it, or an occurrence, may begin. */
  lateWindowSeconds: number;
}

/** Recipients that are ended at once, when somebody cancels; the worker ends the rest. */
const CANCEL_AT_ONCE = 5_000;

/** Lets broadcasts begin, rest, go on and end. Each is one transaction; what sends obeys as soon as it is committed. */
export class BroadcastControl {
  constructor(
    private readonly db: Database,
    private readonly preparer: BroadcastPreparer,
    private readonly rosters: Pick<GroupRosters, 'refresh'>,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Begins at once; one that is paused or failed goes on. A success means that the worker takes it from here.
   * @throws notFound, broadcastState, broadcastEmpty, and what `BroadcastPreparer.prepare` throws
   */
  async start(actor: Actor, id: BroadcastId, once?: Once<StartedBroadcast>): Promise<StartedBroadcast> {
    const before = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    assertState(before, ['draft', 'scheduled', 'paused', 'failed']);
    if (before.startedAt !== null) return this.goOn(actor, id, 'broadcast.start', once);
    if (before.recurrence !== null) throw repeats();
    await this.rosters.refresh(actor, before.audience);
    const prepared = before.prepared ? null : await this.preparer.prepare(actor, before.variants);
    return this.db.tenant(actor, async (tx) => {
      const row = await getBroadcast(tx, actor, id, 'lock');
      assertState(row, ['draft', 'scheduled', 'failed']);
      if (row.recurrence !== null) throw repeats();
      // Somebody may have changed what it says while its files were taken in.
      if (row.updatedAt.getTime() !== before.updatedAt.getTime()) {
        throw changedMeanwhile();
      }
      const started = await startBroadcast(
        tx,
        row,
        eventActor(actor),
        prepared ? await keepPrepared(tx, row, prepared) : {},
      );
      await recordAudit(tx, actor, {
        action: 'broadcast.start',
        resource: resourceOf(row),
        after: { recipientCount: started.recipientCount },
      });
      await once?.(tx, started);
      await appendEvents(tx, [broadcastEvent(started.broadcast, 'broadcast.started', eventActor(actor))]);
      return started;
    });
  }

  /**
   * Starts by itself at that time; with a rule each occurrence is a broadcast of its own, made of this one at its time.
   * Another time, or another rule, takes the place of the one before.
   * @throws as `start`; validation for a time that is over, and for what is no rule
   */
  async schedule(actor: Actor, id: BroadcastId, wanted: ScheduleWanted): Promise<BroadcastView> {
    const before = await this.db.tenant(actor, (tx) => getBroadcast(tx, actor, id));
    assertState(before, ['draft', 'scheduled']);
    const { scheduledAt, recurrence: rule, lateWindowSeconds } = wanted;
    const { startsAt, dueAt } = readTimes({ scheduledAt, timeZone: before.timeZone, rule }, new Date());
    const prepared = before.prepared ? null : await this.preparer.prepare(actor, before.variants);
    return this.db.tenant(actor, async (tx) => {
      const locked = await getBroadcast(tx, actor, id, 'lock');
      assertState(locked, ['draft', 'scheduled']);
      if (locked.updatedAt.getTime() !== before.updatedAt.getTime()) throw changedMeanwhile();
      const step = prepared ? await keepPrepared(tx, locked, prepared) : {};
      const row = await stepBroadcast(tx, id, {
        ...step,
        state: 'scheduled',
        scheduledAt: dueAt,
        series: { recurrence: rule, startsAt: rule === null ? null : startsAt, lateWindowSeconds },
        startedBy: eventActor(actor),
      });
      tx.wake('broadcasts', id);
      await recordAudit(tx, actor, {
        action: 'broadcast.schedule',
        resource: resourceOf(row),
        after: { scheduledAt: dueAt.toISOString(), recurrence: rule },
      });
      await appendEvents(tx, [broadcastEvent(row, 'broadcast.scheduled', eventActor(actor))]);
      return (await viewsOf(tx, [row]))[0]!;
    });
  }

  /**
   * Nothing of it goes out any more but what is on the wire at this moment; engines are told to give back what they have
   * taken on. @throws notFound, broadcastState
   */
  pause(actor: Actor, id: BroadcastId): Promise<BroadcastView> {
    return this.db.tenant(actor, async (tx) => {
      assertState(await getBroadcast(tx, actor, id, 'lock'), ['running']);
      const row = await rest(tx, id, { state: 'paused' });
      await recordAudit(tx, actor, { action: 'broadcast.pause', resource: resourceOf(row) });
      const [view] = await viewsOf(tx, [row]);
      await appendEvents(tx, [broadcastEvent(row, 'broadcast.paused', eventActor(actor))]);
      return view!;
    });
  }

  /** @throws notFound, broadcastState */
  async resume(actor: Actor, id: BroadcastId): Promise<BroadcastView> {
    await this.goOn(actor, id, 'broadcast.resume');
    return this.db.tenant(actor, async (tx) => (await viewsOf(tx, [await getBroadcast(tx, actor, id)]))[0]!);
  }

  /**
   * Ends it. Exact: whoever is `cancelled` certainly got nothing; what is on the wire ends by itself.
   * @throws notFound, broadcastState
   */
  cancel(actor: Actor, id: BroadcastId): Promise<BroadcastView> {
    return this.db.tenant(actor, async (tx) => {
      assertState(await getBroadcast(tx, actor, id, 'lock'), ['draft', 'scheduled', 'running', 'paused', 'failed']);
      const row = await stepBroadcast(tx, id, { state: 'cancelled', endedAt: new Date() });
      const events = await endWaiting(tx, id, { kind: 'batch', actor: eventActor(actor) });
      await cancelPending(tx, id, CANCEL_AT_ONCE);
      // What may have been on the wire has to be sent again under its id, to learn what became of it.
      await releaseOutbox(tx, id, { pauseMs: 0, expiryMs: this.settings.expiryMs });
      for (const profileId of await findWaitingProfiles(tx, id)) {
        tx.wake('recalls', profileId);
        tx.wake('outbox', profileId);
      }
      tx.wake('broadcasts', id);
      await recordAudit(tx, actor, { action: 'broadcast.cancel', resource: resourceOf(row) });
      const [view] = await viewsOf(tx, [row]);
      await appendEvents(tx, [...events, broadcastEvent(row, 'broadcast.cancelled', eventActor(actor))]);
      return view!;
    });
  }

  private goOn(
    actor: Actor,
    id: BroadcastId,
    action: 'broadcast.start' | 'broadcast.resume',
    once?: Once<StartedBroadcast>,
  ): Promise<StartedBroadcast> {
    return this.db.tenant(actor, async (tx) => {
      const before = await getBroadcast(tx, actor, id, 'lock');
      // One that failed at its time, with nobody to send it to, has not begun: it is started.
      assertState(before, before.startedAt === null ? ['paused'] : ['paused', 'failed']);
      const row = await stepBroadcast(tx, id, { state: 'running', endedAt: null });
      const { delayMin: pauseMs } = row.settings;
      const profileIds = await releaseOutbox(tx, id, { pauseMs, expiryMs: this.settings.expiryMs });
      for (const profileId of profileIds) tx.wake('outbox', profileId);
      await wakeSenders(tx, id);
      tx.wake('broadcasts', id);
      const started = { broadcast: row, recipientCount: await countAudience(tx, row) };
      await recordAudit(tx, actor, { action, resource: resourceOf(row) });
      await once?.(tx, started);
      await appendEvents(tx, [broadcastEvent(row, 'broadcast.resumed', eventActor(actor))]);
      return started;
    });
  }
}

const repeats = () =>
  errors.broadcastState({
    message: 'It repeats: each time is a broadcast of its own. To send it now, schedule it without a recurrence first.',
  });

/**
 * Takes a broadcast to `running`: the worker writes its audience down and queues it. The caller appends the event.
 * @throws broadcastEmpty
 */
export async function startBroadcast(
  tx: Tx,
  row: BroadcastRow,
  by: NewEvent['actor'],
  step: Partial<BroadcastStep>,
): Promise<StartedBroadcast> {
  const recipientCount = await countAudience(tx, row);
  if (recipientCount === 0) throw errors.broadcastEmpty({ details: { broadcastId: row.id } });
  const broadcast = await stepBroadcast(tx, row.id, {
    ...step,
    state: 'running',
    startedBy: by,
    startedAt: new Date(),
  });
  await wakeSenders(tx, row.id);
  await listenForAnswers(tx, row.id);
  tx.wake('broadcasts', row.id);
  return { broadcast, recipientCount };
}
