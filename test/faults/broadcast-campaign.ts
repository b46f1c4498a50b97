import { setTimeout as pause } from 'node:timers/promises';
import { Simulator } from '#simulator';
import { WaypostProcesses } from '#testing';
import { PatientClient } from './patient-client.js';
import { linkNumber, type PatientOwner, patiently, registerOwner } from './patient-owner.js';
import { SeededRandom } from './random.js';

export interface BroadcastCampaignOptions {
  seed: number;
  recipients: number;
  /** How many numbers send. One of them is restricted half-way. */
  numbers: number;
  /** kill -9 of random processes; so many of them PostgreSQL. */
  kills: number;
  databaseKills: number;
  /** Longest wait between two kills, and the pause between two messages of a number, milliseconds. */
  gapMs: number;
  delayMs: number;
  /** How long the whole may take from start to completion, milliseconds. */
  withinMs: number;
  log?(line: string): void;
}

/** What the other phones saw of a broadcast, beside what Waypost says of it. */
export interface BroadcastVerdict {
  /** Recipients that got a message; a campaign that reaches nobody proves nothing. */
  reached: number;
  /** Got it under more than one WhatsApp id. */
  twice: string[];
  /** Said to have it, and do not. */
  lost: string[];
  /** Said not to have it (failed, cancelled, excluded), and do. */
  ghosts: string[];
  /** In no terminal state, or in the list more or less often than once. */
  unsettled: string[];
  /** Arrivals from one second after the answer to the pause until the resume. */
  arrivedWhilePaused: number;
  /** Figures of the statistics that differ from the phones' or from the list's, with both values. */
  wrongFigures: string[];
  /** How many messages each number sent, and the restricted one by itself. */
  senders: Record<string, number>;
  /** Repeats under one id, which phones drop: counted, no faults. */
  repeats: number;
}

interface Figures {
  total: number;
  pending: number;
  queued: number;
  sent: number;
  delivered: number;
  read: number;
  failed: number;
  cancelled: number;
  expired: number;
  unknown: number;
  excluded: number;
}

interface Shown {
  status: string;
  stats: Figures;
}

interface ListedRecipient {
  phone: string | null;
  status: string;
  reason: string | null;
}

const settled = new Set([
  'sent',
  'delivered',
  'read',
  'played',
  'failed',
  'cancelled',
  'expired',
  'unknown',
  'excluded',
]);
const got = new Set(['sent', 'delivered', 'read', 'played']);
/** More recipients than this come in a file: a request has 50,000 values at most. */
const MOST_IN_REQUEST = 40_000;
/** One in so many numbers is not on WhatsApp. */
const NOBODY_EVERY = 100;
const PAUSED_MS = 1_500;

/**
 * Runs a broadcast while processes are killed, the database dies, somebody pauses and resumes it, and one of its numbers
 * is restricted. Then the phones, the list of recipients and the statistics have to agree about every single one.
 */
export class BroadcastCampaign {
  private readonly random: SeededRandom;
  private readonly people: string[];
  /** Every second phone opens what it gets. */
  private readonly readers = new Set<string>();
  private simulator!: Simulator;
  private waypost!: WaypostProcesses;
  private owner!: PatientOwner;
  private id = '';
  private profiles: { id: string; number: string }[] = [];
  private arrivedWhilePaused = 0;

  constructor(private readonly options: BroadcastCampaignOptions) {
    this.random = new SeededRandom(options.seed);
    this.people = Array.from({ length: options.recipients }, (_, index) => String(15_570_000_000 + index));
  }

  async run(): Promise<BroadcastVerdict> {
    this.simulator = await Simulator.start({ logLimit: 0 });
    this.waypost = await WaypostProcesses.start(this.simulator);
    try {
      await this.prepare();
      await this.disturb();
      await this.completed();
      return await this.judge();
    } catch (problem) {
      this.options.log?.(this.waypost.output.slice(-6000));
      throw problem;
    } finally {
      await this.waypost.stop();
      await this.simulator.stop();
    }
  }

  private async prepare(): Promise<void> {
    this.owner = await registerOwner(new PatientClient(() => this.waypost.url), 'Broadcast campaign');
    for (let index = 0; index < this.options.numbers; index += 1) {
      const number = String(15_560_000_000 + index);
      const id = await linkNumber(this.owner, this.simulator, { number, name: `Sender ${index}` });
      this.profiles.push({ id, number });
    }
    for (const [index, number] of this.people.entries()) {
      if (isNobody(index)) continue;
      const isReader = index % 2 === 0;
      if (isReader) this.readers.add(number);
      this.simulator.sink(number, isReader ? { read: {} } : undefined);
    }
    const made = await this.owner.client.post<{ id: string }>('/broadcast', {
      profileId: this.profiles[0]!.id,
      name: 'Offer',
      message: { type: 'text', text: 'An offer for {{phone}}' },
      recipients: await this.audience(),
      senders: this.profiles.map(({ id }) => id),
      settings: {
        delayMin: this.options.delayMs,
        delayMax: this.options.delayMs,
        batchPause: 0,
        retryFailed: false,
        onSenderLost: 'reassign',
      },
    });
    if (made.status !== 201) throw new Error(`refused: ${JSON.stringify(made)}`);
    this.id = made.data.id;
    await this.ask('start');
  }

  private async audience(): Promise<object> {
    if (this.people.length <= MOST_IN_REQUEST) return { type: 'numbers', value: this.people };
    const file = new File([`phone\n+${this.people.join('\n+')}\n`], 'audience.csv', { type: 'text/csv' });
    const { status, data } = await this.owner.client.upload<{ id: string }>('/uploads/media', file);
    if (status !== 201) throw new Error(`the audience was refused: ${status}`);
    return { type: 'file', file: { uploadId: data.id } };
  }

  private async disturb(): Promise<void> {
    const { kills, databaseKills, recipients } = this.options;
    for (let round = 0; round < kills; round += 1) {
      await pause(this.random.between(0, this.options.gapMs));
      if (round === Math.floor(kills / 3)) await this.restAWhile();
      if (round === Math.floor(kills / 2)) {
        // Half of them are through by then, unless the kills were quicker.
        await patiently('half of the recipients', async () => this.arrived() >= recipients / 2, this.options.withinMs);
        this.log('the last number is restricted');
        this.simulator.faults(this.profiles.at(-1)!.number).restrict();
      }
      const isDatabase = round % Math.ceil(kills / databaseKills) === 1;
      await this.kill(round, isDatabase);
    }
  }

  private async kill(round: number, isDatabase: boolean): Promise<void> {
    const victim = isDatabase
      ? 'postgres'
      : this.random.pick([
          ['engine', 4],
          ['worker', 4],
          ['api', 1],
          ['everything', 1],
        ] as const);
    this.log(`kill ${round + 1}/${this.options.kills}: ${victim}; ${this.arrived()} have it`);
    if (victim !== 'everything') return this.waypost.kill(victim);
    this.waypost.killEverything();
    await this.waypost.launch();
  }

  private async restAWhile(): Promise<void> {
    await this.ask('pause');
    await pause(1_000);
    const before = this.arrived();
    await pause(PAUSED_MS);
    this.arrivedWhilePaused = this.arrived() - before;
    this.log(`paused: ${this.arrivedWhilePaused} came meanwhile`);
    await this.ask('resume');
  }

  private async ask(act: 'start' | 'pause' | 'resume'): Promise<void> {
    const answer = await this.owner.client.post<unknown>(`/broadcast/${this.id}/${act}`);
    if (answer.status >= 300) throw new Error(`${act} refused: ${JSON.stringify(answer)}`);
  }

  private async completed(): Promise<void> {
    const { withinMs } = this.options;
    // What a process that died may have sent belongs to the restricted number and waits there for its restriction to end:
    // to give it to another number could mean to send it twice.
    const othersAreThrough = async () => {
      const { status, stats } = await this.shown();
      return status === 'completed' || stats.pending === stats.queued;
    };
    await patiently('the other numbers to be through', othersAreThrough, withinMs);
    this.log('the restriction ends');
    this.simulator.faults(this.profiles.at(-1)!.number).liftRestriction();
    const isCompleted = async () => (await this.shown()).status === 'completed';
    await patiently('the broadcast to be completed', isCompleted, withinMs).catch(async (problem) => {
      this.log(JSON.stringify(await this.shown(), null, 1));
      throw problem;
    });
    await this.simulator.settle({ timeoutMs: 60_000 });
  }

  private async judge(): Promise<BroadcastVerdict> {
    const reached = this.people.filter((number) => this.ids(number).size > 0);
    const read = reached.filter((number) => this.readers.has(number));
    const figures = async () => (await this.shown()).stats;
    // Receipts come after the messages.
    await patiently('all receipts', async () => (await figures()).read >= read.length).catch(() => undefined);
    const listed = await this.listed();
    const count = (states: string[]) =>
      [...listed.values()].flat().filter(({ status }) => states.includes(status)).length;
    const stats = await figures();
    const expected: Partial<Figures> = {
      total: this.people.length - count(['excluded']),
      pending: 0,
      queued: 0,
      sent: count([...got]),
      delivered: reached.length,
      read: read.length,
      failed: count(['failed']),
      cancelled: count(['cancelled']),
      unknown: count(['unknown']),
      excluded: count(['excluded']),
    };
    const stateOf = (number: string) => listed.get(number)?.[0]?.status ?? 'missing';
    return {
      reached: reached.length,
      twice: this.people.filter((number) => this.ids(number).size > 1),
      lost: this.people.filter((number) => got.has(stateOf(number)) && this.ids(number).size === 0),
      ghosts: reached.filter((number) => !got.has(stateOf(number)) && stateOf(number) !== 'unknown'),
      unsettled: this.people.filter((number) => !settled.has(stateOf(number)) || listed.get(number)!.length !== 1),
      arrivedWhilePaused: this.arrivedWhilePaused,
      wrongFigures: Object.entries(expected).flatMap(([name, value]) =>
        stats[name as keyof Figures] === value ? [] : [`${name}: ${stats[name as keyof Figures]}, not ${value}`],
      ),
      senders: this.bySender(),
      repeats: this.people.reduce((sum, number) => sum + this.sink(number).length - this.ids(number).size, 0),
    };
  }

  private bySender(): Record<string, number> {
    const counts: Record<string, number> = Object.fromEntries(this.profiles.map(({ number }) => [number, 0]));
    for (const number of this.people) for (const { from } of this.sink(number).slice(0, 1)) counts[from]! += 1;
    return counts;
  }

  /** Everybody whom the list of recipients names, by phone number. */
  private async listed(): Promise<Map<string, ListedRecipient[]>> {
    const byPhone = new Map<string, ListedRecipient[]>();
    for (let offset = 0; ; offset += 200) {
      const page = await this.owner.client.get<{ recipients: ListedRecipient[] }>(
        `/broadcast/${this.id}/recipients?limit=200&offset=${offset}`,
      );
      for (const one of page.data.recipients)
        byPhone.set(one.phone ?? '', [...(byPhone.get(one.phone ?? '') ?? []), one]);
      if (page.data.recipients.length < 200) return byPhone;
    }
  }

  private async shown(): Promise<Shown> {
    return (await this.owner.client.get<Shown>(`/broadcast/${this.id}`)).data;
  }

  private sink(number: string) {
    return this.simulator.findSink(number)?.received.list() ?? [];
  }

  /** The WhatsApp ids under which a phone got something. */
  private ids(number: string): Set<string> {
    return new Set(this.sink(number).map(({ id }) => id));
  }

  private arrived(): number {
    return this.people.reduce((sum, number) => sum + Math.min(1, this.simulator.findSink(number)?.count ?? 0), 0);
  }

  private log(line: string): void {
    this.options.log?.(line);
  }
}

function isNobody(index: number): boolean {
  return index % NOBODY_EVERY === NOBODY_EVERY - 1;
}
