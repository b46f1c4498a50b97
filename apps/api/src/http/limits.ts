import type { Config } from '#config';
import { RateLimit } from './rate-limits.js';

/** The limits of this process. */
export class Limits {
  /** For one API key or user. */
  readonly caller: RateLimit;
  /** For one address: credentials that turn out to be wrong. */
  readonly failures: RateLimit;
  /** For one address: log-in, register and refresh. */
  readonly login: RateLimit;

  constructor(config: Config['http']) {
    this.caller = new RateLimit(config.rateLimitPerMinute);
    this.failures = new RateLimit(config.rateLimitPerMinute);
    this.login = new RateLimit(config.loginLimitPerMinute);
  }
}
