import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Simulator } from '#simulator';

type Part = 'api' | 'worker' | 'engine' | 'postgres' | 'launcher';

interface RunFacts {
  launcher: { pid: number };
  processes: Record<string, { pid: number }>;
  postgres?: { pid: number; url: string };
  url?: string;
}

/**
 * The product as operators run it, in processes of its own with its own PostgreSQL, so that a test can kill any of
 * them. Needs a build (`npm run build`); the simulator stays in the test's process.
 */
export class WaypostProcesses {
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'waypost-'));
  private launcher: ChildProcess | undefined;
  private readonly lines: string[] = [];

  private constructor(private readonly env: Record<string, string>) {}

  static async start(simulator: Simulator, env: Record<string, string> = {}): Promise<WaypostProcesses> {
    const processes = new WaypostProcesses(env);
    const caFile = join(processes.dataDir, 'sandbox-ca.pem');
    await simulator.writeCaFile(caFile);
    Object.assign(processes.env, {
      WA_SANDBOX_URL: simulator.url,
      WA_SANDBOX_ROOT_KEY: simulator.rootKeyHex,
      WA_SANDBOX_CA_FILE: caFile,
      OUTBOUND_ALLOWED_RANGES: '127.0.0.0/8',
    });
    await processes.launch();
    return processes;
  }

  /** Starts the launcher and waits until the api is ready. */
  async launch(): Promise<void> {
    const { NODE_OPTIONS: _own, ...inherited } = process.env;
    const script = join(process.cwd(), 'dist/apps/standalone/src/main.js');
    const launcher = spawn(process.execPath, ['--no-warnings', script], {
      env: { ...inherited, PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: '', ...this.env, DATA_DIR: this.dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.launcher = launcher;
    const keep = (chunk: Buffer) => {
      this.lines.push(chunk.toString());
      if (this.lines.length > 500) this.lines.splice(0, 250);
    };
    launcher.stdout?.on('data', keep);
    launcher.stderr?.on('data', keep);
    await this.until(async () => {
      if (launcher.exitCode !== null) throw new Error(`the launcher ended:\n${this.output}`);
      return this.facts()?.launcher.pid === launcher.pid && (await this.isReady());
    }, 180_000);
  }

  /** The public address; it stays the same over restarts of single processes. */
  get url(): string {
    const url = this.facts()?.url;
    if (!url) throw new Error(`Waypost is not up:\n${this.output}`);
    return url;
  }

  /** Of its own PostgreSQL. */
  get databaseUrl(): string {
    const url = this.facts()?.postgres?.url;
    if (!url) throw new Error(`Waypost has no database:\n${this.output}`);
    return url;
  }

  /** What the processes printed lately. */
  get output(): string {
    return this.lines.join('');
  }

  pid(part: Part): number | undefined {
    const facts = this.facts();
    if (part === 'launcher') return facts?.launcher.pid;
    if (part === 'postgres') return facts?.postgres?.pid;
    return facts?.processes[part]?.pid;
  }

  /** kill -9 of one process. The launcher brings it back by itself. */
  kill(part: Exclude<Part, 'launcher'>): void {
    const pid = this.pid(part);
    if (pid) signal(pid, 'SIGKILL');
  }

  signal(part: Part, name: NodeJS.Signals): void {
    const pid = this.pid(part);
    if (pid) signal(pid, name);
  }

  /** kill -9 of the launcher, every process and PostgreSQL at once. */
  killEverything(): void {
    const facts = this.facts();
    const pids = [facts?.launcher.pid, ...Object.values(facts?.processes ?? {}).map((one) => one.pid)];
    for (const pid of [...pids, facts?.postgres?.pid]) if (pid) signal(pid, 'SIGKILL');
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`${this.facts()?.url}/api/v1/health/ready`, { signal: AbortSignal.timeout(2000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Ends everything in order and removes the data directory. */
  async stop(): Promise<void> {
    const launcher = this.launcher;
    if (launcher && launcher.exitCode === null && launcher.signalCode === null) {
      const ended = new Promise((resolve) => launcher.once('exit', resolve));
      launcher.kill('SIGTERM');
      const timer = setTimeout(() => this.killEverything(), 15_000);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  private facts(): RunFacts | undefined {
    try {
      return JSON.parse(readFileSync(join(this.dataDir, 'run.json'), 'utf8')) as RunFacts;
    } catch {
      return undefined;
    }
  }

  private async until(holds: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`Waypost did not become ready:\n${this.output}`);
      await pause(50);
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (problem) {
    // It is gone already, which is what a kill wants.
    if ((problem as NodeJS.ErrnoException).code !== 'ESRCH') throw problem;
  }
}
