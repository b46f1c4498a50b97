import { setTimeout as sleep } from 'node:timers/promises';
import type { ProfileId } from '#contracts';
import {
  announceHost,
  claimLeases,
  countWantedProfiles,
  type Database,
  findOldestDueAnswers,
  findProfilesWithDueDownloads,
  findProfilesWithDueSends,
  forgetHost,
  isTransient,
  listLiveHosts,
  type RenewedLease,
  readLease,
  releaseLeases,
  renewLeases,
  sweepTraces,
} from '#database';
import { ConnectPacer } from './connect-pacer.js';
import type { EngineFigures } from './engine-figures.js';
import { FairShare } from './fair-share.js';
import { type Ending, HeldProfile, type ProfileParts } from './held-profile.js';
import type { MemoryBudget } from './memory-budget.js';

export interface SupervisorOptions {
  hostId: string;
  leaseSeconds: number;
  /** Of the whole installation; what is let go is let go at this pace too. */
  connectsPerSecond: number;
  memory: MemoryBudget;
  /** Connections to the database that nothing else uses: a renewal must not wait behind messages. */
  leases: Database;
}

const CLAIM_EVERY_MS = 1_000;
const POLL_EVERY_MS = 1_000;
const QUEUES_EVERY_MS = 10_000;
const FENCE_EVERY_MS = 200;
const SWEEP_EVERY_MS = 600_000;
/** So long before a lease ends in the database nothing is sent any more: time to renew once more, or to close. */
const LONGEST_MARGIN_MS = 1_500;
/** Everything is given back within this time when the process stops. */
const DRAIN_MS = 6_500;
/** The last profile is handed over so long before that end, to have time for what it is sending. */
const LAST_HAND_OVER_MS = 2_500;
/** Numbers are handed over a little slower than connections may begin, so that who takes over never waits for a turn. */
const HAND_OVER_SPREAD = 1.15;

/**
 * Decides which profiles this process holds. It claims its share of those that want an owner, renews its leases, lets go
 * of what it cannot renew before another may take it, follows what people want, and hands everything over when it stops.
 *
 * Time is measured on two clocks that are never compared: the database's decides when a lease may be taken by another;
 * this process's monotonic clock decides when it has to stop, counted from before the renewal was sent.
 */
export class ConnectionSupervisor {
  private readonly held = new Map<string, HeldProfile>();
  private readonly share = new FairShare();
  private readonly leaseMs: number;
  private readonly marginMs: number;
  private readonly stopping = new AbortController();
  private readonly unlisten: (() => void)[] = [];
  private loops: Promise<void>[] = [];
  private fenceTimer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;
  private claimSoon: (() => void) | undefined;
  private claimAgain = false;
  private address = '';
  /** The database could not be asked. When it can, every host first takes back what was its own. */
  private wasAway = false;
  private othersFrom = 0;
  /** Another host is handing over all it has. */
  private othersDrain = false;
  private readonly handOvers: ConnectPacer;
  /** Most profiles that are held now. */
  capacity: number;
  /** Leases that ended against our will, for the metrics. */
  lostLeases = 0;

  constructor(
    private readonly parts: ProfileParts,
    private readonly options: SupervisorOptions,
  ) {
    this.capacity = options.memory.capacity(0);
    this.handOvers = new ConnectPacer(parts.db, options.connectsPerSecond / HAND_OVER_SPREAD, 'hand-overs');
    this.leaseMs = options.leaseSeconds * 1000;
    this.marginMs = Math.min(LONGEST_MARGIN_MS, this.leaseMs / 4);
  }

  get figures(): EngineFigures {
    return this.parts.figures;
  }

  get pacer(): ConnectPacer {
    return this.parts.pacer;
  }

  get memory(): MemoryBudget {
    return this.options.memory;
  }

  /** The profiles held now. */
  get profiles(): Iterable<HeldProfile> {
    return this.held.values();
  }

  /** Undefined when this process does not hold it. */
  find(profileId: ProfileId): HeldProfile | undefined {
    return this.held.get(profileId);
  }

  /** Announces this host under the address at which the api reaches it, and begins. */
  async start(address: string): Promise<void> {
    const { db } = this.parts;
    this.address = address;
    await this.announce(false);
    this.unlisten.push(
      db.listen('profiles', (id) => this.profileChanged(id)),
      db.listen('outbox', (id) => this.held.get(id ?? '')?.wakeDeliverer()),
      db.listen('recalls', (id) => this.held.get(id ?? '')?.recallSends()),
      db.listen('downloads', (id) => this.held.get(id ?? '')?.wakeDownloader()),
    );
    this.fenceTimer = setInterval(() => this.fenceOverdue(), FENCE_EVERY_MS);
    const renewEveryMs = this.leaseMs / 4;
    this.loops = [
      this.loop(
        'claiming profiles',
        () => this.claim(),
        () => this.untilClaim(),
      ),
      this.loop(
        'renewing leases',
        () => this.renew(),
        () => this.pause(renewEveryMs),
      ),
      this.loop(
        'looking for due work',
        () => this.poll(),
        () => this.pause(POLL_EVERY_MS),
      ),
      this.loop(
        'measuring queues',
        () => this.measureQueues(),
        () => this.pause(QUEUES_EVERY_MS),
      ),
      this.loop(
        'sweeping',
        () => this.sweep(),
        () => this.pause(SWEEP_EVERY_MS),
      ),
    ];
  }

  /** Claims nothing more, finishes sends under way, closes the sockets, gives the leases back. Within 8 seconds. */
  async stop(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    this.stopping.abort();
    if (this.address === '') return;
    for (const unlisten of this.unlisten) unlisten();
    await within(1_000, this.announce(true));
    await within(1_000, Promise.all(this.loops));
    // Renewals go on while sends finish: a lease must not run out under them.
    const renewing = setInterval(() => void this.renew().catch(() => undefined), this.leaseMs / 4);
    await within(DRAIN_MS, this.handOverAll());
    clearInterval(renewing);
    clearInterval(this.fenceTimer);
    const late = [...this.held.values()];
    for (const profile of late) this.letGo(profile);
    await within(500, this.release(late));
    await within(500, forgetHost(this.parts.db, this.options.hostId));
  }

  /** One after another, so that those who take over connect at once and nobody waits for the turn of a connection. */
  private async handOverAll(): Promise<void> {
    // What has had no turn by then goes without one.
    const signal = AbortSignal.timeout(DRAIN_MS - LAST_HAND_OVER_MS);
    const handOver = async (profile: HeldProfile) => {
      await this.handOvers.turn({ isUrgent: true, signal });
      await profile.handOver();
    };
    await Promise.all([...this.held.values()].map(handOver));
  }

  /** One round of claims: what is ours by share, then what nobody else seems to have room for. */
  private async claim(): Promise<void> {
    const { leaseSeconds } = this.options;
    await this.comeBack();
    await this.updateShare();
    if (this.hasSurplus) {
      await this.handOvers.turn({ isUrgent: false, signal: this.stopping.signal });
      // One whose code a person may be about to scan stays while there are others: the move would void the code.
      const profiles = [...this.held.values()];
      const leaving = profiles.find(({ state }) => state !== 'pairing') ?? profiles[0];
      if (leaving) await this.letAnotherHave(leaving);
      return this.claimNow();
    }
    await this.take(this.share.room(this.held.size), 0);
    const spare = await this.take(this.share.spareRoom(this.held.size), 2 * leaseSeconds);
    if (spare > 0) this.share.tookSpare();
  }

  /**
   * Whether something is to be let go now. While another host stops nothing is: it has to be quick, and what it hands over
   * may be all that a new one has room for.
   */
  private get hasSurplus(): boolean {
    return !this.othersDrain && this.share.surplus(this.held.size) > 0;
  }

  private async updateShare(): Promise<void> {
    const { db } = this.parts;
    this.capacity = this.options.memory.capacity(this.held.size);
    const [wanted, hosts] = await Promise.all([countWantedProfiles(db), listLiveHosts(db, this.options.leaseSeconds)]);
    const others = hosts.filter(({ id }) => id !== this.options.hostId);
    this.othersDrain = others.some(({ isDraining }) => isDraining);
    const staying = others.filter(({ isDraining }) => !isDraining);
    this.share.update(
      wanted,
      this.capacity,
      staying.map(({ capacity }) => capacity),
    );
  }

  private async letAnotherHave(profile: HeldProfile): Promise<void> {
    const { profileId } = profile.lease;
    const why = this.held.size > this.capacity ? 'memory runs short here' : 'another engine has room';
    this.parts.log.info({ profileId }, `A profile is let go because ${why}.`);
    await profile.handOver();
  }

  /** After a time without the database: says first that this host lives, and lets the others take back their own. */
  private async comeBack(): Promise<void> {
    if (!this.wasAway) return;
    await this.announce(false);
    this.wasAway = false;
    this.othersFrom = performance.now() + this.leaseMs / 4;
  }

  private async take(room: number, freeForSeconds: number): Promise<number> {
    // Those that wait for their turn to connect are enough for now; the rest may go to a host that starts meanwhile.
    const ahead = 2 * this.options.connectsPerSecond - this.parts.pacer.waiting;
    const limit = Math.min(room, Math.max(0, ahead));
    if (limit === 0) return 0;
    const { hostId, leaseSeconds } = this.options;
    const asked = performance.now();
    const leases = await claimLeases(this.parts.db, {
      hostId,
      limit,
      leaseSeconds,
      freeForSeconds,
      held: [...this.held.keys()],
      leavesOthers: performance.now() < this.othersFrom,
    });
    for (const lease of leases) {
      const profile = new HeldProfile(this.parts, lease, (ended, ending) => this.ended(ended, ending));
      profile.holdsUntil = this.holdsUntil(asked);
      // One that was let go in need may still be closing; its lease is older, so it cannot write any more.
      this.held.set(lease.profileId, profile);
      void profile.open();
    }
    return leases.length;
  }

  /** One renewal at a time; whoever asks meanwhile waits for the one under way. */
  private renew(): Promise<void> {
    this.renewing ??= this.renewAll().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewAll(): Promise<void> {
    const asked = performance.now();
    const profiles = [...this.held.values()];
    const leases = profiles.map((profile) => profile.lease);
    const renewed = new Map(
      (leases.length === 0 ? [] : await renewLeases(this.options.leases, leases, this.options.leaseSeconds)).map(
        (row) => [row.profileId, row],
      ),
    );
    for (const profile of profiles) {
      const wanted = renewed.get(profile.lease.profileId);
      if (wanted === undefined) this.lost(profile, 'another engine has it, or it was deleted');
      else {
        const wasOverdue = !profile.isCurrent;
        profile.holdsUntil = Math.max(profile.holdsUntil, this.holdsUntil(asked));
        if (wasOverdue) profile.wake();
        this.follow(profile, wanted);
      }
    }
    if (!this.stopping.signal.aborted) await this.announce(false);
  }

  /** Work that nobody woke us for: wake-ups may be lost, and some work becomes due by time alone. */
  private async poll(): Promise<void> {
    const profiles = [...this.held.values()].filter((profile) => profile.state === 'connected');
    if (profiles.length === 0) return;
    const leases = profiles.map((profile) => profile.lease);
    for (const id of await findProfilesWithDueSends(this.parts.db, leases)) this.held.get(id)?.wakeDeliverer();
    const ids = leases.map((lease) => lease.profileId);
    for (const id of await findProfilesWithDueDownloads(this.parts.db, ids)) this.held.get(id)?.wakeDownloader();
  }

  /** How long the oldest answer of each profile waits, for whoever asks how a profile is. */
  private async measureQueues(): Promise<void> {
    const profiles = [...this.held.values()];
    if (profiles.length === 0) return;
    const ids = profiles.map(({ lease }) => lease.profileId);
    const oldest = await findOldestDueAnswers(this.parts.db, ids);
    for (const profile of profiles) profile.oldestDueSendAt = oldest.get(profile.lease.profileId) ?? null;
  }

  private async sweep(): Promise<void> {
    await sweepTraces(this.parts.db, [...this.held.keys()]);
  }

  private profileChanged(id: string | null): void {
    const profile = id === null ? undefined : this.held.get(id);
    if (profile) void this.check(profile).catch((error) => this.trouble('following a wish', error));
    else this.claimNow();
  }

  private async check(profile: HeldProfile): Promise<void> {
    const lease = await readLease(this.parts.db, profile.lease);
    if (lease) this.follow(profile, lease);
    else {
      this.lost(profile, 'it was taken away');
      this.claimNow();
    }
  }

  private follow(profile: HeldProfile, { desiredState, settingsRevision }: RenewedLease): void {
    if (desiredState === 'disconnected') void profile.disconnect();
    if (desiredState === 'logged_out') void profile.logout();
    if (desiredState === 'connected') profile.useSettings(settingsRevision);
  }

  /**
   * Sockets end before another host may own their profiles, even when the database does not answer. From the moment a
   * lease is overdue nothing is sent; the sockets get one more renewal's time, because a process that was merely slow
   * would otherwise make itself slower by connecting everything anew.
   */
  private fenceOverdue(): void {
    const now = performance.now();
    for (const profile of this.held.values()) {
      if (now < profile.holdsUntil) profile.overdueSince = undefined;
      else {
        profile.overdueSince ??= now;
        if (now - profile.overdueSince >= this.marginMs / 2) this.overdue(profile);
        else void this.renew().catch(() => undefined);
      }
    }
  }

  private overdue(profile: HeldProfile): void {
    this.wasAway = true;
    this.lost(profile, 'it could not be renewed in time');
  }

  private lost(profile: HeldProfile, why: string): void {
    if (this.held.get(profile.lease.profileId) !== profile) return;
    this.lostLeases += 1;
    const { profileId, epoch } = profile.lease;
    this.parts.log.warn({ profileId, epoch }, `A profile was let go: ${why}.`);
    this.letGo(profile);
  }

  private letGo(profile: HeldProfile): void {
    profile.fence();
    if (this.held.get(profile.lease.profileId) === profile) this.held.delete(profile.lease.profileId);
  }

  /** A profile has ended by itself. */
  private ended(profile: HeldProfile, ending: Ending): void {
    if (this.held.get(profile.lease.profileId) === profile) this.held.delete(profile.lease.profileId);
    if (ending === 'lost') return;
    void this.release([profile]).catch((error) => this.trouble('giving a lease back', error));
  }

  /** The wake-up tells other hosts that there may be something to claim. */
  private async release(profiles: HeldProfile[]): Promise<void> {
    await releaseLeases(
      this.parts.db,
      profiles.map((profile) => profile.lease),
    );
    for (const { lease } of profiles) this.parts.db.wake('profiles', lease.profileId);
  }

  private async announce(isDraining: boolean): Promise<void> {
    const { capacity, address } = this;
    await announceHost(this.options.leases, { id: this.options.hostId, address, isDraining, capacity });
  }

  private holdsUntil(asked: number): number {
    return asked + this.leaseMs - this.marginMs;
  }

  private claimNow(): void {
    this.claimAgain = true;
    this.claimSoon?.();
  }

  private async untilClaim(): Promise<void> {
    if (!this.claimAgain) {
      const asked = new Promise<void>((resolve) => {
        this.claimSoon = resolve;
      });
      await Promise.race([asked, this.pause(CLAIM_EVERY_MS)]);
      this.claimSoon = undefined;
    }
    this.claimAgain = false;
  }

  private pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }

  private async loop(what: string, work: () => Promise<void>, wait: () => Promise<void>): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await work().catch((error) => this.trouble(what, error));
      await wait();
    }
  }

  private trouble(what: string, error: unknown): void {
    if (this.stopping.signal.aborted) return;
    if (isTransient(error)) this.wasAway = true;
    this.parts.log[isTransient(error) ? 'warn' : 'error']({ err: error }, `${what} failed; it will be tried again`);
  }
}

/** Waits for work, but not longer; what it throws is not ours to handle any more. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    work.catch(() => undefined),
    sleep(ms, undefined, { signal: over.signal }).catch(() => undefined),
  ]);
  over.abort();
}
