import { type BinaryNode, getAllBinaryNodeChildren, getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { Address } from '../../address.js';
import type { GroupActor, GroupChanges, GroupFact, GroupMember, MemberChange } from '../../facts/group-facts.js';
import type { Me } from '../journal.js';
import {
  asActor,
  bytesText,
  groupIdOf,
  membersIn,
  parseGroup,
  participantAddress,
  participantsIn,
  user,
  wireDate,
} from './group-node.js';

export interface GroupNews {
  facts: GroupFact[];
  /** Groups of which something changed that the notification does not tell: they are to be looked up. */
  stale: string[];
}

/** Where and when something happened, and by whom. */
interface Happening {
  groupId: string;
  by: GroupActor | null;
  at: Date;
  source: 'notification';
}

/**
 * Reads a `w:gp2` notification: what somebody did to a group (whatsmeow, group.go, `parseGroupChange`; Baileys,
 * Socket/messages-recv.js, `handleGroupNotification`). Changes that we do not know are left out.
 */
export function parseGroupNotification(node: BinaryNode, me: Me): GroupNews {
  const groupId = groupIdOf(node.attrs.from);
  if (!groupId) return told();
  const { participant, participant_pn, participant_lid } = node.attrs;
  const where: Happening = {
    groupId,
    by: asActor(user(participant, participant_pn ?? participant_lid), me),
    at: wireDate(node.attrs.t) ?? new Date(),
    source: 'notification',
  };
  const news = getAllBinaryNodeChildren(node).map((change) => newsOf(change, where, me));
  return { facts: news.flatMap(({ facts }) => facts), stale: news.flatMap(({ stale }) => stale) };
}

const told = (...facts: GroupFact[]): GroupNews => ({ facts, stale: [] });
const missed = (groupId: string): GroupNews => ({ facts: [], stale: [groupId] });

function newsOf(change: BinaryNode, where: Happening, me: Me): GroupNews {
  const { attrs, tag } = change;
  switch (tag) {
    case 'create':
      return createNews(change, where, me);
    case 'add':
    case 'remove':
    case 'leave':
    case 'promote':
    case 'demote':
      return told(...memberFacts(change, where, me));
    case 'delete':
      return told({ type: 'group_gone', ...where, reason: 'deleted' });
    case 'invite':
      return told({ type: 'group_invite_changed', ...where, code: attrs.code ?? null });
    case 'created_membership_requests':
    case 'revoked_membership_requests':
      return told(...requestFacts(change, where, me));
    case 'link':
    case 'unlink':
      return told(...linkFacts(change, where));
    // A member has another number: who that is now only the server knows.
    case 'modify':
      return missed(where.groupId);
    default: {
      const changes = changesOf(change);
      return changes ? told({ type: 'group_changed', ...where, changes }) : told();
    }
  }
}

function createNews(change: BinaryNode, where: Happening, me: Me): GroupNews {
  const node = getBinaryNodeChild(change, 'group');
  const group = node && parseGroup(node, me);
  if (!group) return missed(where.groupId);
  const { by, at, source } = where;
  return told({ type: 'group', group, by, at, source, how: change.attrs.type === 'new' ? 'created' : 'joined' });
}

/** How a newcomer came who was not brought: by link or invitation, or out of a group of the same community. */
const cameAlone = new Set(['invite', 'linked_group_join']);

function memberFacts(change: BinaryNode, where: Happening, me: Me): GroupFact[] {
  const members = membersIn(change, me);
  const { prev_v_id: before, v_id: after, reason } = change.attrs;
  const versions = before && after ? { before, after } : null;
  const byThemselves = (member: GroupMember) => where.by !== null && isSame(member, where.by);
  const fact = (kind: MemberChange, of: GroupMember[]): GroupFact[] =>
    of.length === 0 ? [] : [{ type: 'group_members_changed', ...where, change: kind, members: of, versions }];
  if (change.tag === 'promote') {
    return fact(
      'promoted',
      members.map((member) => ({ ...member, role: member.role === 'superadmin' ? 'superadmin' : 'admin' })),
    );
  }
  if (change.tag === 'demote') {
    return fact(
      'demoted',
      members.map((member) => ({ ...member, role: 'member' })),
    );
  }
  if (change.tag === 'add') {
    const alone = (member: GroupMember) => cameAlone.has(reason ?? '') || byThemselves(member);
    return [
      ...fact('joined', members.filter(alone)),
      ...fact(
        'added',
        members.filter((member) => !alone(member)),
      ),
    ];
  }
  const left = members.filter(byThemselves);
  const removed = members.filter((member) => !byThemselves(member));
  const self = members.find(({ isSelf }) => isSelf);
  return [
    ...fact('left', left),
    ...fact('removed', removed),
    ...(self ? [{ type: 'group_gone', ...where, reason: left.includes(self) ? 'left' : 'removed' } as const] : []),
  ];
}

function requestFacts(change: BinaryNode, where: Happening, me: Me): GroupFact[] {
  const named = participantsIn(change).flatMap(({ attrs }) => asActor(participantAddress(attrs), me) ?? []);
  const people = named.length > 0 ? named : where.by ? [where.by] : [];
  return people.map((person) => ({
    type: 'group_join_request',
    ...where,
    person,
    change:
      change.tag === 'created_membership_requests'
        ? 'created'
        : where.by && isSame(person, where.by)
          ? 'revoked'
          : 'rejected',
  }));
}

/** A community hears of its groups, and a group of its community; of its siblings it hears for nothing. */
function linkFacts(change: BinaryNode, where: Happening): GroupFact[] {
  const group = getBinaryNodeChild(change, 'group')?.attrs;
  const named = groupIdOf(group?.jid ?? group?.id);
  const isLink = change.tag === 'link';
  const type = isLink ? change.attrs.link_type : change.attrs.unlink_type;
  if (type === 'parent_group') {
    return [{ type: 'group_changed', ...where, changes: { communityId: isLink ? named : null } }];
  }
  if (type !== 'sub_group' || !named) return [];
  const changes = { communityId: isLink ? where.groupId : null };
  return [{ type: 'group_changed', ...where, groupId: named, changes }];
}

function changesOf(change: BinaryNode): GroupChanges | null {
  const { attrs, tag } = change;
  switch (tag) {
    case 'subject':
      return { subject: attrs.subject ?? '' };
    case 'description': {
      const description = getBinaryNodeChild(change, 'delete') ? '' : bytesText(getBinaryNodeChild(change, 'body'));
      return { description: description || null, descriptionId: description ? (attrs.id ?? null) : null };
    }
    case 'announcement':
    case 'not_announcement':
      return { announceOnly: tag === 'announcement' };
    case 'locked':
    case 'unlocked':
      return { locked: tag === 'locked' };
    case 'ephemeral':
    case 'not_ephemeral':
      return { disappearsInSeconds: Number(attrs.expiration) || null };
    case 'member_add_mode':
      return { memberAddMode: bytesText(change) === 'all_member_add' ? 'all' : 'admins' };
    case 'membership_approval_mode': {
      // Baileys names the switch of a community otherwise (Socket/communities.js).
      const join = getBinaryNodeChild(change, 'group_join') ?? getBinaryNodeChild(change, 'community_join');
      return { joinApproval: join?.attrs.state !== 'off' };
    }
    case 'allow_non_admin_sub_group_creation':
    case 'not_allow_non_admin_sub_group_creation':
      return { membersMayAddGroups: tag.startsWith('allow') };
    default:
      return null;
  }
}

function isSame(a: Address, b: Address): boolean {
  return (a.phone !== null && a.phone === b.phone) || (a.lid !== null && a.lid === b.lid);
}
