import type { GroupServices } from '../../iq/group-iqs.js';
import type { Account } from '../../network/account.js';
import type { MemberAddMode } from '../../network/groups/group.js';
import type { PeopleAction, PersonResult } from '../../network/groups/membership.js';
import type { ReceivedMessage } from '../received-message.js';
import { type GroupView, groupView } from './group-view.js';

/** What became of one person in a change: 200, or why not. With 403 comes the invitation to send them. */
export interface MemberResult {
  number: string;
  code: PersonResult['code'];
  invite?: { code: string; expiresAt: number };
}

/**
 * What a person does with groups on the phone. Each act is held to the same rules as a client's wish and rejects with
 * `IqRefusal`: 403 not a member, 401 only admins, 404 no such group, 406, 409, 410, 419.
 */
export class PersonGroups {
  constructor(
    private readonly account: Account,
    private readonly services: GroupServices,
    private readonly putPicture: (image: Buffer) => string,
  ) {}

  /** Makes a group with these people. Those who could not be added are in the results. */
  create(subject: string, numbers: readonly string[] = []): { group: GroupView; results: MemberResult[] } {
    const people = this.accounts(numbers);
    const { group, results } = this.services.membership.create(this.account, { subject, people });
    return { group: groupView(group), results: results.map(memberResult) };
  }

  /** The groups that this person is in. */
  list(): GroupView[] {
    return this.services.groups.of(this.account).map(groupView);
  }

  info(jid: string): GroupView {
    return groupView(this.services.groups.seenBy(this.account, jid));
  }

  leave(jid: string): void {
    this.services.membership.leave(this.account, jid);
  }

  add(jid: string, ...numbers: string[]): MemberResult[] {
    return this.change(jid, 'add', numbers);
  }

  remove(jid: string, ...numbers: string[]): MemberResult[] {
    return this.change(jid, 'remove', numbers);
  }

  promote(jid: string, ...numbers: string[]): MemberResult[] {
    return this.change(jid, 'promote', numbers);
  }

  demote(jid: string, ...numbers: string[]): MemberResult[] {
    return this.change(jid, 'demote', numbers);
  }

  change(jid: string, action: PeopleAction, numbers: readonly string[]): MemberResult[] {
    const results = this.services.membership.change(this.account, jid, action, this.accounts(numbers));
    const group = this.services.groups.find(jid);
    if (group && action === 'add') this.services.communities.followInto(group, this.account);
    return results.map(memberResult);
  }

  // --- what is set ---------------------------------------------------------------------------------------------------

  setSubject(jid: string, subject: string): void {
    this.services.groups.setSubject(this.account, jid, subject);
  }

  /** An empty text takes the description away. */
  setDescription(jid: string, body: string): void {
    const { groups } = this.services;
    const previous = groups.seenBy(this.account, jid).description?.id;
    const id = groups.world.random.hex(8).toUpperCase();
    groups.setDescription(this.account, jid, { id, previous, body });
  }

  /** Without an image the picture is taken away. */
  setPicture(jid: string, image?: Uint8Array): void {
    this.services.groups.editable(this.account, jid);
    this.services.groups.setPicture(this.account, jid, image && this.putPicture(Buffer.from(image)));
  }

  /** Lets only admins write, or everybody. */
  setAnnounce(jid: string, on: boolean): void {
    this.services.groups.turn(this.account, jid, on ? 'announcement' : 'not_announcement');
  }

  /** Lets only admins change the group's details, or everybody. */
  setLocked(jid: string, on: boolean): void {
    this.services.groups.turn(this.account, jid, on ? 'locked' : 'unlocked');
  }

  setMemberAddMode(jid: string, mode: MemberAddMode): void {
    this.services.groups.setMemberAddMode(this.account, jid, mode);
  }

  setApproval(jid: string, on: boolean): void {
    this.services.groups.setApproval(this.account, jid, on ? 'on' : 'off');
  }

  /** How long new messages stay, in seconds; 0 for ever. */
  setDisappearing(jid: string, seconds: number): void {
    this.services.groups.setDisappearing(this.account, jid, seconds);
  }

  // --- coming and asking ---------------------------------------------------------------------------------------------

  /** What follows `https://chat.whatsapp.com/` in the invite link. */
  inviteCode(jid: string): string {
    return this.services.groups.inviteCode(this.account, jid);
  }

  revokeInviteCode(jid: string): string {
    return this.services.groups.revokeInviteCode(this.account, jid);
  }

  /** Comes by an invite link. `waits` when admins must approve. */
  join(code: string): { jid: string; waits: boolean } {
    const { group, waits } = this.services.membership.joinByCode(this.account, code);
    if (!waits) this.services.communities.followInto(group, this.account);
    return { jid: group.jid, waits };
  }

  /** Accepts an invitation that came as a message for this person alone. */
  acceptInvite(message: ReceivedMessage): string {
    const { groupInviteMessage: invite } = message.message;
    const admin = this.services.directory.find(message.from);
    const wish = { code: invite?.inviteCode ?? undefined, admin };
    const group = this.services.membership.acceptInvite(this.account, invite?.groupJid ?? undefined, wish);
    this.services.communities.followInto(group, this.account);
    return group.jid;
  }

  /** Takes invitations for single people back. */
  revokeInvites(jid: string, ...numbers: string[]): void {
    this.services.membership.revokeInvites(this.account, jid, this.accounts(numbers));
  }

  approve(jid: string, ...numbers: string[]): MemberResult[] {
    return this.answer(jid, 'approve', numbers);
  }

  reject(jid: string, ...numbers: string[]): MemberResult[] {
    return this.answer(jid, 'reject', numbers);
  }

  cancelRequest(jid: string): void {
    this.services.membership.cancelRequest(this.account, jid);
  }

  // --- communities ---------------------------------------------------------------------------------------------------

  /** Makes a community with its announcement group. */
  createCommunity(
    subject: string,
    options: { description?: string; numbers?: string[]; membersMayAddGroups?: boolean; generalChat?: boolean } = {},
  ): GroupView {
    const { description, numbers = [], ...rest } = options;
    const id = this.services.groups.world.random.hex(6).toUpperCase();
    const made = this.services.communities.create(this.account, {
      subject,
      people: this.accounts(numbers),
      ...(description ? { description: { id, body: description } } : {}),
      ...rest,
    });
    return groupView(made);
  }

  createGroupIn(community: string, subject: string, numbers: readonly string[] = []): GroupView {
    const wish = { subject, people: this.accounts(numbers) };
    return groupView(this.services.communities.createGroup(this.account, community, wish).group);
  }

  /** The announcement group and the linked groups of a community. */
  groupsIn(community: string): GroupView[] {
    const parent = this.services.groups.seenBy(this.account, community);
    return this.services.communities.groupsOf(parent).map(groupView);
  }

  link(community: string, jid: string): void {
    this.services.communities.link(this.account, community, jid);
  }

  unlink(community: string, jid: string): void {
    this.services.communities.unlink(this.account, community, jid);
  }

  /** Comes into a group of a community that one is in. */
  joinGroupIn(community: string, jid: string): { waits: boolean } {
    const { waits } = this.services.communities.joinGroup(this.account, community, jid);
    return { waits };
  }

  leaveCommunity(community: string): void {
    this.services.communities.leave(this.account, community);
  }

  deactivate(community: string): void {
    this.services.communities.deactivate(this.account, community);
  }

  private answer(jid: string, answer: 'approve' | 'reject', numbers: readonly string[]): MemberResult[] {
    const { membership, communities, groups } = this.services;
    const results = membership.answerRequests(this.account, jid, answer, this.accounts(numbers));
    const group = groups.find(jid);
    if (group && answer === 'approve') communities.followInto(group, this.account);
    return results.map(memberResult);
  }

  private accounts(numbers: readonly string[]): Account[] {
    return numbers.map((number) => {
      const found = this.services.directory.find(number);
      if (!found) throw new Error(`nobody has the number ${number} in this simulation`);
      return found;
    });
  }
}

const memberResult = ({ account, code, invite }: PersonResult): MemberResult => ({
  number: account.number,
  code,
  ...(invite ? { invite: { code: invite.code, expiresAt: invite.expiresAt } } : {}),
});
