import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '#config';
import { EmbeddedPostgres, migrate } from '#database';
import { type Person, Simulator } from '#simulator';
import { testConfig } from '#testing';
import { type RunningApi, startApi } from '../../../apps/api/src/start-api.js';
import { judge, Sightings, type Verdict } from '../ledger.js';
import { PatientClient } from '../patient-client.js';
import { linkNumber, type PatientOwner, registerOwner } from '../patient-owner.js';
import { SeededRandom } from '../random.js';
import { EngineHost } from './engine-host.js';
import { type FaultName, FleetFaults, faultNames } from './fleet-faults.js';
import { SocketLedger } from './socket-ledger.js';

export interface FleetOptions {
  seed: number;
  minutes: number;
  hosts: number;
  numbers: number;
  /** Messages a second, each way, over all numbers. */
  rate: number;
  /** Which faults happen, and no others; all by default. */
  faults?: readonly FaultName[];
  log?(line: string): void;
}

export interface FleetVerdict extends Verdict {
  /** Owners of one number at once, without a fault that explains it. */
  overlaps: number;
  /** Numbers that are not linked any more. */
  loggedOut: string[];
  /** Numbers without a connection when the last fault was over for 30 s. */
  disconnected: string[];
  /** Longest time from the end of a fault until all numbers were connected, seconds. */
  slowestRecovery: number;
  /** Without a connection because a host was stopped in good order, and because it died, fell asleep or was cut off; seconds. */
  planned: GapFigures;
  unplanned: GapFigures;
  busiestSecond: number;
  faults: Record<string, number>;
}

export interface GapFigures {
  count: number;
  p50: number;
  p99: number;
  longest: number;
}

interface Line {
  number: string;
  profileId: string;
  contact: string;
}

interface MessageJson {
  id: string;
  status: string;
  content: { text?: string };
}

const settled = new Set(['sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'unknown']);
const recoveryMs = 30_000;
/** From here on the hosts' own words are of interest. */
const slowMs = 15_000;

/**
 * Several engine hosts with many numbers under faults, one after another, while messages flow both ways. Then everything
 * comes to rest, and what was lost, doubled or late is read from the phones, the network's record of connections and the
 * public API.
 */
export class FleetCampaign {
  private readonly random: SeededRandom;
  private readonly folder = mkdtempSync(join(tmpdir(), 'waypost-fleet-'));
  private readonly accepted: { text: string; line: Line }[] = [];
  private readonly inbound: string[] = [];
  private readonly phones = new Sightings();
  private readonly lines: Line[] = [];
  private readonly hosts: EngineHost[] = [];
  private readonly sockets: SocketLedger;
  private simulator!: Simulator;
  private postgres!: EmbeddedPostgres;
  private config!: Config;
  private api!: RunningApi;
  private client!: PatientClient;
  private isNetworkUp = true;
  private isOver = false;
  private slowestRecoveryMs = 0;
  private hostsStarted = 0;

  constructor(private readonly options: FleetOptions) {
    this.random = new SeededRandom(options.seed);
    this.sockets = new SocketLedger(
      (port) => this.hosts.find((host) => host.owns(port))?.name ?? `port ${port}`,
      (owner) => (this.hosts.find(({ name }) => name === owner)?.troubledUntil ?? 0) > performance.now(),
    );
  }

  async run(): Promise<FleetVerdict> {
    try {
      await this.build();
      const faults = this.faults();
      const traffic = this.traffic();
      await this.misfortunes(faults);
      this.isOver = true;
      await traffic;
      return await this.judge(faults);
    } catch (problem) {
      this.tellHosts();
      throw problem;
    } finally {
      this.isOver = true;
      await this.tearDown();
    }
  }

  private async build(): Promise<void> {
    this.postgres = await EmbeddedPostgres.start({ dataDir: join(this.folder, 'postgres'), log: () => undefined });
    await migrate(this.postgres.url);
    await this.startNetwork();
    const caFile = join(this.folder, 'ca.pem');
    await this.simulator.writeCaFile(caFile);
    this.config = testConfig({
      database: { url: this.postgres.url, poolSize: 10 },
      sandbox: { url: this.simulator.url, rootKey: this.simulator.rootKeyHex, caFile },
    });
    this.api = await startApi(this.config);
    for (let count = 0; count < this.options.hosts; count += 1) await this.addHost();
    await this.linkNumbers();
  }

  private async startNetwork(): Promise<void> {
    this.simulator = await Simulator.start({
      dataFile: join(this.folder, 'network.json'),
      logLimit: 0,
      inboxLimit: 50,
      // Clients that were waiting connect before the start is over.
      watch: (change) => {
        this.sockets.take(change);
        if (change.kind === 'message' && !change.record.fromMe && change.record.text) {
          this.phones.see(change.record.text, change.record.id);
        }
      },
    });
  }

  private async addHost(): Promise<EngineHost> {
    this.hostsStarted += 1;
    const host = await EngineHost.start(`host ${this.hostsStarted}`, this.config);
    this.hosts.push(host);
    return host;
  }

  private async linkNumbers(): Promise<void> {
    const owner = await registerOwner(new PatientClient(() => this.api.url), 'Fleet campaign');
    this.client = owner.client;
    const waiting = Array.from({ length: this.options.numbers }, (_, index) => index);
    const one = async () => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        this.lines.push(await this.link(owner, index));
      }
    };
    await Promise.all(Array.from({ length: 6 }, one));
    await this.until(() => this.missing().length === 0, 60_000, 'all numbers to be connected');
    this.log(`${this.lines.length} numbers are linked`);
  }

  private async link(owner: PatientOwner, index: number): Promise<Line> {
    const number = `1555100${String(index).padStart(4, '0')}`;
    const contact = `1555200${String(index).padStart(4, '0')}`;
    const profileId = await linkNumber(owner, this.simulator, { number, name: `Number ${index}` });
    this.simulator.person(contact, { name: `Contact ${index}` });
    return { number, profileId, contact };
  }

  /** Until it is over: each contact writes first, so that what goes out is an answer and no policy holds it back. */
  private async traffic(): Promise<void> {
    const under = new Set<Promise<void>>();
    const track = (work: Promise<void>) => {
      const tracked = work.finally(() => under.delete(tracked));
      under.add(tracked);
    };
    const started = performance.now();
    for (let count = 0; !this.isOver; count += 1) {
      const restMs = started + (count / this.options.rate) * 1_000 - performance.now();
      if (restMs > 0) await pause(restMs);
      await this.networkUp();
      const line = this.lines[count % this.lines.length]!;
      track(this.sendIn(line, count));
      if (count >= this.lines.length) track(this.sendOut(line, count));
    }
    await Promise.all(under);
  }

  private async sendIn({ contact, number }: Line, count: number): Promise<void> {
    const text = `in ${this.options.seed} ${count}`;
    this.inbound.push(text);
    await this.person(contact).sendText(number, text);
  }

  private async sendOut(line: Line, count: number): Promise<void> {
    const text = `out ${this.options.seed} ${count}`;
    const { profileId, contact } = line;
    const answer = await this.client.post('/messages/text', { profileId, to: contact, text, wait: 0 });
    if (answer.status >= 300) throw new Error(`send refused: ${JSON.stringify(answer)}`);
    this.accepted.push({ text, line });
  }

  private async misfortunes(faults: FleetFaults): Promise<void> {
    const end = performance.now() + this.options.minutes * 60_000;
    const names = [...(this.options.faults ?? faultNames)];
    for (let round = 0; performance.now() < end; round += 1) {
      // Each kind once before any comes twice.
      if (round % names.length === 0) this.random.shuffle(names);
      const name = names[round % names.length]!;
      this.log(`fault ${round + 1}: ${name}`);
      await faults.happen(name);
      const over = performance.now();
      await this.until(() => this.missing().length === 0, 60_000, `all numbers after ${name}`).catch((problem) => {
        this.log(`${(problem as Error).message}: ${this.missing().length} are missing`);
      });
      const recoveryMs = performance.now() - over;
      this.slowestRecoveryMs = Math.max(this.slowestRecoveryMs, recoveryMs);
      this.log(`  all are back after ${(recoveryMs / 1_000).toFixed(1)} s`);
      if (recoveryMs > slowMs) this.tellHosts();
      faults.measure();
      await pause(this.random.between(500, 3_000));
    }
  }

  private faults(): FleetFaults {
    return new FleetFaults({
      random: this.random,
      hosts: this.hosts,
      sockets: this.sockets,
      leaseMs: this.config.engine.leaseSeconds * 1_000,
      addHost: () => this.addHost(),
      restartNetwork: () => this.restartNetwork(),
      postgresPid: () => this.postgres.pid,
      databaseAnswers: async () => void (await this.client.get('/workspaces')),
      log: (line) => this.log(line),
    });
  }

  /** In good order: it is the product that is tested, not what the network remembers. */
  private async restartNetwork(): Promise<void> {
    this.isNetworkUp = false;
    await this.simulator.stop();
    this.sockets.allClosed();
    await pause(this.random.between(500, 3_000));
    await this.startNetwork();
    this.isNetworkUp = true;
  }

  private async judge(faults: FleetFaults): Promise<FleetVerdict> {
    await this.until(() => this.missing().length === 0, recoveryMs, 'all numbers in the end').catch(() => undefined);
    const disconnected = this.missing();
    const unsettled = await this.awaitSettled();
    await this.simulator.settle({ timeoutMs: 60_000 });
    const stored = await this.awaitStored();
    const loggedOut = await this.loggedOut();
    const evidence = { accepted: this.accepted.map(({ text }) => text), inbound: this.inbound, phones: this.phones };
    return {
      ...judge({ ...evidence, stored, unsettled }),
      overlaps: this.sockets.overlaps.length,
      loggedOut,
      disconnected,
      slowestRecovery: Math.round(this.slowestRecoveryMs / 100) / 10,
      planned: figures(faults.plannedGapsMs),
      unplanned: figures(faults.unplannedGapsMs),
      busiestSecond: this.sockets.busiestSecond(),
      faults: faults.counts,
    };
  }

  private async awaitSettled(): Promise<string[]> {
    let open: string[] = [];
    const states = async () => {
      open = [];
      const expected = new Set(this.accepted.map(({ text }) => text));
      for (const line of this.lines) {
        for (const message of await this.messages(line, 'outgoing')) {
          const { text } = message.content;
          if (text && settled.has(message.status)) expected.delete(text);
        }
      }
      open = [...expected];
      return open.length === 0;
    };
    await this.until(states, 120_000, 'all sends to be settled', 1_000).catch(() => undefined);
    return open;
  }

  private async awaitStored(): Promise<Sightings> {
    let stored = new Sightings();
    const read = async () => {
      stored = new Sightings();
      for (const line of this.lines) {
        for (const { id, content } of await this.messages(line, 'incoming'))
          if (content.text) stored.see(content.text, id);
      }
      return this.inbound.every((text) => stored.has(text));
    };
    await this.until(read, 60_000, 'all messages to be stored', 1_000).catch(() => undefined);
    return stored;
  }

  private async messages({ profileId }: Line, direction: string): Promise<MessageJson[]> {
    const all: MessageJson[] = [];
    for (let offset = 0; ; offset += 200) {
      const path = `/messages/profile/${profileId}?direction=${direction}&limit=200&offset=${offset}`;
      const page = await this.client.get<MessageJson[]>(path);
      all.push(...page.data);
      if (page.data.length < 200) return all;
    }
  }

  private async loggedOut(): Promise<string[]> {
    const lost: string[] = [];
    for (const { profileId, number } of this.lines) {
      const { data } = await this.client.get<{ status: string }>(`/profiles/${profileId}/status`);
      const devices = this.simulator.person(number).account.devices.size;
      if (data.status === 'logged_out' || devices !== 2) lost.push(number);
    }
    return lost;
  }

  private missing(): string[] {
    const numbers = this.lines.map(({ number }) => number);
    const connected = new Set(this.sockets.connected(numbers));
    return numbers.filter((number) => !connected.has(number));
  }

  private person(number: string): Person {
    return this.simulator.person(number);
  }

  private async networkUp(): Promise<void> {
    while (!this.isNetworkUp) await pause(20);
  }

  private async until(
    holds: () => boolean | Promise<boolean>,
    withinMs: number,
    what: string,
    everyMs = 50,
  ): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`Waited ${withinMs} ms in vain for ${what}`);
      await pause(everyMs);
    }
  }

  private log(line: string): void {
    this.options.log?.(line);
  }

  private tellHosts(): void {
    for (const host of this.hosts) this.log(`${host.name}:\n${host.output.slice(-6000)}`);
  }

  private async tearDown(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.stop()));
    await this.api?.stop();
    await this.simulator?.stop();
    await this.postgres?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function figures(gapsMs: readonly number[]): GapFigures {
  const sorted = [...gapsMs].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0) / 1_000;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1) };
}
