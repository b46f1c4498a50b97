import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '#config';
import { Database } from '#database';
import { Simulator } from '#simulator';
import { type ConfigOverrides, createTestDatabase, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningEngine, startEngine } from '../apps/engine/src/start-engine.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';

/** The whole product in the test's process: api, worker, engine, a database of its own and a simulated network. */
export class Installation {
  private constructor(
    readonly simulator: Simulator,
    readonly config: Config,
    readonly api: RunningApi,
    private readonly worker: RunningWorker,
    private readonly engine: RunningEngine,
    private readonly database: TestDatabase,
  ) {}

  /** @param overrides settings beside those that a test needs anyway */
  static async start(overrides: ConfigOverrides = {}): Promise<Installation> {
    const simulator = await Simulator.start();
    const caFile = join(mkdtempSync(join(tmpdir(), 'waypost-ca-')), 'ca.pem');
    await simulator.writeCaFile(caFile);
    const database = await createTestDatabase({
      ...overrides,
      sandbox: { url: simulator.url, rootKey: simulator.rootKeyHex, caFile },
      outbound: { allowedRanges: ['127.0.0.0/8'] },
    });
    const { config } = database;
    const api = await startApi(config);
    const [worker, engine] = await Promise.all([startWorker(config), startEngine(config)]);
    return new Installation(simulator, config, api, worker, engine, database);
  }

  /** Downloads that wait for their next try begin at once. */
  async hurryDownloads(): Promise<void> {
    const db = await Database.open(this.config.database, 'a test in a hurry');
    try {
      const rows = await db.query<{ profileId: string }>(
        `update media_downloads set next_attempt_at = now() where next_attempt_at <> 'infinity'
         returning profile_id as "profileId"`,
      );
      for (const { profileId } of rows) db.wake('downloads', profileId);
    } finally {
      await db.close();
    }
  }

  async stop(): Promise<void> {
    await this.engine.stop();
    await this.worker.stop();
    await this.api.stop();
    await this.simulator.stop();
    await this.database.drop();
  }
}
