import { type BinaryNode, jidDecode, proto, type WireMessage } from '../../baileys.js';
import type { Account } from '../../network/account.js';
import type { Device } from '../../network/device.js';
import type { Rooms } from '../../network/rooms.js';
import { STATUS_JID } from '../../network/status/status-carrier.js';
import { bytes, child, children, stanza, wireTime } from '../../wire/stanza.js';
import { stanzaAttributes, stanzaType } from '../content.js';
import type { PhoneTask } from '../phone-task.js';
import type { SignalDevice } from '../signal-device.js';

const KEPT_SENT = 2_000;

/** What a phone lends to its room messaging. */
export interface RoomPhone {
  readonly account: Account;
  readonly device: Device;
  readonly signal: SignalDevice;
  submit(message: BinaryNode): BinaryNode | undefined;
  report(receipt: BinaryNode): void;
  encrypted(device: Device, message: WireMessage, renew?: boolean): Promise<BinaryNode>;
}

/** A message of a room that this phone could read. */
export interface RoomMessage {
  author: Account;
  fromDevice: number;
  message: proto.IMessage;
}

interface Sent {
  room: string;
  message: WireMessage;
}

/** The network refused a message to a room. */
export class RoomRefusal extends Error {
  constructor(
    readonly room: string,
    readonly code: number,
  ) {
    super(`the network refused the message to ${room} with ${code}`);
  }
}

/**
 * Messages to many, as a phone sends and reads them: one ciphertext with the phone's sender key, and the key itself to
 * each device that does not have it yet. The key changes when somebody leaves, and after a restart.
 */
export class RoomMessaging implements PhoneTask {
  /** Who has the key with which this phone sends to a room. */
  private readonly holders = new Map<string, Set<Device>>();
  private readonly sent = new Map<string, Sent>();

  constructor(
    private readonly phone: RoomPhone,
    readonly network: Rooms,
  ) {}

  /** Sends to a group. Throws `RoomRefusal` when the network does not take it. */
  async sendToGroup(group: string, message: WireMessage, id: string): Promise<void> {
    const devices = this.network.membersOf(group).flatMap((account) => [...account.devices.values()]);
    await this.send(group, devices, message, id);
  }

  /** Posts a status for some people. The key is enclosed for each of them every time: it says who may see it. */
  async sendStatus(audience: readonly Account[], message: WireMessage, id: string): Promise<void> {
    const devices = [...audience, this.phone.account].flatMap((account) => [...account.devices.values()]);
    this.holders.get(STATUS_JID)?.clear();
    await this.send(STATUS_JID, devices, message, id);
  }

  /** Reads a message of a room. Rejects when it cannot be decrypted. */
  async open(node: BinaryNode): Promise<RoomMessage> {
    const { from: room = '', participant } = node.attrs;
    const author = this.network.account(participant);
    if (!author) throw new Error(`a message in ${room} from ${participant}, whom nobody knows`);
    const fromDevice = jidDecode(participant)?.device ?? 0;
    const address = author.address('lid', fromDevice);
    let message: proto.IMessage | undefined;
    for (const enc of children(node, 'enc')) {
      const part = await this.openPart(room, address, enc);
      message = message ? Object.assign(message, part) : part;
    }
    if (!message) throw new Error(`nothing to decrypt in ${room}`);
    return { author, fromDevice, message };
  }

  /** Sends again what a device could not read, to it alone, with the key. */
  async resend(id: string, device: Device): Promise<void> {
    const sent = this.sent.get(id);
    if (!sent) return;
    const { room, message } = sent;
    const axolotlSenderKeyDistributionMessage = await this.phone.signal.roomKey(room, this.ownAddress);
    const whole = { ...message, senderKeyDistributionMessage: { groupId: room, axolotlSenderKeyDistributionMessage } };
    const enc = await this.phone.encrypted(device, whole, true);
    const participant = device.account.address('lid', device.number);
    this.phone.submit(stanza('message', { id, to: room, participant, type: stanzaType(message) }, [enc]));
  }

  /** Writes to a newsletter: in plain, for it is public. Throws `RoomRefusal` for who may not. */
  post(newsletter: string, message: WireMessage, id: string): void {
    const plaintext = stanza('plaintext', {}, proto.Message.encode(message).finish());
    const attrs = { id, to: newsletter, ...stanzaAttributes(message) };
    const error = this.phone.submit(stanza('message', attrs, [plaintext]))?.attrs.error;
    if (error) throw new RoomRefusal(newsletter, Number(error));
  }

  /** Tells authors in a room that their messages were read or played. */
  confirm(room: string, author: Account, ids: readonly string[], type: 'read' | 'played'): void {
    const [id, ...rest] = ids;
    if (!id) return;
    const content = rest.length
      ? [
          stanza(
            'list',
            {},
            rest.map((item) => stanza('item', { id: item })),
          ),
        ]
      : undefined;
    const t = wireTime(this.phone.account.world.clock);
    const participant = author.address(this.network.addressing(room, author) ?? 'lid');
    this.phone.report(stanza('receipt', { id, to: room, participant, type, t }, content));
  }

  /** Whoever is removed or leaves must not read on: the next message uses a fresh key. */
  async take(node: BinaryNode): Promise<void> {
    const { type, from = '' } = node.attrs;
    if (type === 'w:gp2' && child(node, 'remove')) this.holders.delete(from);
  }

  private async send(room: string, devices: readonly Device[], message: WireMessage, id: string): Promise<void> {
    const { signal, device: own } = this.phone;
    this.remember(id, { room, message });
    let holders = this.holders.get(room);
    if (!holders) {
      holders = new Set();
      this.holders.set(room, holders);
      await signal.dropRoomKey(room, this.ownAddress);
    }
    const { ciphertext, key } = await signal.encryptForRoom(room, this.ownAddress, message);
    const distribution = {
      senderKeyDistributionMessage: { groupId: room, axolotlSenderKeyDistributionMessage: key },
    };
    const parts: BinaryNode[] = [];
    for (const device of devices) {
      if (device === own || holders.has(device)) continue;
      holders.add(device);
      const jid = device.account.address('lid', device.number);
      parts.push(stanza('to', { jid }, [await this.phone.encrypted(device, distribution)]));
    }
    const content = [stanza('participants', {}, parts), stanza('enc', { v: 2, type: 'skmsg' }, ciphertext)];
    const attrs = { id, to: room, ...stanzaAttributes(message, this.isOwn(room, message)) };
    const answer = this.phone.submit(stanza('message', attrs, content));
    const error = answer?.attrs.error;
    if (error) {
      this.holders.delete(room);
      throw new RoomRefusal(room, Number(error));
    }
  }

  private async openPart(room: string, author: string, enc: BinaryNode): Promise<proto.IMessage> {
    const { signal } = this.phone;
    if (enc.attrs.type === 'skmsg') return signal.decryptInRoom(room, author, bytes(enc));
    const type = enc.attrs.type === 'pkmsg' ? 'pkmsg' : 'msg';
    const opened = await signal.decrypt(author, type, bytes(enc));
    const message = opened.deviceSentMessage?.message ?? opened;
    if (message.senderKeyDistributionMessage) await signal.learnRoomKey(author, message.senderKeyDistributionMessage);
    return message;
  }

  /** Whether the message that is deleted by this one is an own one. */
  private isOwn(room: string, message: WireMessage): boolean {
    const key = message.protocolMessage?.key;
    return !key?.participant || this.network.account(key.participant) === this.phone.account || room === STATUS_JID;
  }

  private get ownAddress(): string {
    return this.phone.account.address('lid');
  }

  private remember(id: string, sent: Sent): void {
    this.sent.set(id, sent);
    if (this.sent.size <= KEPT_SENT) return;
    const oldest = this.sent.keys().next().value;
    if (oldest !== undefined) this.sent.delete(oldest);
  }
}
