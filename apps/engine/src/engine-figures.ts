import { Counter, Histogram, Registry } from 'prom-client';
import type { Connection, ConnectionHealth, Healing } from '#engine';

/** Counters of connections that are summed over all that this process has held. */
const summed = ['reconnects', 'decryptFailures', 'retriesAsked', 'retriesAnswered'] as const;
export type SummedFigure = (typeof summed)[number];
export type ConnectionSums = Record<SummedFigure, number>;

/** What is counted over all profiles of this process, also those that it has let go. */
export class EngineFigures {
  readonly registry = new Registry();
  private readonly gone: ConnectionSums = { reconnects: 0, decryptFailures: 0, retriesAsked: 0, retriesAnswered: 0 };
  private readonly counted = new WeakSet<Connection>();
  private readonly roundTrips = new Histogram({
    name: 'waypost_engine_round_trip_seconds',
    help: 'Time until WhatsApp answered a ping, or acknowledged a message from the moment its sending began.',
    labelNames: ['what'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers: [this.registry],
  });
  private readonly healings = new Counter({
    name: 'waypost_engine_healings_total',
    help: 'Steps taken because a connection did not work, by step and by what was found.',
    labelNames: ['step', 'code'],
    registers: [this.registry],
  });

  measured(what: 'ping' | 'ack', ms: number): void {
    this.roundTrips.observe({ what }, ms / 1000);
  }

  healed({ step, code }: Healing): void {
    this.healings.inc({ step, code });
  }

  /** A connection is closed: what it counted stays in the sums. */
  closed(connection: Connection): void {
    if (this.counted.has(connection)) return;
    this.counted.add(connection);
    add(this.gone, connection.health);
  }

  /** Sums over all connections that were and are. */
  sums(present: Iterable<Connection>): ConnectionSums {
    const sums = { ...this.gone };
    for (const connection of present) if (!this.counted.has(connection)) add(sums, connection.health);
    return sums;
  }
}

function add(sums: ConnectionSums, health: ConnectionHealth): void {
  for (const figure of summed) sums[figure] += health[figure];
}
