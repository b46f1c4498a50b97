import { type BinaryNode, jidDecode } from '../baileys.js';
import { bytes, child, children, messageAck, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import { type Carried, type Carrier, FORWARDED_ATTRIBUTES, NOT_FORWARDED } from './carrier.js';
import type { Device } from './device.js';
import type { Directory } from './directory.js';
import type { Counters } from './observation.js';
import type { Policies } from './policies.js';
import type { Problems } from './problems.js';

const SIGNAL_VERSION = Buffer.from([0x33]);

/**
 * Carries 1:1 messages from one device to all the devices they are encrypted for. What a device gets is addressed by the
 * one rule of its own account, whatever form the sender used.
 */
export class Router {
  /** Who carries what is not for one person, by the server part of the address. */
  readonly carriers = new Map<string, Carrier>();

  constructor(
    private readonly directory: Directory,
    private readonly problems: Problems,
    private readonly counters: Counters,
    private readonly policies: Policies,
  ) {}

  /** Takes a message over and answers with the acknowledgement, or with none when a fault eats it. */
  accept(sender: Device, message: BinaryNode): BinaryNode | undefined {
    this.counters.add('messages.accepted');
    this.directory.world.invariants.accepted(sender, message);
    const fault = sender.faults?.spendNack();
    const { error, ack }: Carried = fault === undefined ? this.carry(sender, message) : { error: fault };
    if (error !== undefined) {
      this.counters.add(`messages.refused.${error}`);
      return messageAck(message, error);
    }
    const answer = messageAck(message);
    return sender.faults?.spend('dropAcks') ? undefined : { ...answer, attrs: { ...answer.attrs, ...ack } };
  }

  private carry(sender: Device, message: BinaryNode): Carried {
    const carrier = this.carriers.get(jidDecode(message.attrs.to)?.server ?? '');
    if (carrier && message.attrs.id) return carrier.carry(sender, message);
    const error = this.deliver(sender, message);
    return error === undefined ? {} : { error };
  }

  /** Returns an error code when the message cannot be carried. */
  private deliver(sender: Device, message: BinaryNode): number | undefined {
    const { to, id } = message.attrs;
    if (!id || !to) {
      this.problems.add('unknown-stanza', nameOf(sender), 'a message without id or to');
      return 479;
    }
    const server = jidDecode(to)?.server;
    if (server !== 'lid' && server !== 's.whatsapp.net') {
      this.problems.add('unsupported', nameOf(sender), `messages to ${server ?? to} are not supported by this version`);
      return 501;
    }
    const chat = this.directory.accountAt(to);
    if (!chat) return 404;
    const direct = child(message, 'enc');
    if (direct) return this.deliverDirect(sender, message, chat, direct);
    const refusal = sender.faults && this.policies.refusalOfMessage(sender.account, chat);
    if (refusal !== undefined) return refusal;
    if (chat.blocked.has(sender.account.address('lid'))) return undefined;
    sender.account.peers.add(chat);
    chat.peers.add(sender.account);
    for (const part of children(child(message, 'participants'), 'to')) {
      const device = this.directory.deviceAt(part.attrs.jid);
      const enc = child(part, 'enc');
      if (device && enc) this.hand(device, sender, message, chat, enc);
      else this.counters.add('messages.unknown-device');
    }
    return undefined;
  }

  /** A peer message or the resending after a retry receipt: one ciphertext for the one device named in `to`. */
  private deliverDirect(sender: Device, message: BinaryNode, chat: Account, enc: BinaryNode): number | undefined {
    const device = this.directory.deviceAt(message.attrs.to);
    if (!device) return 404;
    const isOwn = chat === sender.account;
    const recipient = isOwn ? this.directory.accountAt(message.attrs.recipient) : chat;
    this.hand(device, sender, message, recipient, enc);
    return undefined;
  }

  private hand(device: Device, sender: Device, message: BinaryNode, chat: Account | undefined, enc: BinaryNode): void {
    const viewer = device.account;
    const isOwn = viewer === sender.account;
    const attrs: Record<string, string | undefined> = {
      from: sender.account.address(viewer.addressing, sender.number),
      ...(isOwn ? ownAttributes(viewer, chat) : foreignAttributes(viewer, sender.account)),
      id: message.attrs.id,
      notify: sender.account.name,
      category: isOwn ? message.attrs.category : undefined,
    };
    for (const name of FORWARDED_ATTRIBUTES) attrs[name] = message.attrs[name];
    const identity = enc.attrs.type === 'pkmsg' ? child(message, 'device-identity') : undefined;
    const extra = children(message).filter((node) => !NOT_FORWARDED.has(node.tag));
    this.counters.add('messages.delivered');
    const isPeer = attrs.category === 'peer';
    const content = [isPeer ? enc : damaged(device, enc), ...(identity ? [identity] : []), ...extra];
    device.deliver(stanza('message', attrs, content));
  }
}

/** The fault `corruptMessages`: noise of the right version instead of the ciphertext. */
export function damaged(device: Device, enc: BinaryNode): BinaryNode {
  if (!device.faults?.spend('corruptMessages')) return enc;
  // From a source of its own: a ciphertext is longer or shorter by chance, and must not move what others draw.
  const noise = device.account.world.random.fork('damage').bytes(bytes(enc).length);
  const content = Buffer.concat([SIGNAL_VERSION, noise]);
  return { ...enc, attrs: { ...enc.attrs, type: 'msg' }, content };
}

/** For a message from somebody else. */
function foreignAttributes(viewer: Account, author: Account): Record<string, string> {
  return viewer.addressing === 'lid'
    ? { sender_pn: author.address('pn'), addressing_mode: 'lid' }
    : { sender_lid: author.address('lid') };
}

/** For a copy to another device of the author. Never `sender_lid` here: clients would map it to the recipient. */
function ownAttributes(viewer: Account, chat: Account | undefined): Record<string, string> {
  const mode: Record<string, string> = viewer.addressing === 'lid' ? { addressing_mode: 'lid' } : {};
  if (!chat) return mode;
  return viewer.addressing === 'lid'
    ? { ...mode, recipient: chat.address('lid'), peer_recipient_pn: chat.address('pn') }
    : { recipient: chat.address('pn'), peer_recipient_lid: chat.address('lid') };
}

export const nameOf = (device: Device): string => `${device.account.number}:${device.number}`;
