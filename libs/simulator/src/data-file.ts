import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { BufferJSON } from './baileys.js';
import { type Journal, replay } from './journal.js';
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
  /** How often a simulator has begun on this file. */
  run?: number;
  identity: NetworkIdentity;
  /** Taken again at the next start when they are free, so that addresses which others noted stay right. */
  ports: Ports;
  simulation: SavedSimulation;
}

/** As it lies on disk: with the number of the first journal that is not in it. */
interface StoredFile extends SavedFile {
  format?: number;
  journal?: number;
}

/**
 * The simulation on disk: written whole to a temporary file that then takes the place of the old one, a moment after
 * something changed and at the end. What is accepted between two such snapshots is in the journal beside it.
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
    private readonly journal: Journal,
  ) {}

  /** What an earlier run left, or nothing. Throws when the file is not one of ours. */
  static read(path: string): (SavedFile & { nextJournal: number }) | undefined {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const saved = JSON.parse(text, BufferJSON.reviver) as StoredFile;
    if (saved.format !== FORMAT) throw new Error(`${path} is not a data file of this version of the simulator`);
    const { simulation, next } = replay(path, saved.journal ?? 0, saved.simulation);
    return { ...saved, simulation, nextJournal: next };
  }

  /** Saves a first time, so that keys and addresses outlive whatever comes, and then whenever something changed. */
  async start(): Promise<void> {
    await this.save();
    this.watch();
  }

  private watch(): void {
    this.timer = wallClock.after(CHECK_EVERY_MS, () => {
      if (this.revision() !== this.savedRevision && wallClock.now() >= this.notBefore) this.save().catch(this.onError);
      this.watch();
    });
  }

  /** Saves a last time. */
  async stop(): Promise<void> {
    this.timer?.cancel();
    await this.save();
    this.journal.close();
  }

  private async save(): Promise<void> {
    this.savedRevision = this.revision();
    const begin = wallClock.now();
    const journal = this.journal.rotate();
    const stored: StoredFile = { format: FORMAT, ...this.source(), journal };
    const text = JSON.stringify(stored, BufferJSON.replacer);
    this.notBefore = wallClock.now() + (wallClock.now() - begin) / MAX_SHARE;
    this.writing = this.writing
      .catch(() => undefined)
      .then(async () => {
        await writeFile(`${this.path}.part`, text, { mode: 0o600, flush: true });
        await rename(`${this.path}.part`, this.path);
        this.journal.dropBefore(journal);
      });
    return this.writing;
  }
}
