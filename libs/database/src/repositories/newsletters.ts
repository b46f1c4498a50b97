import type { NewsletterRole } from '#engine';
import type { Tx } from '../transaction.js';

/** A newsletter as its row has it. */
export interface NewsletterRow {
  id: string;
  /** The part of its JID before the `@`. */
  waId: string;
  name: string | null;
  description: string | null;
  invite: string | null;
  role: NewsletterRole;
  isMuted: boolean;
  deletedAt: Date | null;
}

const selected = `id, wa_id as "waId", name, description, invite, role, is_muted as "isMuted", deleted_at as "deletedAt"`;

/** Newsletters of a profile by `waId`, kept from changes by others until the end of the transaction. */
export async function lockNewsletters(tx: Tx, profileId: string, waIds: string[]): Promise<Map<string, NewsletterRow>> {
  const rows = await tx.query<NewsletterRow>(
    `select ${selected} from newsletters where profile_id = $1 and wa_id = any($2::text[]) order by wa_id for update`,
    [profileId, waIds],
    { name: 'newsletters_lock' },
  );
  return new Map(rows.map((row) => [row.waId, row]));
}

/** Those that the account follows or rules, besides these. */
export async function findOtherNewsletters(tx: Tx, profileId: string, waIds: string[]): Promise<NewsletterRow[]> {
  return tx.query<NewsletterRow>(
    `select ${selected} from newsletters
      where profile_id = $1 and role <> 'none' and not wa_id = any($2::text[]) order by wa_id for update`,
    [profileId, waIds],
  );
}

/** Stores newsletters, new ones and known ones, and gives their conversations the name. */
export async function saveNewsletters(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: NewsletterRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const sorted = [...rows].sort((a, b) => (a.waId < b.waId ? -1 : 1));
  await tx.query(
    `insert into newsletters
       (organization_id, profile_id, id, wa_id, name, description, invite, role, is_muted, deleted_at)
     select $1, $2, new.* from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                                      $9::boolean[], $10::timestamptz[]) as new
     on conflict (profile_id, wa_id) do update
        set name = excluded.name, description = excluded.description, invite = excluded.invite, role = excluded.role,
            is_muted = excluded.is_muted, deleted_at = excluded.deleted_at, updated_at = now()`,
    [
      owner.organizationId,
      owner.profileId,
      sorted.map((row) => row.id),
      sorted.map((row) => row.waId),
      sorted.map((row) => row.name),
      sorted.map((row) => row.description),
      sorted.map((row) => row.invite),
      sorted.map((row) => row.role),
      sorted.map((row) => row.isMuted),
      sorted.map((row) => row.deletedAt),
    ],
    { name: 'newsletters_save' },
  );
  await tx.query(
    `with named as (
       select c.id, new.name
         from unnest($2::text[], $3::text[]) as new (wa_id, name)
         join conversations c on c.profile_id = $1 and c.kind = 'newsletter' and c.room_id = new.wa_id
        where new.name is not null and c.name is distinct from new.name
        order by c.id for update of c
     )
     update conversations c set name = named.name from named where c.id = named.id`,
    [owner.profileId, sorted.map(({ waId }) => waId), sorted.map(({ name }) => name)],
    { name: 'newsletters_name_chats' },
  );
}
