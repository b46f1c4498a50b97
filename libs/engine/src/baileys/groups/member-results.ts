import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { MemberRefusal, MemberResult } from '../../abilities/ability.js';
import type { AddedMember } from '../../abilities/groups.js';
import type { Address } from '../../address.js';
import type { Me } from '../journal.js';
import { asActor, participantAddress, participantsIn, wireDate } from './group-node.js';

/**
 * What the codes at a member mean (whatsmeow, group.go, `GroupParticipant.Error`; WhatsApp Web's add results as Baileys'
 * issues list them): 401 one has blocked the other, 403 privacy wants an invitation, 404 not on WhatsApp or not a member,
 * 406 not possible for the creator, 408 left lately, 409 so already, 419 full, 500 the group is full for newcomers.
 */
const refusals: Record<number, MemberRefusal> = {
  401: 'not_allowed',
  403: 'needs_invitation',
  404: 'not_found',
  406: 'not_allowed',
  408: 'left_recently',
  409: 'already_so',
  419: 'full',
  500: 'full',
};

/** An admin must approve first: WhatsApp took the wish. */
const accepted = 202;

/** What became of each member that an answer lists. */
export function memberResults(node: BinaryNode | undefined): MemberResult<Address>[] {
  return addedMembers(node).map(({ member, outcome }) => ({ member, outcome }));
}

/** Of everybody whom the answer to a new group lists: who came in, and who did not. This account made it and is none. */
export function firstMembers(node: BinaryNode | undefined, me: Me): AddedMember[] {
  return addedMembers(node).filter(({ member }) => !asActor(member, me).isSelf);
}

/** The same with the invitations that come with refusals. */
export function addedMembers(node: BinaryNode | undefined): AddedMember[] {
  return participantsIn(node).flatMap((participant) => {
    const member = participantAddress(participant.attrs);
    return member ? [addedMember(member, participant)] : [];
  });
}

function addedMember(member: Address, node: BinaryNode): AddedMember {
  const code = Number(node.attrs.error ?? 200);
  const request = getBinaryNodeChild(node, 'add_request')?.attrs;
  const invitation = request?.code ? { code: request.code, expiresAt: wireDate(request.expiration) } : null;
  if (code === 200 || code === accepted) {
    return { member, outcome: 'ok', invitation, awaitsApproval: code === accepted };
  }
  return { member, outcome: refusals[code] ?? 'failed', invitation, awaitsApproval: false };
}
