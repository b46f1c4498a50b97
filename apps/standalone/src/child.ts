import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CannotStart } from './cannot-start.js';
import { identify, type ProcessIdentity } from './process-identity.js';

/** What a process tells its launcher when it can be used. */
export interface ReadyMessage {
  ready: true;
  port?: number;
  [fact: string]: unknown;
}

export interface ChildOptions {
  name: string;
  /** The compiled main file. */
  script: string;
  /**
   * Stacks name lines of the compiled files, not of the sources: for a process whose libraries make an error with each
   * operation, where looking every line up costs more than the operation.
   */
  plainStacks?: boolean;
  /** Asked at every start, like env. */
  args?(): string[];
  /** Asked at every start, so that a restart can pin what the first start chose (ports). */
  env(): NodeJS.ProcessEnv;
  log(line: string): void;
  /** After each start and each end. */
  onChange(): void;
}

/** Waits between restarts; the last one repeats. A child that lived for `steadyMs` begins at the front again. */
const restartDelaysMs = [200, 500, 1000, 2000, 5000, 10_000];
const steadyMs = 30_000;

/**
 * A process of the installation that is kept running: when it dies it is started again, with growing pauses. It is in
 * a process group of its own, so that Ctrl-C reaches the launcher alone, which stops everything in order; when the
 * launcher itself is killed, the child sees its IPC channel close and ends.
 */
export class Child {
  private process: ChildProcess | undefined;
  private current: ProcessIdentity | undefined;
  private failures = 0;
  private stopping = false;
  private restart: NodeJS.Timeout | undefined;

  constructor(private readonly options: ChildOptions) {}

  get name(): string {
    return this.options.name;
  }

  /** The running process; undefined between an end and the restart. */
  get identity(): ProcessIdentity | undefined {
    return this.current;
  }

  /**
   * Starts it for the first time.
   * @throws CannotStart when it ends before it is ready. Only later ends are followed by restarts.
   */
  start(): Promise<ReadyMessage> {
    return new Promise((resolve, reject) => {
      let ready = false;
      this.spawn(
        (message) => {
          ready = true;
          resolve(message);
        },
        (how) => {
          if (ready) this.restartLater(how);
          else reject(new CannotStart(`${this.name} ended before it was ready (${how}); it says why above.`));
        },
      );
    });
  }

  /** Asks it to finish its work and end; after `graceMs` it is killed. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const child = this.process;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.options.log(`did not end within ${graceMs} ms and is killed`);
      child.kill('SIGKILL');
    }, graceMs);
    await ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.stopping = true;
    clearTimeout(this.restart);
    this.process?.kill('SIGKILL');
  }

  /** A new process with the present environment, when what it was given has changed. */
  replace(): void {
    this.failures = 0;
    this.process?.kill('SIGTERM');
  }

  private spawn(onReady: (message: ReadyMessage) => void, onEnd: (how: string) => void): void {
    const { script, args, env, log, onChange } = this.options;
    const child = fork(script, args?.() ?? [], {
      env: env(),
      detached: true,
      execArgv: this.options.plainStacks ? [] : ['--enable-source-maps'],
      silent: true,
    });
    const startedAt = performance.now();
    this.process = child;
    if (child.pid !== undefined) this.current = identify(child.pid);
    onChange();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        // The simulator, which may be started by anyone, prints its readiness.
        if (line.startsWith('{"ready":true')) return onReady(JSON.parse(line) as ReadyMessage);
        log(line);
      });
    }
    child.on('message', (message: Partial<ReadyMessage>) => {
      if (message?.ready === true) onReady(message as ReadyMessage);
    });
    child.once('error', (problem) => log(`could not be started: ${problem.message}`));
    // `close` and not `exit`: its last words are read by then.
    child.once('close', (code, signal) => {
      this.process = undefined;
      this.current = undefined;
      onChange();
      if (this.stopping) return onEnd('stopped');
      if (performance.now() - startedAt > steadyMs) this.failures = 0;
      onEnd(signal ? `signal ${signal}` : `exit code ${code}`);
    });
  }

  private restartLater(how: string): void {
    if (this.stopping) return;
    const delay = restartDelaysMs[Math.min(this.failures, restartDelaysMs.length - 1)]!;
    this.failures += 1;
    this.options.log(`ended (${how}); starting it again in ${delay} ms`);
    this.restart = setTimeout(() => {
      this.spawn(
        () => this.options.log('is back'),
        (again) => this.restartLater(again),
      );
    }, delay);
  }
}
