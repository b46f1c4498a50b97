import type { BinaryNode } from '../../baileys.js';
import type { Directory } from '../../network/directory.js';
import { bytes, child, children } from '../../wire/stanza.js';
import type { Chats } from '../chats/chats.js';
import type { PhoneTask } from '../phone-task.js';

/** Writes the lines that a phone shows in a group's chat when something about the group changes. */
export class GroupNotes implements PhoneTask {
  constructor(
    private readonly me: string,
    private readonly chats: Chats,
    private readonly directory: Directory,
  ) {}

  take(node: BinaryNode): void {
    const { type, from = '', participant } = node.attrs;
    if (node.tag !== 'notification' || !from.endsWith('@g.us')) return;
    const by = this.directory.accountAt(participant);
    const name = by?.number === this.me ? 'You' : (by?.name ?? 'The server');
    for (const change of children(node)) {
      const text = type === 'picture' ? pictureNote(change) : this.note(change);
      if (text) this.chats.notice(from, `${name} ${text}`, by?.number ?? '');
    }
  }

  private note(change: BinaryNode): string | undefined {
    const { attrs, tag } = change;
    const people = this.names(change);
    switch (tag) {
      case 'create':
        return attrs.type === 'new' ? 'created the group' : 'added you';
      case 'add':
        return `added ${people}`;
      case 'remove':
        return `removed ${people}`;
      case 'promote':
        return `made ${people} admin`;
      case 'demote':
        return `dismissed ${people} as admin`;
      case 'subject':
        return `changed the subject to "${attrs.subject}"`;
      case 'description':
        return child(change, 'delete') ? 'deleted the description' : 'changed the description';
      case 'announcement':
        return 'allowed only admins to write';
      case 'not_announcement':
        return 'allowed all members to write';
      case 'locked':
        return 'allowed only admins to edit the group';
      case 'unlocked':
        return 'allowed all members to edit the group';
      case 'invite':
        return 'reset the invite link';
      case 'ephemeral':
        return `let new messages vanish after ${attrs.expiration} seconds`;
      case 'not_ephemeral':
        return 'let new messages stay';
      case 'member_add_mode':
        return bytes(change).toString() === 'admin_add' ? 'lets only admins add members' : 'lets members add members';
      case 'membership_approval_mode':
        return child(change, 'group_join')?.attrs.state === 'on'
          ? 'wants to approve new members'
          : 'lets new members in';
      case 'created_membership_requests':
        return 'asks to join';
      case 'link':
        return 'linked a group of the community';
      case 'unlink':
        return 'unlinked a group of the community';
      case 'delete':
        return 'deactivated the group';
      default:
        return undefined;
    }
  }

  private names(change: BinaryNode): string {
    return children(change, 'participant')
      .map(({ attrs }) => this.directory.accountAt(attrs.jid))
      .map((one) => (one?.number === this.me ? 'you' : (one?.name ?? 'somebody')))
      .join(', ');
  }
}

const pictureNote = (change: BinaryNode): string =>
  change.tag === 'delete' ? "deleted the group's picture" : "changed the group's picture";
