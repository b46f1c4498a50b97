import { type Change, Changes } from './changes.js';
import type { LightEvents } from './load/light-device.js';
import type { LocalConnection } from './load/local-connection.js';
import { LocalDevice, makeLightCompanion } from './load/local-device.js';
import { makeTlsFiles, type TlsFiles } from './media/certificate.js';
import { MediaHost } from './media/host.js';
import { type MediaStore, MemoryMediaStore } from './media/store.js';
import type { Addressing } from './network/account.js';
import { Companion } from './network/companion.js';
import { Directory, digits } from './network/directory.js';
import type { Faults } from './network/faults.js';
import { Invariants } from './network/invariants/invariants.js';
import { Network } from './network/network.js';
import { Counters, type LoggedStanza, StanzaLog, type StanzaText } from './network/observation.js';
import type { LinkingPhone } from './network/pairing-session.js';
import type { Limits } from './network/policies.js';
import { type Problem, type ProblemKind, Problems } from './network/problems.js';
import { nameOf } from './network/router.js';
import type { WaitingClient } from './network/waiting-clients.js';
import type { Person } from './people/person.js';
import { type PersonOptions, Population } from './people/population.js';
import type { Sink } from './people/sink.js';
import type { SinkOptions } from './people/sink-receipts.js';
import { restoreAccount, type SavedSimulation, saveAccount } from './snapshot.js';
import { type Clock, DrivenClock, RealClock, wallClock } from './time/clock.js';
import { Random } from './time/random.js';
import type { World } from './time/world.js';
import { NoiseAuthority, type NoiseAuthorityKeys } from './wire/certificates.js';
import type { PortWish } from './wire/listen.js';

export interface SimulationOptions {
  /** How accounts see each other unless they say otherwise; default `lid`, which strict clients want. */
  addressing?: Addressing;
  /** How many messages each inbox keeps, default 100 000, and how many receipts at most, but never over 20 000. */
  inboxLimit?: number;
  /** How many stanzas the log keeps; default 2 000, 0 for none. */
  logLimit?: number;
  /** Where encrypted files lie; in memory by default. */
  mediaStore?: MediaStore;
  /** What the service lets accounts do, for instance `REALISTIC_LIMITS`. Without it, everything. */
  limits?: Limits;
  /** By what clock everything happens; the real one by default. A `DrivenClock` stands still until it is advanced. */
  clock?: Clock;
  /** The same seed gives the same run. By default another one each time; `simulation.seed` says which. */
  seed?: string | number;
  /** Is told of every change from the first one on; what clients do before `start` is over is among them. */
  watch?: (change: Change) => void;
}

/** What makes this network the same one after a restart: the keys that clients were told to trust. */
export interface NetworkIdentity {
  noise: NoiseAuthorityKeys;
  tls: TlsFiles;
}

/** @param names further host names that clients reach the media host by. */
export const newNetworkIdentity = (names: readonly string[] = []): NetworkIdentity => ({
  noise: NoiseAuthority.generateKeys(),
  tls: makeTlsFiles(names),
});

/** A linked companion. */
export interface LinkedDevice {
  /** Phone number of its account. */
  number: string;
  device: number;
}

/** A WhatsApp network in this process: a server that real clients connect to, and people with phones. */
export class Simulation {
  /** The time and the chance of this network. */
  readonly world: World;
  /** What happens in it, as it happens. */
  readonly changes = new Changes();
  private readonly directory: Directory;
  private readonly problemList: Problems;
  private readonly counters = new Counters();
  private readonly stanzas: StanzaLog;
  private readonly authority: NoiseAuthority;
  private readonly media: MediaHost;
  private readonly network: Network;
  private readonly population: Population;

  constructor(options: SimulationOptions, identity: NetworkIdentity = newNetworkIdentity()) {
    const { addressing = 'lid', inboxLimit = 100_000, logLimit = 2_000 } = options;
    this.authority = new NoiseAuthority(identity.noise);
    const clock = options.clock ?? new RealClock();
    this.problemList = new Problems(clock);
    this.world = {
      clock,
      random: options.seed === undefined ? Random.unseeded() : new Random(options.seed),
      invariants: new Invariants(this.problemList, (jid) => this.directory.deviceAt(jid)),
    };
    this.directory = new Directory(addressing, this.world);
    this.stanzas = new StanzaLog(logLimit, this.world.clock);
    this.media = new MediaHost(
      identity.tls,
      options.mediaStore ?? new MemoryMediaStore(),
      this.world,
      this.problemList,
      this.counters,
    );
    this.network = new Network({
      authority: this.authority,
      directory: this.directory,
      media: this.media,
      problems: this.problemList,
      counters: this.counters,
      log: this.stanzas,
      onSession: (change) => this.changes.emit(() => change),
      onCaughtUp: (companion) => this.population.welcome(companion),
    });
    this.population = new Population({
      network: this.network,
      directory: this.directory,
      media: this.media,
      problems: this.problemList,
      counters: this.counters,
      world: this.world,
      changes: this.changes,
      inboxLimit,
    });
    if (options.limits) this.limits = options.limits;
    if (options.watch) this.changes.listen(options.watch);
    if (clock instanceof DrivenClock) clock.comesToRestWith(() => this.rest());
    this.problemList.onAdd = (problem) => this.changes.emit(() => ({ kind: 'problem', problem }));
    this.stanzas.onAdd = () => this.changes.emit(() => ({ kind: 'stanzas' }));
    this.network.linking.waiting.onChange = () => this.changes.emit(() => ({ kind: 'pairing' }));
  }

  /** Opens the doors. Rejects when a port that was asked for is taken; `close` must be called all the same. */
  async listen(wishes: { clients: PortWish; media: PortWish }): Promise<{ clients: number; media: number }> {
    const media = await this.media.listen(wishes.media);
    return { media, clients: await this.network.listen(wishes.clients) };
  }

  async close(): Promise<void> {
    for (const person of this.population.persons) person.stop();
    await this.network.close();
    await this.media.close();
  }

  /** What repeats this run when it is given as the option `seed`. */
  get seed(): string {
    return String(this.world.random.seed);
  }

  /** Where clients connect: `waWebSocketUrl` of Baileys. */
  get url(): string {
    return this.network.url;
  }

  /** The root key that the client must trust, in hex: `WA_CERT_DETAILS.PUBLIC_KEY` of Baileys. */
  get rootKeyHex(): string {
    return this.authority.rootPublicKey.toString('hex');
  }

  /** The authority behind the media host's certificate, for `NODE_EXTRA_CA_CERTS` and the like. */
  get caPem(): string {
    return this.media.tls.caPem;
  }

  /** Base address of the media host. */
  get mediaUrl(): string {
    return `https://${this.media.hostname}`;
  }

  /** What the media host wants to see before it takes an upload; clients get it with the address. */
  get mediaAuth(): string {
    return this.media.auth;
  }

  /** Every upload token given out so far is no good: clients must ask for another. */
  revokeUploads(): void {
    this.media.access.revokeAll();
  }

  /** The encrypted file at a path of the media host, if it is there. */
  findFile(path: string): Promise<Buffer | undefined> {
    return this.media.files.get(path);
  }

  // --- keeping -------------------------------------------------------------------------------------------------------

  /** Grows with everything that happens. */
  get revision(): number {
    return this.counters.total + this.changes.count;
  }

  /** All that must survive a restart. */
  snapshot(): SavedSimulation {
    const accounts = [...this.directory.accounts].map((account) => ({
      account: saveAccount(account),
      holder: this.population.save(account.number),
    }));
    return { accounts, rooms: this.network.rooms.snapshot(), media: this.media.shelfLife.snapshot() };
  }

  /** Takes over what an earlier simulation saved. Only before anybody else was made. */
  restore(saved: SavedSimulation): void {
    this.media.shelfLife.restore(saved.media ?? []);
    for (const { account } of saved.accounts) {
      const { number, name, lid, addressing } = account;
      restoreAccount(this.directory.ensure(number, { name, lid, addressing }), account);
    }
    if (saved.rooms) this.network.rooms.restore(saved.rooms);
    for (const { account, holder } of saved.accounts) {
      const restored = this.directory.ensure(account.number);
      for (const peer of account.peers) restored.peers.add(this.directory.ensure(peer));
      restored.card.restore(account.card, this.directory);
      for (const companion of restored.companions) this.network.watchKeys(companion);
      this.population.restore(account.number, holder);
    }
  }

  /** Notes a failure of the simulator itself. */
  report(detail: string): void {
    this.problemList.add('simulator-error', 'simulator', detail);
  }

  // --- people --------------------------------------------------------------------------------------------------------

  /** The person with this number, made on first use. */
  person(number: string, options: PersonOptions = {}): Person {
    return this.population.person(number, options);
  }

  /** The person takes another number; the LID and the chats stay, linked devices are gone. */
  changeNumber(number: string, next: string): Person {
    return this.population.changeNumber(number, next);
  }

  /** Everybody with a phone. */
  get persons(): Person[] {
    return [...this.population.persons];
  }

  /** The person with this number, if there is one. */
  findPerson(number: string): Person | undefined {
    return this.population.findPerson(number);
  }

  findSink(number: string): Sink | undefined {
    return this.population.findSink(number);
  }

  /** A recipient for load: counts messages and sends receipts, never decrypts. Options replace earlier ones. */
  sink(number: string, options?: SinkOptions): Sink {
    return this.population.sink(number, options);
  }

  /** How groups that are made from now on name their members; `lid` unless it is set. */
  set groupAddressing(addressing: Addressing) {
    this.network.rooms.groups.groups.addressing = addressing;
  }

  /** A linked device inside the simulator, which confirms all and reads nothing; its account's phone is a sink. */
  lightDevice(number: string, events: LightEvents = {}): LocalDevice {
    const { account } = this.sink(number);
    const companion = makeLightCompanion(account);
    const open = (one: Companion, connection: LocalConnection) => this.network.openLocal(one, connection);
    const note = (...stanza: Parameters<Network['noteStanza']>) => this.network.noteStanza(...stanza);
    return new LocalDevice(companion, open, note, events);
  }

  // --- linking -------------------------------------------------------------------------------------------------------

  /** The person scans the QR code that a client shows; `qrText` is its text. Resolves when the client is linked. */
  async scanQr(qrText: string, number: string, options: PersonOptions = {}): Promise<LinkedDevice> {
    return this.linked(await this.network.linking.scan(qrText, this.linkingPhone(number, options)));
  }

  /** The person types the pairing code that a client shows. Rejects with "wrong pairing code" when it is another. */
  async enterPairingCode(number: string, code: string, options: PersonOptions = {}): Promise<LinkedDevice> {
    return this.linked(await this.network.linking.enterCode(code, this.linkingPhone(number, options)));
  }

  /** The clients that wait to be linked. */
  get waitingClients(): WaitingClient[] {
    return this.network.linking.waiting.list;
  }

  /** Shows a client's QR code to every phone, so that it can be scanned by picking it; `label` is what a person knows. */
  showQr(qrText: string, label?: string): void {
    this.network.linking.show(qrText, label);
  }

  /** The person scans the QR code of a client of `waitingClients`, which `showQr` has shown. */
  async scanWaiting(id: number, number: string, options: PersonOptions = {}): Promise<LinkedDevice> {
    return this.scanQr(this.network.linking.waiting.qrOf(id), number, options);
  }

  /** The person removes a companion on the phone. Its connection ends with 401; so does every later login. */
  unlink(number: string, device: number): void {
    this.network.linking.remove(this.companion(number, device), 'phone');
  }

  // --- trouble -------------------------------------------------------------------------------------------------------

  /** What can be made to go wrong for the companions of an account. */
  faults(number: string): Faults {
    return this.population.accountOf(number).faults;
  }

  /** What the service lets accounts do; nothing is limited unless it is set here or with the option `limits`. */
  get limits(): Limits {
    return this.network.policies.limits;
  }

  set limits(limits: Limits) {
    this.network.policies.limits = limits;
  }

  /** What clients did wrong, or asked that this version cannot do. */
  get problems(): readonly Problem[] {
    return this.problemList.all;
  }

  /** Looks for this text in every stanza from now on: it is never to be seen. At least twelve characters. */
  addCanary(text: string): void {
    this.world.invariants.plaintext.addCanary(text);
  }

  clearProblems(): void {
    this.problemList.clear();
  }

  /** Throws, with the list, when there are problems or when something still waits for a device that is connected. */
  assertHealthy(options: { ignore?: ProblemKind[] } = {}): void {
    const found = [...this.problemList.all, ...this.undelivered()].filter((one) => !options.ignore?.includes(one.kind));
    if (found.length === 0) return;
    const lines = found.map(({ kind, who, detail }) => `- ${kind} (${who}): ${detail}`);
    throw new Error(`the simulated network is not healthy:\n${lines.join('\n')}`);
  }

  /** Waits until every connected device has confirmed all that was sent to it. */
  async settle(options: { timeoutMs?: number } = {}): Promise<void> {
    const deadline = wallClock.now() + (options.timeoutMs ?? 10_000);
    for (;;) {
      await this.population.idle();
      const waiting = this.undelivered();
      if (waiting.length === 0) return;
      if (wallClock.now() > deadline) throw new Error(`not settled: ${waiting.map((one) => one.detail).join('; ')}`);
      await wallClock.sleep(10);
    }
  }

  /** Counters of what happened since the start. */
  get stats(): Record<string, number> {
    return this.counters.all();
  }

  /** The last stanzas on the wire, from after a sequence number. */
  stanzaLog(after = 0): LoggedStanza[] {
    return this.stanzas.list(after);
  }

  /** A stanza of the log whole, and for a message what a phone of this simulation read in it. */
  stanza(sequence: number): (StanzaText & { decrypted?: { by: string; kind: string; text?: string } }) | undefined {
    const found = this.stanzas.find(sequence);
    if (found?.tag !== 'message') return found;
    const { from, to, participant, id } = found.attrs;
    for (const jid of [to, from, participant]) {
      const number = this.directory.accountAt(jid)?.number;
      const read = number && this.findPerson(number)?.phone.chats.content(id ?? '');
      if (read) return { ...found, decrypted: { by: number, ...read } };
    }
    return found;
  }

  /** Waits until the phones have nothing to do any more. */
  private async rest(): Promise<void> {
    for (let before = -1; before !== this.counters.total; ) {
      before = this.counters.total;
      await this.population.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private undelivered(): Problem[] {
    const found: Problem[] = [];
    for (const account of this.directory.accounts) {
      for (const device of account.devices.values()) {
        if (!device.isReachable || device.queue.size === 0) continue;
        const waiting = [...device.queue]
          .slice(0, 3)
          .map(({ node }) => `${node.tag} ${node.attrs.type ?? ''} ${node.attrs.id}`);
        const detail = `${device.queue.size} unconfirmed: ${waiting.join(', ')}`;
        found.push({ kind: 'undelivered', who: nameOf(device), detail, at: this.world.clock.now() });
      }
    }
    return found;
  }

  private linkingPhone(number: string, options: PersonOptions): LinkingPhone {
    const { phone, account } = this.person(number, options);
    return { account, identity: phone.signal.identity.identity };
  }

  private linked(companion: Companion): LinkedDevice {
    this.network.watchKeys(companion);
    return { number: companion.account.number, device: companion.number };
  }

  private companion(number: string, device: number): Companion {
    const found = this.directory.find(digits(number))?.devices.get(device);
    if (!(found instanceof Companion)) throw new Error(`${number} has no companion ${device}`);
    return found;
  }
}
