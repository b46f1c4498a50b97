import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Database } from '#database';
import { hashSecret } from '../identity/api-key-format.js';

/**
 * Whether a request may read the metrics of a process. Figures tell strangers how busy an installation is, so they are
 * not public: with a token it is asked for, without one only the machine itself is answered, and not through a proxy.
 */
export function mayReadMetrics({ headers, socket }: IncomingMessage, token: string | undefined): boolean {
  if (token !== undefined) {
    const shown = headers.authorization ?? '';
    // Compared as hashes, so that the time taken says nothing of length or content.
    return timingSafeEqual(hashSecret(shown), hashSecret(`Bearer ${token}`));
  }
  const isProxied = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  return !isProxied && /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? '');
}

/** The connections of this process to PostgreSQL. */
export function databaseMetrics(registry: Registry, db: Database): void {
  new Gauge({
    name: 'waypost_db_connections',
    help: 'Connections to PostgreSQL by pool (system, tenant) and state; waiting: callers without one.',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [pool, { total, idle, waiting }] of Object.entries(db.load)) {
        this.set({ pool, state: 'idle' }, idle);
        this.set({ pool, state: 'busy' }, total - idle);
        this.set({ pool, state: 'waiting' }, waiting);
      }
    },
  });
  const waits = {
    name: 'waypost_db_wait_seconds_total',
    help: 'Time that callers waited for a connection to PostgreSQL, by pool.',
    value: 'waitedSeconds',
  } as const;
  const taken = {
    name: 'waypost_db_connections_taken_total',
    help: 'How often a connection to PostgreSQL was taken, by pool.',
    value: 'taken',
  } as const;
  for (const { name, help, value } of [waits, taken]) {
    new Counter({
      ...{ name, help, labelNames: ['pool'], registers: [registry] },
      collect() {
        this.reset();
        for (const [pool, load] of Object.entries(db.load)) this.inc({ pool }, load[value]);
      },
    });
  }
}
