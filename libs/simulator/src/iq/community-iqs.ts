import type { BinaryNode } from '../baileys.js';
import type { Account } from '../network/account.js';
import { groupNode, linkedGroupNode, participantNode } from '../network/groups/group-node.js';
import { bytes, child, children, stanza } from '../wire/stanza.js';
import { type GroupServices, listed, resultNodes } from './group-iqs.js';
import { IqRefusal, type IqRegistry, type IqRequest } from './registry.js';

/**
 * Creating groups and communities, and what clients ask about communities (Baileys, Socket/communities.js; whatsmeow,
 * group.go).
 */
export function registerCommunityIqs(registry: IqRegistry, services: GroupServices): void {
  const { groups, communities } = services;
  registry
    .on('w:g2', 'set', 'create', (request) => create(request, services))
    .on('w:g2', 'get', 'sub_groups', ({ node, account }) => {
      const parent = groups.seenBy(account, node.attrs.to);
      const all = communities.groupsOf(parent).map((group) => linkedGroupNode(group, 'id'));
      return [stanza('sub_groups', {}, all)];
    })
    .on('w:g2', 'get', 'linked_group', ({ node, account, child: wish }) => {
      const parent = groups.seenBy(account, node.attrs.to);
      const group = communities.groupsOf(parent).find(({ jid }) => jid === wish?.attrs.jid);
      if (!group) throw new IqRefusal(404, 'item-not-found');
      return [stanza('linked_group', {}, [groupNode(group)])];
    })
    .on('w:g2', 'get', 'linked_groups_participants', ({ node, account }) => {
      const parent = groups.seenBy(account, node.attrs.to);
      const people = new Set(communities.groupsOf(parent).flatMap(({ members }) => [...members.keys()]));
      const nodes = [...people].map((one) => participantNode(parent, one));
      return [stanza('linked_groups_participants', {}, nodes)];
    })
    .on('w:g2', 'set', 'links', ({ node, account, child: wish }) => {
      const answers = children(wish, 'link').map((link) => {
        const done = children(link, 'group').map(({ attrs }) => {
          communities.link(account, node.attrs.to, attrs.jid);
          return stanza('group', { jid: attrs.jid });
        });
        return stanza('link', link.attrs, done);
      });
      return [stanza('links', {}, answers)];
    })
    .on('w:g2', 'set', 'unlink', ({ node, account, child: wish }) => {
      const done = children(wish, 'group').map(({ attrs }) => {
        communities.unlink(account, node.attrs.to, attrs.jid);
        return stanza('group', { jid: attrs.jid });
      });
      return [stanza('unlink', wish?.attrs, done)];
    })
    .on('w:g2', 'set', 'join_linked_group', ({ node, account, child: wish }) => {
      const { waits } = communities.joinGroup(account, node.attrs.to, wish?.attrs.jid);
      const jid = wish?.attrs.jid;
      return [waits ? stanza('membership_approval_request', { jid }) : stanza('linked_group', { jid })];
    })
    // Named as in WhatsApp Web's own list of notifications, and in zapo.
    .on('w:g2', 'set', 'allow_non_admin_sub_group_creation', ({ node, account }) => {
      communities.letMembersAddGroups(account, node.attrs.to, true);
      return undefined;
    })
    .on('w:g2', 'set', 'not_allow_non_admin_sub_group_creation', ({ node, account }) => {
      communities.letMembersAddGroups(account, node.attrs.to, false);
      return undefined;
    })
    .on('w:g2', 'set', 'delete_parent', ({ node, account }) => {
      communities.deactivate(account, node.attrs.to);
      return undefined;
    });
}

function create(request: IqRequest, services: GroupServices): BinaryNode[] {
  const { account, child: wish } = request;
  const { subject = '', key } = wish?.attrs ?? {};
  if (child(wish, 'parent')) return [groupNode(createCommunity(account, wish, services))];
  const { known, unknown } = listed(services.directory, wish);
  const parent = child(wish, 'linked_parent')?.attrs.jid;
  const { group, results } = parent
    ? services.communities.createGroup(account, parent, { subject, people: known, key })
    : services.membership.create(account, {
        subject,
        people: known,
        key,
        prepare: (made) => {
          made.announce = Boolean(child(wish, 'announcement'));
          made.locked = Boolean(child(wish, 'locked'));
          made.needsApproval = Boolean(child(wish, 'membership_approval_mode'));
          made.disappearingSeconds = Number(child(wish, 'ephemeral')?.attrs.expiration ?? 0);
        },
      });
  const failed = results.filter(({ code }) => code !== 200);
  return [groupNode(group, resultNodes(group, failed, unknown))];
}

function createCommunity(account: Account, wish: BinaryNode | undefined, services: GroupServices) {
  const description = child(wish, 'description');
  return services.communities.create(account, {
    subject: wish?.attrs.subject ?? '',
    description: {
      id: description?.attrs.id ?? '',
      body: bytes(child(description, 'body')).toString(),
    },
    membersMayAddGroups: Boolean(child(wish, 'allow_non_admin_sub_group_creation')),
    generalChat: Boolean(child(wish, 'create_general_chat')),
    people: listed(services.directory, wish).known,
  });
}
