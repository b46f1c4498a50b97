import { type Actor, type BatchId, errors, eventActor, type NewEvent, newId, type ProfileId } from '#contracts';
import {
  appendEvents,
  type BatchRow,
  type Database,
  findBatch,
  insertBatch,
  insertBatchItems,
  type Tx,
} from '#database';
import type { MediaIntake, TakenMedia } from '../media/media-intake.js';
import { type MessageDraft, mediaContent, textContent } from '../messaging/message-draft.js';
import { getSendingProfile, queueMessages } from '../messaging/queue-messages.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { takeFiles } from './bulk-media.js';
import { type BulkMessage, type PlannedMessage, planMessages, spaceOut } from './bulk-plan.js';

export interface BulkRequest {
  profileId: ProfileId;
  /** The caller's own name for the batch; unique for the profile, for ever. */
  reference?: string;
  /** 1 to 1000. */
  messages: BulkMessage[];
  /** Least pause between two messages, milliseconds. */
  delayMs: number;
  /** Adds up to two seconds at random to each pause. */
  randomize: boolean;
  /** Cancels what has not been sent when one message fails. */
  stopOnError: boolean;
}

/** Accepts bulk requests: many messages to many people, sent one after another with pauses. */
export class BulkSender {
  constructor(
    private readonly db: Database,
    private readonly intake: MediaIntake,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Records all messages as queued, each with its earliest moment, and the batch that they belong to: all or none, in
   * one transaction. Nothing has to run afterwards to keep the batch going.
   *
   * A reference that the profile has used before is refused, also with the same messages: it names one batch for ever.
   * To repeat a request safely use an Idempotency-Key.
   * @throws errors.validation, notFound, profileNotLinked, batchReferenceTaken, and what `MediaIntake.take` throws
   */
  async accept(actor: Actor, request: BulkRequest, once?: Once<BatchRow>): Promise<BatchRow> {
    const planned = planMessages(request.messages);
    // Before files are fetched for a request that cannot be accepted anyway.
    await this.db.tenant(actor, async (tx) => {
      await getSendingProfile(tx, actor, request.profileId);
      await this.assertReferenceFree(tx, actor, request);
    });
    const files = await takeFiles(this.intake, actor, planned);

    return this.db.tenant(actor, async (tx) => {
      const createdAt = new Date();
      const moments = spaceOut(planned.length, createdAt, request);
      const batch: BatchRow = {
        id: newId<BatchId>(),
        profileId: request.profileId,
        reference: request.reference ?? null,
        state: 'processing',
        total: planned.length,
        stopOnError: request.stopOnError,
        estimatedEndAt: moments.at(-1)!,
        createdAt,
        endedAt: null,
      };
      if (!(await insertBatch(tx, actor.organizationId, batch))) await this.assertReferenceFree(tx, actor, request);
      const by = eventActor(actor);
      const drafts = planned.map((message, index) => ({ ...toDraft(message, files[index], moments[index]!), by }));
      const { organizationId } = actor;
      const owner = { organizationId, profileId: request.profileId, lane: 'campaign' as const, batchId: batch.id };
      const queued = await queueMessages(tx, owner, drafts, this.settings);
      const items = queued.messages.map(({ id }, index) => ({ messageId: id, chatId: planned[index]!.chatId }));
      await insertBatchItems(tx, actor.organizationId, batch.id, items);
      await recordAudit(tx, actor, {
        action: 'message.bulk_send',
        resource: { type: 'batch', id: batch.id, name: batch.reference ?? undefined },
        after: { profileId: batch.profileId, total: batch.total, stopOnError: batch.stopOnError },
      });
      await once?.(tx, batch);
      await appendEvents(tx, [batchStarted(actor, batch), ...queued.events]);
      return batch;
    });
  }

  private async assertReferenceFree(tx: Tx, actor: Actor, request: BulkRequest): Promise<void> {
    if (request.reference === undefined) return;
    const { profileId, reference } = request;
    const batch = await findBatch(tx, actor.organizationId, { id: null, reference, profileId });
    if (!batch) return;
    throw errors.batchReferenceTaken({
      details: { batchId: reference, id: batch.id },
      fields: [{ path: 'batchId', message: 'was used before; choose another' }],
    });
  }
}

function toDraft(message: PlannedMessage, media: TakenMedia | undefined, notBefore: Date): MessageDraft {
  const { to, type, words, file } = message;
  if (type === 'text') return { to, content: textContent(words), notBefore };
  return { to, content: mediaContent(file!.form, media!, { caption: words }), media: media!, notBefore };
}

function batchStarted(actor: Actor, batch: BatchRow): NewEvent<'batch.started'> {
  return {
    organizationId: actor.organizationId,
    profileId: batch.profileId,
    name: 'batch.started',
    actor: eventActor(actor),
    payload: { batchId: batch.id, total: batch.total, state: 'processing' },
  };
}
