import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Config } from '#config';
import { newId } from '#contracts';
import { Database, migrate, Sealer } from '#database';
import { createLogger, MediaPlaces, nestLogger, OutboundClient, startTracing } from '#domain';
import { ConnectionSupervisor } from './connection-supervisor.js';
import { engineModule, profileParts } from './engine.module.js';
import { MemoryBudget, type MemoryUse, measureMemory } from './memory-budget.js';

const MIB = 1024 * 1024;

export interface RunningEngine {
  /** Of this run; another start is another host. */
  hostId: string;
  port: number;
  /** Hands everything over to other engines and closes, within 8 seconds. */
  stop(): Promise<void>;
}

/** Migrates, listens, then takes profiles. Returns when the host is announced. */
export async function startEngine(
  config: Config,
  /** What is measured of the memory; tests say something else. */
  measure?: () => MemoryUse,
): Promise<RunningEngine> {
  const hostId = newId<string>();
  const log = createLogger(config.log, 'engine').child({ hostId });
  const tracing = startTracing(config.tracing, 'engine');
  await migrate(config.database.url);
  const db = await Database.open(config.database, 'waypost engine', { warn: (line) => log.warn({}, line) });
  const outbound = OutboundClient.open({ allowedRanges: config.outbound.allowedRanges });
  const sealer = Sealer.open(db, config.secrets);
  const storage = await MediaPlaces.open({ db, sealer, outbound }, config.storage.dataDir);
  const parts = profileParts(config, { db, sealer, storage, outbound, log });
  const { leaseSeconds, maxProfiles, connectsPerSecond, memoryMb } = config.engine;
  const memory = new MemoryBudget(maxProfiles, measure ?? (() => measureMemory(memoryMb * MIB || undefined)));
  const leases = await Database.open({ ...config.database, poolSize: 2 }, 'waypost engine leases', {
    warn: (line) => log.warn({}, line),
  });
  const supervisor = new ConnectionSupervisor(parts, { hostId, leaseSeconds, connectsPerSecond, memory, leases });
  const app = await NestFactory.create<NestExpressApplication>(engineModule(config, supervisor, log), {
    logger: nestLogger(log),
    abortOnError: false,
  });
  // Pictures travel in the calls of abilities.
  app.useBodyParser('json', { limit: '16mb' });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      await supervisor.stop();
      (app.getHttpServer() as Server).closeAllConnections();
      await app.close();
      storage.close();
      await outbound.close();
      await leases.close();
      await db.close();
      await tracing.stop();
    })();
    return stopping;
  };
  try {
    const { port: wantedPort, host, address } = config.engine;
    await app.listen(wantedPort, host);
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    await supervisor.start(address ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`);
    log.info({ port }, 'engine listens');
    return { hostId, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
