import { proto, type WireMessage } from '../../baileys.js';
import type { Clock } from '../../time/clock.js';
import { contentOf, unwrap } from '../content.js';
import type { ReceiptRecord } from '../phone.js';
import { type AddressesOf, openEventResponse, openVote } from './answers.js';
import { Chat, type SavedChat } from './chat.js';
import { ChatMessage } from './chat-message.js';
import type { ChatKind, ChatMessageView, ChatSummary, ChatView } from './chat-view.js';
import { contextOf, type NumberOf } from './rendering.js';

export const STATUS_CHAT = 'status@broadcast';
const STATUS_LIFE_MS = 24 * 3_600_000;
const DEFAULT_PIN_SECONDS = 86_400;
const KEPT_OWN = 5_000;

/** What a phone knows about people and groups when it shows them. */
export interface Acquaintance {
  readonly clock: Clock;
  nameOf(number: string): string;
  numberOf: NumberOf;
  addressesOf: AddressesOf;
  /** Subject of a group, name of a newsletter. */
  titleOf(chat: string): string | undefined;
  /** The others in a chat. */
  othersIn(chat: string): string[];
  isAdmin(chat: string, number: string): boolean;
  canWrite(chat: string): boolean;
}

/** A message as the phone got or sent it. */
export interface ChatEntry {
  chat: string;
  id: string;
  sender: string;
  fromMe: boolean;
  message: WireMessage;
  /** The place of a newsletter message in its newsletter. */
  serverId?: number;
  /** For an own message: who gets it, when that is not everybody in the chat. */
  recipients?: readonly string[];
}

export interface SavedChats {
  next: number;
  chats: SavedChat[];
}

/** All conversations of a phone, as it would show them: edits, reactions, votes and ticks are already applied. */
export class Chats {
  private readonly chats = new Map<string, Chat>();
  /** Own messages by id, newest last, to find what a receipt is about. */
  private readonly own = new Map<string, ChatMessage>();
  private next = 1;
  /** Called when a chat shows something else than before. */
  onChange?: () => void;

  constructor(
    /** Phone number of the owner. */
    private readonly me: string,
    private readonly known: Acquaintance,
  ) {}

  /** The list of chats, the one with the newest message first. */
  list(): ChatSummary[] {
    return [...this.chats.values()]
      .map((chat) => ({ chat, last: chat.list(this.known.clock.now()).at(-1)?.origin.index ?? 0 }))
      .sort((a, b) => b.last - a.last)
      .map(({ chat }) => this.summary(chat));
  }

  /** How many messages are unread in all chats. */
  get unread(): number {
    let count = 0;
    for (const chat of this.chats.values()) count += chat.unread;
    return count;
  }

  /** One chat with its messages, oldest first. `before` and `limit` take a part of them, from the end. */
  open(id: string, options: { before?: number; limit?: number } = {}): ChatView | undefined {
    const chat = this.chats.get(id);
    if (!chat) return undefined;
    const { before = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY } = options;
    const messages = chat.list(this.known.clock.now()).filter(({ origin }) => origin.index < before);
    return { ...this.summary(chat), messages: messages.slice(-limit).map((one) => this.view(one)) };
  }

  /** A message as it is now. Without `sender`, the newest under this id. */
  message(chat: string, id: string, sender?: string): ChatMessageView | undefined {
    const found = this.chats.get(chat)?.find(id, sender);
    return found && this.view(found);
  }

  /** What is in a message of this id, in whichever chat it is. */
  content(id: string): { kind: string; text?: string } | undefined {
    for (const chat of this.chats.values()) {
      const message = chat.find(id)?.message;
      if (!message) continue;
      const { kind, text } = contentOf(message);
      return { kind, ...(text === undefined ? {} : { text }) };
    }
    return undefined;
  }

  /** The message behind a view, with its protocol buffer: to quote, forward or answer it. */
  find(chat: string, id: string, sender?: string): ChatMessage | undefined {
    return this.chats.get(chat)?.find(id, sender);
  }

  at(chat: string, index: number): ChatMessage | undefined {
    return this.chats.get(chat)?.at(index);
  }

  /** Takes a message in: as a line of its own, or as a change of another one. A repeat changes nothing. */
  take(entry: ChatEntry): void {
    this.show(entry);
    this.onChange?.();
  }

  private show(entry: ChatEntry): void {
    const chat = this.chat(entry.chat);
    if (this.change(chat, entry)) return;
    if (chat.find(entry.id, entry.sender)) return;
    const { clock } = this.known;
    const { id, sender, fromMe, message } = entry;
    const recipients = fromMe ? (entry.recipients ?? this.known.othersIn(entry.chat)) : [];
    const line = new ChatMessage({ index: this.number(), id, sender, fromMe, at: clock.now() }, message, recipients);
    line.expiresAt = this.expiry(entry);
    if (entry.serverId !== undefined) line.serverId = entry.serverId;
    chat.add(line);
    if (fromMe) this.remember(line);
    else chat.unread += 1;
  }

  /** Adds messages from before the simulation began, oldest first, of which so many are unread. */
  fill(chat: string, entries: readonly (ChatEntry & { at: number; read?: boolean })[], unread: number): void {
    const filled = this.chat(chat);
    for (const { id, sender, fromMe, message, at, read } of entries) {
      if (filled.find(id, sender)) continue;
      const recipients = fromMe ? this.known.othersIn(chat) : [];
      const line = new ChatMessage({ index: this.number(), id, sender, fromMe, at }, message, recipients);
      if (fromMe) for (const one of recipients) line.confirm(one, read ? 'read' : 'delivered');
      filled.add(line);
    }
    filled.unread += unread;
  }

  /** The lines of a chat with their protocol buffers, oldest first. */
  lines(chat: string): ChatMessage[] {
    return this.chats.get(chat)?.list(this.known.clock.now()) ?? [];
  }

  /** A line about the group itself. */
  notice(chat: string, text: string, by: string): void {
    const origin = { index: this.number(), id: `notice-${this.next}`, sender: by, fromMe: by === this.me };
    this.chat(chat).add(new ChatMessage({ ...origin, at: this.known.clock.now() }, undefined, [], text));
    this.onChange?.();
  }

  /** The server has taken an own message over, or refused it. */
  answered(id: string, accepted: boolean): void {
    const line = this.own.get(id);
    if (!line) return;
    if (accepted) line.accepted = true;
    else line.failed = true;
    this.onChange?.();
  }

  /** A receipt has come for an own message. */
  receipt({ id, from, state }: Pick<ReceiptRecord, 'id' | 'from' | 'state'>): void {
    if (state === 'read-self') {
      for (const chat of this.chats.values()) if (chat.find(id)) chat.unread = 0;
    } else if (state !== 'retry') {
      this.own.get(id)?.confirm(from, state);
    }
    this.onChange?.();
  }

  /** The owner has opened the chat. */
  opened(chat: string): void {
    const found = this.chats.get(chat);
    if (found) found.unread = 0;
    this.onChange?.();
  }

  /** After how many seconds new messages of a chat vanish; 0 for never. */
  disappearingSeconds(chat: string): number {
    return this.chats.get(chat)?.disappearingSeconds ?? 0;
  }

  /** Puts a star on a message, or takes it off. False when there is no such message. */
  star(chat: string, id: string, starred = true): boolean {
    const found = this.chats.get(chat)?.find(id);
    if (found) found.starred = starred;
    this.onChange?.();
    return found !== undefined;
  }

  snapshot(): SavedChats {
    return { next: this.next, chats: [...this.chats.values()].map((chat) => chat.snapshot()) };
  }

  restore(saved: SavedChats): void {
    this.next = saved.next;
    for (const one of saved.chats) {
      const chat = Chat.restore(one);
      this.chats.set(chat.id, chat);
      for (const line of chat.list(this.known.clock.now())) if (line.origin.fromMe) this.remember(line);
    }
  }

  /** Applies what is about another message. False when it is a line of its own. */
  private change(chat: Chat, entry: ChatEntry): boolean {
    const { kind, refersTo, text = '' } = contentOf(entry.message);
    const inner = unwrap(entry.message);
    const target = chat.find(refersTo);
    switch (kind) {
      case 'reaction':
        if (text === '') target?.reactions.delete(entry.sender);
        else target?.reactions.set(entry.sender, text);
        return true;
      case 'vote': {
        const options = target && openVote(target, inner.pollUpdateMessage?.vote, entry.sender, this.known.addressesOf);
        if (options) target.votes.set(entry.sender, options);
        return true;
      }
      case 'event-response': {
        const sealed = inner.encEventResponseMessage ?? {};
        const response = target && openEventResponse(target, sealed, entry.sender, this.known.addressesOf);
        if (response) target.responses.set(entry.sender, response);
        return true;
      }
      case 'edit':
        this.edit(chat, entry, refersTo);
        return true;
      case 'revoke':
        this.revoke(chat, entry, target);
        return true;
      case 'pin':
        this.pin(chat, inner, refersTo);
        return true;
      case 'keep':
        if (target) target.kept = inner.keepInChatMessage?.keepType === proto.KeepType.KEEP_FOR_ALL;
        return true;
      case 'disappearing':
        this.disappear(chat, entry, inner.protocolMessage?.ephemeralExpiration ?? 0);
        return true;
      default:
        return kind === 'protocol' || onlyCarriesKeys(inner);
    }
  }

  private edit(chat: Chat, entry: ChatEntry, id: string | undefined): void {
    const target = chat.find(id, entry.sender);
    const edited = unwrap(entry.message).protocolMessage?.editedMessage;
    if (!target?.message || !edited) return;
    // The secret stays: votes for an edited poll are sealed with it.
    target.message = { messageContextInfo: target.message.messageContextInfo, ...edited };
    target.edited = true;
  }

  private revoke(chat: Chat, entry: ChatEntry, target: ChatMessage | undefined): void {
    if (!target) return;
    const isAuthor = target.origin.sender === entry.sender;
    if (!isAuthor && !this.known.isAdmin(chat.id, entry.sender)) return;
    target.message = undefined;
    target.revokedBy = entry.sender;
    target.reactions.clear();
    chat.pins.delete(target.origin.id);
  }

  private pin(chat: Chat, inner: WireMessage, id: string | undefined): void {
    if (!id) return;
    const seconds = inner.messageContextInfo?.messageAddOnDurationInSecs || DEFAULT_PIN_SECONDS;
    const isPin = inner.pinInChatMessage?.type === proto.Message.PinInChatMessage.Type.PIN_FOR_ALL;
    chat.pins.delete(id);
    if (isPin) chat.pins.set(id, this.known.clock.now() + seconds * 1000);
  }

  private disappear(chat: Chat, entry: ChatEntry, seconds: number): void {
    chat.disappearingSeconds = seconds;
    const what = seconds ? `messages vanish after ${seconds} seconds` : 'messages stay';
    this.notice(chat.id, `${this.known.nameOf(entry.sender)}: ${what}`, entry.sender);
  }

  private expiry({ chat, message }: ChatEntry): number | undefined {
    const now = this.known.clock.now();
    if (chat === STATUS_CHAT) return now + STATUS_LIFE_MS;
    const seconds = contextOf(unwrap(message))?.expiration ?? 0;
    return seconds > 0 ? now + seconds * 1000 : undefined;
  }

  private summary(chat: Chat): ChatSummary {
    const now = this.known.clock.now();
    const last = chat.list(now).at(-1);
    return {
      id: chat.id,
      kind: chatKind(chat.id),
      title: this.known.titleOf(chat.id) ?? this.known.nameOf(chat.id),
      unread: chat.unread,
      ...(chat.disappearingSeconds ? { disappearingSeconds: chat.disappearingSeconds } : {}),
      pinned: chat.pinned(now),
      readOnly: !this.known.canWrite(chat.id),
      ...(last ? { lastMessage: this.view(last) } : {}),
    };
  }

  private view(message: ChatMessage): ChatMessageView {
    return message.toView((number) => this.known.nameOf(number), this.known.numberOf);
  }

  private chat(id: string): Chat {
    let chat = this.chats.get(id);
    if (!chat) {
      chat = new Chat(id);
      this.chats.set(id, chat);
    }
    return chat;
  }

  private number(): number {
    this.next += 1;
    return this.next - 1;
  }

  private remember(line: ChatMessage): void {
    this.own.set(line.origin.id, line);
    if (this.own.size <= KEPT_OWN) return;
    const oldest = this.own.keys().next().value;
    if (oldest !== undefined) this.own.delete(oldest);
  }
}

export function chatKind(id: string): ChatKind {
  if (id === STATUS_CHAT) return 'status';
  if (id.endsWith('@g.us')) return 'group';
  return id.endsWith('@newsletter') ? 'newsletter' : 'direct';
}

/** A message that only hands out a sender key shows nothing. */
const onlyCarriesKeys = (message: WireMessage): boolean =>
  Boolean(message.senderKeyDistributionMessage) &&
  Object.entries(message).every(
    ([name, value]) => !value || name === 'senderKeyDistributionMessage' || name === 'messageContextInfo',
  );
