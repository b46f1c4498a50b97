import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BufferJSON } from './baileys.js';
import type { NetworkIdentity } from './simulation.js';
import type { SavedSimulation } from './snapshot.js';
import { type Timer, wallClock } from './time/clock.js';

const FORMAT = 2;
const CHECK_EVERY_MS = 500;
/** Saving takes at most this share of the time, however large the file grows. */
const MAX_SHARE = 0.05;

/** Where the parts of a simulator listen. */
export interface Ports {
  clients: number;
  media: number;
  control: number;
}

export interface SavedFile {
  identity: NetworkIdentity;
  /** Taken again at the next start when they are free, so that addresses which others noted stay right. */
  ports: Ports;
  simulation: SavedSimulation;
}

/**
 * The simulation on disk: written whole to a temporary file that then takes the place of the old one, a moment after
 * something changed and at the end. A kill in between loses at most that moment.
 */
export class DataFile {
  private timer?: Timer;
  private savedRevision = -1;
  private notBefore = 0;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly source: () => SavedFile,
    private readonly revision: () => number,
    private readonly onError: (error: Error) => void,
  ) {}

  /** What an earlier run left, or nothing. Throws when the file is not one of ours. */
  static read(path: string): SavedFile | undefined {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const saved = JSON.parse(text, BufferJSON.reviver) as SavedFile & { format?: number };
    if (saved.format !== FORMAT) throw new Error(`${path} is not a data file of this version of the simulator`);
    return saved;
  }

  start(): void {
    this.timer = wallClock.after(CHECK_EVERY_MS, () => {
      if (this.revision() !== this.savedRevision && wallClock.now() >= this.notBefore) this.save().catch(this.onError);
      this.start();
    });
  }

  /** Saves a last time. */
  async stop(): Promise<void> {
    this.timer?.cancel();
    await this.save();
  }

  private save(): Promise<void> {
    this.savedRevision = this.revision();
    const begin = wallClock.now();
    const text = JSON.stringify({ format: FORMAT, ...this.source() }, BufferJSON.replacer);
    this.notBefore = wallClock.now() + (wallClock.now() - begin) / MAX_SHARE;
    this.writing = this.writing
      .catch(() => undefined)
      .then(async () => {
        await mkdir(dirname(this.path), { recursive: true });
        await writeFile(`${this.path}.part`, text, { mode: 0o600 });
        await rename(`${this.path}.part`, this.path);
      });
    return this.writing;
  }
}
