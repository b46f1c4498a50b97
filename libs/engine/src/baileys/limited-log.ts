import type { EngineLogger } from './baileys-logger.js';
import { monotonic } from './health/monotonic.js';

const everyMs = 30_000;

/**
 * Warnings of which thousands may come in a row (a storm of unreadable messages filled a disk and ended a process,
 * Baileys#2234): the first of each kind at once, then one in half a minute, with how many were left out.
 */
export class LimitedLog {
  private readonly kinds = new Map<string, { toldAt: number; leftOut: number }>();

  constructor(
    private readonly logger: Pick<EngineLogger, 'warn'>,
    private readonly now: () => number = monotonic,
  ) {}

  /** `line` is also the kind: it must not hold anything that differs from one time to the next. */
  warn(facts: object, line: string): void {
    const kind = this.kinds.get(line);
    if (kind && this.now() - kind.toldAt < everyMs) {
      kind.leftOut += 1;
      return;
    }
    this.logger.warn(kind?.leftOut ? { ...facts, leftOut: kind.leftOut } : facts, line);
    this.kinds.set(line, { toldAt: this.now(), leftOut: 0 });
  }
}
