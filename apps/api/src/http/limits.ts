import type { OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import type { Database } from '#database';
import { defaultRatePerMinute } from '#domain';
import type { Metrics } from './metrics.js';
import { RateLimit } from './rate-limits.js';

/** Calls per minute from one address to pages for everybody: a mobile network may have thousands of people behind one. */
const VISITORS_PER_MINUTE = 600;

/** The limits of the installation, shared by all api processes. */
export class Limits implements OnApplicationShutdown {
  /** For one API key or user. */
  readonly caller: RateLimit;
  /** For one address: credentials that turn out to be wrong. */
  readonly failures: RateLimit;
  /** For one address: log-in, register and refresh. */
  readonly login: RateLimit;
  /** For one incoming hook: what is posted to it. Each has a limit of its own. */
  readonly hook: RateLimit;
  /** For one address: pages that need no credential. */
  readonly visitor: RateLimit;

  constructor(config: Config['http'], db: Database, metrics: Metrics) {
    const limit = (name: 'caller' | 'failures' | 'login' | 'hook' | 'visitor', perMinute: number) =>
      new RateLimit(db, name, perMinute, () => metrics.countRefusal(name));
    this.caller = limit('caller', config.rateLimitPerMinute);
    this.failures = limit('failures', config.rateLimitPerMinute);
    this.login = limit('login', config.loginLimitPerMinute);
    this.hook = limit('hook', defaultRatePerMinute);
    this.visitor = limit('visitor', VISITORS_PER_MINUTE);
  }

  async onApplicationShutdown(): Promise<void> {
    const limits = [this.caller, this.failures, this.login, this.hook, this.visitor];
    await Promise.all(limits.map((each) => each.stop()));
  }
}
