import { type BinaryNode, jidDecode, proto, type WireMessage } from '../baileys.js';
import type { MediaHost } from '../media/host.js';
import type { Account } from '../network/account.js';
import { Companion } from '../network/companion.js';
import { Device, type Endpoint } from '../network/device.js';
import type { Directory } from '../network/directory.js';
import { retryKeysNode } from '../network/keys.js';
import type { Counters } from '../network/observation.js';
import type { Presence } from '../network/presence.js';
import type { Problems } from '../network/problems.js';
import { idsOf, type Receipts } from '../network/receipts.js';
import { isRoom, type Rooms } from '../network/rooms.js';
import type { Router } from '../network/router.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';
import { bigEndian, bytes, child, children, stanza, wireTime } from '../wire/stanza.js';
import { acquaintanceOf } from './chats/acquaintance.js';
import { Chats, type SavedChats } from './chats/chats.js';
import { stanzaAttributes, stanzaType } from './content.js';
import { Feed } from './feed.js';
import type { GroupNotes } from './groups/group-notes.js';
import type { PhoneTask } from './phone-task.js';
import { ReceivedMessage } from './received-message.js';
import { RoomMessaging } from './rooms/room-messaging.js';
import { SignalDevice, type SignalSnapshot } from './signal-device.js';

const MAX_RETRIES = 5;
const KEPT_SENT = 10_000;
const SAVED_SENT = 500;
const KEPT_TYPING = 1_000;
const KEPT_RECEIPTS = 20_000;

/** The parts of the network that a phone uses. */
export interface PhoneServices {
  directory: Directory;
  router: Router;
  receipts: Receipts;
  presence: Presence;
  rooms: Rooms;
  media: MediaHost;
  problems: Problems;
  counters: Counters;
  /** How many messages an inbox keeps; there are no more receipts either. */
  inboxLimit: number;
}

/** Somebody is typing, or has stopped. */
export interface TypingRecord {
  index: number;
  /** Phone number. */
  from: string;
  /** Where: the number of the other side, or the address of a group. */
  chat: string;
  state: 'composing' | 'recording' | 'paused';
  at: number;
}

/** What became of a message that this phone sent. */
export interface ReceiptRecord {
  index: number;
  /** The message it is about. */
  id: string;
  /** Phone number whose device says so. */
  from: string;
  fromDevice: number;
  state: 'delivered' | 'read' | 'played' | 'retry' | 'read-self';
  at: number;
}

/** A message that this phone sent. */
export interface Sent {
  to: Account;
  message: WireMessage;
  /** Milliseconds since 1970. */
  at: number;
}

/** What must survive a restart of the simulator: keys, sessions, and what may have to be sent again. */
export interface PhoneSnapshot {
  signal?: SignalSnapshot;
  chats?: SavedChats;
  sent: { id: string; to: string; message: Uint8Array; at: number }[];
}

/** The phone of an account, inside the simulator: decrypts all it gets, answers with receipts, and sends. */
export class Phone implements Endpoint {
  readonly signal = new SignalDevice();
  readonly device: Device;
  readonly clock: Clock;
  private readonly random: Random;
  readonly inbox: Feed<ReceivedMessage>;
  /** What this phone shows. */
  readonly chats: Chats;
  /** Messages to many: groups, the status, newsletters. */
  readonly rooms: RoomMessaging;
  /** Writes the lines about groups into their chats. */
  notes?: GroupNotes;
  readonly typing = new Feed<TypingRecord>(KEPT_TYPING);
  readonly receipts: Feed<ReceiptRecord>;
  /** Called for each message after it is in the inbox and its receipt is sent. */
  onMessage?: (message: ReceivedMessage) => void;
  /** What this phone does besides messages. */
  readonly tasks: PhoneTask[] = [];
  private readonly sent = new Map<string, Sent>();
  private readonly seen = new Map<string, number>();
  private readonly failures = new Map<string, number>();
  private handling: Promise<void> = Promise.resolve();
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    readonly account: Account,
    private readonly services: PhoneServices,
  ) {
    this.clock = account.world.clock;
    this.random = account.world.random.fork(`phone/${account.number}`);
    this.device = new Device(account, 0, this.signal);
    this.signal.onIdentity = (identity) => account.world.journal?.identity(account.number, identity);
    this.inbox = new Feed(services.inboxLimit);
    this.receipts = new Feed(Math.min(services.inboxLimit, KEPT_RECEIPTS));
    account.devices.set(0, this.device);
    this.chats = new Chats(account.number, acquaintanceOf(account, services.directory, services.rooms));
    this.rooms = new RoomMessaging(
      {
        account,
        device: this.device,
        signal: this.signal,
        submit: (message) => this.submit(message),
        report: (receipt) => this.report(receipt),
        encrypted: (device, message, renew) => this.encrypted(device, message, renew),
      },
      services.rooms,
    );
  }

  get isOnline(): boolean {
    return this.device.isReachable;
  }

  /** Comes online: what waited is handled first, in order. */
  connect(): void {
    if (this.isOnline) return;
    this.account.world.journal?.online(this.account.number, true);
    this.device.attach(this);
  }

  disconnect(): void {
    this.account.world.journal?.online(this.account.number, false);
    this.device.detach(this);
    this.services.presence.forget(this.device);
  }

  take(node: BinaryNode): void {
    this.handling = this.handling.then(async () => {
      try {
        await this.handle(node);
      } catch (error) {
        const who = `${this.account.number}:0`;
        this.services.problems.add('simulator-error', who, `${node.tag}: ${(error as Error).stack}`);
      }
    });
  }

  snapshot(): PhoneSnapshot {
    const sent = [...this.sent].slice(-SAVED_SENT).map(([id, { to, message, at }]) => ({
      id,
      at,
      to: to.number,
      message: proto.Message.encode(message).finish(),
    }));
    return { signal: this.signal.snapshot(), chats: this.chats.snapshot(), sent };
  }

  restore(saved: PhoneSnapshot): void {
    if (saved.signal) this.signal.restore(saved.signal);
    if (saved.chats) this.chats.restore(saved.chats);
    for (const { id, to, message, at } of saved.sent) {
      const recipient = this.services.directory.find(to);
      if (recipient) this.sent.set(id, { to: recipient, message: proto.Message.decode(message), at });
    }
  }

  /** Resolves when everything taken so far is handled, and everything to be sent has been handed in. */
  async idle(): Promise<void> {
    await this.handling;
    await this.sending;
  }

  /**
   * Encrypts for every device of the recipient, and a copy for the account's own companions. Messages leave in the order
   * of the calls. Resolves when the network has taken this one over.
   */
  send(to: Account, message: WireMessage, id = this.newMessageId()): Promise<string> {
    this.noteSent(to, message, id);
    return this.inTurn(async () => {
      this.hand(id, await this.sealed(to, message, id));
      return id;
    });
  }

  /**
   * Encrypts a message that leaves when the answer is called, and not before: so that a load can be made beforehand. What
   * is prepared for one recipient has to leave in that order.
   */
  prepare(to: Account, message: WireMessage, id = this.newMessageId()): Promise<() => string> {
    return this.inTurn(async () => {
      const ready = await this.sealed(to, message, id);
      return () => {
        this.noteSent(to, message, id);
        this.hand(id, ready);
        return id;
      };
    });
  }

  /**
   * Sends to a group or a newsletter; to the status, for some people. Rejects with `RoomRefusal` when the network does
   * not take it.
   */
  sendToRoom(
    room: string,
    message: WireMessage,
    id = this.newMessageId(),
    audience: readonly Account[] = [],
  ): Promise<string> {
    const recipients = audience.length ? { recipients: audience.map(({ number }) => number) } : {};
    this.chats.take({ chat: room, id, sender: this.account.number, fromMe: true, message, ...recipients });
    const sent = this.sending.then(async () => {
      if (room.endsWith('@newsletter')) this.rooms.post(room, message, id);
      else if (room.endsWith('@g.us')) await this.rooms.sendToGroup(room, message, id);
      else await this.rooms.sendStatus(audience, message, id);
      return id;
    });
    this.sending = sent.then(
      () => this.chats.answered(id, true),
      () => this.chats.answered(id, false),
    );
    return sent;
  }

  /** What this phone sent lately, by message id, oldest first. */
  get sentMessages(): ReadonlyMap<string, Sent> {
    return this.sent;
  }

  /** Sends to one of the account's own companions what only devices tell each other. */
  async sendPeer(companion: Device, message: WireMessage, id = this.newMessageId()): Promise<void> {
    const enc = await this.encrypted(companion, message);
    const to = this.account.address('lid', companion.number);
    this.submit(stanza('message', { id, to, type: 'text', category: 'peer' }, [enc]));
  }

  /** Tells the author that messages were read or played. */
  confirm(author: Account, ids: readonly string[], type: 'read' | 'played'): void {
    const [id, ...rest] = ids;
    if (!id) return;
    const list = rest.map((item) => stanza('item', { id: item }));
    const content = list.length ? [stanza('list', {}, list)] : undefined;
    this.report(stanza('receipt', { id, to: author.address('lid'), type, t: wireTime(this.clock) }, content));
  }

  /** Tells another person, or the members of a group, that this one is typing. */
  announceTyping(to: Account | string, state: TypingRecord['state']): void {
    const content = stanza(
      state === 'recording' ? 'composing' : state,
      state === 'recording' ? { media: 'audio' } : {},
    );
    const address = typeof to === 'string' ? to : to.address('lid');
    this.services.presence.typing(this.device, stanza('chatstate', { to: address }, [content]));
  }

  announcePresence(type: 'available' | 'unavailable'): void {
    this.services.presence.accept(this.device, stanza('presence', { type }));
  }

  /** The address by which a group knows somebody. */
  addressIn(group: string, number: string): string | undefined {
    const account = this.services.directory.find(number);
    return account?.address(this.services.rooms.addressing(group, account) ?? 'lid');
  }

  /** An id such as Android phones make. */
  newMessageId(): string {
    return this.random.hex(16).toUpperCase();
  }

  /** What was read here must not show on the way, neither in the stanza that brought it nor in any that follows. */
  private watchFor(text: string | undefined, node: BinaryNode): void {
    const { invariants } = this.account.world;
    invariants.plaintext.watch(text);
    invariants.seen(`${this.account.number}:0`, node);
  }

  /** Hands a message to the network; the answer is its acknowledgement. */
  submit(message: BinaryNode): BinaryNode | undefined {
    return this.services.router.accept(this.device, message);
  }

  /** Hands a receipt to the network. */
  report(receipt: BinaryNode): void {
    this.services.receipts.accept(this.device, receipt);
  }

  /** One thing after another that this phone encrypts. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.sending.then(work);
    this.sending = done.catch(() => undefined);
    return done;
  }

  private noteSent(to: Account, message: WireMessage, id: string): void {
    remember(this.sent, id, { to, message, at: this.clock.now() }, KEPT_SENT);
    this.chats.take({ chat: to.number, id, sender: this.account.number, fromMe: true, message });
  }

  /** A message to one person, encrypted for all devices that get it. */
  private async sealed(to: Account, message: WireMessage, id: string): Promise<BinaryNode> {
    const parts: BinaryNode[] = [];
    if (to !== this.account) for (const device of to.devices.values()) parts.push(await this.part(device, message));
    const copy = this.ownCopy(to, message);
    for (const companion of this.account.companions) parts.push(await this.part(companion, copy));
    const content = [stanza('participants', {}, parts)];
    return stanza('message', { id, to: to.address('lid'), ...stanzaAttributes(message) }, content);
  }

  private hand(id: string, message: BinaryNode): void {
    const answer = this.submit(message);
    this.chats.answered(id, !answer?.attrs.error);
  }

  private ownCopy(to: Account, message: WireMessage): WireMessage {
    return { deviceSentMessage: { destinationJid: to.address(this.account.addressing), message } };
  }

  private async part(device: Device, message: WireMessage): Promise<BinaryNode> {
    const jid = device.account.address('lid', device.number);
    return stanza('to', { jid }, [await this.encrypted(device, message)]);
  }

  private async encrypted(device: Device, message: WireMessage, renew = false): Promise<BinaryNode> {
    const jid = device.account.address('lid', device.number);
    const bundle = () => device.keys.takeBundle();
    const { type, ciphertext } = await this.signal.encrypt(jid, message, bundle, renew);
    return stanza('enc', { v: 2, type }, ciphertext);
  }

  private async handle(node: BinaryNode): Promise<void> {
    if (node.tag === 'message') await this.handleMessage(node);
    else if (node.tag === 'receipt') await this.handleReceipt(node);
    else if (node.tag === 'chatstate') this.handleTyping(node);
    else if (node.tag === 'notification') {
      await this.rooms.take(node);
      this.notes?.take(node);
    }
    if (node.tag !== 'message') for (const task of this.tasks) await task.take?.(node);
    if (node.tag === 'receipt' || node.tag === 'notification' || node.tag === 'call') {
      const { id, from, type } = node.attrs;
      this.services.receipts.acknowledge(this.device, stanza('ack', { class: node.tag, id, to: from, type }));
    }
  }

  private async handleRoomMessage(node: BinaryNode): Promise<void> {
    const { id = '', from = '', participant } = node.attrs;
    const plain = child(node, 'plaintext');
    if (plain) {
      this.services.receipts.acknowledge(this.device, stanza('ack', { class: 'message', id, to: from }));
      const sender = node.attrs.is_sender === 'true' ? this.account.number : from;
      this.record(node, { number: sender, device: 0 }, from, proto.Message.decode(bytes(plain)));
      return;
    }
    const opened = await this.rooms.open(node).catch((error: Error) => this.countFailure(error));
    if (!opened) return this.askAgain(node);
    const isOwn = opened.author === this.account;
    this.report(stanza('receipt', { id, to: from, participant, type: isOwn ? 'sender' : undefined }));
    const author = { number: opened.author.number, device: opened.fromDevice };
    this.record(node, author, from, proto.Message.create(opened.message));
  }

  private async handleMessage(node: BinaryNode): Promise<void> {
    if (isRoom(node.attrs.from)) return this.handleRoomMessage(node);
    const author = this.services.directory.accountAt(node.attrs.from);
    if (!author) throw new Error(`a message from ${node.attrs.from}, whom nobody knows`);
    const device = jidDecode(node.attrs.from)?.device ?? 0;
    const message = await this.decrypt(node, author.address('lid', device));
    const isOwn = author === this.account;
    if (!message) return this.askAgain(node);
    this.report(stanza('receipt', { id: node.attrs.id, to: node.attrs.from, type: isOwn ? 'sender' : undefined }));
    if (node.attrs.category === 'peer') {
      this.services.counters.add('phones.peer-messages');
      const companion = this.account.devices.get(device);
      if (!(isOwn && companion instanceof Companion)) return;
      // Clients wrap what they say to the phone like the copy of a message.
      const said = message.deviceSentMessage?.message ?? message;
      for (const task of this.tasks) await task.takePeer?.(companion, said, node.attrs.id ?? '');
      return;
    }
    const chat = isOwn
      ? this.services.directory.accountAt(message.deviceSentMessage?.destinationJid ?? undefined)
      : author;
    this.record(node, { number: author.number, device }, chat?.number ?? '', message);
  }

  private record(
    node: BinaryNode,
    author: { number: string; device: number },
    chat: string,
    message: proto.Message,
  ): void {
    const fromMe = author.number === this.account.number;
    const content = message.deviceSentMessage?.message ?? message;
    const id = node.attrs.id ?? '';
    const key = `${author.number}|${id}`;
    const repeat = this.seen.get(key) ?? 0;
    remember(this.seen, key, repeat + 1, this.services.inboxLimit);
    const received = this.inbox.append(
      (index) =>
        new ReceivedMessage(
          {
            index,
            id,
            from: author.number,
            fromDevice: author.device,
            chat,
            fromMe,
            repeat,
            at: this.clock.now(),
          },
          content,
          this.services.media.files,
        ),
    );
    this.services.counters.add('phones.messages');
    this.watchFor(received.text, node);
    const serverId = node.attrs.server_id === undefined ? {} : { serverId: Number(node.attrs.server_id) };
    this.chats.take({ chat, id, sender: author.number, fromMe, message: content, ...serverId });
    this.onMessage?.(received);
  }

  private async decrypt(node: BinaryNode, author: string): Promise<proto.Message | undefined> {
    const enc = child(node, 'enc');
    if (!enc) return undefined;
    try {
      return await this.signal.decrypt(author, enc.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg', bytes(enc));
    } catch (error) {
      return this.countFailure(error as Error);
    }
  }

  private countFailure(error: Error): undefined {
    this.services.counters.add('phones.decrypt-failures');
    this.services.counters.add(`phones.decrypt-failures.${error.message.slice(0, 60)}`);
    return undefined;
  }

  /** The message could not be read: its author is asked to send it again, and the server may forget this copy. */
  private askAgain(node: BinaryNode): void {
    const { id, from, participant, recipient, t } = node.attrs;
    const author = participant ?? from;
    const count = (this.failures.get(`${author}|${id}`) ?? 0) + 1;
    remember(this.failures, `${author}|${id}`, count, KEPT_SENT);
    if (count <= MAX_RETRIES) {
      const bundle = this.signal.takeBundle();
      this.report(
        stanza('receipt', { id, to: from, participant, recipient, type: 'retry', t: wireTime(this.clock) }, [
          stanza('retry', { count, id, t, v: 1 }),
          stanza('registration', {}, bigEndian(bundle.registrationId, 4)),
          ...(count > 1 ? [retryKeysNode(bundle)] : []),
        ]),
      );
    }
    this.services.receipts.acknowledge(this.device, stanza('ack', { class: 'message', id, to: from, error: 500 }));
  }

  private async handleReceipt(node: BinaryNode): Promise<void> {
    const { from, participant, type } = node.attrs;
    const account = this.services.directory.accountAt(participant ?? from);
    if (!account || type === 'server-error') return;
    const fromDevice = jidDecode(participant ?? from)?.device ?? 0;
    const state = (type ?? 'delivered') as ReceiptRecord['state'];
    for (const id of idsOf(node)) {
      this.receipts.append((index) => ({ index, id, from: account.number, fromDevice, state, at: this.clock.now() }));
    }
    for (const id of idsOf(node)) this.chats.receipt({ id, from: account.number, state });
    if (type !== 'retry') return;
    const device = account.devices.get(fromDevice);
    if (participant && device) await this.rooms.resend(node.attrs.id ?? '', device);
    else await this.resend(node.attrs.id ?? '', account, fromDevice);
  }

  /** A device could not read a message: it gets the same one again, over a new session. */
  private async resend(id: string, account: Account, number: number): Promise<void> {
    const sent = this.sent.get(id);
    const device = account.devices.get(number);
    if (!sent || !device) return;
    this.services.counters.add('phones.resends');
    const isOwn = account === this.account;
    const enc = await this.encrypted(device, isOwn ? this.ownCopy(sent.to, sent.message) : sent.message, true);
    const to = account.address('lid', number);
    const recipient = isOwn ? sent.to.address('lid') : undefined;
    this.submit(stanza('message', { id, to, recipient, type: stanzaType(sent.message) }, [enc]));
  }

  private handleTyping(node: BinaryNode): void {
    const { from: room = '', participant } = node.attrs;
    const from = this.services.directory.accountAt(participant ?? room);
    const [what] = children(node);
    if (!from || !what) return;
    const isRecording = what.attrs.media === 'audio';
    const state = what.tag === 'paused' ? 'paused' : isRecording ? 'recording' : 'composing';
    const chat = participant ? room : from.number;
    this.typing.append((index) => ({ index, from: from.number, chat, state, at: this.clock.now() }));
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V, limit: number): void {
  map.set(key, value);
  if (map.size <= limit) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
