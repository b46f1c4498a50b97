import type { Group, Role } from '../../network/groups/group.js';

/** A group as tests and pages read it. People are phone numbers, times milliseconds since 1970. */
export interface GroupView {
  jid: string;
  subject: string;
  description?: string;
  creator: string;
  createdAt: number;
  addressing: 'lid' | 'pn';
  members: { number: string; name: string; role: Role }[];
  /** People who wait for an admin. */
  requests: string[];
  announce: boolean;
  locked: boolean;
  memberAddMode: string;
  needsApproval: boolean;
  disappearingSeconds: number;
  pictureId?: string;
  isCommunity: boolean;
  /** It is the announcement group of its community. */
  isAnnouncements: boolean;
  /** The community that it belongs to. */
  community?: string;
}

export function groupView(group: Group): GroupView {
  const { jid, subject, description, creator, createdAt, addressing, announce, locked, community } = group;
  const { memberAddMode, needsApproval, disappearingSeconds, pictureId } = group;
  return {
    ...{ jid, subject, createdAt, addressing, announce, locked, memberAddMode, needsApproval, disappearingSeconds },
    ...(description ? { description: description.body } : {}),
    ...(pictureId ? { pictureId } : {}),
    creator: creator.number,
    members: [...group.members].map(([{ number, name }, role]) => ({ number, name, role })),
    requests: [...group.requests.keys()].map(({ number }) => number),
    isCommunity: community.isParent,
    isAnnouncements: community.isAnnouncements,
    ...(community.parent ? { community: community.parent } : {}),
  };
}
