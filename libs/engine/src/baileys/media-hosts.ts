import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, type WASocket } from '@whiskeysockets/baileys';

/** Where files are uploaded to, and with which token. */
export interface MediaAccess {
  /** Host names, some with a port, in the order in which they are to be tried. */
  hosts: string[];
  auth: string;
  /** By our clock, milliseconds. */
  validUntil: number;
}

const defaultTtlSeconds = 60;

/**
 * The media hosts of one connection, as WhatsApp names them (`w:m` `media_conn`). Not the socket's own
 * `refreshMediaConn`: that one keeps the promise of a failed question and never asks again.
 */
export class MediaHosts {
  private known: MediaAccess | null = null;
  private asking: Promise<MediaAccess> | null = null;

  constructor(private readonly openSocket: () => Pick<WASocket, 'query'>) {}

  /** Asks once for all who wait. @param isRefused the token that was given last is no good any more */
  async access(isRefused = false): Promise<MediaAccess> {
    if (isRefused) this.known = null;
    if (this.known && this.known.validUntil > Date.now()) return this.known;
    this.asking ??= askForMediaHosts(this.openSocket()).finally(() => {
      this.asking = null;
    });
    this.known = await this.asking;
    return this.known;
  }
}

/** Asks the network which hosts take files. */
export async function askForMediaHosts(sock: Pick<WASocket, 'query'>): Promise<MediaAccess> {
  const answer: BinaryNode = await sock.query({
    tag: 'iq',
    attrs: { type: 'set', xmlns: 'w:m', to: '@s.whatsapp.net' },
    content: [{ tag: 'media_conn', attrs: {} }],
  });
  const node = getBinaryNodeChild(answer, 'media_conn');
  const hosts = getBinaryNodeChildren(node, 'host').flatMap(({ attrs }) => attrs.hostname ?? []);
  if (hosts.length === 0) throw new Error('The network named no media host.');
  const ttlSeconds = Number(node?.attrs.ttl) || defaultTtlSeconds;
  return { hosts, auth: node?.attrs.auth ?? '', validUntil: Date.now() + ttlSeconds * 1000 };
}
