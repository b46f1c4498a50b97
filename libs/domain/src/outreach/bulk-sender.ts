import {
  type Actor,
  type BatchId,
  errors,
  eventActor,
  type NewEvent,
  newId,
  type ProfileId,
  type TemplateId,
} from '#contracts';
import {
  appendEvents,
  type BatchRow,
  countTemplateUses,
  type Database,
  findBatch,
  findOptedOut,
  insertBatch,
  insertBatchItems,
  type Tx,
} from '#database';
import type { MediaIntake, TakenMedia } from '../media/media-intake.js';
import type { MessageDraft } from '../messaging/message-draft.js';
import { getSendingProfile, queueMessages } from '../messaging/queue-messages.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { takeFiles } from './bulk-media.js';
import { type BulkMessage, type PlannedMessage, planMessages, type Slot, spaceOut } from './bulk-plan.js';

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

/** Why no message is made for a recipient. */
const OPTED_OUT = 'recipient_opted_out';

/** Accepts bulk requests: many messages to many people, sent one after another with pauses. */
export class BulkSender {
  constructor(
    private readonly db: Database,
    private readonly intake: MediaIntake,
    private readonly settings: { expiryMs: number },
  ) {}

  /**
   * Recipients who opted out are left out, and their items say so.
   *
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
      const isWanted = await wantedBy(tx, actor, request.profileId, planned);
      const wanted = planned.filter((_, index) => isWanted[index]);
      if (wanted.length === 0) {
        throw errors.validation({ fields: [{ path: 'messages', message: 'has only recipients who opted out' }] });
      }
      const slots = spaceOut(wanted.length, createdAt, request);
      const batch: BatchRow = {
        id: newId<BatchId>(),
        profileId: request.profileId,
        reference: request.reference ?? null,
        state: 'processing',
        total: planned.length,
        stopOnError: request.stopOnError,
        estimatedEndAt: slots.at(-1)!.at,
        createdAt,
        endedAt: null,
      };
      if (!(await insertBatch(tx, actor.organizationId, batch))) await this.assertReferenceFree(tx, actor, request);
      const by = eventActor(actor);
      const wantedFiles = files.filter((_, index) => isWanted[index]);
      const drafts = wanted.map((message, index) => ({
        ...toDraft(message, wantedFiles[index]!, slots[index]!),
        by,
      }));
      const { organizationId } = actor;
      const owner = { organizationId, profileId: request.profileId, lane: 'campaign' as const, batchId: batch.id };
      const queued = await queueMessages(tx, owner, drafts, this.settings);
      await countTemplateUses(tx, usesOf(wanted));
      const ids = queued.messages.map(({ id }) => id);
      const items = planned.map(({ chatId }, index) =>
        isWanted[index]
          ? { chatId, messageId: ids.shift()!, skipReason: null }
          : { chatId, messageId: null, skipReason: OPTED_OUT },
      );
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

/** Who wants no campaigns of this number gets none. */
async function wantedBy(tx: Tx, actor: Actor, profileId: ProfileId, planned: PlannedMessage[]): Promise<boolean[]> {
  const people = planned.map(({ to }) => (to.kind === 'user' ? to : { phone: null, lid: null }));
  const optedOut = await findOptedOut(tx, { organizationId: actor.organizationId, profileId }, people);
  return planned.map((_, index) => !optedOut.has(index));
}

function toDraft({ to, saying }: PlannedMessage, media: TakenMedia[], slot: Slot): MessageDraft {
  return { to, content: saying.say(media), media, notBefore: slot.at, pauseMs: slot.pauseMs ?? undefined };
}

/** How many messages were made of each template. */
function usesOf(messages: PlannedMessage[]): { id: TemplateId; times: number }[] {
  const times = new Map<TemplateId, number>();
  for (const { templateId } of messages) if (templateId) times.set(templateId, (times.get(templateId) ?? 0) + 1);
  return [...times].map(([id, count]) => ({ id, times: count }));
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
