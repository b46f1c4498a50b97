import { type ConnectionOptions, createPostgresBackend, runMigrations, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';

/** Where queues live. */
export interface QueueBackendConfig {
  /** With it they live in Redis, without it in PostgreSQL. */
  redisUrl?: string;
  databaseUrl: string;
  /** Keeps the queues of several installations apart in one Redis. In PostgreSQL the database does that. */
  prefix?: string;
}

/** Connections of each queue and worker to PostgreSQL, besides the one that listens. */
const poolSize = 2;
const schema = 'bullmq';

/**
 * Makes BullMQ use the configured backend from here on in this process, and its tables where it needs some. Safe to call
 * from several processes at once: BullMQ's migrations run under an advisory lock, in one transaction.
 * @returns the connection to give to queues and workers
 */
export async function prepareBackend(config: QueueBackendConfig): Promise<ConnectionOptions> {
  if (config.redisUrl !== undefined) {
    setDefaultBackendFactory(undefined);
    return { url: config.redisUrl, maxRetriesPerRequest: null };
  }
  const connectionString = withoutOptions(config.databaseUrl);
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await runMigrations(client, schema);
  } finally {
    await client.end();
  }
  setDefaultBackendFactory(createPostgresBackend);
  return { connectionString, schema, max: poolSize } as unknown as ConnectionOptions;
}

/** BullMQ finds its tables by `options` of its own, which options in the URL would replace. */
function withoutOptions(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.delete('options');
  return url.href;
}
