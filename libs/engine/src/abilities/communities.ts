import type { Address } from '../address.js';
import type { GroupInfo } from '../facts/group-facts.js';
import type { MemberResult, MethodsOf } from './ability.js';
import type { AddedMember, JoinedGroup } from './groups.js';

export interface NewCommunity {
  subject: string;
  description?: string;
  /** Members who are no admins may add groups to it. */
  membersMayAddGroups?: boolean;
  /** Makes a group "General" for everybody too. */
  generalGroup?: boolean;
}

/** A group of a community as its list has it. */
export interface CommunityGroup {
  id: string;
  subject: string;
  createdAt: Date | null;
  memberCount: number | null;
  /** The channel of the community's admins to all members: what is written there reaches everybody. */
  isAnnouncements: boolean;
}

/**
 * Communities: a parent that nobody writes in, its announcement group, and groups linked to it. To WhatsApp a community
 * is a group too: subject, description, picture, invite link, join requests and leaving of the announcement group are
 * `GroupsAbility` with the community's id. Errors as there.
 */
export interface CommunitiesAbility {
  /** Makes a community with its announcement group. */
  create(community: NewCommunity): Promise<GroupInfo>;
  /** The announcement group and the linked groups, from the server. */
  groups(communityId: string): Promise<CommunityGroup[]>;
  /** Everybody who is in a group of the community. */
  members(communityId: string): Promise<Address[]>;
  /** Makes a group within it. */
  createGroup(
    communityId: string,
    group: { subject: string; members: Address[] },
  ): Promise<{ group: GroupInfo; members: AddedMember[] }>;
  /** Links groups that this account rules. @throws `conflict` when one belongs to a community already, `full` */
  link(communityId: string, groupId: string): Promise<void>;
  unlink(communityId: string, groupId: string): Promise<void>;
  /** Comes into a group of a community that this account is in. @throws `conflict` when it is in it already */
  joinGroup(communityId: string, groupId: string): Promise<JoinedGroup>;
  /** Removes people from the community and every group of it. */
  removeMembers(communityId: string, people: Address[]): Promise<MemberResult<Address>[]>;
  /** Leaves the community and every group of it. */
  leave(communityId: string): Promise<void>;
  /** Ends the community. Its announcement group goes with it, the other groups stay for themselves. */
  deactivate(communityId: string): Promise<void>;
  /** Whether members who are no admins may add groups. */
  setMembersMayAddGroups(communityId: string, on: boolean): Promise<void>;
}

export const communitiesMethods: MethodsOf<CommunitiesAbility> = {
  create: 'changes',
  groups: 'reads',
  members: 'reads',
  createGroup: 'changes',
  link: 'changes',
  unlink: 'changes',
  joinGroup: 'changes',
  removeMembers: 'changes',
  leave: 'changes',
  deactivate: 'changes',
  setMembersMayAddGroups: 'changes',
};
