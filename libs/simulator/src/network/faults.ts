import type { BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';
import type { Companion } from './companion.js';
import type { Restriction, RestrictionOptions } from './restriction.js';
import { type Disturbance, Traffic } from './traffic.js';

/** Faults that strike the next so many occasions. */
interface Countdown {
  count: number;
  code: number;
}

/** What a misbehaving network can be told to do with an account's companions. All counts and flags can be combined. */
export interface FaultState {
  /** How many of the next messages from this account get no acknowledgement (they are still delivered). */
  dropAcks: number;
  /** Delay of every acknowledgement, in milliseconds. */
  ackDelayMs: number;
  /** How many of the next messages from this account are refused, and with which error code. */
  nack: Countdown;
  /** How many of the next logins fail, and for which reason. */
  loginFailure: Countdown;
  /** How many of the next questions are refused, with which code, and of which namespace. */
  queryRefusal: Countdown & { xmlns?: string };
  /** How many of its next receipts are acknowledged and then forgotten, so that their messages are delivered again. */
  loseReceipts: number;
  /** Logins that end without the `offline` marker that a client waits for. */
  omitOfflineMarkers: number;
  /** How many of the next messages to its companions arrive with a damaged ciphertext. */
  corruptMessages: number;
}

const quiet = (): FaultState => ({
  dropAcks: 0,
  ackDelayMs: 0,
  nack: { count: 0, code: 0 },
  loginFailure: { count: 0, code: 0 },
  queryRefusal: { count: 0, code: 0 },
  loseReceipts: 0,
  omitOfflineMarkers: 0,
  corruptMessages: 0,
});

/** The faults of one account. `device` narrows an act to one companion; without it all are meant. */
export class Faults {
  readonly state: FaultState = quiet();
  readonly traffic: Traffic;

  constructor(
    private readonly companions: (device?: number) => Companion[],
    private readonly restriction: Restriction,
    clock: Clock,
  ) {
    this.traffic = new Traffic(clock);
  }

  // --- connections ---------------------------------------------------------------------------------------------------

  /** Cuts the connection without a word. */
  cut(device?: number): void {
    for (const companion of this.companions(device)) companion.link?.cut();
  }

  /** Goes silent in both directions, with the socket open, until `resume`. */
  stall(device?: number): void {
    for (const companion of this.companions(device)) companion.link?.stall();
  }

  resume(device?: number): void {
    for (const companion of this.companions(device)) companion.link?.resume();
  }

  /** The server loses the connection and the client does not notice: the socket stays open and nobody is behind it. */
  halfOpen(device?: number): void {
    for (const companion of this.companions(device)) companion.link?.abandon();
  }

  /**
   * Ends the connection in the way the service uses for this code: a stream error (401 device removed, 408, 440 replaced,
   * 500, 503, 515), `failure` (403 and all others), `downgrade_webclient` (411), or without a word (428).
   */
  closeWith(code: number, device?: number): void {
    for (const companion of this.companions(device)) companion.link?.closeWith(code);
  }

  /** Lets the next logins end with `failure`: 401 logged out, 403 banned, 405 outdated, 500, 503… */
  failNextLogins(code: number, count = 1): void {
    this.state.loginFailure = { count, code };
  }

  omitNextOfflineMarkers(count = 1): void {
    this.state.omitOfflineMarkers = count;
  }

  // --- stanzas -------------------------------------------------------------------------------------------------------

  /** Drops, delays, duplicates or reorders stanzas of one kind. Returns the way to end it. */
  disturb(disturbance: Disturbance): () => void {
    return this.traffic.disturb(disturbance);
  }

  dropNextAcks(count = 1): void {
    this.state.dropAcks = count;
  }

  delayAcks(delayMs: number): void {
    this.state.ackDelayMs = delayMs;
  }

  /** Refuses the next messages, for instance with 463 (restricted account), 475 or 479 (malformed stanza). */
  nackNext(code: number, count = 1): void {
    this.state.nack = { count, code };
  }

  /** Answers the next questions with an error, for instance 429 `rate-overlimit`; `xmlns` narrows it to one kind. */
  refuseNextQueries(code: number, options: { count?: number; xmlns?: string } = {}): void {
    this.state.queryRefusal = { code, count: options.count ?? 1, xmlns: options.xmlns };
  }

  /** The next receipts are acknowledged and forgotten: their messages come again, as offline replay, at the next login. */
  loseNextReceipts(count = 1): void {
    this.state.loseReceipts = count;
  }

  /** The next messages cannot be decrypted. Peer messages, such as the phone's first ones, are spared. */
  corruptNextMessages(count = 1): void {
    this.state.corruptMessages = count;
  }

  /**
   * A status post that nobody can decrypt stands at the head of the queue. While a client refuses it, it comes again at
   * each login and nothing behind it is handed over (reported of the service in Baileys' pull request 2779).
   */
  poisonStatus(post: BinaryNode, device?: number): void {
    for (const companion of this.companions(device)) companion.obstruct(post);
  }

  // --- keys ----------------------------------------------------------------------------------------------------------

  /** All one-time prekeys at the server are used up. The client is told, as when they run low by themselves. */
  exhaustPrekeys(device?: number): void {
    for (const companion of this.companions(device)) companion.keys.exhaust();
  }

  // --- the account ---------------------------------------------------------------------------------------------------

  /** The service restricts the number: it may write to people it knows, and to nobody else (463). */
  restrict(options: RestrictionOptions = {}): void {
    this.restriction.begin(options);
  }

  liftRestriction(): void {
    this.restriction.lift();
  }

  /** What lasts, or waits for its occasion. */
  get pending(): FaultState & { disturbances: number; restricted: boolean } {
    return { ...this.state, disturbances: this.traffic.pending, restricted: this.restriction.current !== undefined };
  }

  /** Ends every fault that lasts. */
  clear(): void {
    this.liftRestriction();
    this.resume();
    this.traffic.clear();
    Object.assign(this.state, quiet());
    for (const companion of this.companions()) companion.clearObstacle();
  }

  // --- for the network -----------------------------------------------------------------------------------------------

  /** True once for each unit of a counted fault. */
  spend(kind: 'dropAcks' | 'loseReceipts' | 'omitOfflineMarkers' | 'corruptMessages'): boolean {
    if (this.state[kind] <= 0) return false;
    this.state[kind] -= 1;
    return true;
  }

  /** The code with which the next message must be refused, if any. */
  spendNack(): number | undefined {
    return spendCode(this.state.nack);
  }

  /** The reason for which the next login must fail, if any. */
  spendLoginFailure(): number | undefined {
    return spendCode(this.state.loginFailure);
  }

  /** The code with which this question must be refused, if any. */
  spendQueryRefusal(iq: BinaryNode): number | undefined {
    const { queryRefusal } = this.state;
    if (queryRefusal.xmlns !== undefined && queryRefusal.xmlns !== iq.attrs.xmlns) return undefined;
    return spendCode(queryRefusal);
  }
}

function spendCode(fault: Countdown): number | undefined {
  if (fault.count <= 0) return undefined;
  fault.count -= 1;
  return fault.code;
}
