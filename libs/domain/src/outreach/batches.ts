import { Injectable } from '@nestjs/common';
import { type Actor, type BatchId, errors, eventActor, type NewEvent, type ProfileId } from '#contracts';
import {
  advanceMessages,
  appendEvents,
  type BatchItemRow,
  type BatchRow,
  type BatchStateCount,
  countBatchStates,
  Database,
  endBatches,
  findBatch,
  listBatches,
  listBatchItems,
  lockCancellable,
  lockRunningBatches,
  type Tx,
} from '#database';
import { movedEvents } from '../messaging/message-events.js';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';

/** How far a batch has come, counted from its items. The first six after it add up to `total`. */
export interface BatchProgress {
  total: number;
  /** WhatsApp has them (delivered and read ones included). */
  sent: number;
  /** Failed or expired. */
  failed: number;
  /** Queued or being sent. */
  pending: number;
  cancelled: number;
  /** Went out, but no acknowledgement came in time: they may have arrived. */
  unknown: number;
  /** No message was made: the recipient wants none. */
  skipped: number;
  /** Of the sent ones: those that reached a device (read ones included). */
  delivered: number;
  /** Of the delivered ones: those that were read. */
  read: number;
}

export interface BatchWithProgress extends BatchRow {
  progress: BatchProgress;
}

export interface BatchWithItems extends BatchWithProgress {
  items: BatchItemRow[];
}

/** A batch as callers name it: by our id, or within a profile by their reference. */
export interface BatchName {
  name: string;
  profileId: ProfileId | null;
}

/** Bulk requests and what became of them. */
@Injectable()
export class Batches {
  constructor(private readonly db: Database) {}

  /** A profile's batches, newest first. @throws errors.notFound (the profile) */
  list(
    actor: Actor,
    profileId: ProfileId,
    page: { before?: BatchId; offset?: number; limit: number },
  ): Promise<BatchWithProgress[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return withProgress(tx, actor, await listBatches(tx, actor.organizationId, profileId, page));
    });
  }

  /** @throws errors.notFound */
  get(actor: Actor, batch: BatchName): Promise<BatchWithItems> {
    return this.db.tenant(actor, async (tx) => this.withItems(tx, actor, await getBatch(tx, actor, batch)));
  }

  /**
   * Cancels every message of the batch that no engine has taken on yet. Exact: what is cancelled was never on the wire,
   * and what is being sent at this moment is left to end by itself.
   * @throws errors.notFound, batchFinished when nothing was left to cancel
   */
  cancel(actor: Actor, name: BatchName): Promise<BatchWithItems> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const batch = await getBatch(tx, actor, name);
      const messageIds = await lockCancellable(tx, { batchId: batch.id });
      if (batch.state !== 'processing' || messageIds.length === 0) {
        throw errors.batchFinished({ details: { batchId: name.name, state: batch.state } });
      }
      const at = new Date();
      const steps = messageIds.map((messageId) => ({
        messageId,
        state: 'cancelled' as const,
        reason: 'batch_cancelled',
        at,
      }));
      const { moved } = await advanceMessages(tx, steps);
      // A failure of one of its messages may be ending it at this moment (stop on error).
      const running = await lockRunningBatches(tx, [batch.id]);
      if (running.length > 0) await endBatches(tx, [batch.id], 'cancelled');
      const cancelled = await this.withItems(tx, actor, await getBatch(tx, actor, name));
      await recordAudit(tx, actor, {
        action: 'message.bulk_cancel',
        resource: { type: 'batch', id: batch.id, name: batch.reference ?? undefined },
        after: { profileId: batch.profileId, cancelled: messageIds.length, total: batch.total },
      });
      await appendEvents(tx, [
        ...movedEvents(moved, eventActor(actor)),
        ...running.map(({ id, profileId, total }): NewEvent => {
          const payload = { batchId: id, total, state: 'cancelled' } as const;
          return { organizationId, profileId, name: 'batch.cancelled', actor: eventActor(actor), payload };
        }),
      ]);
      return cancelled;
    });
  }

  private async withItems(tx: Tx, actor: Actor, batch: BatchRow): Promise<BatchWithItems> {
    const [counted] = await withProgress(tx, actor, [batch]);
    return { ...counted!, items: await listBatchItems(tx, actor.organizationId, batch.id) };
  }
}

async function getBatch(tx: Tx, actor: Actor, { name, profileId }: BatchName): Promise<BatchRow> {
  const id = UUID.test(name) ? name : null;
  const batch = await findBatch(tx, actor.organizationId, { id, reference: name, profileId });
  if (!batch) throw errors.notFound({ message: 'There is no such batch.', details: { batchId: name } });
  return batch;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Counts the messages of the batches in one read. */
async function withProgress(tx: Tx, actor: Actor, batches: BatchRow[]): Promise<BatchWithProgress[]> {
  if (batches.length === 0) return [];
  const counts = await countBatchStates(
    tx,
    actor.organizationId,
    batches.map((batch) => batch.id),
  );
  return batches.map((batch) => ({
    ...batch,
    progress: progressOf(
      batch.total,
      counts.filter((count) => count.batchId === batch.id),
    ),
  }));
}

function progressOf(total: number, counts: BatchStateCount[]): BatchProgress {
  const sum = (...states: BatchStateCount['state'][]) =>
    counts.filter((count) => states.includes(count.state)).reduce((all, { count }) => all + count, 0);
  return {
    total,
    sent: sum('sent', 'delivered', 'read', 'played'),
    failed: sum('failed', 'expired'),
    pending: sum('queued', 'sending'),
    cancelled: sum('cancelled'),
    unknown: sum('unknown'),
    skipped: sum('skipped'),
    delivered: sum('delivered', 'read', 'played'),
    read: sum('read', 'played'),
  };
}
