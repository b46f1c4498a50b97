import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Binaries } from './binaries.js';
import { giveTo, type ServerUser, withFolder } from './server-user.js';

/** What must be known to use the cluster again. Kept beside it in a file that only we may read. */
export interface ClusterState {
  port: number;
  /** Where its Unix socket is, while it runs; absent where it has none. */
  socketFolder?: string;
  superuserPassword: string;
  /** Of the role `waypost`. */
  password: string;
}

export const clusterFolder = (dataDir: string) => join(dataDir, 'cluster');
const stateFile = (dataDir: string) => join(dataDir, 'server.json');

export function readState(dataDir: string): ClusterState | undefined {
  const file = stateFile(dataDir);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** Written beside and renamed, so that a death in between leaves the old one. */
export function writeState(dataDir: string, state: ClusterState): void {
  const part = `${stateFile(dataDir)}.part`;
  writeFileSync(part, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(part, stateFile(dataDir));
}

export function newState(port: number): ClusterState {
  const password = () => randomBytes(24).toString('hex');
  return { port, superuserPassword: password(), password: password() };
}

/**
 * Makes the cluster's files when they are not there. Durable and complete, or absent: made beside and renamed. Text
 * sorts by code point and folds case by Unicode, the same on every system.
 */
export async function initialize(
  binaries: Binaries,
  dataDir: string,
  state: ClusterState,
  user: ServerUser,
): Promise<void> {
  const folder = clusterFolder(dataDir);
  if (existsSync(join(folder, 'PG_VERSION'))) return;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { mode: 0o700 });
  giveTo(user, part);
  // Where the server's user can read it, wherever the data folder is.
  const passwordFile = join(tmpdir(), `waypost-${randomBytes(12).toString('hex')}`);
  writeFileSync(passwordFile, state.superuserPassword, { mode: 0o600, flag: 'wx' });
  giveTo(user, passwordFile);
  try {
    await withFolder(user, part, ({ path, handles }) =>
      run(
        binaries.initdb,
        [
          ...['--pgdata', path, '--username', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
          ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
        ],
        { user, handles },
      ),
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(part, folder);
}

/** Waits for the end of a program. @throws with what it complained about when that is a failure. */
function run(
  program: string,
  args: string[],
  { user, handles }: { user: ServerUser; handles: number[] },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...user, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', ...handles] });
    let complaint = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk) => {
      complaint += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`The database could not be made (initdb, exit ${code}): ${complaint.trim()}`));
    });
  });
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

/** Over the Unix socket, where there is one: a round trip costs a third less than over TCP. */
export const localUrlOf = (state: ClusterState) =>
  state.socketFolder ? `${urlOf(state)}?host=${encodeURIComponent(state.socketFolder)}` : urlOf(state);

export const superuserUrlOf = (state: ClusterState) =>
  `postgres://postgres:${state.superuserPassword}@127.0.0.1:${state.port}/waypost`;
