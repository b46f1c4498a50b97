import type { BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';

export type Direction = 'to-client' | 'from-client';

/** Which stanzas of an account's clients are disturbed, and how. What is left out does not narrow it. */
export interface Disturbance {
  /**
   * `drop`: never arrives. `delay`: arrives later. `duplicate`: arrives twice (only to the client). `reorder`: held back
   * until the next one that matches has gone by, or until `delayMs` is over.
   */
  what: 'drop' | 'delay' | 'duplicate' | 'reorder';
  /** Default `to-client`. */
  direction?: Direction;
  /** The tag: `message`, `receipt`, `ack`, `notification`, `iq`, `presence`, `chatstate`, `ib`. */
  stanza?: string;
  /** The `type` attribute, or the `class` of an `ack`. */
  type?: string;
  /** One companion only. */
  device?: number;
  /** How many stanzas; all of them by default. */
  count?: number;
  /** For `delay` (default 1 000) and `reorder` (default 1 000). */
  delayMs?: number;
}

interface Rule extends Disturbance {
  left: number;
  held?: () => void;
}

const DEFAULT_DELAY_MS = 1_000;

/** The disturbances of one account's connections. Each stanza meets at most one: the first that fits. */
export class Traffic {
  private rules: Rule[] = [];

  constructor(private readonly clock: Clock) {}

  /** @returns the way to end this one before its time. */
  disturb(disturbance: Disturbance): () => void {
    const { what, direction, count = Number.POSITIVE_INFINITY } = disturbance;
    if (what === 'duplicate' && direction === 'from-client')
      throw new Error('only stanzas to the client are duplicated');
    const rule: Rule = { ...disturbance, left: count };
    this.rules.push(rule);
    return () => this.end(rule);
  }

  /** How many disturbances are still to strike. */
  get pending(): number {
    return this.rules.length;
  }

  clear(): void {
    for (const rule of this.rules) this.end(rule);
  }

  /** Lets a stanza by: at once, later, twice or never. `again` is called before it goes by a second time. */
  pass(direction: Direction, device: number, node: BinaryNode, go: () => void, again?: () => void): void {
    const rule = this.rules.length === 0 ? undefined : this.ruleFor(direction, device, node);
    if (!rule) {
      go();
      return;
    }
    rule.left -= 1;
    if (rule.what === 'delay') this.clock.after(rule.delayMs ?? DEFAULT_DELAY_MS, go);
    else if (rule.what === 'duplicate') {
      go();
      again?.();
      go();
    } else if (rule.what === 'reorder') this.swap(rule, go);
    if (rule.left <= 0 && !rule.held) this.end(rule);
  }

  private swap(rule: Rule, go: () => void): void {
    const earlier = rule.held;
    if (earlier) {
      rule.held = undefined;
      go();
      earlier();
      return;
    }
    rule.held = go;
    // One that was held back takes its successor with it, also when only one more was to be disturbed.
    if (rule.left <= 0) rule.left = 1;
    this.clock.after(rule.delayMs ?? DEFAULT_DELAY_MS, () => {
      if (rule.held === go) this.release(rule);
    });
  }

  private release(rule: Rule): void {
    const { held } = rule;
    rule.held = undefined;
    held?.();
  }

  private end(rule: Rule): void {
    this.rules = this.rules.filter((one) => one !== rule);
    this.release(rule);
  }

  private ruleFor(direction: Direction, device: number, node: BinaryNode): Rule | undefined {
    return this.rules.find(
      (rule) =>
        rule.left > 0 &&
        (rule.direction ?? 'to-client') === direction &&
        (rule.device === undefined || rule.device === device) &&
        (rule.stanza === undefined || rule.stanza === node.tag) &&
        (rule.type === undefined || rule.type === (node.attrs.type ?? node.attrs.class)),
    );
  }
}
