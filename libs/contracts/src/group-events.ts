import type { MessageParty } from './events.js';

/** What happened to groups and newsletters: payloads of events. */

/** A group, named in every way that clients know it by. */
export interface GroupShown {
  groupId: string;
  /** `<id>@g.us` */
  chatId: string;
  /** Null as long as nothing was said in it. */
  conversationId: string | null;
  subject: string;
  /** `community`: the parent of groups; `announcements`: the community's own channel to all members. */
  kind: 'group' | 'community' | 'announcements';
}

interface DoneToGroup extends GroupShown {
  /** Who did it; null when it was this account (`byMe`) or is not known. */
  by: MessageParty | null;
  byMe: boolean;
  /** By WhatsApp's clock, ISO 8601. */
  at: string;
}

export interface GroupJoined extends DoneToGroup {
  /** `found`: it was there already when this account was linked, or while it was away. */
  how: 'created' | 'joined' | 'found';
  memberCount: number;
}

export interface GroupLeft extends DoneToGroup {
  reason: 'left' | 'removed' | 'deleted';
}

export interface GroupUpdated extends DoneToGroup {
  /** Only what is another now. */
  changes: {
    subject?: string;
    description?: string | null;
    announceOnly?: boolean;
    locked?: boolean;
    memberAddMode?: 'all' | 'admins';
    joinApproval?: boolean;
    disappearsInSeconds?: number | null;
    /** `<id>@g.us` of the community that it belongs to. */
    communityChatId?: string | null;
    membersMayAddGroups?: boolean;
  };
}

/** A member of a group; `isMe` is this account itself. */
export interface GroupMemberShown extends MessageParty {
  role: 'member' | 'admin' | 'superadmin';
  isMe: boolean;
}

export interface GroupMembersChanged extends DoneToGroup {
  change: 'added' | 'joined' | 'removed' | 'left' | 'promoted' | 'demoted';
  members: GroupMemberShown[];
}

export interface GroupJoinRequested extends DoneToGroup {
  person: MessageParty;
  /** `revoked`: taken back; `rejected`: an admin refused. Who is let in is told as a member. */
  change: 'created' | 'revoked' | 'rejected';
}

/** The link itself is a key to the group and is not in the log; ask for it. */
export type GroupInviteChanged = DoneToGroup;

export interface NewsletterShown {
  newsletterId: string;
  /** `<id>@newsletter` */
  chatId: string;
  name: string | null;
}

export interface NewsletterUpdated extends NewsletterShown {
  /** Only what is another now. */
  changes: {
    name?: string;
    description?: string;
    role?: 'none' | 'subscriber' | 'admin' | 'owner';
    isMuted?: boolean;
    isDeleted?: boolean;
  };
}

export interface NewsletterCounted extends NewsletterShown {
  /** The place of the post in the newsletter. */
  serverId: string;
  views: number | null;
  /** How often each emoji was given; null when it was not told. */
  reactions: Record<string, number> | null;
}
