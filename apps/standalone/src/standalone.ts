import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Config, loadConfig, settings } from '#config';
import { EmbeddedPostgres, migrate } from '#database';
import { CannotStart } from './cannot-start.js';
import { Child } from './child.js';
import { DataDirectoryLock, DirectoryInUse } from './data-directory-lock.js';
import { ensurePortIsFree } from './free-port.js';
import { endLeftovers } from './leftovers.js';
import { identify } from './process-identity.js';
import { readableLine } from './process-log.js';
import { type RunFacts, RunFile } from './run-file.js';
import { Sandbox } from './sandbox.js';
import { installationSecrets } from './secrets.js';

export interface StandaloneOptions {
  env: NodeJS.ProcessEnv;
  sandbox: boolean;
  print(line: string): void;
}

/** What a started installation says of itself. */
export interface StandaloneFacts {
  /** On this machine. */
  url: string;
  /** What users reach: PUBLIC_URL, else the same. */
  publicUrl: string;
  dataDir: string;
  /** The data directory was made by this start. */
  firstRun: boolean;
  embeddedDatabase: boolean;
  sandboxControlUrl?: string;
}

/** How long each may take to finish its work when all is stopped; together less than the 10 s that are promised. */
const appsGraceMs = 7000;
const sandboxGraceMs = 1000;
const readyTimeoutMs = 60_000;
const databaseWatchMs = 1000;

/**
 * The whole product on one machine: PostgreSQL, api, worker and engine as processes of their own, so that a crash of
 * one, or a kill of the engine, leaves the others alone. Measured against one process for all in docs/adr/0001.
 */
export class Standalone {
  private lock: DataDirectoryLock | undefined;
  private runFile: RunFile | undefined;
  /** Settles when the server is up; a stop that comes before must not leave it behind. */
  private database: Promise<EmbeddedPostgres> | undefined;
  private databaseWatch: NodeJS.Timeout | undefined;
  private postgres: RunFacts['postgres'];
  private sandbox: Sandbox | undefined;
  private apps: Child[] = [];
  private readonly log = this.logOf('launcher');
  private env: NodeJS.ProcessEnv;
  private url: string | undefined;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: StandaloneOptions) {
    this.env = { ...options.env };
  }

  /**
   * Resolves when the api says that it is ready.
   * @throws CannotStart with a sentence for the operator; what was started by then still runs until `stop`.
   */
  async start(): Promise<StandaloneFacts> {
    const dataDir = this.prepareDataDirectory();
    await endLeftovers(this.runFile!.read(), this.log);
    const firstRun = !existsSync(join(dataDir, 'secrets.json'));
    const config = this.completeSettings(dataDir);
    await ensurePortIsFree(config.http.port, config.http.host);
    this.checkpoint();

    if (this.options.sandbox) {
      this.sandbox = new Sandbox({
        dataDir,
        env: this.env,
        log: this.logOf('simulator'),
        onChange: this.writeFacts,
      });
      await this.sandbox.start();
      Object.assign(this.env, this.sandbox.settings(config));
      this.checkpoint();
    }
    const embeddedDatabase = config.database.url === '';
    if (embeddedDatabase) await this.startDatabase(dataDir);
    this.checkpoint();
    await this.migrate(embeddedDatabase);
    this.checkpoint();

    const port = await this.startApps();
    this.checkpoint();
    this.url = `http://${hostInUrl(config)}:${port}`;
    await this.waitUntilReady(`${this.url}/api/v1/health/ready`);
    this.writeFacts();
    return {
      url: this.url,
      publicUrl: config.http.publicUrl?.replace(/\/+$/, '') ?? this.url,
      dataDir,
      firstRun,
      embeddedDatabase,
      sandboxControlUrl: this.sandbox?.controlUrl,
    };
  }

  /** Lets the processes finish what they are doing and ends everything that `start` started. Within 10 s. */
  stop(): Promise<void> {
    this.stopped ??= this.stopInOrder();
    return this.stopped;
  }

  /** Ends `stop` at once: nothing that is durable depends on a clean end. */
  hurry(): void {
    for (const child of this.apps) child.kill();
    this.sandbox?.child.kill();
  }

  private async stopInOrder(): Promise<void> {
    // The database last: the others write down where they are.
    await Promise.all(this.apps.map((child) => child.stop(appsGraceMs)));
    await this.sandbox?.child.stop(sandboxGraceMs);
    clearInterval(this.databaseWatch);
    await (await this.database?.catch(() => undefined))?.stop();
    this.runFile?.remove();
    this.lock?.release();
  }

  private prepareDataDirectory(): string {
    const dataDir = resolve(settings.storage.dataDir.read(this.env.DATA_DIR));
    try {
      mkdirSync(dataDir, { recursive: true });
      accessSync(dataDir, constants.W_OK);
    } catch (problem) {
      throw new CannotStart(
        `The data directory ${dataDir} cannot be written (${(problem as NodeJS.ErrnoException).code}). Give this user the right, or choose another one with DATA_DIR.`,
      );
    }
    const runFile = new RunFile(dataDir);
    try {
      this.lock = DataDirectoryLock.acquire(dataDir);
    } catch (problem) {
      if (!(problem instanceof DirectoryInUse)) throw problem;
      const url = runFile.read()?.url ?? 'still starting';
      throw new CannotStart(
        `Waypost is already running with the data directory ${dataDir} (pid ${problem.pid}, ${url}). Stop it first, or start another one with its own PORT and DATA_DIR.`,
      );
    }
    this.runFile = runFile;
    return dataDir;
  }

  private completeSettings(dataDir: string): Config {
    Object.assign(this.env, installationSecrets(dataDir, this.env), { DATA_DIR: dataDir });
    this.env.NODE_ENV ??= 'production';
    try {
      return loadConfig(this.env);
    } catch (problem) {
      throw new CannotStart((problem as Error).message);
    }
  }

  /** Trouble with a database of the operator's own is theirs to mend, so it is told in a sentence. */
  private async migrate(embeddedDatabase: boolean): Promise<void> {
    try {
      await migrate(this.env.DATABASE_URL!);
    } catch (problem) {
      if (embeddedDatabase) throw problem;
      const url = this.env.DATABASE_URL!;
      const at = URL.canParse(url) ? ` at ${new URL(url).host}` : '';
      throw new CannotStart(`The database of DATABASE_URL${at} cannot be used: ${(problem as Error).message}`);
    }
  }

  private async startDatabase(dataDir: string): Promise<void> {
    this.database = EmbeddedPostgres.start({ dataDir: join(dataDir, 'postgres'), log: this.logOf('postgres') });
    const server = await this.database;
    this.noteDatabase(server);
    this.databaseWatch = setInterval(() => this.noteDatabase(server), databaseWatchMs);
  }

  /** The server restarts by itself when it dies; the others reconnect, unless its port was taken in between. */
  private noteDatabase({ pid, url, localUrl }: EmbeddedPostgres): void {
    if (pid === undefined || (pid === this.postgres?.pid && url === this.postgres.url)) return;
    this.postgres = { pid, url };
    if (this.env.DATABASE_URL !== localUrl) for (const child of this.apps) child.replace();
    this.env.DATABASE_URL = localUrl;
    this.writeFacts();
  }

  /** @returns the port of the api. */
  private async startApps(): Promise<number> {
    const app = (name: string, options: { plainStacks?: boolean } = {}) =>
      new Child({
        ...options,
        name,
        script: fileURLToPath(new URL(`../../${name}/src/main.js`, import.meta.url)),
        env: () => this.env,
        log: this.logOf(name),
        onChange: this.writeFacts,
      });
    const api = app('api');
    // Baileys captures a stack for each stanza that it sends.
    this.apps = [api, app('worker'), app('engine', { plainStacks: true })];
    const [ready] = await Promise.all(this.apps.map((child) => child.start()));
    // With PORT=0 the first start chose one; a restart must come back to it.
    this.env.PORT = String(ready!.port);
    return ready!.port!;
  }

  private async waitUntilReady(url: string): Promise<void> {
    const deadline = performance.now() + readyTimeoutMs;
    let last = '';
    while (performance.now() < deadline) {
      this.checkpoint();
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(2000) });
        if (answer.ok) return;
        last = await answer.text();
      } catch (problem) {
        last = (problem as Error).message;
      }
      await pause(100);
    }
    throw new CannotStart(`The api did not become ready within ${readyTimeoutMs / 1000} s. It said: ${last}`);
  }

  private logOf(process: string): (line: string) => void {
    return (line) => this.options.print(readableLine(process, line));
  }

  private readonly writeFacts = (): void => {
    if (!this.runFile) return;
    const children = [...this.apps, ...(this.sandbox ? [this.sandbox.child] : [])];
    const facts: RunFacts = {
      launcher: identify(process.pid),
      processes: Object.fromEntries(
        children.flatMap((child) => (child.identity ? [[child.name, child.identity] as const] : [])),
      ),
      postgres: this.postgres,
      url: this.url,
      sandbox: this.sandbox?.controlUrl ? { controlUrl: this.sandbox.controlUrl } : undefined,
    };
    this.runFile.write(facts);
  };

  /** A stop that came while starting ends the start here. */
  private checkpoint(): void {
    if (this.stopped) throw new CannotStart('Stopped while starting.');
  }
}

function hostInUrl(config: Config): string {
  const { host } = config.http;
  if (['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost'].includes(host)) return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
