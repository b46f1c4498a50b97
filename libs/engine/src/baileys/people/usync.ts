import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, proto } from '@whiskeysockets/baileys';
import type { About, DeviceInfo } from '../../abilities/people.js';
import { type Address, joinAddresses, parseJid } from '../../address.js';

/** What can be asked about people (whatsmeow, user.go: `usync`, `IsOnWhatsApp`, `GetUserInfo`). */
export type UserTopic = 'contact' | 'lid' | 'business' | 'status' | 'picture' | 'devices' | 'disappearing_mode';

/** Who is asked about: by address, or by a phone number that may be nobody's. */
export type AskedUser = { jid: string } | { phone: string };

/** What the server says of one user; a topic that it says nothing about is null. */
export interface UserAnswer {
  person: Address | null;
  /** The number that was asked about, digits. */
  askedPhone: string | null;
  contact: 'in' | 'out' | 'invalid' | null;
  isBusiness: boolean;
  verifiedName: string | null;
  about: About | null;
  pictureId: string | null;
  devices: DeviceInfo[] | null;
  disappearsInSeconds: number | null;
}

const queryNodes: Record<UserTopic, BinaryNode> = {
  contact: { tag: 'contact', attrs: {} },
  lid: { tag: 'lid', attrs: {} },
  business: { tag: 'business', attrs: {}, content: [{ tag: 'verified_name', attrs: {} }] },
  status: { tag: 'status', attrs: {} },
  picture: { tag: 'picture', attrs: {} },
  devices: { tag: 'devices', attrs: { version: '2' } },
  disappearing_mode: { tag: 'disappearing_mode', attrs: {} },
};

/** @param sid names the question; any id that was not used before */
export function usyncRequest(sid: string, topics: UserTopic[], users: AskedUser[]): BinaryNode {
  const list = users.map((user): BinaryNode => {
    if ('jid' in user) return { tag: 'user', attrs: { jid: user.jid } };
    return { tag: 'user', attrs: {}, content: [{ tag: 'contact', attrs: {}, content: Buffer.from(`+${user.phone}`) }] };
  });
  const usync: BinaryNode = {
    tag: 'usync',
    attrs: { sid, index: '0', last: 'true', mode: 'query', context: 'interactive' },
    content: [
      { tag: 'query', attrs: {}, content: topics.map((topic) => queryNodes[topic]) },
      { tag: 'list', attrs: {}, content: list },
    ],
  };
  return { tag: 'iq', attrs: { to: 's.whatsapp.net', xmlns: 'usync', type: 'get' }, content: [usync] };
}

export function readUsync(result: BinaryNode): UserAnswer[] {
  const list = getBinaryNodeChild(getBinaryNodeChild(result, 'usync'), 'list');
  return getBinaryNodeChildren(list, 'user').map(readUser);
}

function readUser(user: BinaryNode): UserAnswer {
  const contact = getBinaryNodeChild(user, 'contact');
  const asked = textOf(contact)?.replace(/\D/g, '');
  const forms = [user.attrs.jid, user.attrs.pn_jid, getBinaryNodeChild(user, 'lid')?.attrs.val].map(parseJid);
  const business = getBinaryNodeChild(user, 'business');
  const disappearing = Number(getBinaryNodeChild(user, 'disappearing_mode')?.attrs.duration ?? 0);
  return {
    person: forms.reduce(joinAddresses, null),
    askedPhone: asked || null,
    contact: (contact?.attrs.type as UserAnswer['contact']) ?? null,
    isBusiness: business !== undefined && getBinaryNodeChild(business, 'error') === undefined,
    verifiedName: verifiedNameOf(business),
    about: aboutOf(getBinaryNodeChild(user, 'status')),
    pictureId: getBinaryNodeChild(user, 'picture')?.attrs.id ?? null,
    devices: devicesOf(getBinaryNodeChild(user, 'devices')),
    disappearsInSeconds: disappearing > 0 ? disappearing : null,
  };
}

/** Nobody checks the signature: clients do not have the key (whatsmeow, user.go `parseVerifiedName`). */
function verifiedNameOf(business: BinaryNode | undefined): string | null {
  const bytes = getBinaryNodeChild(business, 'verified_name')?.content;
  if (!(bytes instanceof Uint8Array)) return null;
  try {
    const { details } = proto.VerifiedNameCertificate.decode(bytes);
    return proto.VerifiedNameCertificate.Details.decode(details ?? new Uint8Array()).verifiedName || null;
  } catch {
    return null;
  }
}

/** A code of 401 stands for "not shown to you" (Baileys `USyncStatusProtocol`). */
function aboutOf(status: BinaryNode | undefined): About | null {
  if (!status) return null;
  const seconds = Number(status.attrs.t ?? 0);
  return {
    text: textOf(status) || null,
    setAt: seconds > 0 ? new Date(seconds * 1000) : null,
    hidden: status.attrs.code === '401',
  };
}

function devicesOf(devices: BinaryNode | undefined): DeviceInfo[] | null {
  const list = getBinaryNodeChild(devices, 'device-list');
  if (!list) return null;
  return getBinaryNodeChildren(list, 'device').map(({ attrs }) => ({
    device: Number(attrs.id),
    isPhone: Number(attrs.id) === 0,
  }));
}

function textOf(node: BinaryNode | undefined): string | null {
  if (typeof node?.content === 'string') return node.content;
  return node?.content instanceof Uint8Array ? Buffer.from(node.content).toString('utf8') : null;
}
