import type { GroupInfo } from '#engine';
import type { Tx } from '../transaction.js';

/** Keeps which pictures groups of a profile have now; those that are not here are left out. */
export async function setGroupPictures(
  tx: Tx,
  profileId: string,
  pictures: { waId: string; pictureId: string | null }[],
): Promise<void> {
  await tx.query(
    `update groups g set picture_id = new.picture_id, updated_at = now()
       from unnest($2::text[], $3::text[]) as new (wa_id, picture_id)
      where g.profile_id = $1 and g.wa_id = new.wa_id and g.picture_id is distinct from new.picture_id`,
    [profileId, pictures.map(({ waId }) => waId), pictures.map(({ pictureId }) => pictureId)],
    { name: 'groups_pictures' },
  );
}

/** A group as its row has it, without what only the database sets. */
export interface GroupRow {
  id: string;
  /** The part of its JID before the `@`. */
  waId: string;
  subject: string;
  subjectSetAt: Date | null;
  description: string | null;
  descriptionId: string | null;
  descriptionSetAt: Date | null;
  ownerPersonId: string | null;
  waCreatedAt: Date | null;
  addressing: GroupInfo['addressing'];
  announceOnly: boolean;
  locked: boolean;
  memberAddMode: GroupInfo['memberAddMode'];
  joinApproval: boolean;
  disappearsInSeconds: number | null;
  kind: GroupInfo['kind'];
  communityWaId: string | null;
  membersMayAddGroups: boolean;
  memberCount: number;
  memberVersion: string | null;
  /** Whether its members are all stored. */
  membersKnown: boolean;
  /** Null: the account is no member. */
  ownRole: 'member' | 'admin' | 'superadmin' | null;
  goneReason: 'left' | 'removed' | 'deleted' | null;
  goneAt: Date | null;
  inviteChangedAt: Date | null;
}

/** Column and type of each field. */
const columns: Record<keyof GroupRow, string> = {
  id: 'id uuid',
  waId: 'wa_id text',
  subject: 'subject text',
  subjectSetAt: 'subject_set_at timestamptz',
  description: 'description text',
  descriptionId: 'description_id text',
  descriptionSetAt: 'description_set_at timestamptz',
  ownerPersonId: 'owner_person_id uuid',
  waCreatedAt: 'wa_created_at timestamptz',
  addressing: 'addressing text',
  announceOnly: 'announce_only boolean',
  locked: 'locked boolean',
  memberAddMode: 'member_add_mode text',
  joinApproval: 'join_approval boolean',
  disappearsInSeconds: 'disappears_in_seconds int',
  kind: 'kind text',
  communityWaId: 'community_wa_id text',
  membersMayAddGroups: 'members_may_add_groups boolean',
  memberCount: 'member_count int',
  memberVersion: 'member_version text',
  membersKnown: 'members_known boolean',
  ownRole: 'own_role text',
  goneReason: 'gone_reason text',
  goneAt: 'gone_at timestamptz',
  inviteChangedAt: 'invite_changed_at timestamptz',
};
const names = Object.values(columns).map((column) => column.split(' ')[0]!);
const selected = Object.entries(columns)
  .map(([field, column]) => `g.${column.split(' ')[0]} as "${field}"`)
  .join(', ');
const recordset = Object.entries(columns)
  .map(([field, column]) => `"${field}" ${column.split(' ')[1]}`)
  .join(', ');

/** Groups of a profile by `waId`, kept from changes by others until the end of the transaction. */
export async function lockGroups(tx: Tx, profileId: string, waIds: string[]): Promise<Map<string, GroupRow>> {
  const rows = await tx.query<GroupRow>(
    `select ${selected} from groups g where profile_id = $1 and wa_id = any($2::text[]) order by wa_id for update`,
    [profileId, waIds],
    { name: 'groups_lock' },
  );
  return new Map(rows.map((row) => [row.waId, row]));
}

/** The groups that the account is in, besides these. */
export async function findOtherGroups(tx: Tx, profileId: string, waIds: string[]): Promise<GroupRow[]> {
  return tx.query<GroupRow>(
    `select ${selected} from groups g
      where profile_id = $1 and own_role is not null and not wa_id = any($2::text[]) order by wa_id for update`,
    [profileId, waIds],
  );
}

/** Stores groups, new ones and known ones, and gives their conversations the subject as name. */
export async function saveGroups(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  rows: GroupRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const sorted = [...rows].sort((a, b) => (a.waId < b.waId ? -1 : 1));
  await tx.query(
    `insert into groups (organization_id, profile_id, ${names.join(', ')})
     select $1, $2, ${Object.keys(columns)
       .map((field) => `"${field}"`)
       .join(', ')}
       from jsonb_to_recordset($3::jsonb) as new (${recordset})
     on conflict (profile_id, wa_id) do update set updated_at = now(), ${names
       .filter((name) => name !== 'id' && name !== 'wa_id')
       .map((name) => `${name} = excluded.${name}`)
       .join(', ')}`,
    [owner.organizationId, owner.profileId, JSON.stringify(sorted)],
    { name: 'groups_save' },
  );
  await tx.query(
    `with named as (
       select c.id, new.subject
         from unnest($2::text[], $3::text[]) as new (wa_id, subject)
         join conversations c on c.profile_id = $1 and c.kind = 'group' and c.room_id = new.wa_id
        where c.name is distinct from new.subject
        order by c.id for update of c
     )
     update conversations c set name = named.subject from named where c.id = named.id`,
    [owner.profileId, sorted.map(({ waId }) => waId), sorted.map(({ subject }) => subject)],
    { name: 'groups_name_chats' },
  );
}

/** The conversations that groups have, by `waId`. */
export async function findGroupConversations(tx: Tx, profileId: string, waIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ waId: string; id: string }>(
    `select room_id as "waId", id from conversations
      where profile_id = $1 and kind = 'group' and room_id = any($2::text[])`,
    [profileId, waIds],
    { name: 'groups_chats' },
  );
  return new Map(rows.map(({ waId, id }) => [waId, id]));
}

/** Notes that somebody waits to be let in. @returns the ids of those who did not wait before */
export async function addJoinRequests(
  tx: Tx,
  organizationId: string,
  requests: { groupId: string; personId: string; at: Date }[],
): Promise<{ groupId: string; personId: string }[]> {
  return tx.query(
    `insert into group_join_requests (group_id, person_id, organization_id, requested_at)
     select new.group_id, new.person_id, $1, new.at
       from unnest($2::uuid[], $3::uuid[], $4::timestamptz[]) as new (group_id, person_id, at)
     on conflict (group_id, person_id) do nothing
     returning group_id as "groupId", person_id as "personId"`,
    [
      organizationId,
      requests.map(({ groupId }) => groupId),
      requests.map(({ personId }) => personId),
      requests.map(({ at }) => at),
    ],
  );
}

/** They wait no more. @returns those who did */
export async function removeJoinRequests(
  tx: Tx,
  requests: { groupId: string; personId: string }[],
): Promise<{ groupId: string; personId: string }[]> {
  return tx.query(
    `delete from group_join_requests r
      using (select distinct * from unnest($1::uuid[], $2::uuid[]) as gone (group_id, person_id)) gone
      where r.group_id = gone.group_id and r.person_id = gone.person_id
     returning r.group_id as "groupId", r.person_id as "personId"`,
    [requests.map(({ groupId }) => groupId), requests.map(({ personId }) => personId)],
  );
}
