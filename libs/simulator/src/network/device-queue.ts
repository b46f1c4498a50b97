import type { BinaryNode } from '../baileys.js';
import { ConfirmedIds } from './confirmed-ids.js';

/** A stanza that a device has not confirmed yet. */
export interface QueuedStanza {
  readonly sequence: number;
  readonly node: BinaryNode;
  /** How many times it went out. Above 1 it is a redelivery. */
  sends: number;
}

const REMEMBERED_CONFIRMATIONS = 2_000;
const keyOf = (tag: string, id: string): string => `${tag}|${id}`;

/** What a confirmation did: `surplus` is one more confirmation than there were deliveries. */
export type Confirmation = 'confirmed' | 'repeated' | 'surplus' | 'unknown';

/**
 * Stanzas for one device in the order in which they came, each kept until the device confirms it. Adding, confirming and
 * looking up are independent of the length of the queue.
 */
export class DeviceQueue {
  private readonly ordered = new Map<number, QueuedStanza>();
  private readonly byId = new Map<string, QueuedStanza[]>();
  private readonly confirmed = new ConfirmedIds(REMEMBERED_CONFIRMATIONS);
  /** Confirmed, and delivered more often than that: how often. It tells a repeated delivery from a needless confirmation. */
  private readonly open = new Map<string, number>();
  private sequence = 0;
  /** False once a confirmation was forgotten, whether over time or with a restart. */
  remembersAll = true;

  get size(): number {
    return this.ordered.size;
  }

  add(node: BinaryNode): QueuedStanza {
    this.sequence += 1;
    const entry: QueuedStanza = { sequence: this.sequence, node, sends: 0 };
    this.ordered.set(entry.sequence, entry);
    const key = keyOf(node.tag, node.attrs.id ?? '');
    const sameId = this.byId.get(key);
    if (sameId) sameId.push(entry);
    else this.byId.set(key, [entry]);
    return entry;
  }

  /** Removes the stanza that a device confirmed. `type` and `sender` choose among several with one id. */
  confirm(tag: string, id: string, match: { type?: string; sender?: (from: string) => boolean } = {}): Confirmation {
    const key = keyOf(tag, id);
    const sameId = this.byId.get(key);
    if (!sameId) return this.confirmAgain(key);
    const fits = (entry: QueuedStanza): boolean =>
      (match.sender === undefined || match.sender(entry.node.attrs.from ?? '')) &&
      (tag === 'message' || entry.node.attrs.type === match.type);
    let index = sameId.findIndex(fits);
    if (index < 0) index = 0;
    const [entry] = sameId.splice(index, 1);
    if (!entry) return 'unknown';
    if (sameId.length === 0) this.byId.delete(key);
    this.ordered.delete(entry.sequence);
    if (tag === 'message') this.remember(key, (this.open.get(key) ?? 0) + entry.sends - 1);
    return 'confirmed';
  }

  /** Counts one more delivery of a stanza that still waits. */
  sentAgain(node: BinaryNode): void {
    const entry = this.byId.get(keyOf(node.tag, node.attrs.id ?? ''))?.[0];
    if (entry) entry.sends += 1;
  }

  *[Symbol.iterator](): IterableIterator<QueuedStanza> {
    yield* this.ordered.values();
  }

  counts(): { message: number; receipt: number; notification: number } {
    const counts = { message: 0, receipt: 0, notification: 0 };
    for (const { node } of this.ordered.values()) if (node.tag in counts) counts[node.tag as keyof typeof counts] += 1;
    return counts;
  }

  private confirmAgain(key: string): Confirmation {
    const open = this.open.get(key);
    if (open === undefined) return this.confirmed.has(key) ? 'surplus' : 'unknown';
    if (open > 1) this.open.set(key, open - 1);
    else this.open.delete(key);
    return 'repeated';
  }

  private remember(key: string, openDeliveries: number): void {
    if (this.confirmed.add(key)) this.remembersAll = false;
    this.open.delete(key);
    if (openDeliveries <= 0) return;
    this.open.set(key, openDeliveries);
    if (this.open.size > REMEMBERED_CONFIRMATIONS) this.open.delete(this.open.keys().next().value as string);
  }
}
