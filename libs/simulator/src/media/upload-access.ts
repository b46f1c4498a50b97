import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';

/** How long the addresses of the media hosts may be kept, and how long the token with them is good. */
export const CONN_TTL_S = 300;
export const AUTH_TTL_S = 21_600;

/** What a client must present to upload. A new token is given out from time to time; the ones before go on for a while. */
export class UploadAccess {
  private readonly tokens: { token: string; at: number }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The token to give out now. */
  get token(): string {
    const newest = this.tokens.at(-1);
    const isYoung = newest && this.clock.now() - newest.at < (AUTH_TTL_S * 1000) / 2;
    return isYoung ? newest.token : this.renew();
  }

  allows(token: string | null): boolean {
    const oldest = this.clock.now() - AUTH_TTL_S * 1000;
    return this.tokens.some((one) => one.token === token && one.at >= oldest);
  }

  /** Every token given out so far is no good from now on. */
  revokeAll(): void {
    this.tokens.length = 0;
  }

  private renew(): string {
    const token = this.random.bytes(18).toString('base64url');
    this.tokens.push({ token, at: this.clock.now() });
    if (this.tokens.length > 10) this.tokens.shift();
    return token;
  }
}
