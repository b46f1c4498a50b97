import { Injectable } from '@nestjs/common';
import { Database, pendingMigrations } from '#database';

export interface Check {
  name: 'database' | 'migrations';
  ok: boolean;
  detail: string;
}

/** A probe that waits longer than this is of no use to who asks. */
const PATIENCE_MS = 2_000;

/** Whether this process can serve requests now. */
@Injectable()
export class Readiness {
  constructor(private readonly db: Database) {}

  async checks(): Promise<Check[]> {
    const startedAt = performance.now();
    try {
      const missing = await within(PATIENCE_MS, pendingMigrations(this.db));
      return [
        { name: 'database', ok: true, detail: `answered in ${Math.ceil(performance.now() - startedAt)} ms` },
        {
          name: 'migrations',
          ok: missing.length === 0,
          detail: missing.length === 0 ? 'all are applied' : `not applied: ${missing.join(', ')}`,
        },
      ];
    } catch {
      // The reason is in the log of the pool; strangers who probe learn no addresses from here.
      return [{ name: 'database', ok: false, detail: `did not answer within ${PATIENCE_MS} ms` }];
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
