import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '#testing';

export interface RunFacts {
  launcher: { pid: number };
  processes: Record<string, { pid: number }>;
  postgres: { pid: number };
  url: string;
}

/** `npm start` without its installing and building, in a data directory of the test. */
export class NpmStart {
  private readonly process: ChildProcess;
  output = '';

  constructor(
    private readonly dataDir: string,
    { env = {}, args = [] }: { env?: Record<string, string>; args?: string[] } = {},
  ) {
    const { NODE_OPTIONS: _ofJest, ...inherited } = process.env;
    this.process = spawn(process.execPath, [join(process.cwd(), 'dist/apps/standalone/src/main.js'), ...args], {
      env: { ...inherited, PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: '', DATA_DIR: dataDir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.output += text;
      });
    }
  }

  get facts(): RunFacts {
    return JSON.parse(readFileSync(join(this.dataDir, 'run.json'), 'utf8'));
  }

  ready(): Promise<RunFacts> {
    return this.says('Waypost is ready.');
  }

  /** Resolves when this was printed; fails with what was printed instead when it ends before. */
  async says(text: string, withinMs = 60_000): Promise<RunFacts> {
    const printed = () => this.output.includes(text);
    await until(() => printed() || this.process.exitCode !== null, { withinMs, what: `"${text}" in:\n${this.output}` });
    if (!printed()) throw new Error(`It ended without "${text}":\n${this.output}`);
    return this.facts;
  }

  async ended(): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) await once(this.process, 'exit');
    return this.process.exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }
}
