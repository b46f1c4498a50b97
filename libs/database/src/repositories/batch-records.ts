import type { DeliveryState } from '#contracts';
import type { Tx } from '../transaction.js';

/** One bulk request. */
export interface BatchRow {
  id: string;
  profileId: string;
  /** The caller's own name for it. */
  reference: string | null;
  state: 'processing' | 'completed' | 'cancelled';
  total: number;
  stopOnError: boolean;
  estimatedEndAt: Date;
  createdAt: Date;
  endedAt: Date | null;
}

const selectBatches = `
  select id, profile_id as "profileId", reference, state, total, stop_on_error as "stopOnError",
         estimated_end_at as "estimatedEndAt", created_at as "createdAt", ended_at as "endedAt"
    from batches`;

/** Writes a running batch. @returns false when the profile has a batch of this reference already. */
export async function insertBatch(
  tx: Tx,
  organizationId: string,
  batch: Pick<BatchRow, 'id' | 'profileId' | 'reference' | 'total' | 'stopOnError' | 'estimatedEndAt' | 'createdAt'>,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into batches (id, organization_id, profile_id, reference, state, total, stop_on_error, estimated_end_at,
                          created_at)
     values ($1, $2, $3, $4, 'processing', $5, $6, $7, $8)
     on conflict (profile_id, reference) do nothing returning 1`,
    [
      batch.id,
      organizationId,
      batch.profileId,
      batch.reference,
      batch.total,
      batch.stopOnError,
      batch.estimatedEndAt,
      batch.createdAt,
    ],
  );
  return rows.length > 0;
}

/** Writes the items of a batch in the caller's order; of those that were left out why. */
export async function insertBatchItems(
  tx: Tx,
  organizationId: string,
  batchId: string,
  items: { messageId: string | null; chatId: string; skipReason: string | null }[],
): Promise<void> {
  await tx.query(
    `insert into batch_items (batch_id, position, organization_id, message_id, chat_id, skip_reason)
     select $1, item.position - 1, $2, item.message_id, item.chat_id, item.skip_reason
       from unnest($3::uuid[], $4::text[], $5::text[]) with ordinality
         as item (message_id, chat_id, skip_reason, position)`,
    [
      batchId,
      organizationId,
      items.map((item) => item.messageId),
      items.map((item) => item.chatId),
      items.map((item) => item.skipReason),
    ],
  );
}

/** A batch by our id, or by the caller's reference within a profile, which wins. */
export async function findBatch(
  tx: Tx,
  organizationId: string,
  which: { id: string | null; reference: string | null; profileId: string | null },
): Promise<BatchRow | null> {
  const [row] = await tx.query<BatchRow>(
    `${selectBatches}
      where organization_id = $1 and ($4::uuid is null or profile_id = $4)
        and (id = $2 or (reference = $3 and profile_id = $4))
      order by (reference = $3) desc nulls last limit 1`,
    [organizationId, which.id, which.reference, which.profileId],
  );
  return row ?? null;
}

/** A profile's batches, newest first. */
export async function listBatches(
  tx: Tx,
  organizationId: string,
  profileId: string,
  page: { before?: string; offset?: number; limit: number },
): Promise<BatchRow[]> {
  return tx.query<BatchRow>(
    `${selectBatches}
      where profile_id = $2 and organization_id = $1 and ($3::uuid is null or id < $3)
      order by id desc limit $4 offset $5`,
    [organizationId, profileId, page.before ?? null, page.limit, page.offset ?? 0],
  );
}

export interface BatchStateCount {
  batchId: string;
  /** `skipped`: items of which no message was made. */
  state: DeliveryState | 'skipped';
  count: number;
}

/** How many messages of each batch are in each state at this moment. */
export async function countBatchStates(tx: Tx, organizationId: string, batchIds: string[]): Promise<BatchStateCount[]> {
  return tx.query<BatchStateCount>(
    // A batch's messages are younger than the batch: the bound spares the partitions before it.
    `select batch_id as "batchId", state, count(*)
       from messages
      where organization_id = $1 and batch_id = any($2::uuid[]) and id > $3
      group by batch_id, state
      union all
     select batch_id, 'skipped', count(*) from batch_items
      where organization_id = $1 and batch_id = any($2::uuid[]) and skip_reason is not null
      group by batch_id`,
    [organizationId, batchIds, [...batchIds].sort()[0] ?? null],
    { name: 'batches_states' },
  );
}

/** An item of a batch: its message with its present state, or why it was left out. */
export type BatchItemRow = { position: number; chatId: string } & (
  | {
      messageId: string;
      waMessageId: string;
      conversationId: string;
      state: DeliveryState;
      stateReason: string | null;
    }
  | { messageId: null; waMessageId: null; conversationId: null; state: 'skipped'; stateReason: string }
);

/** All items of a batch in the caller's order. */
export async function listBatchItems(tx: Tx, organizationId: string, batchId: string): Promise<BatchItemRow[]> {
  return tx.query<BatchItemRow>(
    `select i.position, i.chat_id as "chatId", m.id as "messageId", m.wa_message_id as "waMessageId",
            m.conversation_id as "conversationId", coalesce(m.state, 'skipped') as state,
            coalesce(i.skip_reason, m.state_reason) as "stateReason"
       from batch_items i
       left join messages m on m.id = i.message_id and m.batch_id = i.batch_id and m.id > i.batch_id
      where i.batch_id = $2 and i.organization_id = $1 and (m.id is not null or i.skip_reason is not null)
      order by i.position`,
    [organizationId, batchId],
    { name: 'batches_items' },
  );
}
