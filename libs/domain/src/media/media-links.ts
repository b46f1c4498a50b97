import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const FORM = /^([0-9a-f-]{36})\.(\d{13})\.([A-Za-z0-9_-]{43})$/;

/** Bounds of the life of a link, seconds. */
export const linkSeconds = { least: 60, default: 3600, most: 7 * 24 * 3600 } as const;

/** Signs the links under which one file can be fetched without further credentials, for a time. */
export class MediaLinks {
  private readonly key: Buffer;

  constructor(encryptionKey: string) {
    this.key = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'waypost media links', 32));
  }

  sign(mediaId: string, seconds: number): { token: string; expiresAt: Date } {
    const until = Date.now() + seconds * 1000;
    return { token: `${mediaId}.${until}.${this.mac(mediaId, String(until))}`, expiresAt: new Date(until) };
  }

  /** The file that a token opens and until when, or null when it is not ours or has expired. */
  open(token: string): { mediaId: string; expiresAt: Date } | null {
    const [, mediaId, until, mac] = FORM.exec(token) ?? [];
    if (mediaId === undefined || until === undefined || mac === undefined) return null;
    const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(this.mac(mediaId, until)));
    return isOurs && Number(until) > Date.now() ? { mediaId, expiresAt: new Date(Number(until)) } : null;
  }

  private mac(mediaId: string, until: string): string {
    return createHmac('sha256', this.key).update(`${mediaId}.${until}`).digest('base64url');
  }
}
