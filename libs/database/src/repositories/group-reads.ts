import type { MessageParty, OrganizationId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';
import type { GroupRow } from './groups.js';

type Reads = Pick<Tx, 'query'>;

/** A group as a list shows it. */
export interface GroupRecord
  extends Pick<
    GroupRow,
    | 'id'
    | 'waId'
    | 'subject'
    | 'description'
    | 'waCreatedAt'
    | 'announceOnly'
    | 'locked'
    | 'memberAddMode'
    | 'joinApproval'
    | 'disappearsInSeconds'
    | 'kind'
    | 'communityWaId'
    | 'membersMayAddGroups'
    | 'memberCount'
    | 'membersKnown'
    | 'ownRole'
  > {
  profileId: ProfileId;
  /** WhatsApp's id of its picture; null: none, or not known. */
  pictureId: string | null;
  conversationId: string | null;
  /** Without `personId` it is this account; null: not known. */
  owner: MessageParty | null;
}

/** A member of a group. */
export interface GroupMemberRecord {
  party: MessageParty;
  /** It is the account itself; it has no `personId`. */
  isMe: boolean;
  role: NonNullable<GroupRow['ownRole']>;
}

const party = (person: string) => `jsonb_build_object(
  'personId', ${person},
  'phone', (select value from identities i where i.person_id = ${person} and kind = 'phone' order by id desc limit 1),
  'lid', (select value from identities i where i.person_id = ${person} and kind = 'lid' order by id desc limit 1),
  'name', (select coalesce(name, saved_name, verified_name, push_name) from contacts c
            where c.profile_id = g.profile_id and c.person_id = ${person}))`;
const ownParty = `(select jsonb_build_object('personId', null, 'phone', p.phone_number, 'lid', p.lid, 'name', p.push_name)
  from profiles p where p.id = g.profile_id)`;

const selected = `g.id, g.profile_id as "profileId", g.wa_id as "waId", g.subject, g.description,
  g.wa_created_at as "waCreatedAt", g.announce_only as "announceOnly", g.locked, g.member_add_mode as "memberAddMode",
  g.join_approval as "joinApproval", g.disappears_in_seconds as "disappearsInSeconds", g.kind,
  g.community_wa_id as "communityWaId", g.members_may_add_groups as "membersMayAddGroups", g.member_count as "memberCount", g.members_known as "membersKnown",
  g.own_role as "ownRole", g.picture_id as "pictureId",
  (select c.id from conversations c
    where c.profile_id = g.profile_id and c.kind = 'group' and c.room_id = g.wa_id) as "conversationId",
  case when g.owner_person_id is not null then ${party('g.owner_person_id')}
       when g.own_role = 'superadmin' then ${ownParty} end as owner`;

/** The groups that the account of a profile is in, of one kind or of all, newest first. */
export async function listGroups(
  tx: Reads,
  profileId: ProfileId,
  page: { after?: string; limit: number; kind?: GroupRecord['kind'] },
): Promise<GroupRecord[]> {
  return tx.query<GroupRecord>(
    `select ${selected} from groups g
      where g.profile_id = $1 and g.own_role is not null and ($2::uuid is null or g.id < $2)
        and ($4::text is null or g.kind = $4)
      order by g.id desc limit $3`,
    [profileId, page.after ?? null, page.limit, page.kind ?? null],
  );
}

/** Our ids of groups that are known here, by WhatsApp's. */
export async function findGroupIds(tx: Reads, profileId: ProfileId, waIds: string[]): Promise<Map<string, string>> {
  const rows = await tx.query<{ id: string; waId: string }>(
    'select id, wa_id as "waId" from groups where profile_id = $1 and wa_id = any($2::text[])',
    [profileId, waIds],
  );
  return new Map(rows.map(({ id, waId }) => [waId, id]));
}

/** By our id, or by WhatsApp's within a profile. Also groups that the account is in no more. */
export async function findGroup(
  tx: Reads,
  organizationId: OrganizationId,
  by: { id?: string; profileId?: ProfileId; waId?: string },
): Promise<GroupRecord | null> {
  const [row] = await tx.query<GroupRecord>(
    `select ${selected} from groups g
      where g.organization_id = $1 and ($2::uuid is null or g.id = $2) and ($3::uuid is null or g.profile_id = $3)
        and ($4::text is null or g.wa_id = $4) limit 1`,
    [organizationId, by.id ?? null, by.profileId ?? null, by.waId ?? null],
  );
  return row ?? null;
}

/** Everybody in a group, admins first. At most as many as WhatsApp lets in. */
export async function listGroupMembers(tx: Reads, groupId: string): Promise<GroupMemberRecord[]> {
  return tx.query<GroupMemberRecord>(
    `select m.role, m.person_id is null as "isMe",
            case when m.person_id is not null then ${party('m.person_id')} else ${ownParty} end as party
       from group_members m join groups g on g.id = m.group_id
      where m.group_id = $1 order by m.role = 'member', m.address`,
    [groupId],
  );
}
