import type { OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import type { Database } from '#database';
import type { Metrics } from './metrics.js';
import { RateLimit } from './rate-limits.js';

/** The limits of the installation, shared by all api processes. */
export class Limits implements OnApplicationShutdown {
  /** For one API key or user. */
  readonly caller: RateLimit;
  /** For one address: credentials that turn out to be wrong. */
  readonly failures: RateLimit;
  /** For one address: log-in, register and refresh. */
  readonly login: RateLimit;

  constructor(config: Config['http'], db: Database, metrics: Metrics) {
    const limit = (name: 'caller' | 'failures' | 'login', perMinute: number) =>
      new RateLimit(db, name, perMinute, () => metrics.countRefusal(name));
    this.caller = limit('caller', config.rateLimitPerMinute);
    this.failures = limit('failures', config.rateLimitPerMinute);
    this.login = limit('login', config.loginLimitPerMinute);
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.caller.stop(), this.failures.stop(), this.login.stop()]);
  }
}
