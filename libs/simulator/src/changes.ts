import type { Problem } from './network/problems.js';
import type { ReceiptRecord, TypingRecord } from './people/phone.js';
import type { InboxRecord } from './people/received-message.js';

/** Something happened in the simulation. What carries no details only says what to look at again. */
export type Change =
  /** A person was made, renamed, came online or went, was linked to a client, or a client connected or left. */
  | { kind: 'person'; number: string }
  /** A phone has decrypted a message. */
  | { kind: 'message'; number: string; record: InboxRecord }
  /** What became of a message that a phone sent. */
  | { kind: 'receipt'; number: string; record: ReceiptRecord }
  | { kind: 'typing'; number: string; record: TypingRecord }
  /** What the phone shows in its chats is not what it was. */
  | { kind: 'chats'; number: string }
  /** A client waits to be linked, or no longer does. */
  | { kind: 'pairing' }
  | SessionChange
  | { kind: 'problem'; problem: Problem }
  /** Stanzas crossed the wire. */
  | { kind: 'stanzas' };

/** A linked client logged in, or its connection ended. */
export interface SessionChange {
  kind: 'session';
  number: string;
  device: number;
  what: 'opened' | 'closed';
  /** The port that the connection comes from; absent for a device within the process. */
  port?: number;
  /** Opened while another connection of this device was open, which was closed with 440. */
  replaces?: true;
}

export type ChangeKind = Change['kind'];

/** Tells whoever listens what happens in a simulation. Costs next to nothing while nobody does. */
export class Changes {
  /** How many there were, told or not. */
  count = 0;
  private readonly listeners = new Set<(change: Change) => void>();

  /** The change is only made when somebody listens. */
  emit(make: () => Change): void {
    this.count += 1;
    if (this.listeners.size === 0) return;
    const change = make();
    for (const listener of this.listeners) listener(change);
  }

  /** Returns the act that ends it. A listener must be quick and must not throw. */
  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
