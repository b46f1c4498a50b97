import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';
import type { AccountFact } from '../../account-fact.js';
import { type Address, joinAddresses, parseJid } from '../../address.js';
import { parseChatJid } from '../../chat-address.js';
import type { LiveSocket, SocketListener } from '../live-socket.js';

/** Tells what notifications say about people. They are acknowledged when it is stored. */
export class PeopleNotices implements SocketListener {
  private hasLooked = false;

  constructor(
    private readonly live: LiveSocket,
    /** Reads the block list and tells it. */
    private readonly lookAtBlockList: () => Promise<unknown>,
  ) {}

  attach(sock: WASocket): void {
    sock.ws.prependListener('CB:notification', (node: BinaryNode) => {
      const facts = peopleFacts(node, this.live.auth.self?.address ?? null);
      if (facts.length > 0) this.live.facts.add(...facts);
      this.learnPairs(sock, facts);
      if (isBlockListWithoutItems(node)) this.look();
    });
    sock.ev.on('connection.update', ({ connection }) => {
      if (connection === 'open' && !this.hasLooked && this.live.auth.isLinked) this.look();
    });
  }

  /** For the Signal layer: both forms of an address, where a notification tells them together. */
  private learnPairs(sock: WASocket, facts: AccountFact[]): void {
    const pairs = facts.flatMap((fact) => {
      const { phone, lid } = 'person' in fact ? fact.person : { phone: null, lid: null };
      return phone && lid ? [{ pn: `${phone}@s.whatsapp.net`, lid: `${lid}@lid` }] : [];
    });
    if (pairs.length === 0) return;
    this.live.facts.holdFor('learning addresses', async () => {
      await sock.signalRepository.lidMapping.storeLIDPNMappings(pairs);
    });
  }

  private look(): void {
    this.lookAtBlockList().then(
      () => {
        this.hasLooked = true;
      },
      (error) => this.live.logger.debug({ err: error }, 'the block list could not be read'),
    );
  }
}

/**
 * What a `notification` says about people. The forms are those of whatsmeow (notification.go) and, for a changed number,
 * of WA Web (`contacts` › `modify`).
 */
export function peopleFacts(node: BinaryNode, self: Address | null): AccountFact[] {
  const at = timeOf(node.attrs.t);
  const from = joinAddresses(parseJid(node.attrs.from), parseJid(node.attrs.lid));
  const source = 'notification' as const;
  switch (node.attrs.type) {
    case 'picture':
      return pictureFacts(node, at);
    case 'status': {
      const set = getBinaryNodeChild(node, 'set');
      return from && set ? [{ type: 'about_changed', at, source, person: from, about: textOf(set) }] : [];
    }
    case 'encrypt':
      return from && getBinaryNodeChild(node, 'identity')
        ? [{ type: 'identity_key_changed', at, source, person: from }]
        : [];
    case 'devices':
      return from ? deviceFacts(node, from, at) : [];
    case 'contacts':
      return numberFacts(node, at);
    case 'account_sync':
      return ownFacts(node, self, at);
    default:
      return [];
  }
}

function pictureFacts(node: BinaryNode, at: Date): AccountFact[] {
  const set = getBinaryNodeChild(node, 'set');
  const change = set ?? getBinaryNodeChild(node, 'delete');
  const chat = parseChatJid(change?.attrs.jid ?? node.attrs.from);
  if (!change || !chat) return [];
  const by = parseJid(change.attrs.author);
  const facts = { pictureId: set?.attrs.id ?? null, removed: !set, by };
  if (chat.kind === 'group') {
    return [{ type: 'picture_changed', at, source: 'notification', of: { groupId: chat.id }, ...facts }];
  }
  if (chat.kind !== 'user') return [];
  const person = { phone: chat.phone, lid: chat.lid };
  return [{ type: 'picture_changed', at, source: 'notification', of: { person }, ...facts }];
}

const deviceChanges = { add: 'added', remove: 'removed', update: 'updated' } as const;

function deviceFacts(node: BinaryNode, person: Address, at: Date): AccountFact[] {
  const tags = ['add', 'remove', 'update'] as const;
  return tags
    .filter((tag) => getBinaryNodeChild(node, tag))
    .map((tag) => ({ type: 'devices_changed', at, source: 'notification', person, change: deviceChanges[tag] }));
}

function numberFacts(node: BinaryNode, at: Date): AccountFact[] {
  return getBinaryNodeChildren(node, 'modify').flatMap(({ attrs }): AccountFact[] => {
    const oldPhone = parseJid(attrs.old)?.phone;
    const person = joinAddresses(parseJid(attrs.new), parseJid(attrs.new_lid));
    return oldPhone && person?.phone ? [{ type: 'number_changed', at, source: 'notification', person, oldPhone }] : [];
  });
}

/** What another device of this account changed. */
function ownFacts(node: BinaryNode, self: Address | null, at: Date): AccountFact[] {
  const source = 'notification' as const;
  const facts: AccountFact[] = [];
  for (const { attrs } of getBinaryNodeChildren(getBinaryNodeChild(node, 'blocklist'), 'item')) {
    const person = joinAddresses(parseJid(attrs.jid), parseJid(attrs.pn_jid));
    if (person) facts.push({ type: 'block_changed', at, source, person, blocked: attrs.action === 'block' });
  }
  const about = getBinaryNodeChild(node, 'status');
  if (about && self) facts.push({ type: 'about_changed', at, source, person: self, about: textOf(about) });
  if (getBinaryNodeChild(node, 'devices') && self) {
    facts.push({ type: 'devices_changed', at, source, person: self, change: 'updated' });
  }
  return facts;
}

/** The list changed by more than the server spells out (whatsmeow `handleBlocklist`). */
function isBlockListWithoutItems(node: BinaryNode): boolean {
  const list = node.attrs.type === 'account_sync' ? getBinaryNodeChild(node, 'blocklist') : undefined;
  return list !== undefined && getBinaryNodeChildren(list, 'item').length === 0;
}

function textOf({ content }: BinaryNode): string | null {
  if (typeof content === 'string') return content || null;
  return content instanceof Uint8Array ? Buffer.from(content).toString('utf8') || null : null;
}

function timeOf(seconds: string | undefined): Date {
  const value = Number(seconds);
  return value > 0 ? new Date(value * 1000) : new Date();
}
