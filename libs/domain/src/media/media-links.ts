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
    const expiresAt = new Date(Date.now() + seconds * 1000);
    return { token: this.signUntil(mediaId, expiresAt), expiresAt };
  }

  /** For who has to make the same link again later. */
  signUntil(mediaId: string, expiresAt: Date): string {
    const until = expiresAt.getTime();
    return `${mediaId}.${until}.${this.mac(mediaId, String(until))}`;
  }

  /** The file that a token opens and until when, or null when it is not ours or has expired. */
  open(token: string): { mediaId: string; expiresAt: Date } | null {
    const mediaId = this.mediaIn(token);
    const until = Number(token.split('.')[1]);
    return mediaId !== null && until > Date.now() ? { mediaId, expiresAt: new Date(until) } : null;
  }

  /** The file that a token was made for, also when its time is over; null when it is not ours. */
  mediaIn(token: string): string | null {
    const [, mediaId, until, mac] = FORM.exec(token) ?? [];
    if (mediaId === undefined || until === undefined || mac === undefined) return null;
    return timingSafeEqual(Buffer.from(mac), Buffer.from(this.mac(mediaId, until))) ? mediaId : null;
  }

  private mac(mediaId: string, until: string): string {
    return createHmac('sha256', this.key).update(`${mediaId}.${until}`).digest('base64url');
  }
}
