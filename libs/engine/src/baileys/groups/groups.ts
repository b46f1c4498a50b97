import { type BinaryNode, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { MemberResult } from '../../abilities/ability.js';
import {
  type AddedMember,
  type GroupInvitation,
  type GroupsAbility,
  groupLimits,
  type JoinedGroup,
  type JoinRequest,
  type NewGroup,
} from '../../abilities/groups.js';
import { type Address, toJid } from '../../address.js';
import type { GroupInfo } from '../../facts/group-facts.js';
import { ask, askOrNull } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import { pictureImage } from '../picture-image.js';
import { groupIdOf, participantAddress, wireDate } from './group-node.js';
import { type GroupQueries, groupJid, groupServer, invalid, peopleNodes, required } from './group-queries.js';
import type { GroupRosters } from './group-rosters.js';
import type { GroupSends } from './group-sends.js';
import { addedMembers, firstMembers, memberResults } from './member-results.js';
import { tellGroup } from './tell-group.js';

const node = (tag: string, content?: BinaryNode['content'], attrs: Record<string, string> = {}): BinaryNode => ({
  tag,
  attrs,
  ...(content === undefined ? {} : { content }),
});

/** See `GroupsAbility`. What comes of it is told by the server's notifications, as changes by others are. */
export class BaileysGroups implements GroupsAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly queries: GroupQueries,
    private readonly rosters: GroupRosters,
    private readonly sends: GroupSends,
  ) {}

  async list(): Promise<GroupInfo[]> {
    const wanted = node('participating', [node('participants'), node('description')]);
    const answer = required(await this.queries.get('listing groups', groupServer, wanted), 'groups');
    return getBinaryNodeChildren(answer, 'group').map((each) => this.queries.groupIn(each));
  }

  async get(groupId: string): Promise<GroupInfo> {
    const question = node('query', undefined, { request: 'interactive' });
    const group = this.queries.groupIn(await this.queries.get('looking at a group', groupJid(groupId), question));
    await tellGroup(this.live, group, 'looked_up');
    return group;
  }

  async create(wish: NewGroup): Promise<{ group: GroupInfo; members: AddedMember[] }> {
    const subject = checkedSubject(wish.subject);
    const key = this.live.socket().generateMessageTag();
    const answer = await this.queries.set(
      'creating a group',
      groupServer,
      node('create', [...this.people(wish.members), ...settings(wish)], { subject, key }),
    );
    const group = this.queries.groupIn(answer);
    await tellGroup(this.live, group, 'created');
    return { group, members: firstMembers(answer, this.live.auth.me) };
  }

  async leave(groupId: string): Promise<void> {
    await this.queries.set(
      'leaving a group',
      groupServer,
      node('leave', [node('group', undefined, { id: groupJid(groupId) })]),
    );
  }

  async setSubject(groupId: string, subject: string): Promise<void> {
    await this.set(groupId, 'changing the subject', node('subject', Buffer.from(checkedSubject(subject))));
  }

  async setDescription(groupId: string, description: string | null): Promise<void> {
    if ((description?.length ?? 0) > groupLimits.maxDescriptionLength) {
      throw invalid(`The description may have ${groupLimits.maxDescriptionLength} characters.`);
    }
    // The server wants to know which description is replaced, so that of two changes at once the later is refused.
    const { descriptionId } = await this.get(groupId);
    if (!description && !descriptionId) return;
    const prev: Record<string, string> = descriptionId ? { prev: descriptionId } : {};
    const change = description
      ? node('description', [node('body', Buffer.from(description))], { id: this.newId(), ...prev })
      : node('description', undefined, { delete: 'true', ...prev });
    await this.set(groupId, 'changing the description', change);
  }

  async setPicture(groupId: string, image: Uint8Array): Promise<{ pictureId: string }> {
    const jpeg = await pictureImage(image);
    const answer = await this.picturesQuery('setting the picture', groupId, [node('picture', jpeg, { type: 'image' })]);
    return { pictureId: required(answer, 'picture').attrs.id ?? '' };
  }

  async removePicture(groupId: string): Promise<void> {
    await this.picturesQuery('removing the picture', groupId, undefined);
  }

  async picture(groupId: string, size: 'preview' | 'full'): Promise<{ pictureId: string; url: string } | null> {
    const type = size === 'full' ? 'image' : 'preview';
    const attrs = { type: 'get', xmlns: 'w:profile:picture', to: '@s.whatsapp.net', target: groupJid(groupId) };
    const content = [node('picture', undefined, { type, query: 'url' })];
    const socket = this.live.socket();
    const answer = await askOrNull('looking at a picture', () => socket.query({ tag: 'iq', attrs, content }));
    const { id, url } = getBinaryNodeChildren(answer ?? undefined, 'picture')[0]?.attrs ?? {};
    return id && url ? { pictureId: id, url } : null;
  }

  async addMembers(groupId: string, people: Address[]): Promise<AddedMember[]> {
    return addedMembers(await this.change(groupId, 'add', people));
  }

  async removeMembers(groupId: string, people: Address[]): Promise<MemberResult<Address>[]> {
    return memberResults(await this.change(groupId, 'remove', people));
  }

  async promote(groupId: string, people: Address[]): Promise<MemberResult<Address>[]> {
    return memberResults(await this.change(groupId, 'promote', people));
  }

  async demote(groupId: string, people: Address[]): Promise<MemberResult<Address>[]> {
    return memberResults(await this.change(groupId, 'demote', people));
  }

  async setAnnounceOnly(groupId: string, on: boolean): Promise<void> {
    await this.set(groupId, 'changing who may write', node(on ? 'announcement' : 'not_announcement'));
  }

  async setLocked(groupId: string, on: boolean): Promise<void> {
    await this.set(groupId, 'changing who may edit the group', node(on ? 'locked' : 'unlocked'));
  }

  async setMemberAddMode(groupId: string, mode: 'all' | 'admins'): Promise<void> {
    const value = mode === 'all' ? 'all_member_add' : 'admin_add';
    await this.set(groupId, 'changing who may add members', node('member_add_mode', Buffer.from(value)));
  }

  async setJoinApproval(groupId: string, on: boolean): Promise<void> {
    const join = node('group_join', undefined, { state: on ? 'on' : 'off' });
    await this.set(groupId, 'changing who may join', node('membership_approval_mode', [join]));
  }

  async setDisappearing(groupId: string, seconds: number | null): Promise<void> {
    const change = seconds ? node('ephemeral', undefined, { expiration: String(seconds) }) : node('not_ephemeral');
    await this.set(groupId, 'changing how long messages stay', change);
  }

  async inviteCode(groupId: string): Promise<string> {
    const answer = await this.queries.get('asking for the invite link', groupJid(groupId), node('invite'));
    return required(answer, 'invite').attrs.code ?? '';
  }

  async revokeInviteCode(groupId: string): Promise<string> {
    const answer = await this.set(groupId, 'replacing the invite link', node('invite'));
    return required(answer, 'invite').attrs.code ?? '';
  }

  async behindInviteCode(code: string): Promise<GroupInfo> {
    const question = node('invite', undefined, { code: inviteCodeIn(code) });
    return this.queries.groupIn(await this.queries.get('looking behind an invite link', groupServer, question));
  }

  async join(code: string): Promise<JoinedGroup> {
    const wish = node('invite', undefined, { code: inviteCodeIn(code) });
    return joinedGroup(await this.queries.set('joining a group', groupServer, wish));
  }

  async behindInvitation(invitation: GroupInvitation): Promise<GroupInfo> {
    const question = node('query', [node('add_request', undefined, invitationAttrs(invitation))]);
    const to = groupJid(invitation.groupId);
    return this.queries.groupIn(await this.queries.get('looking behind an invitation', to, question));
  }

  async acceptInvitation(invitation: GroupInvitation): Promise<JoinedGroup> {
    const { groupId } = invitation;
    const answer = await this.set(
      groupId,
      'accepting an invitation',
      node('accept', undefined, invitationAttrs(invitation)),
    );
    return { groupId, state: answer?.tag === 'membership_approval_request' ? 'waiting' : 'joined' };
  }

  async revokeInvitations(groupId: string, people: Address[]): Promise<void> {
    await this.set(groupId, 'taking invitations back', node('revoke', await this.members(groupId, people)));
  }

  async joinRequests(groupId: string): Promise<JoinRequest[]> {
    const answer = await this.queries.get(
      'listing join requests',
      groupJid(groupId),
      node('membership_approval_requests'),
    );
    return getBinaryNodeChildren(
      required(answer, 'membership_approval_requests'),
      'membership_approval_request',
    ).flatMap(({ attrs }) => {
      const person = participantAddress(attrs);
      const by = requestMethods[attrs.request_method ?? ''] ?? null;
      return person ? [{ person, requestedAt: wireDate(attrs.request_time), by }] : [];
    });
  }

  async answerJoinRequests(
    groupId: string,
    people: Address[],
    answer: 'approve' | 'reject',
  ): Promise<MemberResult<Address>[]> {
    const wish = node('membership_requests_action', [node(answer, await this.members(groupId, people))]);
    const result = await this.set(groupId, 'answering join requests', wish);
    return memberResults(required(required(result, 'membership_requests_action'), answer));
  }

  async cancelJoinRequest(groupId: string): Promise<void> {
    const me = this.live.auth.self?.address;
    const wish = node('cancel_membership_requests', me ? this.people([me]) : []);
    await this.set(groupId, 'taking a join request back', wish);
  }

  async setOwnTag(groupId: string, tag: string | null): Promise<void> {
    if ((tag?.length ?? 0) > groupLimits.maxTagLength) {
      throw invalid(`A tag may have ${groupLimits.maxTagLength} characters.`);
    }
    const socket = this.live.socket();
    await this.sends.prepare(socket, groupId);
    await ask('changing the own tag', () => socket.updateMemberLabel(groupJid(groupId), tag ?? ''));
  }

  private set(groupId: string, what: string, wish: BinaryNode): Promise<BinaryNode | undefined> {
    return this.queries.set(what, groupJid(groupId), wish);
  }

  private async change(groupId: string, action: string, people: Address[]): Promise<BinaryNode> {
    const wish = node(action, await this.members(groupId, people));
    return required(await this.set(groupId, `${action} members`, wish), action);
  }

  private people(people: Address[]): BinaryNode[] {
    return peopleNodes(people, toJid);
  }

  /** Members of a group in the form of address that the group uses, where that is known. */
  private async members(groupId: string, people: Address[]): Promise<BinaryNode[]> {
    const complete = await this.live.book.completeAll(people);
    const byLid = this.rosters.peek(groupId)?.addressing === 'lid';
    return peopleNodes(complete, (one) => toJid(byLid && one.lid ? { phone: null, lid: one.lid } : one));
  }

  private async picturesQuery(what: string, groupId: string, content: BinaryNode[] | undefined) {
    const attrs = { type: 'set', xmlns: 'w:profile:picture', to: '@s.whatsapp.net', target: groupJid(groupId) };
    const socket = this.live.socket();
    return ask(what, () => socket.query({ tag: 'iq', attrs, ...(content ? { content } : {}) }));
  }

  private newId(): string {
    return this.live.socket().generateMessageTag().replace(/\W/g, '').toUpperCase();
  }
}

const requestMethods: Record<string, JoinRequest['by']> = {
  InviteLink: 'link',
  LinkedGroupJoin: 'community',
  NonAdminAdd: 'member',
};

function settings(wish: NewGroup): BinaryNode[] {
  return [
    ...(wish.locked ? [node('locked')] : []),
    ...(wish.announceOnly ? [node('announcement')] : []),
    ...(wish.disappearsInSeconds
      ? [node('ephemeral', undefined, { expiration: String(wish.disappearsInSeconds), trigger: '1' })]
      : []),
    ...(wish.joinApproval ? [node('membership_approval_mode', [node('group_join', undefined, { state: 'on' })])] : []),
  ];
}

export function checkedSubject(subject: string): string {
  if (subject.trim() === '' || subject.length > groupLimits.maxSubjectLength) {
    throw invalid(`A subject has 1 to ${groupLimits.maxSubjectLength} characters.`);
  }
  return subject;
}

/** Follows a link, or came by an invitation: the group, or that an admin must approve (whatsmeow, `JoinGroupWithLink`). */
export function joinedGroup(answer: BinaryNode | undefined): JoinedGroup {
  const groupId = groupIdOf(answer?.attrs.jid ?? answer?.attrs.id);
  if (!groupId) throw invalid('WhatsApp did not say to which group this leads.');
  return { groupId, state: answer?.tag === 'membership_approval_request' ? 'waiting' : 'joined' };
}

/** The code alone, of a whole link too. */
function inviteCodeIn(text: string): string {
  const code = /(?:chat\.whatsapp\.com\/(?:invite\/)?)?([\w-]{5,64})(?:\?.*)?$/.exec(text.trim())?.[1];
  if (!code) throw invalid('This is neither an invite link of a group nor its code.');
  return code;
}

function invitationAttrs({ code, expiresAt, from }: GroupInvitation): Record<string, string> {
  const expiration = expiresAt ? Math.floor(expiresAt.getTime() / 1000) : 0;
  return { code, expiration: String(expiration), admin: toJid(from) };
}
