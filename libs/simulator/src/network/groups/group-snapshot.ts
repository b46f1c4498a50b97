import type { Account, Addressing } from '../account.js';
import { type CommunityPart, Group, type JoinRequest, type MemberAddMode, type Role } from './group.js';

/** A group as it is saved: people by number. */
export interface SavedGroup {
  jid: string;
  addressing: Addressing;
  subject: string;
  creator: string;
  createdAt: number;
  inviteCode: string;
  subjectBy: string;
  subjectAt: number;
  members: [string, Role][];
  leavers: [string, number][];
  requests: [string, Omit<JoinRequest, 'proposedBy'> & { proposedBy?: string }][];
  invites: [string, { code: string; expiresAt: number; admin: string }][];
  community: CommunityPart;
  description?: { id: string; body: string; by: string; at: number };
  announce: boolean;
  locked: boolean;
  memberAddMode: MemberAddMode;
  needsApproval: boolean;
  disappearingSeconds: number;
  pictureId?: string;
  version: number;
}

export function saveGroup(group: Group): SavedGroup {
  const { jid, addressing, subject, createdAt, inviteCode, subjectAt, description } = group;
  const { announce, locked, memberAddMode, needsApproval, disappearingSeconds, pictureId, version } = group;
  return {
    ...{ jid, addressing, subject, createdAt, inviteCode, subjectAt },
    ...{ announce, locked, memberAddMode, needsApproval, disappearingSeconds, pictureId, version },
    creator: group.creator.number,
    subjectBy: group.subjectBy.number,
    members: [...group.members].map(([{ number }, role]) => [number, role]),
    leavers: [...group.leavers].map(([{ number }, at]) => [number, at]),
    requests: [...group.requests].map(([{ number }, one]) => [number, { ...one, proposedBy: one.proposedBy?.number }]),
    invites: [...group.invites].map(([{ number }, one]) => [number, { ...one, admin: one.admin.number }]),
    community: { ...group.community },
    ...(description ? { description: { ...description, by: description.by.number } } : {}),
  };
}

export function restoreGroup(saved: SavedGroup, account: (number: string) => Account): Group {
  const { jid, addressing, subject, createdAt, inviteCode, subjectAt, description } = saved;
  const { announce, locked, memberAddMode, needsApproval, disappearingSeconds, pictureId, version } = saved;
  const group = new Group(jid, addressing, subject, account(saved.creator), createdAt, inviteCode);
  Object.assign(group, {
    ...{ subjectBy: account(saved.subjectBy), subjectAt },
    ...{ announce, locked, memberAddMode, needsApproval, disappearingSeconds, pictureId, version },
    ...(description ? { description: { ...description, by: account(description.by) } } : {}),
  });
  Object.assign(group.community, saved.community);
  group.members.clear();
  for (const [number, role] of saved.members) group.members.set(account(number), role);
  for (const [number, at] of saved.leavers) group.leavers.set(account(number), at);
  for (const [number, one] of saved.requests) {
    group.requests.set(account(number), { ...one, proposedBy: one.proposedBy ? account(one.proposedBy) : undefined });
  }
  for (const [number, one] of saved.invites) group.invites.set(account(number), { ...one, admin: account(one.admin) });
  return group;
}
