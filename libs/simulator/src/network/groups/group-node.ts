import type { BinaryNode } from '../../baileys.js';
import { stanza } from '../../wire/stanza.js';
import type { Account } from '../account.js';
import type { Group } from './group.js';

const seconds = (ms: number): number => Math.floor(ms / 1000);

/**
 * A group as clients read it (Baileys, Socket/groups.js, `extractGroupMetadata`; whatsmeow, group.go, `parseGroupNode`).
 * `further` are children for the occasion, such as people who could not be added.
 */
export function groupNode(group: Group, further: BinaryNode[] = []): BinaryNode {
  const { subjectBy, creator } = group;
  return stanza(
    'group',
    {
      id: group.id,
      subject: group.subject,
      s_t: seconds(group.subjectAt),
      s_o: group.addressOf(subjectBy),
      s_o_pn: subjectBy.address('pn'),
      creation: seconds(group.createdAt),
      creator: group.addressOf(creator),
      creator_pn: creator.address('pn'),
      addressing_mode: group.addressing,
      size: group.members.size,
      p_v_id: group.version,
    },
    [...settingNodes(group), ...[...group.members.keys()].map((one) => participantNode(group, one)), ...further],
  );
}

/** A group as somebody sees it who is not a member: without its members. */
export function groupPreview(group: Group): BinaryNode {
  const whole = groupNode(group);
  const content = (whole.content as BinaryNode[]).filter(({ tag }) => tag !== 'participant');
  return { ...whole, content };
}

/** The short form that lists of a community's groups use. */
export const linkedGroupNode = (group: Group, form: 'id' | 'jid'): BinaryNode =>
  stanza(
    'group',
    {
      ...(form === 'id' ? { id: group.id } : { jid: group.jid }),
      subject: group.subject,
      s_t: seconds(group.subjectAt),
      creation: seconds(group.createdAt),
      creator: group.addressOf(group.creator),
      size: group.members.size,
    },
    group.community.isAnnouncements ? [stanza('default_sub_group')] : [],
  );

/** A member, with the other form of the address and the rank. */
export function participantNode(group: Group, account: Account, attrs: { error?: number } = {}): BinaryNode {
  const role = group.members.get(account);
  return stanza('participant', {
    jid: group.addressOf(account),
    ...(group.addressing === 'lid' ? { phone_number: account.address('pn') } : { lid: account.address('lid') }),
    type: role === 'member' ? undefined : role,
    ...attrs,
  });
}

function settingNodes(group: Group): BinaryNode[] {
  const { description, community } = group;
  return [
    ...(description ? [descriptionNode(group)] : []),
    ...flag(group.announce, 'announcement'),
    ...flag(group.locked, 'locked'),
    ...(group.disappearingSeconds ? [stanza('ephemeral', { expiration: group.disappearingSeconds })] : []),
    stanza('member_add_mode', {}, Buffer.from(group.memberAddMode)),
    ...(group.needsApproval ? [stanza('membership_approval_mode', {}, [stanza('group_join', { state: 'on' })])] : []),
    ...(community.isParent ? [stanza('parent', { default_membership_approval_mode: 'request_required' })] : []),
    ...flag(community.isParent && community.membersMayAddGroups, 'allow_non_admin_sub_group_creation'),
    ...(community.parent ? [stanza('linked_parent', { jid: community.parent })] : []),
    ...flag(community.isAnnouncements, 'default_sub_group'),
  ];
}

function descriptionNode(group: Group): BinaryNode {
  const { description } = group;
  if (!description) return stanza('description', {});
  const { id, by, at, body } = description;
  const attrs = { id, participant: group.addressOf(by), participant_pn: by.address('pn'), t: seconds(at) };
  return stanza('description', attrs, [stanza('body', {}, Buffer.from(body))]);
}

const flag = (is: boolean, tag: string): BinaryNode[] => (is ? [stanza(tag)] : []);
