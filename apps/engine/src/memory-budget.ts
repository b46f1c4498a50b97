import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Above this share of the memory nothing more is taken. */
const FULL = 0.8;
/** Above this profiles are let go, one after another, until it is below again. */
const OVER = 0.92;
/** Memory is given back some time after a profile was let go: so long until the next one. */
const LET_GO_EVERY_MS = 5_000;

/** Bytes in use and bytes that there are. */
export interface MemoryUse {
  usedBytes: number;
  limitBytes: number;
}

/**
 * What this process uses of what it may: of the container's limit, of the machine's memory or of the setting, and of
 * the heap that V8 was given; whichever is nearer to its end.
 */
export function measureMemory(settingBytes: number | undefined): MemoryUse {
  // 0 or an absurd number when nothing limits the process.
  const constrained = process.constrainedMemory?.() ?? 0;
  const machine = totalmem();
  const limitBytes = settingBytes ?? (constrained > 0 && constrained < machine ? constrained : machine);
  const { rss } = process.memoryUsage();
  const heap = getHeapStatistics();
  const isHeapNearer = heap.used_heap_size / heap.heap_size_limit > rss / limitBytes;
  return isHeapNearer
    ? { usedBytes: heap.used_heap_size, limitBytes: heap.heap_size_limit }
    : { usedBytes: rss, limitBytes };
}

/** How many profiles this process may hold, by its setting and by the memory that is left. */
export class MemoryBudget {
  private letGoAt = Number.NEGATIVE_INFINITY;
  private use: MemoryUse = { usedBytes: 0, limitBytes: 1 };

  constructor(
    private readonly most: number,
    private readonly measure: () => MemoryUse,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** As measured last. */
  get lastUse(): MemoryUse {
    return this.use;
  }

  /** Whether nothing more is taken for want of memory, as measured last. */
  get isFull(): boolean {
    return this.share >= FULL;
  }

  /** Measures, and answers the most profiles to hold now. Fewer than `held` when some have to go. */
  capacity(held: number): number {
    this.use = this.measure();
    if (this.share < FULL) return this.most;
    if (this.share < OVER || held <= 1 || this.now() - this.letGoAt < LET_GO_EVERY_MS) return Math.min(this.most, held);
    this.letGoAt = this.now();
    return Math.min(this.most, held - 1);
  }

  private get share(): number {
    return this.use.usedBytes / this.use.limitBytes;
  }
}
