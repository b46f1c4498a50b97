import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import {
  type PrivacyAbility,
  type PrivacySettingName,
  type PrivacySettings,
  type PrivacyValue,
  privacyValues,
  type StatusPrivacy,
} from '../abilities/privacy.js';
import { parseJid } from '../address.js';
import { ask, refusedWith } from './ask.js';
import type { LiveSocket } from './live-socket.js';

/** WhatsApp's names of the settings (whatsmeow, types/user.go). */
const wireNames: Record<PrivacySettingName, string> = {
  lastSeen: 'last',
  online: 'online',
  picture: 'profile',
  about: 'status',
  readReceipts: 'readreceipts',
  groupsAdd: 'groupadd',
  calls: 'calladd',
  messages: 'messages',
};
const exceptWord = 'contact_blacklist';
const audiences: Record<string, StatusPrivacy['audience']> = {
  contacts: 'contacts',
  blacklist: 'contacts_except',
  whitelist: 'only',
};

/** See `PrivacyAbility`. */
export class BaileysPrivacy implements PrivacyAbility {
  constructor(private readonly live: LiveSocket) {}

  async read(): Promise<PrivacySettings> {
    const answer = await ask('reading privacy settings', () =>
      this.live.socket().query(privacyIq('get', { tag: 'privacy', attrs: {} })),
    );
    return readPrivacy(answer);
  }

  async set(name: PrivacySettingName, value: PrivacyValue): Promise<void> {
    const allowed: readonly string[] | undefined = privacyValues[name];
    if (!allowed?.includes(value)) throw refusedWith(`the privacy setting ${name} cannot be ${value}`, 400);
    const attrs = { name: wireNames[name], value: value === 'contacts_except' ? exceptWord : value };
    const change: BinaryNode = { tag: 'privacy', attrs: {}, content: [{ tag: 'category', attrs }] };
    await ask('changing a privacy setting', () => this.live.socket().query(privacyIq('set', change)));
  }

  async statusAudience(): Promise<StatusPrivacy> {
    const iq: BinaryNode = {
      tag: 'iq',
      attrs: { xmlns: 'status', to: 's.whatsapp.net', type: 'get' },
      content: [{ tag: 'privacy', attrs: {} }],
    };
    const { audience, people } = readAudience(await ask('reading the audience', () => this.live.socket().query(iq)));
    return { audience, people: await Promise.all(people.map((person) => this.live.book.complete(person))) };
  }
}

function privacyIq(type: 'get' | 'set', content: BinaryNode): BinaryNode {
  return { tag: 'iq', attrs: { xmlns: 'privacy', to: 's.whatsapp.net', type }, content: [content] };
}

export function readPrivacy(answer: BinaryNode): PrivacySettings {
  const categories = getBinaryNodeChildren(getBinaryNodeChild(answer, 'privacy'), 'category');
  const told = new Map(categories.map(({ attrs }) => [attrs.name, attrs.value]));
  const entries = Object.entries(wireNames).map(([name, wire]) => {
    const word = told.get(wire);
    const value = word === exceptWord ? 'contacts_except' : word;
    const allowed: readonly string[] = privacyValues[name as PrivacySettingName];
    return [name, value && allowed.includes(value) ? value : null];
  });
  return Object.fromEntries(entries) as PrivacySettings;
}

/** The lists that there are, the chosen one marked as default (whatsmeow, broadcast.go `GetStatusPrivacy`). */
function readAudience(answer: BinaryNode): StatusPrivacy {
  const lists = getBinaryNodeChildren(getBinaryNodeChild(answer, 'privacy'), 'list');
  const chosen = lists.find(({ attrs }) => attrs.default === 'true') ?? lists[0];
  return {
    audience: audiences[chosen?.attrs.type ?? ''] ?? 'contacts',
    people: getBinaryNodeChildren(chosen, 'user').flatMap(({ attrs }) => parseJid(attrs.jid) ?? []),
  };
}
