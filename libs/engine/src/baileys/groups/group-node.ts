import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { type Address, joinAddresses, parseJid } from '../../address.js';
import type { GroupActor, GroupInfo, GroupMember } from '../../facts/group-facts.js';
import type { Me } from '../journal.js';

/**
 * Reads a `group` node, which answers and notifications carry (whatsmeow, group.go, `parseGroupNode`; Baileys,
 * Socket/groups.js, `extractGroupMetadata`). Null when it names no group.
 */
export function parseGroup(node: BinaryNode, me: Me): GroupInfo | null {
  const { attrs } = node;
  const id = groupIdOf(attrs.id ?? attrs.jid);
  if (!id) return null;
  const has = (tag: string) => getBinaryNodeChild(node, tag) !== undefined;
  const members = membersIn(node, me);
  const description = getBinaryNodeChild(node, 'description');
  const body = bytesText(getBinaryNodeChild(description, 'body'));
  const timer = Number(getBinaryNodeChild(node, 'ephemeral')?.attrs.expiration);
  return {
    id,
    subject: attrs.subject ?? '',
    subjectSetBy: user(attrs.s_o, attrs.s_o_pn),
    subjectSetAt: wireDate(attrs.s_t),
    description: body || null,
    descriptionId: body ? (description?.attrs.id ?? null) : null,
    descriptionSetBy: body ? user(description?.attrs.participant, description?.attrs.participant_pn) : null,
    descriptionSetAt: body ? wireDate(description?.attrs.t) : null,
    owner: asActor(user(attrs.creator, attrs.creator_pn), me),
    createdAt: wireDate(attrs.creation),
    addressing: addressingOf(node),
    members,
    memberCount: members.length || Number(attrs.size) || 0,
    memberVersion: attrs.p_v_id ?? null,
    announceOnly: has('announcement'),
    locked: has('locked'),
    memberAddMode: bytesText(getBinaryNodeChild(node, 'member_add_mode')) === 'all_member_add' ? 'all' : 'admins',
    joinApproval: has('membership_approval_mode'),
    disappearsInSeconds: timer > 0 ? timer : null,
    kind: has('parent') ? 'community' : has('default_sub_group') ? 'announcements' : 'group',
    communityId: groupIdOf(getBinaryNodeChild(node, 'linked_parent')?.attrs.jid),
    membersMayAddGroups: has('allow_non_admin_sub_group_creation'),
  };
}

/** The members that a node lists. Those that WhatsApp refused (`error`) are none. */
export function membersIn(node: BinaryNode | undefined, me: Me): GroupMember[] {
  return participantsIn(node).flatMap(({ attrs }) => {
    const member = attrs.error ? null : memberOf(attrs, me);
    return member ? [member] : [];
  });
}

export function participantsIn(node: BinaryNode | undefined): BinaryNode[] {
  return getBinaryNodeChildren(node, 'participant');
}

/** The address of a `participant` node, with the other form where WhatsApp tells it. */
export function participantAddress(attrs: Record<string, string>): Address | null {
  return user(attrs.jid, attrs.phone_number ?? attrs.lid);
}

/** An address of which attributes tell one form each. */
export function user(jid: string | undefined, otherForm: string | undefined): Address | null {
  return joinAddresses(parseJid(jid), parseJid(otherForm));
}

/** An address with a mark when it is this account's. */
export function asActor<T extends Address | null>(address: T, me: Me): T & (GroupActor | null) {
  if (!address) return address as T & null;
  const { phone, lid } = address;
  const isSelf =
    (phone !== null && phone === parseJid(me.id)?.phone) || (lid !== null && lid === (parseJid(me.lid)?.lid ?? ''));
  return isSelf ? { ...address, isSelf } : address;
}

/** The part before the `@` of a group's JID, which some nodes give alone. */
export function groupIdOf(jid: string | undefined): string | null {
  return /^([\d-]{5,40})(?:@g\.us)?$/.exec(jid ?? '')?.[1] ?? null;
}

/** A time in seconds. */
export function wireDate(seconds: string | undefined): Date | null {
  const value = Number(seconds);
  return value > 0 ? new Date(value * 1000) : null;
}

export function bytesText(node: BinaryNode | undefined): string {
  if (typeof node?.content === 'string') return node.content;
  return node?.content instanceof Uint8Array ? Buffer.from(node.content).toString('utf8') : '';
}

function memberOf(attrs: Record<string, string>, me: Me): GroupMember | null {
  const address = participantAddress(attrs);
  if (!address) return null;
  return {
    ...asActor(address, me),
    role: attrs.type === 'admin' || attrs.type === 'superadmin' ? attrs.type : 'member',
  };
}

function addressingOf(node: BinaryNode): 'phone' | 'lid' {
  const told = node.attrs.addressing_mode;
  if (told) return told === 'lid' ? 'lid' : 'phone';
  return participantsIn(node)[0]?.attrs.jid?.endsWith('@lid') ? 'lid' : 'phone';
}
