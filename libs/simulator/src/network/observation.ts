import type { BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';

/** One stanza in the log, without its contents. */
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

/** The last stanzas that crossed the wire, in a ring of fixed size. */
export class StanzaLog {
  private readonly ring: LoggedStanza[] = [];
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
    this.ring[this.sequence % this.limit] = {
      sequence: this.sequence,
      at: this.clock.now(),
      direction,
      who,
      tag: node.tag,
      attrs: node.attrs,
      content,
    };
    this.onAdd?.();
  }

  /** In order, from after `after`. */
  list(after = 0): LoggedStanza[] {
    return this.ring.filter((entry) => entry && entry.sequence > after).sort((a, b) => a.sequence - b.sequence);
  }
}

/** Named counters. */
export class Counters {
  private readonly values = new Map<string, number>();
  /** The sum of all. */
  total = 0;

  add(name: string, amount = 1): void {
    this.total += amount;
    this.values.set(name, (this.values.get(name) ?? 0) + amount);
  }

  get(name: string): number {
    return this.values.get(name) ?? 0;
  }

  all(): Record<string, number> {
    return Object.fromEntries([...this.values].sort(([a], [b]) => a.localeCompare(b)));
  }
}
