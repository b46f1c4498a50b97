import type { BinaryNode } from '../baileys.js';
import { stanza } from '../wire/stanza.js';
import type { Account, Addressing } from './account.js';
import type { Device } from './device.js';

/** What became of a message that was handed in. */
export interface Carried {
  /** The code with which it is refused. */
  error?: number;
  /** Further attributes of the acknowledgement. */
  ack?: Record<string, string>;
}

/** Carries messages to what is no single person: a group, the status, a newsletter. */
export interface Carrier {
  carry(sender: Device, message: BinaryNode): Carried;
}

/** Parts of a message that are for the server, or are put together anew for each recipient. */
export const NOT_FORWARDED = new Set(['participants', 'enc', 'device-identity', 'reporting', 'tctoken']);
export const FORWARDED_ATTRIBUTES = ['type', 'edit', 'expiration', 'mediatype'] as const;

/**
 * A message of one device to many, as one of them gets it: from the room, with the author beside it in both forms.
 * `encs` are the ciphertexts for this device, the one that brings the sender key first.
 */
export function roomMessage(
  room: { jid: string; addressing: Addressing },
  author: Device,
  message: BinaryNode,
  encs: readonly BinaryNode[],
): BinaryNode {
  const { account, number } = author;
  const isLid = room.addressing === 'lid';
  const attrs: Record<string, string | undefined> = {
    from: room.jid,
    participant: account.address(room.addressing, number),
    [isLid ? 'participant_pn' : 'participant_lid']: account.address(isLid ? 'pn' : 'lid'),
    addressing_mode: room.addressing,
    id: message.attrs.id,
    notify: account.name,
  };
  for (const name of FORWARDED_ATTRIBUTES) attrs[name] = message.attrs[name];
  const children = Array.isArray(message.content) ? message.content : [];
  const identity = encs.some(({ attrs: { type } }) => type === 'pkmsg')
    ? children.filter(({ tag }) => tag === 'device-identity')
    : [];
  const extra = children.filter(({ tag }) => !NOT_FORWARDED.has(tag));
  return stanza('message', attrs, [...encs, ...identity, ...extra]);
}

/** The devices of some accounts, except one. */
export function* devicesOf(accounts: Iterable<Account>, except: Device): Iterable<Device> {
  for (const account of accounts) for (const device of account.devices.values()) if (device !== except) yield device;
}
