import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.js';

/** Facts of the running installation for tools and tests, in `run.json` of the data directory while it runs. */
export interface RunFacts {
  launcher: ProcessIdentity;
  /** By name: api, worker, engine, simulator. Those that are up now. */
  processes: Record<string, ProcessIdentity>;
  /** The postmaster of the embedded PostgreSQL; absent with DATABASE_URL. */
  postgres?: { pid: number; url: string };
  /** Of the api on this machine; absent until the first readiness. */
  url?: string;
  sandbox?: { controlUrl: string };
}

/** Readable by its owner only: it holds the password of the database. */
export class RunFile {
  private readonly path: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'run.json');
  }

  /** What a former run left behind, or what the present one says of itself. */
  read(): RunFacts | undefined {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as RunFacts;
    } catch {
      return undefined;
    }
  }

  write(facts: RunFacts): void {
    const draft = `${this.path}.new`;
    writeFileSync(draft, `${JSON.stringify(facts, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
