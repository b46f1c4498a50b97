import type { proto } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { Directory } from '../../network/directory.js';
import { isRoom, type Rooms } from '../../network/rooms.js';

/** Which message is meant: where it is, its id, and who sent it. A received message names itself. */
export interface MessageReference {
  /** Phone number of the other side, or address of a group, newsletter or the status. */
  chat: string;
  id: string;
  /** Phone number of its author. */
  from: string;
}

/** Names messages and people on the wire as one person sees them. */
export class MessageNaming {
  constructor(
    private readonly me: Account,
    private readonly directory: Directory,
    readonly rooms: Rooms,
  ) {}

  /** The key of a message, as it travels inside other messages. */
  keyOf({ chat, id, from }: MessageReference): proto.IMessageKey {
    const fromMe = from === this.me.number;
    if (!isRoom(chat)) return { remoteJid: this.account(chat).address('lid'), fromMe, id };
    if (chat.endsWith('@newsletter')) return { remoteJid: chat, fromMe, id };
    return { remoteJid: chat, fromMe, id, participant: this.addressIn(chat, from) };
  }

  /** The address by which a chat knows somebody: as the group names its members, as the other side sees people. */
  addressIn(chat: string, number: string): string {
    const person = this.account(number);
    if (!isRoom(chat)) return person.address(this.account(chat).addressing);
    return person.address(this.rooms.addressing(chat, person) ?? 'lid');
  }

  account(number: string): Account {
    const found = this.directory.find(number);
    if (!found) throw new Error(`nobody has the number ${number} in this simulation`);
    return found;
  }
}
