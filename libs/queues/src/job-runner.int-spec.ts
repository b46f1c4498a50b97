import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { Queue, setDefaultBackendFactory } from 'bullmq';
import pg from 'pg';
import { type JobName, jobCatalogue } from '#contracts';
import { createTestDatabase, type TestDatabase, until } from '#testing';
import type { JobProcessor } from './job-processor.js';
import { jobQueue } from './job-runner.js';
import { prepareBackend, type QueueBackendConfig } from './queue-backend.js';
import { queuesModule } from './queues.module.js';

const redisUrl = 'redis://127.0.0.1:6379';
const hasRedis = await new Promise<boolean>((resolve) => {
  const socket = connect(6379, '127.0.0.1', () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.setTimeout(1000, () => resolve(false));
  socket.on('ready', () => socket.destroy());
});

const names = Object.keys(jobCatalogue) as JobName[];
const log = { debug: () => undefined, warn: () => undefined, error: () => undefined };

let test: TestDatabase;
let closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
  await test.drop();
});
afterAll(() => setDefaultBackendFactory(undefined));

async function start(config: QueueBackendConfig, processors: JobProcessor[]) {
  const connection = await prepareBackend(config);
  const app = await NestFactory.createApplicationContext(
    queuesModule({ connection, prefix: config.prefix, log, processors }),
    { logger: false, abortOnError: false },
  );
  closing.push(() => app.close());
  const queue = new Queue(jobQueue, { connection, prefix: config.prefix });
  queue.on('error', () => undefined);
  closing.push(async () => {
    await queue.obliterate({ force: true });
    await queue.close();
  });
  return { app, queue };
}

const counting = (runs: string[], run: (name: JobName) => Promise<void> = async () => undefined): JobProcessor[] =>
  names.map((name) => ({
    name,
    run: async () => {
      runs.push(name);
      await run(name);
      return { counted: runs.length };
    },
  }));

it('has Redis at hand in CI', () => {
  // Elsewhere the half of these specs that needs it is skipped.
  if (process.env.CI === 'true') expect(hasRedis).toBe(true);
});

const backends: [string, () => QueueBackendConfig][] = [
  ['PostgreSQL', () => ({ databaseUrl: test.url })],
  ['Redis', () => ({ databaseUrl: test.url, redisUrl, prefix: `spec-${randomBytes(4).toString('hex')}` })],
];

for (const [backend, config] of backends) {
  const suite = backend === 'Redis' && !hasRedis ? describe.skip : describe;
  suite(`jobs on ${backend}`, () => specs(backend, config));
}

function specs(backend: string, config: () => QueueBackendConfig) {
  it('refuses to start when a job has no processor, or a processor no job', async () => {
    const given = config();
    const all = counting([]);
    await expect(start(given, all.slice(1))).rejects.toThrow(`No processor for the jobs: ${names[0]}.`);
    await expect(start(given, [...all, { name: 'make-tea' as JobName, run: async () => undefined }])).rejects.toThrow(
      'No job in the catalogue for the processors: make-tea.',
    );
  });

  it('runs each job at the first start, once over several workers, and schedules its next turn', async () => {
    const given = config();
    const runs: string[] = [];
    const { queue } = await start(given, counting(runs));
    await start(given, counting(runs));
    await until(async () => runs.length >= names.length && (await queue.getJobCounts('active')).active === 0);
    expect(runs.toSorted()).toEqual(names.toSorted());
    const schedulers = await queue.getJobSchedulers();
    expect(schedulers.map(({ key, every }) => [key, Number(every)]).toSorted()).toEqual(
      names.map((name) => [name, jobCatalogue[name].everyMs]).toSorted(),
    );
  });

  it('goes on after a job that failed', async () => {
    const runs: string[] = [];
    const [failing] = names;
    const { queue } = await start(
      config(),
      counting(runs, async (name) => {
        if (name === failing) throw new Error('on purpose');
      }),
    );
    await until(() => runs.length >= names.length);
    await until(async () => (await queue.getJobSchedulers()).every(({ next }) => Number(next) > Date.now()));
    runs.length = 0;
    await queue.add(failing!, {});
    await until(() => runs.length === 1);
  });

  it('removes the schedules of jobs that are no more', async () => {
    const given = config();
    const connection = await prepareBackend(given);
    const old = new Queue(jobQueue, { connection, prefix: given.prefix });
    await old.upsertJobScheduler('forgotten', { every: 3_600_000 }, { name: 'forgotten' });
    await old.close();
    const { queue } = await start(given, counting([]));
    expect((await queue.getJobSchedulers()).map(({ key }) => key)).not.toContain('forgotten');
  });

  it('lets a job that runs finish when it stops', async () => {
    let finished = false;
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let began = false;
    const { app } = await start(
      config(),
      counting([], async (name) => {
        if (name !== names[0]) return;
        began = true;
        await held;
        finished = true;
      }),
    );
    await until(() => began);
    const closed = app.close();
    letGo();
    await closed;
    expect(finished).toBe(true);
  });

  if (backend === 'PostgreSQL') {
    it('survives the loss of all its connections', async () => {
      const runs: string[] = [];
      const { queue } = await start(config(), counting(runs));
      await until(() => runs.length >= names.length);
      const killer = new pg.Client({ connectionString: test.superuserUrl });
      await killer.connect();
      await killer.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
      );
      await killer.end();
      runs.length = 0;
      await until(async () => {
        await queue.add(names[0]!, {});
        return true;
      });
      await until(() => runs.length >= 1, { withinMs: 30_000 });
    }, 60_000);
  }
}
