import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { Config } from '#config';
import { Database, migrate } from '#database';
import { createLogger, nestLogger } from '#domain';
import { prepareBackend } from '#queues';
import { workerModule } from './worker.module.js';

/** How long work under way may take to end when the worker stops; what is left is done by others. */
const drainMs = 8000;

export interface RunningWorker {
  /** Takes on nothing more, lets work under way end, closes everything. At most about 8 s. */
  stop(): Promise<void>;
}

/** Migrates, then works. Returns when everything runs. */
export async function startWorker(config: Config): Promise<RunningWorker> {
  const log = createLogger(config.log, 'worker');
  await migrate(config.database.url);
  const connection = await prepareBackend({ redisUrl: config.queues.redisUrl, databaseUrl: config.database.url });
  const db = await Database.open(config.database, 'waypost worker', { warn: (line) => log.warn({}, line) });
  try {
    const app = await NestFactory.createApplicationContext(workerModule(config, db, log, connection), {
      logger: nestLogger(log),
      abortOnError: false,
    });
    log.info({}, 'worker runs');
    return {
      stop: async () => {
        await Promise.race([app.close(), delay(drainMs, undefined, { ref: false })]);
        await db.close();
      },
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}
