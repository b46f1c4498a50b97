import type { Address } from '../address.js';
import type { Fact } from './fact.js';

export interface GroupMember extends Address {
  role: 'member' | 'admin' | 'superadmin';
}

/** What is known of a group or community at one moment. */
export interface GroupInfo {
  id: string;
  subject: string;
  description: string | null;
  owner: Address | null;
  createdAt: Date | null;
  /** Which form of address its members see of each other. */
  addressing: 'phone' | 'lid';
  members: GroupMember[];
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
}

/** What can change about a group besides its members. Absent: not changed. */
export type GroupChanges = Partial<Omit<GroupInfo, 'id' | 'members' | 'createdAt' | 'owner' | 'addressing' | 'kind'>>;

export type GroupFact =
  /** The whole group as the server tells it, after a look or when this account joined it. */
  | Fact<'group', { group: GroupInfo }>
  | Fact<'group_changed', { groupId: string; by: Address | null; changes: GroupChanges }>
  | Fact<
      'group_members_changed',
      {
        groupId: string;
        by: Address | null;
        change: 'added' | 'joined' | 'removed' | 'left' | 'promoted' | 'demoted';
        members: GroupMember[];
      }
    >
  /** Somebody asks to be let in, or takes that back, or was refused. */
  | Fact<
      'group_join_request',
      { groupId: string; person: Address; change: 'created' | 'revoked' | 'rejected'; by: Address | null }
    >
  /** Its invite link was replaced. */
  | Fact<'group_invite_changed', { groupId: string; by: Address | null; code: string | null }>
  /** This account is a member no more. */
  | Fact<'group_gone', { groupId: string }>;
