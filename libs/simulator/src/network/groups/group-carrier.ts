import { createHash } from 'node:crypto';
import type { BinaryNode } from '../../baileys.js';
import { child, children } from '../../wire/stanza.js';
import { type Carried, type Carrier, devicesOf, roomMessage } from '../carrier.js';
import type { Device } from '../device.js';
import type { Directory } from '../directory.js';
import type { Counters } from '../observation.js';
import { damaged } from '../router.js';
import type { Group } from './group.js';
import type { Groups } from './groups.js';

const NO_SUCH_GROUP = 404;
const MAY_NOT_WRITE = 403;
const MALFORMED = 479;

/**
 * Carries a message to every device of every member except the one that sent it: the ciphertext for the whole group, and
 * to those that the sender names the key that opens it.
 */
export class GroupCarrier implements Carrier {
  constructor(
    private readonly groups: Groups,
    private readonly directory: Directory,
    private readonly counters: Counters,
  ) {}

  carry(sender: Device, message: BinaryNode): Carried {
    const group = this.groups.find(message.attrs.to);
    if (!group) return { error: NO_SUCH_GROUP };
    if (!group.has(sender.account) || group.community.isParent) return { error: MAY_NOT_WRITE };
    const again = this.directory.deviceAt(message.attrs.participant);
    if (again) return this.carryAgain(group, sender, message, again);
    if (group.announce && !group.isAdmin(sender.account) && !isForMembers(message)) return { error: MAY_NOT_WRITE };
    const common = child(message, 'enc');
    if (common?.attrs.type !== 'skmsg') return { error: MALFORMED };
    const keys = new Map<Device, BinaryNode>();
    for (const part of children(child(message, 'participants'), 'to')) {
      const device = this.directory.deviceAt(part.attrs.jid);
      const enc = child(part, 'enc');
      if (device && enc) keys.set(device, enc);
    }
    for (const device of devicesOf(group.members.keys(), sender)) {
      const key = keys.get(device);
      const encs = [...(key ? [key] : []), damaged(device, common)];
      this.counters.add('messages.delivered');
      device.deliver(roomMessage(group, sender, message, encs));
    }
    return this.checked(group, sender, message.attrs.phash);
  }

  /** What one device could not read, sent to it alone. */
  private carryAgain(group: Group, sender: Device, message: BinaryNode, device: Device): Carried {
    const enc = child(message, 'enc');
    if (!enc) return { error: MALFORMED };
    if (!group.has(device.account)) return { error: MAY_NOT_WRITE };
    this.counters.add('messages.delivered');
    device.deliver(roomMessage(group, sender, message, [enc]));
    return {};
  }

  /** A sender that names the wrong hash of the devices is told the right one: it has missed a change. */
  private checked(group: Group, sender: Device, hash: string | undefined): Carried {
    if (!hash) return {};
    const right = participantHashes(group, sender);
    const [first] = right;
    return right.includes(hash) || !first ? {} : { ack: { phash: first } };
  }
}

/**
 * The hash of all devices of a group, as clients compute it: of the sorted addresses, in the long form with the agent
 * (whatsmeow, send.go, `participantListHashV2`) or in the plain one (Baileys, `generateParticipantHashV2`), with the
 * sending device or without.
 */
export function participantHashes(group: Group, sender: Device): string[] {
  const all = [...group.members.keys()].flatMap((account) => [...account.devices.values()]);
  const server = group.addressing === 'lid' ? 'lid' : 's.whatsapp.net';
  const long = ({ account, number }: Device): string =>
    `${group.addressing === 'lid' ? account.lid : account.number}.0:${number}@${server}`;
  const plain = ({ account, number }: Device): string => group.addressOf(account, number);
  const others = all.filter((device) => device !== sender);
  return [all, others].flatMap((devices) => [hashOf(devices.map(long)), hashOf(devices.map(plain))]);
}

const hashOf = (addresses: string[]): string =>
  `2:${createHash('sha256').update(addresses.sort().join('')).digest('base64').slice(0, 6)}`;

/** Reactions and votes are open to every member of an announcement group. */
const isForMembers = ({ attrs, content }: BinaryNode): boolean =>
  attrs.type === 'reaction' ||
  (Array.isArray(content) && content.some(({ tag, attrs: meta }) => tag === 'meta' && meta.polltype === 'vote'));
