import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Binaries } from './binaries.js';
import { giveTo, type ServerUser } from './server-user.js';

const run = promisify(execFile);

/** What must be known to use the cluster again. Kept in a file that only we may read. */
export interface ClusterState {
  /** Where the files are. In the state file it is relative to the data folder, which may be moved, or elsewhere. */
  folder: string;
  port: number;
  superuserPassword: string;
  password: string;
}

const stateFile = (dataDir: string) => join(dataDir, 'server.json');

export function readState(dataDir: string): ClusterState | undefined {
  const file = stateFile(dataDir);
  if (!existsSync(file)) return undefined;
  const state: ClusterState = JSON.parse(readFileSync(file, 'utf8'));
  return { ...state, folder: resolve(dataDir, state.folder) };
}

/** Written beside and renamed, so that a death in between leaves the old one. */
export function writeState(dataDir: string, state: ClusterState): void {
  const part = `${stateFile(dataDir)}.part`;
  const inside = dirname(state.folder) === dataDir;
  const written = { ...state, folder: inside ? basename(state.folder) : state.folder };
  writeFileSync(part, JSON.stringify(written, null, 2), { mode: 0o600 });
  renameSync(part, stateFile(dataDir));
}

export const newPassword = () => randomBytes(24).toString('hex');

/**
 * Makes the cluster's files when they are not there. Durable and complete, or absent: it is made beside and renamed.
 * Text sorts by code point and folds case by Unicode, the same on every system.
 */
export async function initialize(binaries: Binaries, state: ClusterState, user: ServerUser): Promise<void> {
  if (existsSync(join(state.folder, 'PG_VERSION'))) return;
  const part = `${state.folder}.part`;
  const passwordFile = `${state.folder}.password`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true, mode: 0o700 });
  giveTo(user, part);
  writeFileSync(passwordFile, state.superuserPassword, { mode: 0o600 });
  giveTo(user, passwordFile);
  try {
    await run(
      binaries.initdb,
      [
        ...['--pgdata', part, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ],
      { ...user, cwd: '/', timeout: 120_000 },
    );
  } catch (cause) {
    throw new Error(`initdb failed: ${(cause as { stderr?: string }).stderr ?? cause}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(part, state.folder);
}

/** The ordinary role and the database that Waypost uses; made when absent. Not superuser, so row security binds it. */
export async function provide(state: ClusterState): Promise<void> {
  const admin = await connectAsSuperuser(state);
  try {
    const { rows } = await admin.query(
      `select exists (select from pg_roles where rolname = 'waypost') as role,
              exists (select from pg_database where datname = 'waypost') as database`,
    );
    if (!rows[0].role) await admin.query(`create role waypost login createdb password '${state.password}'`);
    if (!rows[0].database) await admin.query('create database waypost owner waypost');
  } finally {
    await admin.end();
  }
}

/** @throws what pg throws: refused while it is down, 57P03 while it recovers, 28P01 when the port has another server. */
export async function connectAsSuperuser(state: ClusterState): Promise<pg.Client> {
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: state.port, user: 'postgres', password: state.superuserPassword },
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
  return client;
}

export const urlOf = (state: ClusterState) => `postgres://waypost:${state.password}@127.0.0.1:${state.port}/waypost`;

export const superuserUrlOf = (state: ClusterState) =>
  `postgres://postgres:${state.superuserPassword}@127.0.0.1:${state.port}/waypost`;
