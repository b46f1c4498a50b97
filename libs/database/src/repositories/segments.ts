import type { ContactFilter, OrganizationId, ProfileId, SegmentId } from '#contracts';
import type { Tx } from '../transaction.js';

export interface SegmentRow {
  id: SegmentId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  name: string;
  description: string | null;
  filter: ContactFilter;
  createdAt: Date;
  updatedAt: Date;
}

export type SegmentWords = Pick<SegmentRow, 'name' | 'description' | 'filter'>;

const columns = `id, organization_id as "organizationId", profile_id as "profileId", name, description, filter,
  created_at as "createdAt", updated_at as "updatedAt"`;

/** Null when the profile has one of this name. */
export async function insertSegment(
  tx: Tx,
  made: SegmentWords & Pick<SegmentRow, 'id' | 'organizationId' | 'profileId'>,
): Promise<SegmentRow | null> {
  const [row] = await tx.query<SegmentRow>(
    `insert into segments (id, organization_id, profile_id, name, description, filter)
     values ($1, $2, $3, $4, $5, $6::jsonb) on conflict (profile_id, name) do nothing returning ${columns}`,
    [made.id, made.organizationId, made.profileId, made.name, made.description, JSON.stringify(made.filter)],
  );
  return row ?? null;
}

export async function findSegment(
  tx: Pick<Tx, 'query'>,
  organizationId: OrganizationId,
  id: SegmentId,
  lock?: 'lock',
): Promise<SegmentRow | null> {
  const [row] = await tx.query<SegmentRow>(
    `select ${columns} from segments where organization_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Null when the profile has another one of this name. */
export async function updateSegment(tx: Tx, row: SegmentRow, words: SegmentWords): Promise<SegmentRow | null> {
  const [updated] = await tx.query<SegmentRow>(
    `update segments set name = $2, description = $3, filter = $4::jsonb, updated_at = now()
      where id = $1 and not exists (select 1 from segments o where o.profile_id = $5 and o.name = $2 and o.id <> $1)
     returning ${columns}`,
    [row.id, words.name, words.description, JSON.stringify(words.filter), row.profileId],
  );
  return updated ?? null;
}

/** Oldest first; `limit` rows after `after`. */
export function listSegments(
  tx: Tx,
  organizationId: OrganizationId,
  page: { profileId?: ProfileId; after?: SegmentId; limit: number },
): Promise<SegmentRow[]> {
  return tx.query<SegmentRow>(
    `select ${columns} from segments
      where organization_id = $1 and ($2::uuid is null or profile_id = $2) and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [organizationId, page.profileId ?? null, page.after ?? null, page.limit],
  );
}

export async function deleteSegment(tx: Tx, id: SegmentId): Promise<void> {
  await tx.query('delete from segments where id = $1', [id]);
}
