import type { Account, Addressing } from '../account.js';

/** What somebody may do in a group. The creator is its superadmin. */
export type Role = 'member' | 'admin' | 'superadmin';

export interface Description {
  id: string;
  body: string;
  by: Account;
  at: number;
}

/** Somebody wants to come in and waits for an admin. */
export interface JoinRequest {
  at: number;
  /** How the request came about, as the wire names it. */
  method: 'InviteLink' | 'LinkedGroupJoin' | 'NonAdminAdd';
  /** The member who proposed it, if it was one. */
  proposedBy?: Account;
}

/** An invitation for one person, which travels in a message ("v4"). */
export interface PersonalInvite {
  code: string;
  expiresAt: number;
  admin: Account;
}

export type MemberAddMode = 'admin_add' | 'all_member_add';

/** What a group is within a community. */
export interface CommunityPart {
  /** It is the community itself, not a chat. */
  isParent: boolean;
  /** It is the community's announcement group, of which every member of the community is a member. */
  isAnnouncements: boolean;
  /** Of a parent: members may add groups too. */
  membersMayAddGroups: boolean;
  /** Of a linked group: the community's address. */
  parent?: string;
}

/** A group, or a community, or a group of a community: its members and all that is set. The rules are in `Groups`. */
export class Group {
  readonly members = new Map<Account, Role>();
  /** Who has left by themselves, and when. */
  readonly leavers = new Map<Account, number>();
  readonly requests = new Map<Account, JoinRequest>();
  readonly invites = new Map<Account, PersonalInvite>();
  readonly community: CommunityPart = { isParent: false, isAnnouncements: false, membersMayAddGroups: false };
  description?: Description;
  subjectBy: Account;
  subjectAt: number;
  /** Only admins may write. */
  announce = false;
  /** Only admins may change subject, description, picture and disappearing messages. */
  locked = false;
  memberAddMode: MemberAddMode = 'all_member_add';
  /** Whoever comes by link waits for an admin. */
  needsApproval = false;
  disappearingSeconds = 0;
  pictureId?: string;
  /** Grows with every change of the members. */
  version = 1;

  constructor(
    /** `…@g.us`. */
    readonly jid: string,
    /** Whether members are named by LID or by phone number; the other form stands beside it. */
    public addressing: Addressing,
    public subject: string,
    readonly creator: Account,
    readonly createdAt: number,
    public inviteCode: string,
  ) {
    this.subjectBy = creator;
    this.subjectAt = createdAt;
    this.members.set(creator, 'superadmin');
  }

  get id(): string {
    return this.jid.replace('@g.us', '');
  }

  has(account: Account): boolean {
    return this.members.has(account);
  }

  isAdmin(account: Account): boolean {
    const role = this.members.get(account);
    return role === 'admin' || role === 'superadmin';
  }

  /** The address of an account, or of one of its devices, in the form that this group uses. */
  addressOf(account: Account, device = 0): string {
    return account.address(this.addressing, device);
  }

  /** The other form of the address, without a device. */
  otherAddressOf(account: Account): string {
    return account.address(this.addressing === 'lid' ? 'pn' : 'lid');
  }
}
