import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** How long a link works; a new one can be asked for as long as the copy is there. */
export const LINK_MINUTES = 15;

const FORM = /^([0-9a-f-]{36})\.(\d{13})\.([A-Za-z0-9_-]{43})$/;

/** Signs the links under which a browser fetches a copy without further credentials. */
export class ExportLinks {
  private readonly key: Buffer;

  constructor(encryptionKey: string) {
    this.key = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'waypost export links', 32));
  }

  /** For who asked for the copy, and nobody else. */
  sign(exportId: string): { token: string; expiresAt: Date } {
    const until = Date.now() + LINK_MINUTES * 60_000;
    return { token: `${exportId}.${until}.${this.mac(exportId, String(until))}`, expiresAt: new Date(until) };
  }

  /** The export that a token opens, or null when it is not ours or has expired. */
  open(token: string): string | null {
    const [, exportId, until, mac] = FORM.exec(token) ?? [];
    if (exportId === undefined || until === undefined || mac === undefined) return null;
    const isOurs = timingSafeEqual(Buffer.from(mac), Buffer.from(this.mac(exportId, until)));
    return isOurs && Number(until) > Date.now() ? exportId : null;
  }

  private mac(exportId: string, until: string): string {
    return createHmac('sha256', this.key).update(`${exportId}.${until}`).digest('base64url');
  }
}
