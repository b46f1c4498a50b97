import { type BinaryNode, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { MemberResult } from '../../abilities/ability.js';
import type { CommunitiesAbility, CommunityGroup, NewCommunity } from '../../abilities/communities.js';
import { type AddedMember, groupLimits, type JoinedGroup } from '../../abilities/groups.js';
import { type Address, toJid } from '../../address.js';
import type { GroupInfo } from '../../facts/group-facts.js';
import { groupIdOf, participantAddress, participantsIn, wireDate } from '../groups/group-node.js';
import { type GroupQueries, groupJid, groupServer, invalid, peopleNodes, required } from '../groups/group-queries.js';
import { checkedSubject, joinedGroup } from '../groups/groups.js';
import { firstMembers, memberResults } from '../groups/member-results.js';
import { tellGroup } from '../groups/tell-group.js';
import type { LiveSocket } from '../live-socket.js';

const node = (tag: string, content?: BinaryNode['content'], attrs: Record<string, string> = {}): BinaryNode => ({
  tag,
  attrs,
  ...(content === undefined ? {} : { content }),
});

/**
 * See `CommunitiesAbility`. Stanzas as in whatsmeow, group.go, and Baileys, Socket/communities.js, of which the methods
 * that read a community fail in rc14: they look for a `community` node where the server sends a `group`.
 */
export class BaileysCommunities implements CommunitiesAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly queries: GroupQueries,
  ) {}

  async create(wish: NewCommunity): Promise<GroupInfo> {
    if ((wish.description?.length ?? 0) > groupLimits.maxDescriptionLength) {
      throw invalid(`The description may have ${groupLimits.maxDescriptionLength} characters.`);
    }
    const id = this.live.socket().generateMessageTag().replace(/\W/g, '').toUpperCase().slice(0, 12);
    const parts = [
      node('description', [node('body', Buffer.from(wish.description ?? ''))], { id }),
      node('parent', undefined, { default_membership_approval_mode: 'request_required' }),
      ...(wish.membersMayAddGroups ? [node('allow_non_admin_sub_group_creation')] : []),
      ...(wish.generalGroup ? [node('create_general_chat')] : []),
    ];
    const attrs = { subject: checkedSubject(wish.subject) };
    const answer = await this.queries.set('creating a community', groupServer, node('create', parts, attrs));
    const community = this.queries.groupIn(answer);
    await tellGroup(this.live, community, 'created');
    return community;
  }

  async groups(communityId: string): Promise<CommunityGroup[]> {
    const answer = await this.queries.get('listing groups of a community', groupJid(communityId), node('sub_groups'));
    return getBinaryNodeChildren(required(answer, 'sub_groups'), 'group').flatMap((group) => {
      const { attrs } = group;
      const id = groupIdOf(attrs.id ?? attrs.jid);
      if (!id) return [];
      const isAnnouncements = getBinaryNodeChildren(group, 'default_sub_group').length > 0;
      const memberCount = attrs.size ? Number(attrs.size) : null;
      return [{ id, subject: attrs.subject ?? '', createdAt: wireDate(attrs.creation), memberCount, isAnnouncements }];
    });
  }

  async members(communityId: string): Promise<Address[]> {
    const question = node('linked_groups_participants');
    const answer = await this.queries.get('listing members of a community', groupJid(communityId), question);
    const listed = participantsIn(required(answer, 'linked_groups_participants'));
    return listed.flatMap(({ attrs }) => participantAddress(attrs) ?? []);
  }

  async createGroup(
    communityId: string,
    { subject, members }: { subject: string; members: Address[] },
  ): Promise<{ group: GroupInfo; members: AddedMember[] }> {
    const parts = [
      ...(members.length > 0 ? peopleNodes(members, toJid) : []),
      node('linked_parent', undefined, { jid: groupJid(communityId) }),
    ];
    const attrs = { subject: checkedSubject(subject), key: this.live.socket().generateMessageTag() };
    const answer = await this.queries.set('creating a group in a community', groupServer, node('create', parts, attrs));
    const group = this.queries.groupIn(answer);
    await tellGroup(this.live, group, 'created');
    return { group, members: firstMembers(answer, this.live.auth.me) };
  }

  async link(communityId: string, groupId: string): Promise<void> {
    const link = node('link', [node('group', undefined, { jid: groupJid(groupId) })], { link_type: 'sub_group' });
    await this.set(communityId, 'linking a group', node('links', [link]));
  }

  async unlink(communityId: string, groupId: string): Promise<void> {
    const group = node('group', undefined, { jid: groupJid(groupId) });
    await this.set(communityId, 'unlinking a group', node('unlink', [group], { unlink_type: 'sub_group' }));
  }

  async joinGroup(communityId: string, groupId: string): Promise<JoinedGroup> {
    const wish = node('join_linked_group', undefined, { jid: groupJid(groupId), type: 'sub_group' });
    return joinedGroup(await this.set(communityId, 'joining a group of the community', wish));
  }

  async removeMembers(communityId: string, people: Address[]): Promise<MemberResult<Address>[]> {
    const wish = node('remove', peopleNodes(people, toJid), { linked_groups: 'true' });
    return memberResults(required(await this.set(communityId, 'removing members of a community', wish), 'remove'));
  }

  async leave(communityId: string): Promise<void> {
    const wish = node('leave', [node('linked_groups', undefined, { parent_group_jid: groupJid(communityId) })]);
    await this.queries.set('leaving a community', groupServer, wish);
  }

  async deactivate(communityId: string): Promise<void> {
    await this.set(communityId, 'deactivating a community', node('delete_parent'));
  }

  /** The pair of tags as WhatsApp Web and zapo name it. */
  async setMembersMayAddGroups(communityId: string, on: boolean): Promise<void> {
    const tag = on ? 'allow_non_admin_sub_group_creation' : 'not_allow_non_admin_sub_group_creation';
    await this.set(communityId, 'changing who may add groups', node(tag));
  }

  private set(communityId: string, what: string, wish: BinaryNode): Promise<BinaryNode | undefined> {
    return this.queries.set(what, groupJid(communityId), wish);
  }
}
