import { Pool } from 'undici';
import { closedLoop, IN_FLIGHT } from './closed-loop.mjs';
import { percentile } from './statistics.mjs';

/** Organizations that write: a change belongs to the ordered log of its organization, which has one writer at a time. */
const ORGANIZATIONS = 16;
const LOGINS_AT_ONCE = 4;
const PROBES_AT_ONCE = 2;

/** Who reads and writes: an API key and a workspace in each of some organizations. */
export async function prepareCallers(waypost) {
  const callers = [];
  for (let index = 0; index < ORGANIZATIONS; index += 1) {
    const { accessToken } = await waypost.registerAnother(`bench${index}@example.com`);
    const bearer = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const workspaces = await ask(waypost.facts.url, 'GET', '/api/v1/workspaces', bearer);
    const { key } = await ask(waypost.facts.url, 'POST', '/api/v1/api-keys', bearer, {
      name: 'bench',
      permissions: ['*'],
    });
    callers.push({ workspaceId: workspaces[0].id, headers: { 'x-api-key': key, 'content-type': 'application/json' } });
  }
  return callers;
}

/** Reads of one thing per second, each with a checked credential. The same requests can go to the bare handler. */
export function readRate(url, callers, windowMs) {
  return rate(url, windowMs, (turn) => {
    const { workspaceId, headers } = callers[turn % callers.length];
    return { method: 'GET', path: `/api/v1/workspaces/${workspaceId}`, headers };
  });
}

/** Changes per second, each committed with its event and its entry in the audit trail before its answer. */
export function writeRate(url, callers, windowMs) {
  return rate(url, windowMs, (turn) => {
    const { workspaceId, headers } = callers[turn % callers.length];
    const body = JSON.stringify({ description: `change number ${turn}` });
    return { method: 'PUT', path: `/api/v1/workspaces/${workspaceId}`, headers, body };
  });
}

/**
 * Latency of reads while people log in, against reads alone: argon2id must not hold up the event loop. A few reads at a
 * time, so that what is measured is waiting and not a full machine.
 */
export async function loginProbe(waypost, callers, windowMs) {
  const alone = await latencies(waypost, callers, windowMs);
  let stopped = false;
  let logins = 0;
  const login = async (number) => {
    const body = { email: `bench${number}@example.com`, password: waypost.password };
    while (!stopped) {
      await ask(waypost.facts.url, 'POST', '/api/v1/auth/login', { 'content-type': 'application/json' }, body);
      logins += 1;
    }
  };
  const running = Promise.all(Array.from({ length: LOGINS_AT_ONCE }, (_, number) => login(number)));
  const beside = await latencies(waypost, callers, windowMs);
  stopped = true;
  await running;
  return { alone, beside, loginsPerSecond: logins / (windowMs / 1000) };
}

async function latencies(waypost, callers, windowMs) {
  const times = [];
  const { pool, once } = requests(waypost.facts.url, PROBES_AT_ONCE, (turn) => {
    const { workspaceId, headers } = callers[turn % callers.length];
    return { method: 'GET', path: `/api/v1/workspaces/${workspaceId}`, headers };
  });
  await closedLoop(
    windowMs,
    async (turn) => {
      const since = performance.now();
      await once(turn);
      times.push(performance.now() - since);
    },
    PROBES_AT_ONCE,
  );
  await pool.close();
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

async function rate(url, windowMs, requestOf) {
  const { pool, once } = requests(url, IN_FLIGHT, requestOf);
  const perSecond = await closedLoop(windowMs, once);
  await pool.close();
  return perSecond;
}

function requests(url, connections, requestOf) {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const once = async (turn) => {
    const request = requestOf(turn);
    const answer = await pool.request(request);
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${request.path} answered ${answer.statusCode}: ${text}`);
  };
  return { pool, once };
}

async function ask(url, method, path, headers, body) {
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text).data;
}
