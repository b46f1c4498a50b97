import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ControlServer } from './control/server.js';
import { DataFile } from './data-file.js';
import { FolderMediaStore } from './media/store.js';
import { newNetworkIdentity, Simulation, type SimulationOptions } from './simulation.js';

export interface SimulatorOptions extends Omit<SimulationOptions, 'mediaStore'> {
  /** Port for clients; 0 or absent for a free one. */
  port?: number;
  /** Port of the media host; 0 or absent for a free one. */
  mediaPort?: number;
  /** Port of the control interface; 0 or absent for a free one. */
  controlPort?: number;
  /** Where the simulation is kept over restarts; encrypted files lie in a folder beside it. In memory when absent. */
  dataFile?: string;
}

/** A simulated WhatsApp network that is up: for clients at `url`, for scripts in this object and at `controlUrl`. */
export class Simulator extends Simulation {
  private readonly control = new ControlServer(this);
  private dataFile?: DataFile;

  /** Starts everything on 127.0.0.1. Rejects when a port is taken or the data file is not ours. */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const path = options.dataFile && resolve(options.dataFile);
    const saved = path ? DataFile.read(path) : undefined;
    const identity = saved?.identity ?? newNetworkIdentity();
    const mediaStore = path ? new FolderMediaStore(`${path}.media`) : undefined;
    const simulator = new Simulator({ ...options, mediaStore }, identity);
    if (saved) simulator.restore(saved.simulation);
    await simulator.listen(options);
    await simulator.control.listen(options.controlPort ?? 0);
    if (path) {
      simulator.dataFile = new DataFile(
        path,
        () => ({ identity, simulation: simulator.snapshot() }),
        () => simulator.revision,
        (error) => simulator.report(`the data file cannot be written: ${error.message}`),
      );
      simulator.dataFile.start();
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
}
