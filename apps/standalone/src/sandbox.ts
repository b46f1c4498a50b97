import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '#config';
import { Child } from './child.js';

export interface SandboxOptions {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** A raw line of its output. */
  log(line: string): void;
  onChange(): void;
}

/** What the simulator says when it is ready. */
interface SimulatorReady {
  url: string;
  rootKeyHex: string;
  controlUrl: string;
}

/** The simulated WhatsApp network of this installation, in a process of its own. Its people survive restarts. */
export class Sandbox {
  private ready: SimulatorReady | undefined;
  private readonly folder: string;
  readonly child: Child;

  constructor(options: SandboxOptions) {
    this.folder = join(options.dataDir, 'sandbox');
    mkdirSync(this.folder, { recursive: true });
    this.child = new Child({
      name: 'simulator',
      script: fileURLToPath(new URL('../../simulator/src/main.js', import.meta.url)),
      args: () => [
        ...['--data-file', join(this.folder, 'network.json'), '--ca-file', this.caFile],
        // A restart comes back to the addresses that the engine and the user know.
        ...(this.ready ? ['--port', port(this.ready.url), '--control-port', port(this.ready.controlUrl)] : []),
      ],
      env: () => options.env,
      log: options.log,
      onChange: options.onChange,
    });
  }

  async start(): Promise<void> {
    this.ready = (await this.child.start()) as unknown as SimulatorReady;
  }

  /** Of the HTTP interface that drives the virtual phones; empty until it is ready. */
  get controlUrl(): string {
    return this.ready?.controlUrl ?? '';
  }

  /** What leads the engine into the sandbox, and lets webhooks of a developer's own machine be tried. */
  settings(config: Config): NodeJS.ProcessEnv {
    return {
      WA_SANDBOX_URL: this.ready!.url,
      WA_SANDBOX_ROOT_KEY: this.ready!.rootKeyHex,
      WA_SANDBOX_CA_FILE: this.caFile,
      WA_SANDBOX_CONTROL_URL: this.controlUrl,
      OUTBOUND_ALLOWED_RANGES: [...config.outbound.allowedRanges, '127.0.0.0/8', '::1/128'].join(','),
    };
  }

  private get caFile(): string {
    return join(this.folder, 'ca.pem');
  }
}

function port(url: string): string {
  return new URL(url).port;
}
