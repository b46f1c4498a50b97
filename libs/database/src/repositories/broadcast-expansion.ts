import type { BroadcastId } from '#contracts';
import type { Tx } from '../transaction.js';
import { type BroadcastRow, broadcastColumns } from './broadcasts.js';

/** So long another worker leaves an audience to the one that writes it down. */
const KEPT_SECONDS = 15;

/**
 * A broadcast whose audience is not all written down, kept to this transaction; null when others are at work, or nobody is
 * needed. `writerId` is the caller: whoever wrote the last piece goes on, because it has the file open.
 */
export async function lockExpanding(tx: Tx, writerId: string): Promise<BroadcastRow | null> {
  const [row] = await tx.query<BroadcastRow>(
    `select ${broadcastColumns} from broadcasts b
      where b.state in ('running', 'paused') and b.expanded_at is null
        and (b.writer_until is null or b.writer_until < now() or b.writer_id = $1)
      order by b.started_at limit 1 for no key update skip locked`,
    [writerId],
    { name: 'broadcasts_expanding' },
  );
  return row ?? null;
}

/**
 * Milliseconds until an audience may be written on with by this writer, 0 when one is there now, also when others have its
 * broadcast in hand for a moment; null when none is left to write down.
 */
export async function expandsInMs(db: Pick<Tx, 'query'>, writerId: string): Promise<number | null> {
  const [row] = await db.query<{ ms: number | null }>(
    `select min(case when b.writer_id = $1 then 0
                     else greatest(0, extract(epoch from coalesce(b.writer_until, now()) - now()) * 1000) end)::float8 as ms
       from broadcasts b where b.state in ('running', 'paused') and b.expanded_at is null`,
    [writerId],
    { name: 'broadcasts_expands_in' },
  );
  return row?.ms ?? null;
}

/** Keeps an audience for a worker for a while, so that it can read files outside of a transaction. */
export async function keepExpanding(tx: Pick<Tx, 'query'>, id: BroadcastId, writerId: string): Promise<void> {
  await tx.query(
    `update broadcasts set writer_id = $2, writer_until = now() + make_interval(secs => ${KEPT_SECONDS}) where id = $1`,
    [id, writerId],
    { name: 'broadcasts_keep_expanding' },
  );
}

/** How many lines the files of an audience have. The first count stands. */
export async function noteFileRows(tx: Pick<Tx, 'query'>, id: BroadcastId, rows: number): Promise<void> {
  await tx.query('update broadcasts set file_rows = coalesce(file_rows, $2) where id = $1', [id, rows]);
}

/** Writes down how far an audience is written out, by whom, and whether that was all. */
export async function noteExpanded(
  tx: Tx,
  id: BroadcastId,
  reached: { part: number; after: string | null; isWhole: boolean; added: number; writerId: string },
): Promise<void> {
  await tx.query(
    `update broadcasts set expand_part = $2, expand_after = $3, written = written + $4,
            expanded_at = case when $5 then now() end, writer_id = $6,
            writer_until = now() + make_interval(secs => ${KEPT_SECONDS})
      where id = $1`,
    [id, reached.part, reached.after, reached.added, reached.isWhole, reached.writerId],
    { name: 'broadcasts_expanded' },
  );
}
