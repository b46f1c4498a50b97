import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.js';
import {
  type ClusterState,
  clusterFolder,
  initialize,
  localUrlOf,
  newState,
  provide,
  readState,
  superuserUrlOf,
  urlOf,
  writeState,
} from './cluster.js';
import { freePort, isFree, launch, postmasterPid, probe, shutDown } from './server-process.js';
import { chooseServerUser, type ServerUser } from './server-user.js';
import { removeSocketFolder, socketFolder } from './socket-folder.js';
import { withStartLock } from './start-lock.js';

export interface EmbeddedOptions {
  /** Everything that the server keeps is below this folder. Made when absent. */
  dataDir: string;
  log(line: string): void;
  /** Server settings besides ours. The defaults keep every committed transaction. */
  settings?: Record<string, string>;
}

/** After a kill -9 of the server its children need about a second to notice; until then a new one cannot start. */
const startLimitMs = 20_000;
/** What the server says then, and when somebody was faster at its port. Other reasons do not go away by waiting. */
const clearsUp = /lock file|shared memory|in use|could not bind|no answer/i;
const watchMs = 1_000;

/**
 * A PostgreSQL of our own from the binaries of an npm package. It outlives this process: a start attaches to a server
 * that still runs. While it is held it is watched and started again when it dies. Works as root (the server then runs
 * as an ordinary user) and as an ordinary user.
 */
export class EmbeddedPostgres {
  private readonly watch: NodeJS.Timeout;
  private restarting: Promise<void> | undefined;
  private stopped = false;

  private constructor(private readonly server: Server) {
    this.watch = setInterval(() => this.restartWhenDead(), watchMs);
    this.watch.unref();
  }

  /**
   * Resolves when the server answers and the database is there.
   * @throws with what the server said when it does not come up within about 20 seconds.
   */
  static async start(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
    const server = await Server.at(options);
    await server.bringUp();
    return new EmbeddedPostgres(server);
  }

  /**
   * Connects as the role `waypost`, which owns the database `waypost`, may create databases and is not superuser. It
   * changes when a restart finds the port taken by somebody else.
   */
  get url(): string {
    return urlOf(this.server.state);
  }

  /** The same as `url` by the cheapest way, for processes on this machine. It changes when `url` does. */
  get localUrl(): string {
    return localUrlOf(this.server.state);
  }

  /** The server's superuser, for what the role `waypost` may not do: it reads past row-level security. */
  get superuserUrl(): string {
    return superuserUrlOf(this.server.state);
  }

  /** Process id of the server; undefined at moments when it is being started again. */
  get pid(): number | undefined {
    return postmasterPid(this.server.options.dataDir);
  }

  /** Ends the watching and leaves the server running. */
  release(): void {
    this.stopped = true;
    clearInterval(this.watch);
  }

  /** Stops the server for everyone who uses it. Without this it runs on after our end. */
  async stop(): Promise<void> {
    this.release();
    await this.restarting;
    await this.server.takeDown();
  }

  private restartWhenDead(): void {
    if (this.stopped || this.restarting || this.pid !== undefined) return;
    this.server.options.log('The embedded PostgreSQL died; starting it again.');
    this.restarting = this.server
      .bringUp()
      .catch((error) => this.server.options.log(`${(error as Error).message}`))
      .finally(() => {
        this.restarting = undefined;
      });
  }
}

class Server {
  private constructor(
    readonly options: EmbeddedOptions,
    private readonly user: ServerUser,
    private readonly binaries: Binaries,
    public state: ClusterState,
  ) {}

  static async at(given: EmbeddedOptions): Promise<Server> {
    const options = { ...given, dataDir: resolve(given.dataDir) };
    const { dataDir } = options;
    mkdirSync(dataDir, { recursive: true });
    return withStartLock(dataDir, async () => {
      const user = chooseServerUser(clusterFolder(dataDir));
      const binaries = await findBinaries(user);
      let state = readState(dataDir);
      if (state === undefined) {
        state = newState(await freePort());
        writeState(dataDir, state);
      }
      return new Server(options, user, binaries, state);
    });
  }

  /** Attaches to the running server or starts one, again and again while it cannot start yet. */
  bringUp(): Promise<void> {
    return withStartLock(this.options.dataDir, async () => {
      await initialize(this.binaries, this.options.dataDir, this.state, this.user);
      const limit = Date.now() + startLimitMs;
      for (let attempt = 1; (await probe(this.state)) !== 'up'; attempt++) {
        try {
          await this.launch();
        } catch (error) {
          if (Date.now() > limit || (attempt >= 3 && !clearsUp.test((error as Error).message))) throw error;
          await sleep(Math.min(2_000, 100 * 2 ** attempt));
        }
      }
      await provide(this.state);
    });
  }

  takeDown(): Promise<void> {
    return withStartLock(this.options.dataDir, async () => {
      await shutDown(this.binaries, this.options.dataDir);
      removeSocketFolder(this.state.socketFolder);
    });
  }

  private async launch(): Promise<void> {
    const { dataDir, settings = {} } = this.options;
    if (postmasterPid(dataDir) === undefined) {
      const isTaken = !(await isFree(this.state.port));
      this.state = {
        ...this.state,
        ...(isTaken ? { port: await freePort() } : {}),
        socketFolder: socketFolder(dataDir, this.user, this.state.socketFolder),
      };
      writeState(dataDir, this.state);
    }
    await launch(this.binaries, dataDir, this.state, this.user, settings);
  }
}
