import type { OrganizationId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** What an organization may keep and upload. Null: no limit. */
export interface MediaLimits {
  maxStoredBytes: number | null;
  maxUploadsPerDay: number | null;
  /** Largest upload. */
  maxFileBytes: number | null;
}

/** What it keeps and did upload today. */
export interface MediaUsage {
  /** Each file once, received ones too. */
  storedBytes: number;
  storedFiles: number;
  /** Room that uploads under way have been promised. */
  reservedBytes: number;
  uploadsToday: number;
}

const nothing: MediaUsage & MediaLimits = {
  storedBytes: 0,
  storedFiles: 0,
  reservedBytes: 0,
  uploadsToday: 0,
  maxStoredBytes: null,
  maxUploadsPerDay: null,
  maxFileBytes: null,
};

const today = "(now() at time zone 'utc')::date";
const columns = `stored_bytes as "storedBytes", stored_files as "storedFiles", reserved_bytes as "reservedBytes",
  case when uploads_on = ${today} then uploads_made else 0 end as "uploadsToday", max_stored_bytes as "maxStoredBytes",
  max_uploads_per_day as "maxUploadsPerDay", max_file_bytes as "maxFileBytes"`;

/** What is kept, and what was set for the organization itself. */
export async function findAllowance(tx: Reads, organizationId: string): Promise<MediaUsage & MediaLimits> {
  const [row] = await tx.query<MediaUsage & MediaLimits>(
    `select ${columns} from media_allowances where organization_id = $1`,
    [organizationId],
  );
  return row ?? nothing;
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockAllowance(tx: Tx, organizationId: OrganizationId): Promise<MediaUsage & MediaLimits> {
  await tx.query('insert into media_allowances (organization_id) values ($1) on conflict do nothing', [organizationId]);
  const [row] = await tx.query<MediaUsage & MediaLimits>(
    `select ${columns} from media_allowances where organization_id = $1 for update`,
    [organizationId],
  );
  return row!;
}

/** Counts an upload of today, with the room that it is promised. The caller has locked the allowance. */
export async function countUpload(tx: Tx, organizationId: string, reservedBytes: number): Promise<void> {
  await tx.query(
    `update media_allowances
        set reserved_bytes = reserved_bytes + $2, uploads_on = ${today},
            uploads_made = case when uploads_on = ${today} then uploads_made + 1 else 1 end
      where organization_id = $1`,
    [organizationId, reservedBytes],
  );
}

/** Gives back room that uploads were promised, by organization. */
export async function releaseReserved(
  tx: Tx,
  rooms: readonly { organizationId: string; reservedBytes: number }[],
): Promise<void> {
  if (rooms.every(({ reservedBytes }) => reservedBytes === 0)) return;
  await tx.query(
    `update media_allowances a set reserved_bytes = greatest(0, a.reserved_bytes - freed.bytes)
       from (select id, sum(bytes) as bytes from unnest($1::uuid[], $2::int8[]) as room (id, bytes) group by id) freed
      where a.organization_id = freed.id`,
    [rooms.map((room) => room.organizationId), rooms.map((room) => room.reservedBytes)],
  );
}

/** Sets what holds for this organization; null: as the installation says. */
export async function saveLimits(tx: Tx, organizationId: string, limits: MediaLimits): Promise<void> {
  await tx.query(
    `insert into media_allowances (organization_id, max_stored_bytes, max_uploads_per_day, max_file_bytes)
     values ($1, $2, $3, $4)
     on conflict (organization_id) do update
        set max_stored_bytes = $2, max_uploads_per_day = $3, max_file_bytes = $4`,
    [organizationId, limits.maxStoredBytes, limits.maxUploadsPerDay, limits.maxFileBytes],
  );
}

/** An organization that keeps more than it may. */
export interface FullOrganization {
  organizationId: OrganizationId;
  storedBytes: number;
  maxStoredBytes: number;
}

/**
 * Marks organizations that keep more than they may as told, those that had not been; and forgets it of those that have
 * room again.
 * @param byDefault what holds where nothing was set; null: no limit
 * @returns whom to tell
 */
export async function markFullOrganizations(
  tx: Tx,
  byDefault: number | null,
  limit: number,
): Promise<FullOrganization[]> {
  const most = 'coalesce(max_stored_bytes, $1::int8)';
  await tx.query(
    `update media_allowances set told_at = null
      where told_at is not null and (${most} is null or stored_bytes < ${most})`,
    [byDefault],
  );
  return tx.query<FullOrganization>(
    `update media_allowances a set told_at = now()
       from (select organization_id from media_allowances
              where told_at is null and stored_bytes >= ${most} order by 1 limit $2 for update skip locked) full_ones
      where a.organization_id = full_ones.organization_id
     returning a.organization_id as "organizationId", a.stored_bytes as "storedBytes", ${most} as "maxStoredBytes"`,
    [byDefault, limit],
  );
}
