import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import { Database, listLiveHosts, pendingMigrations } from '#database';
import { JobWatch } from '#queues';
import { MediaStorage } from '#storage';
import { InjectConfig } from '../http/config.js';

export const checkNames = ['database', 'migrations', 'queue', 'storage', 'engine'] as const;

export interface Check {
  name: (typeof checkNames)[number];
  /** Whether it is as it should be. */
  ok: boolean;
  /** Without it this process can answer nothing. */
  isRequired: boolean;
  detail: string;
}

/** A probe that waits longer than this is of no use to who asks. */
const PATIENCE_MS = 2_000;
/** Anyone may ask, so what was found is told again for a moment. */
const REMEMBER_MS = 1_000;
/** Storage is tried by writing, which costs a little on a disk and money in a bucket. */
const REMEMBER_STORAGE_MS = 30_000;
/** Two turns of the most frequent job. */
const OVERDUE_MS = 60_000;

/** What this process needs to serve requests, and what is needed for what it accepted to be done. */
@Injectable()
export class Readiness implements OnApplicationShutdown {
  private jobs: Promise<JobWatch> | undefined;
  private found: { at: number; checks: Promise<Check[]> } | undefined;
  private storage: { until: number; check: Check } | undefined;

  constructor(
    private readonly db: Database,
    private readonly media: MediaStorage,
    @InjectConfig() private readonly config: Config,
  ) {}

  /** Each check with its own state and sentence. Never throws; at most about 2 s. */
  checks(): Promise<Check[]> {
    if (this.found === undefined || performance.now() - this.found.at > REMEMBER_MS) {
      this.found = { at: performance.now(), checks: this.look() };
    }
    return this.found.checks;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.jobs?.then((jobs) => jobs.close()).catch(() => undefined);
  }

  private async look(): Promise<Check[]> {
    const checks = await Promise.all([this.database(), this.queue(), this.storageWorks(), this.engine()]);
    return checks.flat();
  }

  private async database(): Promise<Check[]> {
    const startedAt = performance.now();
    const required = { isRequired: true } as const;
    try {
      const missing = await within(PATIENCE_MS, pendingMigrations(this.db));
      const ms = Math.ceil(performance.now() - startedAt);
      return [
        { name: 'database', ok: true, ...required, detail: `Answered in ${ms} ms.` },
        {
          ...{ name: 'migrations', ok: missing.length === 0, ...required },
          detail: missing.length === 0 ? 'All are applied.' : `Not applied: ${missing.join(', ')}.`,
        },
      ];
    } catch {
      // The reason is in the log of the pool; strangers who probe learn no addresses from here.
      const detail = `Did not answer within ${PATIENCE_MS} ms.`;
      return [
        { name: 'database', ok: false, ...required, detail },
        { name: 'migrations', ok: false, ...required, detail: 'Cannot be read without the database.' },
      ];
    }
  }

  private async queue(): Promise<Check> {
    const check = (ok: boolean, detail: string): Check => ({ name: 'queue', ok, isRequired: false, detail });
    try {
      const { overdueMs } = await within(PATIENCE_MS, this.lookAtJobs());
      if (overdueMs === null) return check(false, 'No worker has run yet: start one.');
      if (overdueMs <= OVERDUE_MS) return check(true, 'A worker does its jobs in time.');
      const seconds = Math.round(overdueMs / 1000);
      return check(false, `A job is ${seconds} s overdue: no worker runs, or it cannot keep up.`);
    } catch {
      return check(false, `The job queue did not answer within ${PATIENCE_MS} ms.`);
    }
  }

  private async lookAtJobs() {
    const { redisUrl } = this.config.queues;
    this.jobs ??= JobWatch.open({ redisUrl, databaseUrl: this.config.database.url });
    const opening = this.jobs;
    opening.catch(() => {
      if (this.jobs === opening) this.jobs = undefined;
    });
    return (await opening).look();
  }

  private async storageWorks(): Promise<Check> {
    if (this.storage !== undefined && performance.now() < this.storage.until) return this.storage.check;
    const check = (ok: boolean, detail: string): Check => ({ name: 'storage', ok, isRequired: false, detail });
    const result = await within(PATIENCE_MS, this.tryStorage()).then(
      () => check(true, 'A file could be written and removed.'),
      () => check(false, 'No file can be written: see the settings of storage, and whether its disk is full.'),
    );
    this.storage = { until: performance.now() + (result.ok ? REMEMBER_STORAGE_MS : REMEMBER_MS), check: result };
    return result;
  }

  /** Bytes of its own each time: content is shared by key, and another process may be trying as well. */
  private async tryStorage(): Promise<void> {
    const { storageKey } = await this.media.write(Readable.from([`readiness ${randomUUID()}`]), { maxBytes: 100 });
    await this.media.delete(storageKey);
  }

  private async engine(): Promise<Check> {
    const check = (ok: boolean, detail: string): Check => ({ name: 'engine', ok, isRequired: false, detail });
    try {
      const hosts = await within(PATIENCE_MS, listLiveHosts(this.db, this.config.engine.leaseSeconds));
      const count = hosts.length;
      if (count > 0) return check(true, `${count} engine ${count === 1 ? 'process is' : 'processes are'} alive.`);
      return check(false, 'No engine process is alive: messages are accepted and wait.');
    } catch {
      return check(false, 'Cannot be known without the database.');
    }
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
