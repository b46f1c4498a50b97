import type { Tx } from '../transaction.js';

/** A batch that is still running, locked. */
export interface RunningBatch {
  id: string;
  organizationId: string;
  profileId: string;
  total: number;
  stopOnError: boolean;
}

/**
 * Locks those of the batches that are still running. Taken after the outbox rows of the change at hand were deleted and
 * before the count of what is left: two transactions that settle the last two messages at the same moment meet here,
 * and the second sees the work of the first.
 */
export async function lockRunningBatches(tx: Tx, batchIds: string[]): Promise<RunningBatch[]> {
  return tx.query<RunningBatch>(
    `select id, organization_id as "organizationId", profile_id as "profileId", total, stop_on_error as "stopOnError"
       from batches where id = any($1::uuid[]) and state = 'processing' order by id for update`,
    [batchIds],
    { name: 'batches_lock' },
  );
}

/** Which of the batches have no send left to do. */
export async function findDrainedBatches(tx: Tx, batchIds: string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `select b.id from unnest($1::uuid[]) as b (id)
      where not exists (select 1 from outbox o where o.batch_id = b.id)`,
    [batchIds],
    { name: 'batches_drained' },
  );
  return new Set(rows.map((row) => row.id));
}

/** Ends batches. */
export async function endBatches(tx: Tx, batchIds: string[], state: 'completed' | 'cancelled'): Promise<void> {
  await tx.query('update batches set state = $2, ended_at = now() where id = any($1::uuid[])', [batchIds, state], {
    name: 'batches_end',
  });
}
