import type { Companion } from './companion.js';

/** What a misbehaving network can be told to do with an account's companions. All counts and flags can be combined. */
export interface FaultState {
  /** How many of the next messages from this account get no acknowledgement (they are still delivered). */
  dropAcks: number;
  /** Delay of every acknowledgement, in milliseconds. */
  ackDelayMs: number;
  /** How many of the next messages from this account are refused, and with which error code. */
  nack: { count: number; code: number };
  /** How many of its next receipts are acknowledged and then forgotten, so that their messages are delivered again. */
  loseReceipts: number;
  /** Logins that end without the `offline` marker that a client waits for. */
  omitOfflineMarkers: number;
  /** How many of the next messages to its companions arrive with a damaged ciphertext. */
  corruptMessages: number;
}

/** The faults of one account. `device` narrows an act to one companion; without it all are meant. */
export class Faults {
  readonly state: FaultState = {
    dropAcks: 0,
    ackDelayMs: 0,
    nack: { count: 0, code: 0 },
    loseReceipts: 0,
    omitOfflineMarkers: 0,
    corruptMessages: 0,
  };

  constructor(private readonly companions: (device?: number) => Companion[]) {}

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

  /** Ends the connection with a stream error: 401, 408, 440, 500, 503, 515; 428 closes without one. */
  closeWith(code: number, device?: number): void {
    for (const companion of this.companions(device)) companion.link?.closeWith(code);
  }

  dropNextAcks(count = 1): void {
    this.state.dropAcks = count;
  }

  delayAcks(delayMs: number): void {
    this.state.ackDelayMs = delayMs;
  }

  /** Refuses the next messages, for instance with 463 (restricted account) or 479 (malformed stanza). */
  nackNext(code: number, count = 1): void {
    this.state.nack = { count, code };
  }

  loseNextReceipts(count = 1): void {
    this.state.loseReceipts = count;
  }

  omitNextOfflineMarkers(count = 1): void {
    this.state.omitOfflineMarkers = count;
  }

  corruptNextMessages(count = 1): void {
    this.state.corruptMessages = count;
  }

  /** Ends every fault that lasts. */
  clear(): void {
    this.resume();
    Object.assign(this.state, {
      dropAcks: 0,
      ackDelayMs: 0,
      nack: { count: 0, code: 0 },
      loseReceipts: 0,
      omitOfflineMarkers: 0,
      corruptMessages: 0,
    } satisfies FaultState);
  }

  /** True once for each unit of a counted fault. */
  spend(kind: 'dropAcks' | 'loseReceipts' | 'omitOfflineMarkers' | 'corruptMessages'): boolean {
    if (this.state[kind] <= 0) return false;
    this.state[kind] -= 1;
    return true;
  }

  /** The code with which the next message must be refused, if any. */
  spendNack(): number | undefined {
    if (this.state.nack.count <= 0) return undefined;
    this.state.nack.count -= 1;
    return this.state.nack.code;
  }
}
