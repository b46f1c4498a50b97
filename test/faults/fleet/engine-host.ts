import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Config } from '#config';
import { TcpRelay } from '../../tcp-relay.js';

/**
 * One engine process with wires of its own to the network and to the database, which a campaign can cut or freeze. Needs
 * a build. A new process of the same host is another host to the product.
 */
export class EngineHost {
  private child: ChildProcess | undefined;
  /** Until when what happens to its sockets is the campaign's doing (`performance.now`). */
  troubledUntil = 0;
  private readonly lines: string[] = [];

  private constructor(
    readonly name: string,
    private readonly config: Config,
    readonly toNetwork: TcpRelay,
    readonly toDatabase: TcpRelay,
  ) {}

  static async start(name: string, config: Config): Promise<EngineHost> {
    const network = new URL(config.sandbox.url!);
    const database = new URL(config.database.url);
    const host = new EngineHost(
      name,
      config,
      await TcpRelay.to(network.hostname, Number(network.port)),
      await TcpRelay.to(database.hostname, Number(database.port)),
    );
    await host.launch();
    return host;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether a connection that reached the network from this port came through here. */
  owns(port: number): boolean {
    return this.toNetwork.ports.has(port);
  }

  get output(): string {
    return this.lines.join('');
  }

  async launch(): Promise<void> {
    const { NODE_OPTIONS: _own, ...inherited } = process.env;
    const { config } = this;
    const clock = join(process.cwd(), 'test/faults/fleet/child-clock.mjs');
    const child = fork(join(process.cwd(), 'dist/apps/engine/src/main.js'), [], {
      execArgv: ['--no-warnings', '--import', clock],
      silent: true,
      env: {
        ...inherited,
        DATABASE_URL: this.toDatabase.through(config.database.url),
        DATABASE_POOL_SIZE: '5',
        JWT_SECRET: config.auth.jwtSecret,
        ENCRYPTION_KEY: config.secrets.encryptionKey,
        INTERNAL_SECRET: config.secrets.internalSecret,
        DATA_DIR: config.storage.dataDir,
        CONNECTS_PER_SECOND: String(config.engine.connectsPerSecond),
        LEASE_SECONDS: String(config.engine.leaseSeconds),
        WA_SANDBOX_URL: this.toNetwork.through(config.sandbox.url!),
        WA_SANDBOX_ROOT_KEY: config.sandbox.rootKey,
        WA_SANDBOX_CA_FILE: config.sandbox.caFile,
        LOG_LEVEL: 'info',
      },
    });
    this.child = child;
    const keep = (chunk: Buffer) => {
      this.lines.push(chunk.toString());
      if (this.lines.length > 400) this.lines.splice(0, 200);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`${this.name} ended with ${code}:\n${this.output}`)));
    });
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** As a deployment does: it hands everything over, and resolves when it has ended. */
  async terminate(): Promise<void> {
    await this.end('SIGTERM');
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  jumpClock(offsetMs: number): void {
    if (this.child?.connected) this.child.send({ clockOffsetMs: offsetMs });
  }

  async stop(): Promise<void> {
    this.resume();
    await this.kill();
    await this.toNetwork.close();
    await this.toDatabase.close();
  }

  private async end(name: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.kill(name);
    await ended;
  }
}
