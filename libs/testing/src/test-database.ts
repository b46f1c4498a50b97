import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import type { Config } from '#config';
import { EmbeddedPostgres, migrate } from '#database';
import { type ConfigOverrides, testConfig } from './test-config.js';
import { runFolder } from './test-run.js';

export interface TestDatabase {
  url: string;
  /** The same database as a role that row-level security and foreign keys can be switched off for. */
  superuserUrl: string;
  /** Settings that point to it. */
  config: Config;
  drop(): Promise<void>;
}

const template = 'waypost_template';
/** Any number: the first worker makes the template, the other waits. */
const advisoryLock = 7_270_736_903;

/** A migrated, empty database of the test's own, cloned from the template of the run's one server (about 0.1 s). */
export async function createTestDatabase(overrides: ConfigOverrides = {}): Promise<TestDatabase> {
  const { url: serverUrl, superuserUrl } = await startServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, (client) => client.query(`create database ${name} template ${template}`));
  const url = databaseUrl(serverUrl, name);
  const config = testConfig({ ...overrides, database: { url, ...overrides.database } });
  return {
    url,
    superuserUrl: databaseUrl(superuserUrl, name),
    config,
    // By the superuser: who is not must not end a connection of autovacuum, which may just be at work there.
    drop: () => onServer(superuserUrl, (client) => client.query(`drop database if exists ${name} with (force)`)),
  };
}

interface RunServer {
  url: string;
  superuserUrl: string;
}

let started: Promise<RunServer> | undefined;

/** The run's server with its template; started by whoever asks first. Stopped by jest's global teardown. */
function startServer(): Promise<RunServer> {
  started ??= (async () => {
    const server = await EmbeddedPostgres.start({
      dataDir: join(runFolder(), 'postgres'),
      log: () => undefined,
      // What a power cut would lose does not matter here.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    });
    const { url, superuserUrl } = server;
    server.release();
    await onServer(url, makeTemplate(url));
    return { url, superuserUrl };
  })();
  return started;
}

function makeTemplate(serverUrl: string) {
  return async (client: pg.Client) => {
    await client.query('select pg_advisory_lock($1)', [advisoryLock]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount === 1) return;
    await client.query(`drop database if exists ${template}_part`);
    await client.query(`create database ${template}_part`);
    await migrate(databaseUrl(serverUrl, `${template}_part`));
    await client.query(`alter database ${template}_part rename to ${template}`);
  };
}

async function onServer(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function databaseUrl(serverUrl: string, name: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return url.href;
}
