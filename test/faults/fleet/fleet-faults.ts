import { setTimeout as pause } from 'node:timers/promises';
import type { SeededRandom } from '../random.js';
import type { EngineHost } from './engine-host.js';
import type { SocketLedger } from './socket-ledger.js';

export const faultNames = [
  'kill -9 of a host',
  'a host stands still beyond its lease',
  'a host stands still for a moment',
  'a host is restarted in good order',
  'a host is replaced by another',
  'a host more, a host less',
  'the network of a host is cut',
  'the network of a host is frozen',
  'a host is cut off from its database',
  'PostgreSQL is killed',
  'WhatsApp restarts',
  'the clock of a host jumps',
] as const;
export type FaultName = (typeof faultNames)[number];

export interface FaultTools {
  random: SeededRandom;
  hosts: EngineHost[];
  sockets: SocketLedger;
  leaseMs: number;
  addHost(): Promise<EngineHost>;
  restartNetwork(): Promise<void>;
  postgresPid(): number | undefined;
  /** Resolves when the product can use its database. */
  databaseAnswers(): Promise<void>;
  log(line: string): void;
}

/** A gap that is waited for: the numbers that the host had when its fault began. */
interface Expected {
  kind: 'planned' | 'unplanned';
  host: string;
  since: number;
  numbers: string[];
}

/** Sockets of a host that was in trouble may be replaced for so long after it. */
const aftermathMs = 20_000;
const hourMs = 3_600_000;

/** What can go wrong with a fleet, each with its end. What it cost the numbers is read from the network's records. */
export class FleetFaults {
  readonly counts: Record<string, number> = {};
  readonly plannedGapsMs: number[] = [];
  readonly unplannedGapsMs: number[] = [];
  private expected: Expected[] = [];

  constructor(private readonly tools: FaultTools) {}

  /** Resolves when the fault is over, not when everything works again. */
  async happen(name: FaultName): Promise<void> {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.expected = [];
    await this.acts[name]();
  }

  /** Takes down the gaps of the last fault, once all numbers are back. */
  measure(): void {
    for (const { kind, host, since, numbers } of this.expected) {
      for (const number of numbers) {
        const gap = this.tools.sockets.gap(number, host, since);
        if (!gap) continue;
        // In good order the number is away from the end of its connection; otherwise from the fault on.
        if (kind === 'planned') this.plannedGapsMs.push(gap.openedAt - gap.closedAt);
        else this.unplannedGapsMs.push(gap.openedAt - since);
      }
    }
    this.expected = [];
  }

  private readonly acts: Record<FaultName, () => Promise<void>> = {
    'kill -9 of a host': async () => {
      const host = this.troubled(this.any(), 0);
      this.expect('unplanned', host);
      await host.kill();
      await pause(this.tools.random.between(2_000, 12_000));
      await host.launch();
    },
    'a host stands still beyond its lease': async () => {
      const standsMs = this.tools.leaseMs + this.tools.random.between(2_000, 6_000);
      const host = this.troubled(this.any(), standsMs);
      this.expect('unplanned', host);
      host.pause();
      await pause(standsMs);
      host.resume();
    },
    'a host stands still for a moment': async () => {
      const standsMs = this.tools.random.between(200, 3_000);
      const host = this.troubled(this.any(), standsMs);
      host.pause();
      await pause(standsMs);
      host.resume();
    },
    'a host is restarted in good order': async () => {
      const host = this.any();
      this.expect('planned', host);
      await host.terminate();
      await host.launch();
    },
    'a host is replaced by another': async () => {
      const host = this.any();
      await this.tools.addHost();
      await pause(1_000);
      this.expect('planned', host);
      await host.terminate();
    },
    'a host more, a host less': async () => {
      const host = await this.tools.addHost();
      await pause(this.tools.random.between(3_000, 8_000));
      this.expect('planned', host);
      await host.terminate();
    },
    'the network of a host is cut': async () => {
      const cutMs = this.tools.random.between(500, 6_000);
      const host = this.troubled(this.any(), cutMs);
      host.toNetwork.cut();
      await pause(cutMs);
      host.toNetwork.resume();
    },
    'the network of a host is frozen': async () => {
      const frozenMs = this.tools.random.between(1_000, 8_000);
      const host = this.troubled(this.any(), frozenMs);
      host.toNetwork.freeze();
      await pause(frozenMs);
      host.toNetwork.resume();
    },
    'a host is cut off from its database': async () => {
      const cutMs = this.tools.random.between(1_000, this.tools.leaseMs + 6_000);
      const host = this.any();
      host.toDatabase.cut();
      await pause(cutMs);
      host.toDatabase.resume();
    },
    'PostgreSQL is killed': async () => {
      const pid = this.tools.postgresPid();
      if (pid) process.kill(pid, 'SIGKILL');
      await this.tools.databaseAnswers();
    },
    'WhatsApp restarts': () => this.tools.restartNetwork(),
    'the clock of a host jumps': async () => {
      const host = this.any();
      host.jumpClock(
        this.tools.random.pick([
          [hourMs, 1],
          [-hourMs, 1],
        ] as const),
      );
      await pause(this.tools.random.between(3_000, 6_000));
      host.jumpClock(0);
    },
  };

  /** One of those that run, the more likely the more numbers it has. */
  private any(): EngineHost {
    const running = this.tools.hosts.filter((host) => host.isRunning);
    return this.tools.random.pick(running.map((host) => [host, 0.1 + this.tools.sockets.ownedBy(host.name).length]));
  }

  private troubled(host: EngineHost, forMs: number): EngineHost {
    host.troubledUntil = performance.now() + forMs + aftermathMs;
    return host;
  }

  private expect(kind: Expected['kind'], { name }: EngineHost): void {
    const numbers = this.tools.sockets.ownedBy(name);
    this.tools.log(`  ${name} has ${numbers.length} numbers`);
    this.expected.push({ kind, host: name, since: performance.now(), numbers });
  }
}
