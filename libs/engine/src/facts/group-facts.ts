import type { Address } from '../address.js';
import type { Fact } from './fact.js';

/** Somebody who did something to a group, or is named by it. */
export interface GroupActor extends Address {
  /** This account itself. */
  isSelf?: true;
}

export interface GroupMember extends GroupActor {
  role: 'member' | 'admin' | 'superadmin';
}

/** What is known of a group or community at one moment. */
export interface GroupInfo {
  /** The part of its JID before the `@`. */
  id: string;
  subject: string;
  subjectSetBy: Address | null;
  subjectSetAt: Date | null;
  description: string | null;
  /** Names this version of the description: a change names the one that it replaces. */
  descriptionId: string | null;
  descriptionSetBy: Address | null;
  descriptionSetAt: Date | null;
  owner: GroupActor | null;
  createdAt: Date | null;
  /** Which form of address its members see of each other. */
  addressing: 'phone' | 'lid';
  /** Empty for who is not a member: WhatsApp tells them only how many there are. */
  members: GroupMember[];
  memberCount: number;
  /** Changes with every change of the members; null when WhatsApp told none. */
  memberVersion: string | null;
  /** Only admins may write. */
  announceOnly: boolean;
  /** Only admins may change subject, picture and description. */
  locked: boolean;
  /** Who may add members. */
  memberAddMode: 'all' | 'admins';
  /** Who follows an invite link waits for an admin. */
  joinApproval: boolean;
  /** Seconds after which its messages disappear; null when they stay. */
  disappearsInSeconds: number | null;
  /** `community`: the parent of groups; `announcements`: the community's own channel to all members. */
  kind: 'group' | 'community' | 'announcements';
  /** The community that it belongs to. */
  communityId: string | null;
  /** Of a community: members who are no admins may add groups to it. */
  membersMayAddGroups: boolean;
}

/** What can change about a group besides its members. Absent: not changed. When and by whom is the fact's. */
export type GroupChanges = Partial<
  Pick<
    GroupInfo,
    | 'subject'
    | 'description'
    | 'descriptionId'
    | 'announceOnly'
    | 'locked'
    | 'memberAddMode'
    | 'joinApproval'
    | 'disappearsInSeconds'
    | 'communityId'
    | 'membersMayAddGroups'
  >
>;

/** What happened to members: brought in or come by themselves, removed or gone by themselves, another role. */
export type MemberChange = 'added' | 'joined' | 'removed' | 'left' | 'promoted' | 'demoted';

const groupFactTypes: readonly string[] = [
  'group',
  'group_list',
  'group_changed',
  'group_members_changed',
  'group_join_request',
  'group_invite_changed',
  'group_gone',
] satisfies GroupFact['type'][];

export function isGroupFact(fact: { type: string }): fact is GroupFact {
  return groupFactTypes.includes(fact.type);
}

export type GroupFact =
  /** The whole group as the server tells it: it was made, this account came in, or it was looked up. */
  | Fact<'group', { group: GroupInfo; by: GroupActor | null; how: 'created' | 'joined' | 'looked_up' }>
  /** Every group that this account is a member of. Whatever else was known is gone. */
  | Fact<'group_list', { groupIds: string[] }>
  | Fact<'group_changed', { groupId: string; by: GroupActor | null; changes: GroupChanges }>
  | Fact<
      'group_members_changed',
      {
        groupId: string;
        by: GroupActor | null;
        change: MemberChange;
        members: GroupMember[];
        /** `memberVersion` before and after; another one before than the last that was known: a change was missed. */
        versions: { before: string; after: string } | null;
      }
    >
  /** Somebody asks to be let in, or takes that back, or was refused. */
  | Fact<
      'group_join_request',
      { groupId: string; person: GroupActor; change: 'created' | 'revoked' | 'rejected'; by: GroupActor | null }
    >
  /** Its invite link was replaced. */
  | Fact<'group_invite_changed', { groupId: string; by: GroupActor | null; code: string | null }>
  /** This account is a member no more, or the group is. */
  | Fact<'group_gone', { groupId: string; reason: 'left' | 'removed' | 'deleted'; by: GroupActor | null }>;
