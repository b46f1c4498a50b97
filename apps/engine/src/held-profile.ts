import { EventEmitter, once } from 'node:events';
import { type ConnectionCode, type ConnectionState, connectionCodes } from '#contracts';
import {
  type Database,
  discardJournal,
  findProfile,
  holdLease,
  type Lease,
  LeasedProfileStore,
  type ProfileRow,
  removeLink,
  retryTransient,
  type Sealer,
  SealUnreadable,
} from '#database';
import {
  type ConnectionBasics,
  type ConnectionHealth,
  type ConnectionRecorder,
  type ConnectionSettings,
  type Logger,
  MediaDownloader,
  MessageDeliverer,
  type OwnedProfile,
  ProfileSink,
  type Recorders,
  tellHealth,
} from '#domain';
import {
  type AskedPause,
  type Connection,
  type Engine,
  type Healing,
  LeaseLost,
  type StateChange,
  type TransferSlots,
} from '#engine';
import type { MediaStorage } from '#storage';
import type { ConnectPacer } from './connect-pacer.js';
import type { EngineFigures } from './engine-figures.js';
import type { SandboxScreen } from './sandbox-screen.js';

/** What all profiles of a process share. */
export interface ProfileParts {
  db: Database;
  sealer: Sealer;
  storage: MediaStorage;
  engine: Engine;
  recorders: Recorders;
  /** The downloads of all profiles together. */
  transfers: TransferSlots;
  /** Files of received messages are scanned before they are given out. */
  scansReceived: boolean;
  connections: ConnectionRecorder;
  /** How the connection of each profile is made. */
  settings: ConnectionSettings;
  /** The pace of new connections that all hosts share. */
  pacer: ConnectPacer;
  figures: EngineFigures;
  /** Where the phones of a sandbox see QR codes. */
  screen?: SandboxScreen;
  log: Logger;
}

/** How long sends under way may take to end when the connection is closed in good order. */
const FINISH_SENDS_MS = 3_500;
/** Longest wait for the socket and the last writes; after it the process, or another owner, goes on without them. */
const CLOSE_MS = 3_000;
/** More than an hour allows of all kinds together. */
const MOST_HEALINGS = 50;
/** Between tries to tell WhatsApp of a logout. */
const LOGOUT_RETRY_MS = 5_000;

interface Prepared {
  store: LeasedProfileStore;
  basics: ConnectionBasics;
}

interface Live {
  connection: Connection;
  sink: ProfileSink;
  deliverer: MessageDeliverer;
  downloader: MediaDownloader;
}

/** How a held profile came to its end; the supervisor then lets go of the lease. */
export type Ending = 'released' | 'lost';

/**
 * One profile while this process holds its lease: the connection with its store and sink, the deliverer and the
 * downloader, and the reports of its state. A new lease is a new object.
 */
export class HeldProfile implements OwnedProfile {
  /** Until when this process may act, by its own clock (`performance.now`). */
  holdsUntil = 0;
  /** Since when that moment is known to have passed. */
  overdueSince: number | undefined;
  /** Told by the supervisor, which asks for all profiles at once. */
  oldestDueSendAt: Date | null = null;
  private readonly ending = new AbortController();
  private readonly changes = new EventEmitter<{ changed: [] }>();
  private live: Live | undefined;
  private code: ConnectionCode = 'waiting_for_engine';
  /** State writes, one after another. */
  private writes: Promise<void> = Promise.resolve();
  private finishing: Promise<void> | undefined;
  private phoneNumber: string | null = null;
  private name = '';
  private isRefused = false;
  /** It has been told that another process takes over: what the connection says from now on is of no interest. */
  private isLeaving = false;
  /** It was connected a moment ago, in another process: the next connection goes before those of whole fleets. */
  private isHurried = false;
  private pause: AskedPause | undefined;
  /** Of the settings that the connection was made with. */
  private settingsRevision = 0;
  /** The last steps that were taken for its connections. */
  private readonly healings: Healing[] = [];

  constructor(
    private readonly parts: ProfileParts,
    readonly lease: Lease,
    private readonly ended: (profile: HeldProfile, ending: Ending) => void,
  ) {
    this.changes.setMaxListeners(0);
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  get isCurrent(): boolean {
    return !this.signal.aborted && performance.now() < this.holdsUntil;
  }

  get state(): ConnectionState {
    return connectionCodes[this.code].state;
  }

  /** Opens the connection, or ends the link when that is what was asked for. */
  async open(): Promise<void> {
    try {
      const row = await this.read();
      if (this.signal.aborted) return;
      if (!row) return this.ended(this, 'released');
      this.phoneNumber = row.phoneNumber;
      this.name = row.name;
      this.isHurried = row.code === 'handed_over';
      this.pause = row.retryAt ? { until: row.retryAt, times: row.throttled } : undefined;
      if (row.desiredState === 'logged_out') return await this.logout();
      if (row.desiredState === 'disconnected') return await this.disconnect();
      const ready = await this.prepare();
      if (ready) this.connect(ready);
    } catch (error) {
      if (this.signal.aborted) return;
      this.warn(error, 'The profile could not be opened.');
      this.ended(this, 'lost');
    }
  }

  /** Goes on with what waits, after a time in which nothing was allowed. */
  wake(): void {
    this.wakeDeliverer();
    this.wakeDownloader();
  }

  wakeDeliverer(): void {
    this.live?.deliverer.wake();
  }

  /** A broadcast was paused or cancelled. */
  recallSends(): void {
    this.live?.deliverer.recall();
  }

  wakeDownloader(): void {
    this.live?.downloader.wake();
  }

  /** What the send governor holds back, for metrics; undefined without a connection. */
  get resting(): MessageDeliverer['resting'] | undefined {
    return this.live?.deliverer.resting;
  }

  /** Closes in good order because a person asked for it, and says so. */
  disconnect(): Promise<void> {
    return this.finish(() => this.closeAndReport('disconnected_by_user'));
  }

  /** Closes in good order so that another host can go on. */
  handOver(): Promise<void> {
    // A state that a person has to end (an error) is not over because the host changes.
    const report = this.state !== 'error';
    return this.finish(async () => {
      // Told before the socket ends: then nothing is left to be written while the number has no connection.
      await this.live?.deliverer.stop(FINISH_SENDS_MS);
      this.isLeaving = true;
      if (report) this.report({ code: 'handed_over' });
      await this.written();
      await this.closeParts();
    });
  }

  /** Ends the link: tells WhatsApp as soon as it is connected, tries again while it fails, and says so. */
  logout(): Promise<void> {
    return this.finish(async () => {
      const ready = await this.prepare();
      const store = ready?.store;
      if (store && (this.live || (await store.loadCredentials()))) {
        if (!this.live) this.connect(ready);
        await this.logoutAtWhatsApp();
      }
      await this.closeParts();
      if (store && !this.signal.aborted) await store.reset();
      await this.closeAndReport(this.state === 'logged_out' ? null : 'logged_out_by_user');
    });
  }

  /** At once, without waiting: the lease is lost, or may be. Nothing is sent or written any more. */
  fence(): void {
    this.ending.abort();
    if (this.live) this.parts.figures.closed(this.live.connection);
    this.live?.deliverer.pause();
    this.live?.downloader.stop();
    this.live?.connection.close().catch((error) => this.warn(error, 'A fenced connection did not close well.'));
    this.changes.emit('changed');
  }

  /** Closes the socket and opens another with the same link. */
  async restart(): Promise<void> {
    if (this.finishing) return;
    const ready = await this.prepare();
    await this.closeParts();
    if (ready && !this.finishing && !this.signal.aborted) this.connect(ready);
  }

  /** The open connection. @throws nothing; undefined when there is none */
  get connection(): Connection | undefined {
    return this.live?.connection;
  }

  /**
   * Waits until the state is one of `wanted`, or one that only a person can end, or the profile is not held any more.
   * @returns whether it is one of `wanted`
   */
  async reached(wanted: ConnectionState[], withinMs?: number): Promise<boolean> {
    const over: ConnectionState[] = ['disconnected', 'logged_out', 'error'];
    const signal = AbortSignal.any([this.signal, ...(withinMs === undefined ? [] : [AbortSignal.timeout(withinMs)])]);
    while (!signal.aborted && !wanted.includes(this.state) && !over.includes(this.state)) {
      await once(this.changes, 'changed', { signal }).catch(() => undefined);
    }
    return wanted.includes(this.state);
  }

  /** Null while there is no connection. */
  get health(): ConnectionHealth | null {
    return this.live ? tellHealth(this.live.connection.health, this.oldestDueSendAt) : null;
  }

  private read(): Promise<ProfileRow | null> {
    const { organizationId, profileId } = this.lease;
    return retryTransient(() => this.parts.db.system((tx) => findProfile(tx, { organizationId }, profileId)), {
      signal: this.signal,
    });
  }

  /** Opens the connection anew when it was made with older settings than these. */
  useSettings(revision: number): void {
    if (!this.live || this.settingsRevision === revision) return;
    this.settingsRevision = revision;
    this.restart().catch((error) => this.warn(error, 'Changed settings could not be put to use.'));
  }

  /**
   * What a connection is made of. Null when the secrets of the organization cannot be read: then it is not tried, for it
   * might go around its proxy, and a person has to act.
   */
  private async prepare(): Promise<Prepared | null> {
    const { db, sealer, settings } = this.parts;
    try {
      return await retryTransient(
        async () => {
          const store = new LeasedProfileStore(db, await sealer.forOrganization(this.lease.organizationId), this.lease);
          await store.loadCredentials();
          const { revision, ...basics } = await settings.basics(this.lease);
          this.settingsRevision = revision;
          return { store, basics };
        },
        { signal: this.signal },
      );
    } catch (error) {
      if (!(error instanceof SealUnreadable)) throw error;
      this.warn(error, 'The credentials of a profile cannot be decrypted.');
      this.report({ code: 'credentials_unreadable' });
      return null;
    }
  }

  private connect({ store, basics }: Prepared): void {
    const { engine, recorders, log } = this.parts;
    const sink = new ProfileSink(recorders, this, () => this.wakeDownloader());
    const connection = engine.open({
      profileId: this.lease.profileId,
      store,
      sink,
      ...basics,
      observer: {
        stateChanged: (change) => this.changed(change),
        qrChanged: (qr) => {
          this.write(() => this.parts.connections.qrChanged(this, qr));
          this.parts.screen?.show(qr.text, this.name);
        },
        pauseAsked: (pause) => {
          this.pause = pause ?? undefined;
          this.write(() => this.parts.connections.pauseAsked(this, pause));
        },
        timeLockChanged: (lock) => this.live?.deliverer.timeLocked(lock),
        healthChanged: (health) => this.write(() => this.parts.connections.healthChanged(this, health)),
        recreate: () => void this.restart().catch((error) => this.warn(error, 'A connection could not be replaced.')),
        healed: (healing) => {
          this.healings.push(healing);
          if (this.healings.length > MOST_HEALINGS) this.healings.shift();
          this.parts.figures.healed(healing);
          this.write(() => this.parts.connections.healed(this, healing));
        },
        measured: (what, ms) => this.parts.figures.measured(what, ms),
      },
      turn: (why, signal) => this.turn(why === 'person', signal),
      pause: this.pause,
      healedBefore: this.healings,
    });
    this.live = {
      connection,
      sink,
      deliverer: new MessageDeliverer({ ...this.parts, log }, this, connection),
      downloader: new MediaDownloader({ ...this.parts, log }, this, connection),
    };
    connection.connect();
  }

  private async turn(isPerson: boolean, signal: AbortSignal): Promise<void> {
    const isUrgent = isPerson || this.isHurried;
    this.isHurried = false;
    await this.parts.pacer.turn({ isUrgent, signal });
  }

  private changed(change: StateChange): void {
    if (this.signal.aborted || this.isLeaving) return;
    const { live } = this;
    const number = change.self?.address.phone;
    if (number && this.phoneNumber && number !== this.phoneNumber) {
      this.refuse();
      return;
    }
    this.phoneNumber = number ?? this.phoneNumber;
    // Told again when the name on WhatsApp becomes known; sending has begun then.
    if (change.code === 'connected' && this.code === 'connected') {
      this.report(change);
      return;
    }
    if (change.code === 'connected') {
      live?.deliverer.start();
      live?.downloader.start();
    } else {
      live?.deliverer.pause();
      live?.downloader.pause();
    }
    // What closes a refused link is not a logout that anybody asked for.
    if (this.isRefused) return;
    this.report(change);
    const isOver = this.state === 'logged_out' || change.code === 'pairing_expired';
    if (isOver) void this.finish(() => this.closeAndReport(null));
  }

  /** Another number than this profile's has scanned. Its messages must not end up here: the link goes at once. */
  private refuse(): void {
    if (this.isRefused) return;
    this.isRefused = true;
    this.live?.sink.close();
    void this.finish(async () => {
      await this.live?.connection.logout().catch((error) => this.warn(error, 'A refused link could not be removed.'));
      await this.closeParts();
      await this.parts.db.system(async (tx) => {
        await holdLease(tx, this.lease);
        await removeLink(tx, this.lease.profileId);
        await discardJournal(tx, this.lease.profileId);
      });
      await this.closeAndReport('wrong_number');
    });
  }

  private async logoutAtWhatsApp(): Promise<void> {
    // A profile that waits to be scanned is linked to nothing.
    while (!this.signal.aborted && (await this.reached(['connected', 'pairing'])) && this.state === 'connected') {
      try {
        await this.live!.deliverer.stop(FINISH_SENDS_MS);
        await this.live!.connection.logout();
        return;
      } catch (error) {
        this.warn(error, 'WhatsApp did not take the logout; it will be tried again.');
        await delayed(LOGOUT_RETRY_MS, this.signal);
      }
    }
  }

  /** The last thing that is done with the profile here; whoever asks later gets the first one's end. */
  private finish(work: () => Promise<void>): Promise<void> {
    this.finishing ??= work().then(
      () => this.leave('released'),
      (error) => {
        if (!this.signal.aborted) this.warn(error, 'A profile could not be closed in good order.');
        this.leave(error instanceof LeaseLost ? 'lost' : 'released');
      },
    );
    return this.finishing;
  }

  private leave(ending: Ending): void {
    const wasFenced = this.signal.aborted;
    this.ending.abort();
    this.ended(this, wasFenced ? 'lost' : ending);
  }

  private async closeAndReport(code: ConnectionCode | null): Promise<void> {
    await this.closeParts();
    if (code) this.report({ code });
    await this.written();
  }

  private async written(): Promise<void> {
    await Promise.race([this.writes, delayed(CLOSE_MS, this.signal)]);
  }

  private async closeParts(): Promise<void> {
    const { live } = this;
    this.live = undefined;
    if (!live) return;
    this.parts.figures.closed(live.connection);
    live.downloader.stop();
    await live.deliverer.stop(FINISH_SENDS_MS);
    await Promise.race([live.connection.close(), delayed(CLOSE_MS, this.signal)]);
  }

  private report(change: StateChange): void {
    this.code = change.code;
    this.changes.emit('changed');
    this.write(() => this.parts.connections.stateChanged(this, change));
  }

  private write(work: () => Promise<void>): void {
    this.writes = this.writes.then(work).catch((error) => {
      if (this.signal.aborted) return;
      if (!(error instanceof LeaseLost)) return this.warn(error, 'A connection state could not be recorded.');
      this.fence();
      this.ended(this, 'lost');
    });
  }

  private warn(error: unknown, line: string): void {
    const { profileId, epoch } = this.lease;
    this.parts.log.warn({ err: error, profileId, epoch }, line);
  }
}

/** Resolves after the time, or when the signal aborts. */
function delayed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
