import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ControlServer } from './control/server.js';
import { DataFile, type Ports, type SavedFile } from './data-file.js';
import { Journal } from './journal.js';
import { FolderMediaStore } from './media/store.js';
import { type NetworkIdentity, newNetworkIdentity, Simulation, type SimulationOptions } from './simulation.js';

export interface SimulatorOptions extends Omit<SimulationOptions, 'mediaStore'> {
  /** Port for clients; 0 or absent for a free one. */
  port?: number;
  /** Port of the media host; 0 or absent for a free one. */
  mediaPort?: number;
  /** Port of the control interface; 0 or absent for a free one. */
  controlPort?: number;
  /** Where the simulation is kept over restarts; encrypted files lie in a folder beside it. In memory when absent. */
  dataFile?: string;
  /** The address to listen on; 127.0.0.1 when absent. Beyond this machine nothing asks for a password: mind the network. */
  host?: string;
  /**
   * The host name by which clients reach this simulator, for instance that of a container; 127.0.0.1 when absent. The
   * media host's certificate is made for it at the first start of a data file.
   */
  publicHost?: string;
  /** Names besides those of this machine under which the control interface answers, for instance of a container. */
  allowedHosts?: readonly string[];
  /** Folder of the built page that the control interface shows at `/`; without it, its own documentation. */
  pageFolder?: string;
}

/** A simulated WhatsApp network that is up: for clients at `url`, for scripts in this object and at `controlUrl`. */
export class Simulator extends Simulation {
  private readonly control: ControlServer;
  private dataFile?: DataFile;

  private constructor(options: SimulatorOptions & SimulationOptions, identity: NetworkIdentity) {
    super(options, identity);
    this.control = new ControlServer(this, {
      allowedHosts: [...(options.allowedHosts ?? []), ...(options.publicHost ? [options.publicHost] : [])],
      pageFolder: options.pageFolder,
    });
  }

  /** Starts everything, on 127.0.0.1 unless told otherwise. Rejects when a port is taken or the data file is not ours. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const path = options.dataFile && resolve(options.dataFile);
    const saved = path ? DataFile.read(path) : undefined;
    const identity = saved?.identity ?? newNetworkIdentity(options.publicHost ? [options.publicHost] : []);
    const mediaStore = path ? new FolderMediaStore(`${path}.media`) : undefined;
    const run = (saved?.run ?? 0) + 1;
    // Another run on the same file: the same seed again would give ids that clients have seen.
    const seed = options.seed !== undefined && run > 1 ? `${options.seed}/${run}` : options.seed;
    const simulator = new Simulator({ ...options, seed, mediaStore }, identity);
    try {
      const ports = await simulator.open(options, saved);
      if (path) {
        const source = () => ({ run, identity, ports, simulation: simulator.snapshot() });
        await simulator.keep(path, saved?.nextJournal ?? 0, source);
      }
    } catch (error) {
      await simulator.stop();
      throw error;
    }
    return simulator;
  }

  /** Base address of the control interface over HTTP. */
  get controlUrl(): string {
    return this.control.url;
  }

  /** Closes every connection and saves. */
  async stop(): Promise<void> {
    await this.control.close();
    await this.close();
    await this.dataFile?.stop();
  }

  /** Writes the authority of the media host's certificate where `NODE_EXTRA_CA_CERTS` can point. */
  async writeCaFile(path: string): Promise<void> {
    await mkdir(dirname(resolve(path)), { recursive: true });
    await writeFile(path, this.caPem);
  }

  private async open(options: SimulatorOptions, saved: SavedFile | undefined): Promise<Ports> {
    if (saved) this.restore(saved.simulation);
    const earlier = saved?.ports;
    const place = { host: options.host, name: options.publicHost };
    const ports = await this.listen({
      clients: { ...place, port: options.port, preferred: earlier?.clients },
      media: { ...place, port: options.mediaPort, preferred: earlier?.media },
    });
    const control = await this.control.listen({ ...place, port: options.controlPort, preferred: earlier?.control });
    return { ...ports, control };
  }

  private async keep(path: string, nextJournal: number, source: () => SavedFile): Promise<void> {
    const failed = (error: Error): void => this.report(`the data file cannot be written: ${error.message}`);
    await mkdir(dirname(path), { recursive: true });
    const journal = new Journal(path, nextJournal, failed);
    this.dataFile = new DataFile(path, source, () => this.revision, failed, journal);
    this.world.journal = journal;
    await this.dataFile.start();
  }
}
