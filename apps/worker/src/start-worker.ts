import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { Config } from '#config';
import { Database, migrate } from '#database';
import { createLogger, nestLogger } from '#domain';
import { JobWatch, prepareBackend } from '#queues';
import { openRecords, type Records } from './jobs/records.js';
import { ProbesServer } from './probes/probes-server.js';
import { WorkerMetrics } from './probes/worker-metrics.js';
import { workerModule } from './worker.module.js';

/** How long work under way may take to end when the worker stops; what is left is done by others. */
const drainMs = 8000;

export interface RunningWorker {
  /** Of its probes and metrics. */
  port: number;
  /** Takes on nothing more, lets work under way end, closes everything. At most about 8 s. */
  stop(): Promise<void>;
}

/** Migrates, then works. Returns when everything runs. */
export async function startWorker(config: Config): Promise<RunningWorker> {
  const log = createLogger(config.log, 'worker');
  await migrate(config.database.url);
  const backend = { redisUrl: config.queues.redisUrl, databaseUrl: config.database.url };
  const connection = await prepareBackend(backend);
  const db = await Database.open(config.database, 'waypost worker', { warn: (line) => log.warn({}, line) });
  let jobs: JobWatch | undefined;
  let records: Records | undefined;
  let probes: ProbesServer | undefined;
  const closeProbes = async () => {
    await probes?.close();
    await jobs?.close();
    await records?.close();
  };
  try {
    jobs = await JobWatch.open(backend);
    const at = { ...config.worker, metricsToken: config.http.metricsToken };
    probes = await ProbesServer.listen(at, new WorkerMetrics(db, jobs), log);
    const { port } = probes;
    records = await openRecords(config, db, log);
    const app = await NestFactory.createApplicationContext(workerModule(config, db, log, connection, records), {
      logger: nestLogger(log),
      abortOnError: false,
    });
    log.info({ probesPort: port }, 'worker runs');
    return {
      port,
      stop: async () => {
        records?.stop();
        await Promise.race([app.close(), delay(drainMs, undefined, { ref: false })]);
        await closeProbes();
        await db.close();
      },
    };
  } catch (error) {
    await closeProbes();
    await db.close();
    throw error;
  }
}
