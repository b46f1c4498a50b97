import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Binaries } from './binaries.js';
import { type ClusterState, clusterFolder, connectAsSuperuser } from './cluster.js';
import { type ServerUser, withFolder } from './server-user.js';

const run = promisify(execFile);

/** A recovery after a crash may be long; the server says that it is at it, and we wait. */
const recoveryLimitMs = 10 * 60_000;
const answerLimitMs = 15_000;
const shutDownLimitMs = 30_000;
const logLimitBytes = 10_000_000;

/** Whether this cluster answers on its port: `up`, `starting`, or `down` (nobody there, or somebody else). */
export async function probe(state: ClusterState): Promise<'up' | 'starting' | 'down'> {
  try {
    // Nobody else knows the password, so what answers is ours.
    const client = await connectAsSuperuser(state);
    await client.end();
    return 'up';
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
  dataDir: string,
  state: ClusterState,
  user: ServerUser,
  given: Record<string, string>,
): Promise<void> {
  const logFile = join(dataDir, 'server.log');
  const settings = {
    ...serverSettings,
    port: String(state.port),
    unix_socket_directories: state.socketFolder ?? '',
    ...given,
  };
  const child = await withFolder(user, clusterFolder(dataDir), async ({ path, handles }) => {
    const log = openLog(logFile);
    const args = ['-D', path, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const stdio = ['ignore', log, log, ...handles] as const;
    try {
      return spawn(binaries.postgres, args, {
        ...user,
        cwd: '/',
        detached: true,
        stdio: [...stdio],
        env: serverEnvironment,
      });
    } finally {
      closeSync(log);
    }
  });
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
  throw new Error(`PostgreSQL did not start (${ended ?? 'no answer'}): ${endOf(logFile)}`);
}

/** Fast shutdown: running transactions are rolled back, everything committed is on disk. Resolves when it has ended. */
export async function shutDown(binaries: Binaries, dataDir: string): Promise<void> {
  const pid = postmasterPid(dataDir);
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    await run(binaries.pgCtl, ['stop', '-D', clusterFolder(dataDir), '-m', 'fast', '-w', '-t', '30']);
    return;
  }
  process.kill(pid, 'SIGINT');
  const limit = Date.now() + shutDownLimitMs;
  // The server removes its file a moment before it ends.
  while (isAlive(pid)) {
    if (Date.now() > limit)
      throw new Error(`PostgreSQL (process ${pid}) has not ended ${shutDownLimitMs / 1000} s after it was told to.`);
    await sleep(20);
  }
}

/** The process id that the server wrote down, if it is alive. */
export function postmasterPid(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(clusterFolder(dataDir), 'postmaster.pid'), 'utf8').split('\n')[0]);
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** False also for a process of somebody else that was given the same number. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    // Where nobody reaps orphans (a container's first process), a dead server stays in the process table.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
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
