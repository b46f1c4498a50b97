import { Injectable } from '@nestjs/common';
import { Counter, collectDefaultMetrics, Gauge } from 'prom-client';
import { connectionStates, healthCodes, healthGrades } from '#contracts';
import { ConnectionSupervisor } from './connection-supervisor.js';
import type { SummedFigure } from './engine-figures.js';
import type { HeldProfile } from './held-profile.js';

/** So many profiles at most have a series of their own: those that do not work. */
const MOST_NAMED = 50;

const sumsHelp: Record<SummedFigure, [name: string, help: string]> = {
  reconnects: ['reconnects_total', 'Connections to WhatsApp that were opened again.'],
  decryptFailures: ['decrypt_failures_total', 'Messages that could not be decrypted.'],
  retriesAsked: ['retries_asked_total', 'Messages of ours that another device could not read and asked for again.'],
  retriesAnswered: ['retries_answered_total', 'Those of them that were sent again.'],
};

/** What monitoring reads of an engine process, measured when it is asked. */
@Injectable()
export class EngineMetrics {
  constructor(private readonly supervisor: ConnectionSupervisor) {
    const { registry } = supervisor.figures;
    collectDefaultMetrics({ register: registry, prefix: 'waypost_engine_' });
    this.profiles();
    this.health();
    this.sending();
    this.sums();
    this.fleet();
  }

  read(): Promise<string> {
    return this.supervisor.figures.registry.metrics();
  }

  private profiles(): void {
    const { supervisor } = this;
    this.gauge('profiles', 'Profiles held by this process, by connection state.', ['state'], (gauge) => {
      for (const state of connectionStates) gauge.set({ state }, 0);
      for (const { state } of supervisor.profiles) gauge.inc({ state });
    });
    this.gauge('profiles_by_health', 'Profiles with a connection, by how well it works.', ['grade'], (gauge) => {
      for (const grade of healthGrades) gauge.set({ grade }, 0);
      for (const { health } of supervisor.profiles) if (health) gauge.inc({ grade: health.grade });
    });
    this.gauge('findings', 'Profiles about which this was found.', ['code'], (gauge) => {
      for (const code of Object.keys(healthCodes)) gauge.set({ code }, 0);
      for (const { health } of supervisor.profiles) for (const { code } of health?.findings ?? []) gauge.inc({ code });
    });
    const help = `Profiles that do not work, by id and worst finding; at most ${MOST_NAMED} of them.`;
    this.gauge('profile_unhealthy', help, ['profile_id', 'code'], (gauge) => {
      for (const { lease, code } of unhealthy(supervisor.profiles)) gauge.set({ profile_id: lease.profileId, code }, 1);
    });
  }

  private sending(): void {
    const { supervisor } = this;
    const help = 'Profiles of which something that is due is held back by the send governor, by reason.';
    this.gauge('sending_held', help, ['reason'], (gauge) => {
      for (const { resting } of supervisor.profiles) for (const reason of resting?.heldFor ?? []) gauge.inc({ reason });
    });
    this.gauge('sending_time_locked', 'Profiles that WhatsApp lets open no chats (463).', [], (gauge) => {
      gauge.set([...supervisor.profiles].filter(({ resting }) => resting?.isTimeLocked).length);
    });
    this.gauge('sending_circuits_open', 'Profiles whose sends outside the service window rest.', [], (gauge) => {
      gauge.set([...supervisor.profiles].filter(({ resting }) => resting?.isCircuitOpen).length);
    });
  }

  private health(): void {
    const { supervisor } = this;
    this.gauge('buffers_held', 'Profiles whose library holds back what it learnt.', [], (gauge) => {
      for (const { health } of supervisor.profiles) if (health?.bufferHeldSince) gauge.inc();
    });
    this.gauge('answers_oldest_due_seconds', 'How long the oldest due answer of a profile waits.', [], (gauge) => {
      const dues = [...supervisor.profiles].map(({ oldestDueSendAt }) => oldestDueSendAt?.getTime() ?? Date.now());
      gauge.set(Math.max(0, ...dues.map((at) => Date.now() - at)) / 1000);
    });
  }

  private sums(): void {
    const { supervisor } = this;
    for (const [figure, [name, help]] of Object.entries(sumsHelp) as [SummedFigure, [string, string]][]) {
      this.counter(name, help, () => supervisor.figures.sums(connectionsOf(supervisor.profiles))[figure]);
    }
  }

  private fleet(): void {
    const { supervisor } = this;
    this.counter(
      'leases_lost_total',
      'Profiles that were let go because their lease was lost or could not be renewed.',
      () => supervisor.lostLeases,
    );
    this.counter('connects_total', 'Connections to WhatsApp that were let begin.', () => supervisor.pacer.begun);
    this.gauge('connects_waiting', 'Connections that wait for their turn.', [], (gauge) => {
      gauge.set(supervisor.pacer.waiting);
    });
    this.gauge('capacity', 'Most profiles that this process holds, by its setting and its memory.', [], (gauge) => {
      gauge.set(supervisor.capacity);
    });
    this.gauge('memory_used_ratio', 'Memory in use as a share of what this process may use.', [], (gauge) => {
      const { usedBytes, limitBytes } = supervisor.memory.lastUse;
      gauge.set(usedBytes / limitBytes);
    });
  }

  /** Begins at nothing each time it is read. */
  private gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    new Gauge({
      name: `waypost_engine_${name}`,
      help,
      labelNames,
      registers: [this.supervisor.figures.registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  }

  private counter(name: string, help: string, read: () => number): void {
    new Counter({
      name: `waypost_engine_${name}`,
      help,
      registers: [this.supervisor.figures.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}

function* connectionsOf(profiles: Iterable<HeldProfile>) {
  for (const { connection } of profiles) if (connection) yield connection;
}

function* unhealthy(profiles: Iterable<HeldProfile>) {
  let named = 0;
  for (const { lease, health } of profiles) {
    const worst = health?.grade === 'unhealthy' ? health.findings[0] : undefined;
    if (!worst) continue;
    yield { lease, code: worst.code };
    named += 1;
    if (named === MOST_NAMED) return;
  }
}
