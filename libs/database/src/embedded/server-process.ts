import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { type ClusterState, connectAsSuperuser } from './cluster.js';
import type { ServerUser } from './server-user.js';

const run = promisify(execFile);

/** A recovery after a crash may be long; the server says that it is at it, and we wait. */
const recoveryLimitMs = 10 * 60_000;
const answerLimitMs = 15_000;
const logLimitBytes = 10_000_000;

/** Whether this cluster answers on its port: `up`, `starting`, or `down` (nobody there, or somebody else). */
export async function probe(state: ClusterState): Promise<'up' | 'starting' | 'down'> {
  try {
    const client = await connectAsSuperuser(state);
    try {
      const { rows } = await client.query('show data_directory');
      return rows[0].data_directory === state.folder ? 'up' : 'down';
    } finally {
      await client.end();
    }
  } catch (error) {
    const code = (error as { code?: string }).code;
    // 57P03: starting up or recovering. 53300: all connections taken, so it is up.
    return code === '57P03' ? 'starting' : code === '53300' ? 'up' : 'down';
  }
}

/**
 * Starts the server and waits until it answers. It is detached: it survives our death and Ctrl-C in the terminal, and
 * the next start attaches to it.
 * @throws with the end of its log when it exits.
 */
export async function launch(
  binaries: Binaries,
  state: ClusterState,
  user: ServerUser,
  options: { logFile: string; settings: Record<string, string> },
): Promise<void> {
  const log = openLog(options.logFile);
  const settings = { ...serverSettings, port: String(state.port), ...options.settings };
  const child = spawn(
    binaries.postgres,
    ['-D', state.folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: '/', detached: true, stdio: ['ignore', log, log], env: serverEnvironment },
  );
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended ??= `exit ${code ?? signal}`;
  });
  child.unref();
  let limit = Date.now() + answerLimitMs;
  const recoveryLimit = Date.now() + recoveryLimitMs;
  while (ended === undefined && Date.now() < limit) {
    const answer = await probe(state);
    if (answer === 'up' && ended === undefined) return;
    if (answer === 'starting') limit = Math.min(recoveryLimit, Date.now() + answerLimitMs);
    await sleep(20);
  }
  if (ended === undefined) child.kill('SIGINT');
  throw new Error(`PostgreSQL did not start (${ended ?? 'no answer'}): ${endOf(options.logFile)}`);
}

/** Fast shutdown: running transactions are rolled back, everything committed is on disk. Resolves when it has ended. */
export async function shutDown(binaries: Binaries, state: ClusterState, user: ServerUser): Promise<void> {
  if (postmasterPid(state) === undefined) return;
  await run(binaries.pgCtl, ['stop', '-D', state.folder, '-m', 'fast', '-w', '-t', '30'], { ...user, cwd: '/' });
}

/** The process id that the server wrote down, if it is alive. */
export function postmasterPid(state: ClusterState): number | undefined {
  try {
    const pid = Number(readFileSync(join(state.folder, 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 0);
    return isZombie(pid) ? undefined : pid;
  } catch {
    // No file, no such process, or a process of somebody else that was given the same number.
    return undefined;
  }
}

/** Where nobody reaps orphans (a container's first process), a dead server stays in the process table. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'Z';
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}

/** Our environment holds secrets that are none of the server's business. Windows cannot start programs without one. */
const serverEnvironment = process.platform === 'win32' ? undefined : {};

const serverSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  log_min_messages: 'warning',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Statements are short; compiling them costs more than it gains.
  jit: 'off',
};

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(file, size > logLimitBytes ? 'w' : 'a', 0o600);
}

function endOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
}
