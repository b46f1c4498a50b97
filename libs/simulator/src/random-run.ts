import type { LocalDevice } from './load/local-device.js';
import type { Faults } from './network/faults.js';
import type { Person } from './people/person.js';
import { newNetworkIdentity, Simulation } from './simulation.js';
import { DrivenClock } from './time/clock.js';
import { Random } from './time/random.js';

const PERSONS = 6;
const DEVICES = 8;
const SINKS = 6;
const TROUBLED_MS = 120_000;
const CALM_MS = 120_000;

/** Keys are not what a seed decides, so all runs have the same. */
const identity = newNetworkIdentity();

/** What a run left behind, as far as its seed decides it: ids and keys are left out. */
export interface RunRecord {
  stanzas: string[];
  inboxes: string[];
}

/**
 * Twenty accounts that do at random what accounts do, for two minutes of trouble and two of calm: six people with phones,
 * eight linked devices, six sinks. Everything hangs on the seed.
 */
export class RandomRun {
  private readonly clock = new DrivenClock();
  private readonly random: Random;
  private readonly simulation: Simulation;
  private readonly devices: LocalDevice[] = [];
  private readonly readable: string[] = [];
  private readonly countable: string[] = [];
  private isOver = false;

  constructor(seed: string | number) {
    this.random = new Random(`run/${seed}`);
    this.simulation = new Simulation({ clock: this.clock, seed, logLimit: 100_000 }, identity);
  }

  /** Throws when an invariant does not hold at the end. */
  async play(): Promise<RunRecord> {
    this.populate();
    await this.clock.advance(TROUBLED_MS);
    this.endTrouble();
    await this.clock.advance(CALM_MS);
    this.simulation.assertHealthy();
    await this.simulation.close();
    return this.record();
  }

  private populate(): void {
    const numbers = Array.from({ length: PERSONS + DEVICES + SINKS }, (_, index) => String(628_120_000_000 + index));
    this.readable.push(...numbers.slice(0, PERSONS));
    this.countable.push(...numbers.slice(PERSONS));
    for (const number of this.countable.slice(DEVICES)) this.simulation.sink(number);
    for (const number of this.countable.slice(0, DEVICES)) this.devices.push(this.simulation.lightDevice(number));
    for (const [index, number] of this.readable.entries()) this.befriend(this.simulation.person(number), index);
    for (const device of this.devices) {
      device.connect();
      this.actLater(device);
    }
  }

  private befriend(person: Person, index: number): void {
    // Few friends each: it is opening a Signal session that takes time.
    const friends = [
      this.readable[(index + 1) % PERSONS],
      this.countable[index],
      this.countable[DEVICES + (index % SINKS)],
    ];
    person.behaviours.begin({ does: 'chat', with: friends as string[], everyMs: [2_000, 20_000] });
    person.behaviours.begin({ does: 'read', afterMs: [100, 5_000], chance: 0.7 });
    if (index % 2 === 0)
      person.behaviours.begin({ does: 'come-and-go', onlineMs: [5_000, 30_000], offlineMs: [1_000, 20_000] });
    if (index === 1)
      person.behaviours.begin({ does: 'reply', texts: ['yes', 'no'], afterMs: [500, 3_000], chance: 0.5 });
    if (index === 3) person.behaviours.begin({ does: 'opt-out', afterMs: 1_000 });
  }

  private actLater(device: LocalDevice): void {
    this.clock.after(this.random.int(200, 4_000), () => {
      if (this.isOver) return;
      this.act(device);
      this.actLater(device);
    });
  }

  private act(device: LocalDevice): void {
    const { random } = this;
    if (!device.isConnected) device.connect();
    else if (random.chance(0.08)) device.disconnect();
    else if (random.chance(0.12)) this.trouble(this.simulation.faults(device.light.number));
    else device.light.send(`${random.pick(this.countable)}@s.whatsapp.net`);
  }

  private trouble(faults: Faults): void {
    const { random } = this;
    const stanza = random.pick(['message', 'receipt', 'ack', 'notification']);
    const direction = random.pick(['to-client', 'from-client'] as const);
    const count = random.int(1, 3);
    random.pick([
      () => faults.cut(),
      () => faults.halfOpen(),
      () => faults.closeWith(random.pick([408, 428, 500, 503, 515])),
      () => faults.failNextLogins(503),
      () => faults.dropNextAcks(count),
      () => faults.delayAcks(random.int(0, 3_000)),
      () => faults.nackNext(random.pick([463, 475, 479]), count),
      () => faults.loseNextReceipts(count),
      () => faults.omitNextOfflineMarkers(),
      () => faults.corruptNextMessages(count),
      () => faults.restrict({ durationMs: random.int(1_000, 20_000) }),
      () => faults.exhaustPrekeys(),
      () => faults.disturb({ what: 'drop', stanza, direction, count }),
      () => faults.disturb({ what: 'delay', stanza, direction, count, delayMs: random.int(10, 5_000) }),
      () => faults.disturb({ what: 'duplicate', stanza, count }),
      () => faults.disturb({ what: 'reorder', stanza, direction, count }),
    ])();
  }

  /** Everybody is back, with a fresh connection and no fault, and nobody begins anything new. */
  private endTrouble(): void {
    this.isOver = true;
    for (const number of this.readable) {
      const person = this.simulation.person(number);
      person.behaviours.endAll();
      person.goOnline();
    }
    for (const device of this.devices) {
      this.simulation.faults(device.light.number).clear();
      device.disconnect();
      device.connect();
    }
  }

  private record(): RunRecord {
    const stanzas = this.simulation
      .stanzaLog()
      .map(({ at, direction, who, tag, attrs: { id: _, ...attrs }, content }) =>
        JSON.stringify({ at, direction, who, tag, attrs, content }),
      );
    const inboxes = this.readable.flatMap((number) =>
      this.simulation
        .person(number)
        .inbox()
        .map(({ record: { id: _, ...record }, text }) => JSON.stringify({ number, ...record, text })),
    );
    return { stanzas, inboxes };
  }
}
