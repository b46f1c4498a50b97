import { proto, type WireMessage } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { Directory } from '../../network/directory.js';
import type { Phone } from '../phone.js';

/** One message of an archive. */
export interface ArchivedMessage {
  id: string;
  fromMe: boolean;
  message: WireMessage;
  /** Milliseconds since 1970. */
  at: number;
  /** For own messages: the last that is known of it. */
  status?: 'delivered' | 'read';
}

/** One conversation as the phone keeps it, oldest message first. */
export interface ArchivedChat {
  with: Account;
  messages: ArchivedMessage[];
  unread: number;
}

/**
 * What the phone of an account remembers: chats from before the simulation began, which a test gave it or had made, and
 * those it has had since. Only conversations between two people.
 */
export class PhoneArchive {
  private readonly earlier = new Map<Account, ArchivedMessage[]>();
  private readonly unread = new Map<Account, number>();

  constructor(
    private readonly phone: Phone,
    private readonly directory: Directory,
  ) {}

  /** Adds messages from before. They may come in any order. */
  add(other: Account, messages: ArchivedMessage[], unread = 0): void {
    const all = [...(this.earlier.get(other) ?? []), ...messages];
    this.earlier.set(
      other,
      all.sort((a, b) => a.at - b.at),
    );
    this.unread.set(other, unread);
  }

  /** Every chat, the one with the newest message first. */
  chats(): ArchivedChat[] {
    const chats = new Map<Account, ArchivedMessage[]>();
    const of = (account: Account): ArchivedMessage[] => {
      const known = chats.get(account) ?? [];
      chats.set(account, known);
      return known;
    };
    for (const [account, messages] of this.earlier) of(account).push(...messages);
    for (const { from, chat, fromMe, id, message, repeat, record } of this.phone.inbox.list()) {
      const other = this.directory.find(chat);
      if (!other || repeat > 0 || isProtocol(message)) continue;
      if (fromMe || from === other.number) of(other).push({ id, fromMe, message, at: record.at });
    }
    for (const [id, { to, message, at }] of this.phone.sentMessages) {
      if (this.directory.find(to.number) && !isProtocol(message)) of(to).push({ id, fromMe: true, message, at });
    }
    return [...chats]
      .filter(([, messages]) => messages.length > 0)
      .map(([account, messages]) => ({
        with: account,
        messages: messages.sort((a, b) => a.at - b.at),
        unread: this.unread.get(account) ?? 0,
      }))
      .sort((a, b) => newestOf(b) - newestOf(a));
  }

  chat(other: Account): ArchivedChat | undefined {
    return this.chats().find((chat) => chat.with === other);
  }

  find(other: Account, id: string): ArchivedMessage | undefined {
    return this.chat(other)?.messages.find((message) => message.id === id);
  }

  snapshot(): SavedArchive {
    return [...this.earlier].map(([account, messages]) => ({
      with: account.number,
      unread: this.unread.get(account) ?? 0,
      messages: messages.map(({ message, ...rest }) => ({
        ...rest,
        message: proto.Message.encode(proto.Message.create(message)).finish(),
      })),
    }));
  }

  restore(saved: SavedArchive): void {
    for (const { with: number, unread, messages } of saved) {
      const other = this.directory.ensure(number);
      const opened = messages.map((one) => ({ ...one, message: proto.Message.decode(one.message) }));
      this.earlier.set(other, opened);
      this.unread.set(other, unread);
    }
  }
}

export type SavedArchive = {
  with: string;
  unread: number;
  messages: (Omit<ArchivedMessage, 'message'> & { message: Uint8Array })[];
}[];

const isProtocol = (message: WireMessage): boolean => Boolean(message.protocolMessage);
const newestOf = (chat: ArchivedChat): number => chat.messages.at(-1)?.at ?? 0;
