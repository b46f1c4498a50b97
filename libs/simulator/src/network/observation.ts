import type { BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';
import { xmlOf } from '../wire/xml.js';

/** One stanza in the log, in short. */
export interface LoggedStanza {
  sequence: number;
  /** Milliseconds since 1970. */
  at: number;
  direction: 'in' | 'out';
  /** Number and device, or "unknown" before the login. */
  who: string;
  tag: string;
  attrs: Record<string, string>;
  /** Tags of its children. */
  content: string[];
}

/** A stanza with what is in it, as text that looks like XML. */
export interface StanzaText extends LoggedStanza {
  xml: string;
}

/** The most text that is made of one stanza. */
const MAX_TEXT = 64 * 1024;

/** The last stanzas that crossed the wire, in a ring of fixed size. */
export class StanzaLog {
  private readonly ring: { entry: LoggedStanza; node: BinaryNode }[] = [];
  private sequence = 0;
  /** Called after each stanza. */
  onAdd?: () => void;

  constructor(
    private readonly limit: number,
    private readonly clock: Clock,
  ) {}

  add(direction: 'in' | 'out', who: string, node: BinaryNode): void {
    if (this.limit <= 0) return;
    this.sequence += 1;
    const content = Array.isArray(node.content) ? node.content.map((one) => one.tag) : [];
    const { tag, attrs } = node;
    const entry = { sequence: this.sequence, at: this.clock.now(), direction, who, tag, attrs, content };
    this.ring[this.sequence % this.limit] = { entry, node };
    this.onAdd?.();
  }

  /** In order, from after `after`. */
  list(after = 0): LoggedStanza[] {
    return this.ring
      .map(({ entry }) => entry)
      .filter(({ sequence }) => sequence > after)
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** One stanza whole, while it is in the ring. */
  find(sequence: number): StanzaText | undefined {
    const found = this.ring[sequence % this.limit];
    return found?.entry.sequence === sequence ? { ...found.entry, xml: xmlOf(found.node, MAX_TEXT) } : undefined;
  }
}

/** So many names, and then "others": some of them hold words that clients choose. */
const MAX_COUNTERS = 2_000;

/** Named counters. */
export class Counters {
  private readonly values = new Map<string, number>();
  /** The sum of all. */
  total = 0;

  add(name: string, amount = 1): void {
    this.total += amount;
    const known = this.values.has(name) || this.values.size < MAX_COUNTERS ? name : 'others';
    this.values.set(known, (this.values.get(known) ?? 0) + amount);
  }

  get(name: string): number {
    return this.values.get(name) ?? 0;
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.values].sort(([a], [b]) => a.localeCompare(b)));
  }
}
