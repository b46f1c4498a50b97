import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '#testing';
import { NpmStart, type RunFacts } from './npm-start.js';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};
const pids = (facts: RunFacts) => [
  facts.postgres.pid,
  ...Object.values(facts.processes).map(({ pid }) => pid),
  facts.launcher.pid,
];
const isReady = (url: string) =>
  fetch(`${url}/api/v1/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

describe('npm start', () => {
  let dataDir: string;
  let start: NpmStart;

  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'waypost-start-'));
  });
  afterAll(async () => {
    start?.signal('SIGTERM');
    await start?.ended();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('comes up with a database of its own and says where it is', async () => {
    start = new NpmStart(dataDir);
    const { url, processes } = await start.ready();
    expect(start.output).toContain(`${url}/api/docs`);
    expect(Object.keys(processes).sort()).toEqual(['api', 'engine', 'worker']);
    expect(await isReady(url)).toBe(true);
  });

  it('refuses a second start on the same data directory and says who is there', async () => {
    const second = new NpmStart(dataDir);
    expect(await second.ended()).toBe(1);
    expect(second.output).toContain(`pid ${start.facts.launcher.pid}, ${start.facts.url}`);
    expect(await isReady(start.facts.url)).toBe(true);
  });

  it('starts a killed process again and leaves the others alone', async () => {
    const before = start.facts.processes;
    process.kill(before.engine!.pid, 'SIGKILL');
    await until(() => start.facts.processes.engine && start.facts.processes.engine.pid !== before.engine!.pid);
    expect(start.facts.processes.api).toEqual(before.api);
  });

  it('brings a killed PostgreSQL back; the other processes stay', async () => {
    const before = start.facts;
    process.kill(before.postgres.pid, 'SIGKILL');
    await until(() => start.facts.postgres.pid !== before.postgres.pid, { withinMs: 30_000 });
    await until(() => isReady(before.url), { withinMs: 30_000 });
    expect(start.facts.processes.api).toEqual(before.processes.api);
  });

  it('killed with -9 it takes its processes along, but not PostgreSQL, which the next start finds running', async () => {
    const before = start.facts;
    start.signal('SIGKILL');
    await start.ended();
    start = new NpmStart(dataDir);
    const after = await start.ready();
    expect(after.postgres.pid).toBe(before.postgres.pid);
    for (const { pid } of Object.values(before.processes)) expect(isAlive(pid)).toBe(false);
  });

  it('stops everything that it started within ten seconds of Ctrl-C', async () => {
    const facts = start.facts;
    expect(pids(facts).every(isAlive)).toBe(true);
    const since = performance.now();
    start.signal('SIGINT');
    expect(await start.ended()).toBe(0);
    expect(performance.now() - since).toBeLessThan(10_000);
    expect(pids(facts).filter(isAlive)).toEqual([]);
    expect(existsSync(join(dataDir, 'run.json'))).toBe(false);
  });

  it('says what to do when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const refused = new NpmStart(dataDir, { env: { PORT: String(port) } });
    expect(await refused.ended()).toBe(1);
    expect(refused.output).toContain(`Port ${port} on 127.0.0.1 is taken`);
    other.close();
  });

  it('names every setting that cannot be used', async () => {
    const refused = new NpmStart(dataDir, { env: { PORT: 'many', LOG_LEVEL: 'loud' } });
    expect(await refused.ended()).toBe(1);
    expect(refused.output).toMatch(/PORT must be.*LOG_LEVEL must be/);
  });
});
