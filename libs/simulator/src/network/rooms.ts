import type { GroupServices } from '../iq/group-iqs.js';
import type { Account, Addressing } from './account.js';
import type { Directory } from './directory.js';
import type { SavedGroup } from './groups/group-snapshot.js';
import type { Newsletters, SavedNewsletter } from './newsletters/newsletters.js';
import type { SavedAudience, StatusAudiences } from './status/status-audiences.js';
import { STATUS_JID } from './status/status-carrier.js';

/** An address that is not one person's: of a group, a newsletter or the status. */
export const isRoom = (jid: string | undefined): boolean =>
  jid !== undefined && (jid.endsWith('@g.us') || jid.endsWith('@newsletter') || jid === STATUS_JID);

/** Groups, newsletters and status privacy as they are saved. */
export interface SavedRooms {
  groups: { groups: SavedGroup[]; revokedCodes: string[] };
  newsletters: SavedNewsletter[];
  audiences: SavedAudience[];
}

/** What phones and receipts have to know of everything that is not a chat with one person. */
export class Rooms {
  constructor(
    private readonly directory: Directory,
    readonly groups: GroupServices,
    readonly newsletters: Newsletters,
    readonly audiences: StatusAudiences,
  ) {}

  /** How people are named there; undefined where nobody is named, or the address is of nothing. */
  addressing(jid: string | undefined, author: Account): Addressing | undefined {
    if (jid === STATUS_JID) return author.addressing;
    return this.groups.groups.find(jid)?.addressing;
  }

  titleOf(jid: string): string | undefined {
    if (jid === STATUS_JID) return 'Status';
    return this.groups.groups.find(jid)?.subject ?? this.newsletters.find(jid)?.name;
  }

  /** Everybody in a group; nobody for what is no group. */
  membersOf(jid: string): Account[] {
    return [...(this.groups.groups.find(jid)?.members.keys() ?? [])];
  }

  isAdmin(jid: string, account: Account): boolean {
    return (
      (this.groups.groups.find(jid)?.isAdmin(account) ?? false) ||
      (this.newsletters.find(jid)?.mayWrite(account) ?? false)
    );
  }

  canWrite(jid: string, account: Account): boolean {
    if (jid === STATUS_JID) return true;
    if (jid.endsWith('@newsletter')) return this.newsletters.find(jid)?.mayWrite(account) ?? false;
    const group = this.groups.groups.find(jid);
    if (!group?.has(account) || group.community.isParent) return false;
    return !group.announce || group.isAdmin(account);
  }

  snapshot(): SavedRooms {
    return {
      groups: this.groups.groups.snapshot(),
      newsletters: this.newsletters.snapshot(),
      audiences: this.audiences.snapshot(),
    };
  }

  restore(saved: SavedRooms): void {
    this.groups.groups.restore(saved.groups);
    this.newsletters.restore(saved.newsletters);
    this.audiences.restore(saved.audiences, (number) => this.directory.ensure(number));
  }

  /** How long new messages stay in a group, in seconds; 0 for never. */
  disappearingSeconds(jid: string): number {
    return this.groups.groups.find(jid)?.disappearingSeconds ?? 0;
  }

  account(jid: string | undefined): Account | undefined {
    return this.directory.accountAt(jid);
  }
}
