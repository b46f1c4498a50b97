import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import type { Directory } from '../network/directory.js';
import type { Communities } from '../network/groups/communities.js';
import type { Group } from '../network/groups/group.js';
import { groupNode, groupPreview, participantNode } from '../network/groups/group-node.js';
import type { GroupSwitch, Groups } from '../network/groups/groups.js';
import type { Membership, PeopleAction, PersonResult } from '../network/groups/membership.js';
import { bytes, child, children, stanza } from '../wire/stanza.js';
import { IqRefusal, type IqRegistry, type IqRequest } from './registry.js';

/** The parts of the network that answer for groups. */
export interface GroupServices {
  directory: Directory;
  groups: Groups;
  membership: Membership;
  communities: Communities;
}

const SWITCHES: GroupSwitch[] = ['announcement', 'not_announcement', 'locked', 'unlocked'];
const PEOPLE: PeopleAction[] = ['add', 'remove', 'promote', 'demote'];

/** What clients ask and wish about groups (Baileys, Socket/groups.js; whatsmeow, group.go). */
export function registerGroupIqs(registry: IqRegistry, services: GroupServices): void {
  registerQueries(registry, services);
  registerSettings(registry, services);
  registerPeople(registry, services);
  registerInvites(registry, services);
}

/** The account behind an address, or a refusal: a wish about nobody is a bad one. */
export function accountAt(directory: Directory, jid: string | undefined): Account {
  const account = directory.accountAt(jid);
  if (!account) throw new IqRefusal(400, 'bad-request');
  return account;
}

/** The accounts that a wish lists, and the addresses of nobody. */
export function listed(directory: Directory, node: BinaryNode | undefined): { known: Account[]; unknown: string[] } {
  const jids = children(node, 'participant').map(({ attrs }) => attrs.jid ?? '');
  const known = jids.flatMap((jid) => directory.accountAt(jid) ?? []);
  return { known, unknown: jids.filter((jid) => !directory.accountAt(jid)) };
}

/** What became of each, as clients read it: the code only when it is a failure. */
export function resultNodes(group: Group, results: readonly PersonResult[], unknown: readonly string[]): BinaryNode[] {
  const nodes = results.map(({ account, code, invite }) => {
    const node = participantNode(group, account, { error: code === 200 ? undefined : code });
    if (!invite) return node;
    const expiration = Math.floor(invite.expiresAt / 1000);
    return { ...node, content: [stanza('add_request', { code: invite.code, expiration })] };
  });
  return [...nodes, ...unknown.map((jid) => stanza('participant', { jid, error: 404 }))];
}

function registerQueries(registry: IqRegistry, { directory, groups, membership, communities }: GroupServices): void {
  registry
    .on('w:g2', 'get', 'query', ({ node, account, child: query }) => {
      const invited = child(query, 'add_request');
      if (invited) return [groupPreview(membership.behindInvite(account, node.attrs.to, invited.attrs.code))];
      return [groupNode(groups.seenBy(account, node.attrs.to))];
    })
    .on('w:g2', 'get', 'participating', ({ account }) => [
      stanza(
        'groups',
        {},
        groups.of(account).map((group) => groupNode(group)),
      ),
    ])
    .on('w:g2', 'get', 'invite', ({ node, account, child: invite }) => {
      if (invite?.attrs.code) return [groupPreview(groups.byInviteCode(invite.attrs.code))];
      return [stanza('invite', { code: groups.inviteCode(account, node.attrs.to) })];
    })
    .on('w:g2', 'get', 'membership_approval_requests', ({ node, account }) => {
      const group = groups.seenBy(account, node.attrs.to);
      const requests = membership.requests(account, node.attrs.to).map(([who, { at, method, proposedBy }]) =>
        stanza('membership_approval_request', {
          jid: group.addressOf(who),
          phone_number: who.address('pn'),
          request_time: Math.floor(at / 1000),
          request_method: method,
          requestor: proposedBy && group.addressOf(proposedBy),
        }),
      );
      return [stanza('membership_approval_requests', {}, requests)];
    })
    .on('w:g2', 'set', 'membership_requests_action', ({ node, account, child: wish }) => {
      const group = groups.seenBy(account, node.attrs.to);
      const [action] = children(wish);
      if (action?.tag !== 'approve' && action?.tag !== 'reject') throw new IqRefusal(400, 'bad-request');
      const { known, unknown } = listed(directory, action);
      const results = membership.answerRequests(account, node.attrs.to, action.tag, known);
      if (action.tag === 'approve') communities.followInto(group, account);
      return [stanza('membership_requests_action', {}, [stanza(action.tag, {}, resultNodes(group, results, unknown))])];
    });
}

function registerSettings(registry: IqRegistry, { groups }: GroupServices): void {
  const set = (tag: string, act: (request: IqRequest) => void): void => {
    registry.on('w:g2', 'set', tag, (request) => {
      act(request);
      return undefined;
    });
  };
  set('subject', ({ node, account, child: wish }) => groups.setSubject(account, node.attrs.to, bytes(wish).toString()));
  set('description', ({ node, account, child: wish }) => {
    const { id, prev } = wish?.attrs ?? {};
    const body = bytes(child(wish, 'body')).toString();
    groups.setDescription(account, node.attrs.to, { id, previous: prev, body: body || undefined });
  });
  for (const tag of SWITCHES) set(tag, ({ node, account }) => groups.turn(account, node.attrs.to, tag));
  set('member_add_mode', ({ node, account, child: wish }) =>
    groups.setMemberAddMode(account, node.attrs.to, bytes(wish).toString()),
  );
  // Baileys names the switch of a community otherwise (Socket/communities.js).
  set('membership_approval_mode', ({ node, account, child: wish }) => {
    const state = (child(wish, 'group_join') ?? child(wish, 'community_join'))?.attrs.state;
    groups.setApproval(account, node.attrs.to, state);
  });
  set('ephemeral', ({ node, account, child: wish }) =>
    groups.setDisappearing(account, node.attrs.to, Number(wish?.attrs.expiration)),
  );
  set('not_ephemeral', ({ node, account }) => groups.setDisappearing(account, node.attrs.to, 0));
}

function registerPeople(registry: IqRegistry, { directory, membership, groups, communities }: GroupServices): void {
  for (const action of PEOPLE) {
    registry.on('w:g2', 'set', action, ({ node, account, child: wish }) => {
      const { known, unknown } = listed(directory, wish);
      const results =
        action === 'remove' && wish?.attrs.linked_groups === 'true'
          ? communities.removePeople(account, node.attrs.to, known)
          : membership.change(account, node.attrs.to, action, known);
      const group = groups.seenBy(account, node.attrs.to);
      if (action === 'add') communities.followInto(group, account);
      return [stanza(action, {}, resultNodes(group, results, unknown))];
    });
  }
  registry.on('w:g2', 'set', 'leave', ({ account, child: wish }) => {
    const left = children(wish).map(({ tag, attrs }) => {
      const id = attrs.id ?? attrs.parent_group_jid ?? '';
      const jid = id.includes('@') ? id : `${id}@g.us`;
      if (tag === 'group') membership.leave(account, jid);
      else communities.leave(account, jid);
      return stanza(tag, { id: jid });
    });
    return [stanza('leave', {}, left)];
  });
}

function registerInvites(registry: IqRegistry, { directory, groups, membership, communities }: GroupServices): void {
  registry
    .on('w:g2', 'set', 'invite', ({ node, account, child: wish }) => {
      const { code } = wish?.attrs ?? {};
      if (!code) return [stanza('invite', { code: groups.revokeInviteCode(account, node.attrs.to) })];
      const { group, waits } = membership.joinByCode(account, code);
      if (waits) return [stanza('membership_approval_request', { jid: group.jid })];
      communities.followInto(group, account);
      return [stanza('group', { jid: group.jid })];
    })
    .on('w:g2', 'set', 'accept', ({ node, account, child: wish }) => {
      const { code, admin } = wish?.attrs ?? {};
      const group = membership.acceptInvite(account, node.attrs.to, { code, admin: directory.accountAt(admin) });
      communities.followInto(group, account);
      return [stanza('group', { jid: group.jid })];
    })
    .on('w:g2', 'set', 'revoke', ({ node, account, child: wish }) => {
      membership.revokeInvites(account, node.attrs.to, listed(directory, wish).known);
      return undefined;
    })
    .on('w:g2', 'set', 'cancel_membership_requests', ({ node, account }) => {
      membership.cancelRequest(account, node.attrs.to);
      return undefined;
    });
}
