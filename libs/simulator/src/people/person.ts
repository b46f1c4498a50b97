import { proto, type WireMessage } from '../baileys.js';
import type { MediaHost } from '../media/host.js';
import type { Account } from '../network/account.js';
import type { Directory } from '../network/directory.js';
import { isRoom } from '../network/rooms.js';
import type { Timer } from '../time/clock.js';
import type { Abilities } from './abilities.js';
import { Behaviours } from './behaviours/behaviours.js';
import type { MediaReference } from './content.js';
import { withContext } from './messages/person-messages.js';
import { PersonRooms } from './person-rooms.js';
import type { Phone, ReceiptRecord, TypingRecord } from './phone.js';
import type { ReceivedMessage } from './received-message.js';

const DEFAULT_TIMEOUT_MS = 10_000;

/** Which message to wait for: its exact text, some of its properties, or a function. */
export type MessageMatch =
  | string
  | { text?: string; contains?: string; id?: string; from?: string; kind?: string; fromMe?: boolean }
  | ((message: ReceivedMessage) => boolean);

export interface WaitOptions {
  /** Default 10 000. */
  timeoutMs?: number;
  /** Only entries with a higher index count; default 0: what has already arrived counts too. */
  after?: number;
}

/** As much of a message as an answer or a reaction needs. */
export type Quotable = Pick<ReceivedMessage, 'chat' | 'id' | 'from' | 'message'>;

export interface SendOptions {
  /** The WhatsApp id to use; a fresh one by default. Using one twice sends a repeat. */
  id?: string;
  /** The numbers of those who are mentioned; their `@number` stands in the text. */
  mentions?: readonly string[];
  /** The message to quote. */
  quote?: Quotable;
}

export interface MediaOptions extends SendOptions {
  mimetype?: string;
  caption?: string;
  fileName?: string;
  /** A voice note. */
  ptt?: boolean;
  /** How long a sound or a video is. */
  seconds?: number;
}

/** What a person does without being told, as data: it survives a restart. */
export interface Habits {
  /** Answers each text with the same text after this prefix. */
  echo?: { prefix: string };
  /** Answers each message with this text after a while. */
  reply?: { text: string; afterMs: number };
  /** Reads each message after a while; never by itself when absent. */
  read?: { afterMs: number };
}

/** A person with a phone: a contact that scripts act through, or the owner of an account that clients are linked to. */
export class Person {
  habits: Habits = {};
  private readonly rooms: PersonRooms;
  private readonly listeners = new Set<(message: ReceivedMessage) => void>();
  private readonly timers = new Set<Timer>();
  /** What this person keeps doing by itself. */
  readonly behaviours: Behaviours;

  constructor(
    readonly phone: Phone,
    private readonly directory: Directory,
    private readonly media: MediaHost,
    private readonly onError: (detail: string) => void,
    readonly abilities: Abilities,
  ) {
    phone.onMessage = (message) => this.react(message);
    this.behaviours = new Behaviours(this, onError);
    this.rooms = new PersonRooms(phone, directory, media, {
      account: phone.account,
      chats: phone.chats,
      send: (to, message) => this.send(to, message),
    });
  }

  /** What the phone shows: its chats with their messages as they are now. */
  get chats(): Phone['chats'] {
    return this.phone.chats;
  }

  /** Groups and communities. */
  get groups(): PersonRooms['groups'] {
    return this.rooms.groups;
  }

  get newsletters(): PersonRooms['newsletters'] {
    return this.rooms.newsletters;
  }

  get status(): PersonRooms['status'] {
    return this.rooms.status;
  }

  /** Edits, deletions, pins, polls, events, forwards. */
  get messages(): PersonRooms['messages'] {
    return this.rooms.messages;
  }

  /** Places, contact cards, stickers, voice, round videos, view-once files, buttons and lists. */
  get cards(): PersonRooms['cards'] {
    return this.rooms.cards;
  }

  get account(): Account {
    return this.phone.account;
  }

  get number(): string {
    return this.account.number;
  }

  get name(): string {
    return this.account.name;
  }

  /** What is the same on every device of the account: archive, pin, mute, labels, contacts… */
  get settings(): Abilities['settings'] {
    return this.abilities.settings;
  }

  /** About text, picture, privacy, block list, business. */
  get profile(): Abilities['profile'] {
    return this.abilities.profile;
  }

  /** The files of the phone's messages, and what it does when a client wants one again. */
  get files(): Abilities['files'] {
    return this.abilities.files;
  }

  /** Installs WhatsApp again: new keys, and linked devices are gone. Others are told that the identity changed. */
  reinstall(): void {
    this.abilities.number.reinstall();
  }

  /** Takes another phone number; the LID and the chats stay, linked devices are gone. Throws when somebody has it. */
  changeNumber(number: string): void {
    this.abilities.number.change(number);
  }

  /** Calling people, and being called. */
  get calls(): Abilities['calls'] {
    return this.abilities.calls;
  }

  /** What the phone remembers of its chats, and how companions get it. */
  get history(): Abilities['history'] {
    return this.abilities.history;
  }

  // --- sending -------------------------------------------------------------------------------------------------------

  /** Sends a text. Resolves with its id when the server has taken it over, not when it is delivered. */
  sendText(to: string, text: string, options: SendOptions = {}): Promise<string> {
    const { quote, mentions } = options;
    if (!quote && !mentions?.length) return this.send(to, { conversation: text }, options);
    const mentionedJid = mentions?.map((number) => this.rooms.naming.addressIn(to, number));
    const contextInfo = { ...(quote ? this.quoteOf(quote) : {}), mentionedJid };
    return this.send(to, { extendedTextMessage: { text, contextInfo } }, options);
  }

  /** Encrypts a text for later: it leaves when the answer is called, which gives its id. */
  prepareText(to: string, text: string): Promise<() => string> {
    const content = proto.Message.create(this.vanishing(to, { conversation: text }));
    return this.phone.prepare(this.recipient(to), content);
  }

  sendImage(to: string, file: Uint8Array, options: MediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'image', file, { mimetype: 'image/jpeg', ...options });
  }

  sendVideo(to: string, file: Uint8Array, options: MediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'video', file, { mimetype: 'video/mp4', ...options });
  }

  sendAudio(to: string, file: Uint8Array, options: MediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'audio', file, { mimetype: 'audio/ogg; codecs=opus', ...options });
  }

  sendDocument(to: string, file: Uint8Array, options: MediaOptions = {}): Promise<string> {
    return this.sendMedia(to, 'document', file, { mimetype: 'application/octet-stream', fileName: 'file', ...options });
  }

  /** Encrypts the file, leaves it at the media host and sends the message that points to it. */
  async sendMedia(to: string, kind: MediaReference['kind'], file: Uint8Array, options: MediaOptions): Promise<string> {
    const { mimetype, caption, fileName, ptt, seconds, quote } = options;
    const { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = await this.media.upload(file, kind);
    const part = {
      ...{ mimetype, mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath },
      mediaKeyTimestamp: Math.floor(this.phone.clock.now() / 1000),
      ...(caption ? { caption } : {}),
      ...(fileName ? { fileName, title: fileName } : {}),
      ...(ptt ? { ptt } : {}),
      ...(seconds ? { seconds } : {}),
      ...(quote ? { contextInfo: this.quoteOf(quote) } : {}),
    };
    return this.send(to, { [`${kind}Message`]: part }, options);
  }

  /** Answers a message, quoting it. */
  reply(message: ReceivedMessage, text: string): Promise<string> {
    return this.sendText(message.chat, text, { quote: message });
  }

  /** Reacts to a message with an emoji; an empty one takes the reaction back. */
  sendReaction(message: Omit<Quotable, 'message'>, emoji: string): Promise<string> {
    const key = this.rooms.naming.keyOf(message);
    return this.send(message.chat, {
      reactionMessage: { key, text: emoji, senderTimestampMs: this.phone.clock.now() },
    });
  }

  /** Sends any message, given as the protocol buffer has it. */
  send(to: string, message: WireMessage, options: SendOptions = {}): Promise<string> {
    const content = proto.Message.create(this.vanishing(to, message));
    if (isRoom(to)) return this.phone.sendToRoom(to, content, options.id);
    return this.phone.send(this.recipient(to), content, options.id);
  }

  /** Shows the other side that this person is typing, recording, or has stopped. */
  typing(to: string, state: TypingRecord['state'] = 'composing'): void {
    this.phone.announceTyping(isRoom(to) ? to : this.recipient(to), state);
  }

  // --- receiving -----------------------------------------------------------------------------------------------------

  /** All messages above `after`, in the order in which they were decrypted, repeats included. */
  inbox(after = 0): ReceivedMessage[] {
    return this.phone.inbox.list(after);
  }

  /** The first message that matches, already here or arriving in time. */
  expectMessage(match: MessageMatch, options: WaitOptions = {}): Promise<ReceivedMessage> {
    const what = typeof match === 'function' ? 'matching message' : `message ${JSON.stringify(match)}`;
    return this.phone.inbox.wait(matcher(match), this.waiting(options, what));
  }

  expectTyping(from: string, options: WaitOptions & { state?: TypingRecord['state'] } = {}): Promise<TypingRecord> {
    const { state = 'composing' } = options;
    const matches = (entry: TypingRecord): boolean => entry.from === from && entry.state === state;
    return this.phone.typing.wait(matches, this.waiting(options, `${state} from ${from}`));
  }

  /** Waits until the message `id` that this person sent was delivered, read or played. */
  expectReceipt(id: string, state: ReceiptRecord['state'], options: WaitOptions = {}): Promise<ReceiptRecord> {
    const matches = (entry: ReceiptRecord): boolean => entry.id === id && entry.state === state;
    return this.phone.receipts.wait(matches, this.waiting(options, `${state} receipt for ${id}`));
  }

  /** Calls back for each message from now on; returns the way to stop. */
  onMessage(listener: (message: ReceivedMessage) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Opens the conversation: the author learns that these messages were read. */
  markRead(...messages: ReceivedMessage[]): void {
    this.confirm(messages, 'read');
  }

  /** Plays voice notes. */
  markPlayed(...messages: ReceivedMessage[]): void {
    this.confirm(messages, 'played');
  }

  // --- habits --------------------------------------------------------------------------------------------------------

  echo(prefix = 'echo '): this {
    this.habits.echo = { prefix };
    return this;
  }

  replyAfter(afterMs: number, text: string): this {
    this.habits.reply = { text, afterMs };
    return this;
  }

  autoRead(afterMs = 0): this {
    this.habits.read = { afterMs };
    return this;
  }

  neverRead(): this {
    this.habits.read = undefined;
    return this;
  }

  // --- the phone itself ----------------------------------------------------------------------------------------------

  get isOnline(): boolean {
    return this.phone.isOnline;
  }

  /** The phone has network again: it gets what waited for it. */
  goOnline(): void {
    this.phone.connect();
  }

  /** The phone loses its network; everything for it waits at the server. */
  goOffline(): void {
    this.phone.disconnect();
  }

  /** Opens or leaves the app, as others that watch this person see it. */
  setPresence(type: 'available' | 'unavailable'): void {
    this.phone.announcePresence(type);
  }

  /** Ends every pending habit. */
  stop(): void {
    this.behaviours.endAll();
    for (const timer of this.timers) timer.cancel();
    this.timers.clear();
  }

  private react(message: ReceivedMessage): void {
    for (const listener of this.listeners) listener(message);
    if (message.fromMe || message.repeat > 0 || message.kind === 'protocol') return;
    const { echo, reply, read } = this.habits;
    if (read) this.later(read.afterMs, async () => this.markRead(message));
    if (echo && message.kind === 'text') {
      this.later(0, async () => void (await this.sendText(message.chat, `${echo.prefix}${message.text}`)));
    }
    if (reply) this.later(reply.afterMs, async () => void (await this.sendText(message.chat, reply.text)));
  }

  private later(delayMs: number, act: () => Promise<void>): void {
    const run = (): void => {
      act().catch((error: Error) => this.onError(`a habit of ${this.number} failed: ${error.message}`));
    };
    if (delayMs <= 0) {
      run();
      return;
    }
    const timer = this.phone.clock.after(delayMs, () => {
      this.timers.delete(timer);
      run();
    });
    this.timers.add(timer);
  }

  private confirm(messages: ReceivedMessage[], type: 'read' | 'played'): void {
    const byChat = new Map<string, { chat: string; author: Account; ids: string[] }>();
    for (const { chat, from, id } of messages) {
      this.phone.chats.opened(chat);
      if (isRoom(from)) continue;
      const key = isRoom(chat) ? `${chat}|${from}` : from;
      const group = byChat.get(key) ?? { chat, author: this.recipient(from), ids: [] };
      group.ids.push(id);
      byChat.set(key, group);
    }
    for (const { chat, author, ids } of byChat.values()) {
      if (isRoom(chat)) this.phone.rooms.confirm(chat, author, ids, type);
      else this.phone.confirm(author, ids, type);
    }
  }

  private quoteOf(message: Quotable): proto.IContextInfo {
    const { id, chat, from } = message;
    const participant = isRoom(from) ? from : this.rooms.naming.addressIn(chat, from);
    return { stanzaId: id, participant, quotedMessage: message.message };
  }

  /** In a chat whose messages vanish, a new one says after how long it does. */
  private vanishing(to: string, message: WireMessage): WireMessage {
    const seconds = this.rooms.naming.rooms.disappearingSeconds(to) || this.chats.disappearingSeconds(to);
    return seconds > 0 ? withContext(message, { expiration: seconds }) : message;
  }

  private recipient(number: string): Account {
    const account = this.directory.find(number);
    if (!account) throw new Error(`nobody has the number ${number} in this simulation`);
    return account;
  }

  private waiting(options: WaitOptions, what: string): { after?: number; timeoutMs: number; what: string } {
    return {
      after: options.after,
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      what: `${what} at ${this.number}`,
    };
  }
}

function matcher(match: MessageMatch): (message: ReceivedMessage) => boolean {
  if (typeof match === 'function') return match;
  if (typeof match === 'string') return (message) => message.text === match;
  const { contains, ...exact } = match;
  const wanted = Object.entries(exact).filter(([, value]) => value !== undefined);
  return (message) =>
    wanted.every(([name, value]) => message[name as keyof typeof exact] === value) &&
    (contains === undefined || (message.text ?? '').includes(contains));
}
