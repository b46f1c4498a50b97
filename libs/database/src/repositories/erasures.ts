import type { OrganizationId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

export type ErasureState = 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled';

/** What was erased so far. Names nobody. */
export interface ErasureReport {
  /** Rows that were removed, by table. */
  removed?: Record<string, number>;
  /** Rows that stay without what named the person, by table. */
  redacted?: Record<string, number>;
  /** Media files. */
  files?: number;
}

/** An erasure of personal data: of one's own account, of a contact, or of a whole organization. */
export interface ErasureRow {
  id: string;
  organizationId: OrganizationId;
  kind: 'user' | 'contact' | 'organization';
  requestedBy: UserId;
  userId: UserId | null;
  personId: string | null;
  state: ErasureState;
  /** Until then it may be cancelled. */
  dueAt: Date;
  error: string | null;
  attempts: number;
  report: ErasureReport;
  createdAt: Date;
  finishedAt: Date | null;
}

const columns = `id, organization_id as "organizationId", kind, requested_by as "requestedBy", user_id as "userId",
  person_id as "personId", state, due_at as "dueAt", error, attempts, report, created_at as "createdAt",
  finished_at as "finishedAt"`;

export async function insertErasure(
  tx: Tx,
  made: Pick<ErasureRow, 'id' | 'organizationId' | 'kind' | 'requestedBy' | 'userId' | 'personId' | 'dueAt'> & {
    receiptHash: Buffer | null;
  },
): Promise<ErasureRow> {
  const [row] = await tx.query<ErasureRow>(
    `insert into erasures (id, organization_id, kind, requested_by, user_id, person_id, due_at, receipt_hash)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    [
      made.id,
      made.organizationId,
      made.kind,
      made.requestedBy,
      made.userId,
      made.personId,
      made.dueAt,
      made.receiptHash,
    ],
  );
  return row!;
}

export async function findErasure(
  tx: Reads,
  organizationId: string,
  id: string,
  lock?: 'update',
): Promise<ErasureRow | null> {
  const [row] = await tx.query<ErasureRow>(
    `select ${columns} from erasures where organization_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

export async function findErasureByReceipt(db: Reads, receiptHash: Buffer): Promise<ErasureRow | null> {
  const [row] = await db.query<ErasureRow>(`select ${columns} from erasures where receipt_hash = $1`, [receiptHash]);
  return row ?? null;
}

/** What is scheduled or running for somebody: nothing is asked for twice. */
export async function findOpenErasure(
  tx: Reads,
  organizationId: string,
  subject: { userId: string } | { personId: string },
): Promise<ErasureRow | null> {
  const [row] = await tx.query<ErasureRow>(
    `select ${columns} from erasures
      where organization_id = $1 and state in ('scheduled', 'running')
        and (user_id = $2 or person_id = $3 or (kind = 'organization' and $2::uuid is not null and requested_by = $2))
      order by id limit 1 for update`,
    [organizationId, 'userId' in subject ? subject.userId : null, 'personId' in subject ? subject.personId : null],
  );
  return row ?? null;
}

/** Newest first, `limit` of them older than `before`. */
export async function listErasures(
  tx: Reads,
  organizationId: string,
  page: { kind: ErasureRow['kind']; before?: string; limit: number },
): Promise<ErasureRow[]> {
  return tx.query<ErasureRow>(
    `select ${columns} from erasures
      where organization_id = $1 and kind = $2 and ($3::uuid is null or id < $3) order by id desc limit $4`,
    [organizationId, page.kind, page.before ?? null, page.limit],
  );
}

export async function cancelErasure(tx: Tx, id: string): Promise<ErasureRow | null> {
  const [row] = await tx.query<ErasureRow>(
    `update erasures set state = 'cancelled', finished_at = now() where id = $1 and state = 'scheduled'
     returning ${columns}`,
    [id],
  );
  return row ?? null;
}

/** Takes one whose time has come, or whose worker has died. */
export async function claimErasure(db: Reads, seconds: number): Promise<ErasureRow | null> {
  const [row] = await db.query<ErasureRow>(
    `update erasures set state = 'running', claimed_until = now() + make_interval(secs => $1)
      where id = (select id from erasures
                   where state in ('scheduled', 'running') and due_at <= now()
                     and (claimed_until is null or claimed_until < now())
                   order by due_at limit 1 for update skip locked)
     returning ${columns}`,
    [seconds],
  );
  return row ?? null;
}

/** Keeps what was done so far, and the claim. */
export async function noteErasure(db: Reads, id: string, report: ErasureReport, seconds: number): Promise<void> {
  await db.query(
    `update erasures set report = $2::jsonb, claimed_until = now() + make_interval(secs => $3) where id = $1`,
    [id, JSON.stringify(report), seconds],
  );
}

/** Tries again later: `attempts` counts only what went wrong. */
export async function postponeErasure(
  tx: Tx,
  id: string,
  why: { error: string | null; seconds: number; mostAttempts: number },
): Promise<ErasureState | null> {
  const [row] = await tx.query<{ state: ErasureState }>(
    `update erasures
        set error = $2, attempts = attempts + case when $2::text is null then 0 else 1 end,
            state = case when $2::text is not null and attempts + 1 >= $4 then 'failed' else 'running' end,
            claimed_until = now() + make_interval(secs => $3),
            finished_at = case when $2::text is not null and attempts + 1 >= $4 then now() end
      where id = $1 and state = 'running' returning state`,
    [id, why.error, why.seconds, why.mostAttempts],
  );
  return row?.state ?? null;
}

/** The proof stays, without the person's ids at WhatsApp or ours where those are of no more use. */
export async function finishErasure(tx: Tx, id: string, report: ErasureReport): Promise<void> {
  await tx.query(
    `update erasures set state = 'completed', report = $2::jsonb, error = null, finished_at = now(),
            claimed_until = null where id = $1`,
    [id, JSON.stringify(report)],
  );
}
