import type { Address } from '../address.js';
import type { GroupInfo } from '../facts/group-facts.js';
import type { MemberResult, MethodsOf } from './ability.js';

/** What became of one person who was to be added. */
export interface AddedMember extends MemberResult<Address> {
  /** With `needs_invitation`: what a `group_invite` message to this person has to say. */
  invitation: { code: string; expiresAt: Date | null } | null;
  /** True when an admin must approve first. */
  awaitsApproval: boolean;
}

export interface NewGroup {
  subject: string;
  members: Address[];
  announceOnly?: boolean;
  locked?: boolean;
  joinApproval?: boolean;
  disappearsInSeconds?: number;
}

/** Somebody who waits to be let in. */
export interface JoinRequest {
  person: Address;
  requestedAt: Date | null;
  /** By invite link, out of the community, or proposed by a member who is no admin; null when WhatsApp told another. */
  by: 'link' | 'community' | 'member' | null;
}

/** Where following a link or an invitation led. */
export interface JoinedGroup {
  groupId: string;
  /** `waiting`: an admin must approve first. */
  state: 'joined' | 'waiting';
}

/** An invitation that came as a message for this account alone. */
export interface GroupInvitation {
  groupId: string;
  code: string;
  expiresAt: Date | null;
  /** Who sent it. */
  from: Address;
}

/**
 * Groups of this account. Groups are named by the part of their JID before the `@`. Besides the codes named at a method,
 * each throws EngineError `not_connected`, `not_found` (no such group), `not_allowed` (this account is no member, or no
 * admin where only admins may; the sentence says which), `rate_limited`, `server_error`, `no_answer`.
 */
export interface GroupsAbility {
  /** Every group and community that this account is in, from the server. One request however many there are. */
  list(): Promise<GroupInfo[]>;
  /** The group from the server. @throws `not_allowed` when this account is not a member */
  get(groupId: string): Promise<GroupInfo>;
  /**
   * Makes a group. Members who cannot be added are in the results; the group exists all the same. An interrupted call
   * (`no_answer`) may have made it: look at `list` before trying again.
   * @throws `refused_as_invalid` when the subject is empty or too long
   */
  create(group: NewGroup): Promise<{ group: GroupInfo; members: AddedMember[] }>;
  leave(groupId: string): Promise<void>;
  /** @throws `refused_as_invalid` when it is empty or too long */
  setSubject(groupId: string, subject: string): Promise<void>;
  /** Null takes it away. @throws `conflict` when somebody else changed it at the same moment */
  setDescription(groupId: string, description: string | null): Promise<void>;
  /** Any image: it is cut to a square JPEG of 640 pixels. @throws `refused_as_invalid` when it is no image */
  setPicture(groupId: string, image: Uint8Array): Promise<{ pictureId: string }>;
  removePicture(groupId: string): Promise<void>;
  /** Where the picture is, for some hours; null when there is none. */
  picture(groupId: string, size: 'preview' | 'full'): Promise<{ pictureId: string; url: string } | null>;
  addMembers(groupId: string, people: Address[]): Promise<AddedMember[]>;
  removeMembers(groupId: string, people: Address[]): Promise<MemberResult<Address>[]>;
  promote(groupId: string, people: Address[]): Promise<MemberResult<Address>[]>;
  demote(groupId: string, people: Address[]): Promise<MemberResult<Address>[]>;
  setAnnounceOnly(groupId: string, on: boolean): Promise<void>;
  setLocked(groupId: string, on: boolean): Promise<void>;
  setMemberAddMode(groupId: string, mode: 'all' | 'admins'): Promise<void>;
  setJoinApproval(groupId: string, on: boolean): Promise<void>;
  /** Null: messages stay. WhatsApp's apps offer 86,400, 604,800 and 7,776,000 seconds. */
  setDisappearing(groupId: string, seconds: number | null): Promise<void>;
  /** The code of the invite link: what follows `https://chat.whatsapp.com/`. Only for admins. */
  inviteCode(groupId: string): Promise<string>;
  /** Ends the old link and answers with the code of a new one. */
  revokeInviteCode(groupId: string): Promise<string>;
  /**
   * The group behind an invite code, without its members. Does not join it.
   * @throws `gone` when the link was revoked, `refused_as_invalid` when there never was such a link
   */
  behindInviteCode(code: string): Promise<GroupInfo>;
  /** @throws as `behindInviteCode`; `conflict` when this account is a member already or waits; `full` */
  join(code: string): Promise<JoinedGroup>;
  /** The group that an invitation leads to, without its members. @throws as `behindInviteCode` */
  behindInvitation(invitation: GroupInvitation): Promise<GroupInfo>;
  /** @throws as `join` */
  acceptInvitation(invitation: GroupInvitation): Promise<JoinedGroup>;
  /** Takes invitations back that were sent to these people alone. */
  revokeInvitations(groupId: string, people: Address[]): Promise<void>;
  joinRequests(groupId: string): Promise<JoinRequest[]>;
  answerJoinRequests(
    groupId: string,
    people: Address[],
    answer: 'approve' | 'reject',
  ): Promise<MemberResult<Address>[]>;
  /** Takes this account's own request to be let in back. */
  cancelJoinRequest(groupId: string): Promise<void>;
  /** The line that members see under this account's name in the group; null takes it away. At most 30 characters. */
  setOwnTag(groupId: string, tag: string | null): Promise<void>;
}

export const groupsMethods: MethodsOf<GroupsAbility> = {
  list: 'reads',
  get: 'reads',
  create: 'changes',
  leave: 'changes',
  setSubject: 'changes',
  setDescription: 'changes',
  setPicture: 'changes',
  removePicture: 'changes',
  picture: 'reads',
  addMembers: 'changes',
  removeMembers: 'changes',
  promote: 'changes',
  demote: 'changes',
  setAnnounceOnly: 'changes',
  setLocked: 'changes',
  setMemberAddMode: 'changes',
  setJoinApproval: 'changes',
  setDisappearing: 'changes',
  inviteCode: 'reads',
  revokeInviteCode: 'changes',
  behindInviteCode: 'reads',
  join: 'changes',
  behindInvitation: 'reads',
  acceptInvitation: 'changes',
  revokeInvitations: 'changes',
  joinRequests: 'reads',
  answerJoinRequests: 'changes',
  cancelJoinRequest: 'changes',
  setOwnTag: 'changes',
};

/**
 * Limits of groups, as WhatsApp's own clients and public clients have them: members and subject from WhatsApp's help
 * pages (1,024; 100 characters), descriptions from WhatsApp Web's server properties as public clients repeat them
 * (2,048), tags from Baileys (`updateMemberLabel`, 30), groups in a community from WhatsApp's help pages (100, and the
 * announcement group), life of an invitation message three days as the apps say.
 */
export const groupLimits = {
  maxMembers: 1_024,
  maxSubjectLength: 100,
  maxDescriptionLength: 2_048,
  maxTagLength: 30,
  maxGroupsInCommunity: 100,
  disappearingSeconds: [86_400, 604_800, 7_776_000],
} as const;
