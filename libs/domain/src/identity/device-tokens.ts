import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { UserId } from '#contracts';

/** How long a device is remembered after its last log-in. */
export const DEVICE_TOKEN_DAYS = 180;

/**
 * Marks of browsers that logged in to an account before. A mark opens nothing: it only lets its owner past the wait that
 * strangers cause by guessing. It is signed, not stored: `<user>.<device>.<expiry>.<signature>`.
 */
export class DeviceTokens {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'waypost known devices', 32));
  }

  /** A mark for this person's browser; the same device when it showed one already. */
  issue(userId: UserId, shown: string | null): string {
    const device = (shown !== null && this.deviceOf(shown, userId)) || randomBytes(12).toString('base64url');
    const expiresAt = Math.floor(Date.now() / 1000) + DEVICE_TOKEN_DAYS * 86_400;
    const body = `${userId}.${device}.${expiresAt}`;
    return `${body}.${this.sign(body)}`;
  }

  /** The device, when the mark is ours, of this person and not too old. */
  deviceOf(token: string, userId: UserId): string | null {
    const [owner, device, expiresAt, signature, ...rest] = token.split('.');
    if (owner !== userId || !device || !expiresAt || !signature || rest.length > 0) return null;
    const expected = Buffer.from(this.sign(`${owner}.${device}.${expiresAt}`));
    const given = Buffer.from(signature);
    const isOurs = expected.length === given.length && timingSafeEqual(expected, given);
    return isOurs && Number(expiresAt) * 1000 > Date.now() ? device : null;
  }

  private sign(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }
}
