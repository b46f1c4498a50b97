import { Injectable } from '@nestjs/common';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { connectionStates } from '#contracts';
import { ConnectionSupervisor } from './connection-supervisor.js';

/** What monitoring reads of an engine process, measured when it is asked. */
@Injectable()
export class EngineMetrics {
  private readonly registry = new Registry();

  constructor(supervisor: ConnectionSupervisor) {
    collectDefaultMetrics({ register: this.registry, prefix: 'waypost_engine_' });
    new Gauge({
      name: 'waypost_engine_profiles',
      help: 'Profiles held by this process, by connection state.',
      labelNames: ['state'],
      registers: [this.registry],
      collect() {
        const counts = new Map<string, number>(connectionStates.map((state) => [state, 0]));
        for (const { state } of supervisor.profiles) counts.set(state, counts.get(state)! + 1);
        for (const [state, count] of counts) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'waypost_engine_decrypt_failures',
      help: 'Messages that could not be decrypted, over the profiles held now.',
      registers: [this.registry],
      collect() {
        let failures = 0;
        for (const { health } of supervisor.profiles) failures += health.decryptFailures;
        this.set(failures);
      },
    });
    new Counter({
      name: 'waypost_engine_leases_lost_total',
      help: 'Profiles that were let go because their lease was lost or could not be renewed.',
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(supervisor.lostLeases);
      },
    });
  }

  read(): Promise<string> {
    return this.registry.metrics();
  }
}
