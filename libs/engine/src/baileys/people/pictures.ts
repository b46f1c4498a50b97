import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import { request } from 'undici';
import type { Picture } from '../../abilities/people.js';
import { type Address, toJid } from '../../address.js';
import { EngineError } from '../../engine.js';
import { ask } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';

export type PictureOwner = Address | { groupId: string };

const maxPictureBytes = 5 * 1024 * 1024;
const downloadMs = 20_000;

/** Pictures of people and groups (whatsmeow, user.go `GetProfilePictureInfo`). */
export class Pictures {
  constructor(private readonly live: LiveSocket) {}

  async find(of: PictureOwner, size: 'preview' | 'full', known: string | null): Promise<Picture> {
    const sock = this.live.socket();
    const attrs: Record<string, string> = { type: size === 'full' ? 'image' : 'preview', query: 'url' };
    if (known) attrs.id = known;
    const token = 'groupId' in of ? [] : await this.trustToken(of);
    const iq: BinaryNode = {
      tag: 'iq',
      attrs: {
        to: 's.whatsapp.net',
        type: 'get',
        xmlns: 'w:profile:picture',
        target: 'groupId' in of ? `${of.groupId}@g.us` : toJid(of),
      },
      content: [{ tag: 'picture', attrs, ...(token.length > 0 ? { content: token } : {}) }],
    };
    try {
      const answer = await ask('asking for a picture', () => sock.query(iq));
      return readPicture(getBinaryNodeChild(answer, 'picture'));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      if (error.code === 'not_found') return { outcome: 'none' };
      if (error.code === 'not_allowed') return { outcome: 'hidden' };
      throw error;
    }
  }

  /** Over the connection's own ways; at most 5 MiB. */
  async bytes(of: PictureOwner, size: 'preview' | 'full'): Promise<{ id: string; bytes: Uint8Array } | null> {
    const found = await this.find(of, size, null);
    if (found.outcome !== 'found') return null;
    const bytes = await ask('fetching a picture', () => this.download(found.url));
    return { id: found.id, bytes };
  }

  private async download(url: string): Promise<Uint8Array> {
    const { statusCode, body } = await request(url, {
      dispatcher: this.live.downloads,
      signal: AbortSignal.timeout(downloadMs),
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (statusCode !== 200 || length > maxPictureBytes) break;
      chunks.push(chunk);
    }
    if (statusCode === 200 && length <= maxPictureBytes) return Buffer.concat(chunks);
    throw new EngineError('picture_unavailable', `The host of the picture answered ${statusCode}.`, {
      retryable: statusCode >= 500,
      outcome: 'not_sent',
    });
  }

  /** Who gave us a token shows their picture by it. Never of our own: the server would not answer (Baileys `chats.js`). */
  private async trustToken(person: Address): Promise<BinaryNode[]> {
    const { phone, lid } = await this.live.book.complete(person);
    const self = this.live.auth.self?.address;
    if (!lid || (self && (self.phone === phone || self.lid === lid))) return [];
    const jid = `${lid}@lid`;
    const held = (await this.live.auth.keys.get('tctoken', [jid]))[jid] as { token?: Uint8Array } | undefined;
    return held?.token?.length ? [{ tag: 'tctoken', attrs: {}, content: held.token }] : [];
  }
}

/** Without a picture: a status of 304 (still the known one), 204 or 404. */
function readPicture(picture: BinaryNode | undefined): Picture {
  const { id, url, status } = picture?.attrs ?? {};
  if (id && url) return { outcome: 'found', id, url };
  if (status === '304') return { outcome: 'unchanged' };
  return { outcome: status === '401' || status === '403' ? 'hidden' : 'none' };
}
