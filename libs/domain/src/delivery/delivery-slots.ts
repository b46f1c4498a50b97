import type { WebhookId } from '#contracts';

/** What is known of an endpoint: nothing yet, that it answers fast, or that its last call failed or was slow. */
type Standing = 'unproven' | 'good' | 'suspect';

/** How many calls of a webhook may be under way, from what it did so far. */
interface Pace {
  limit: number;
  underWay: number;
  standing: Standing;
  /** Failures since the last success. */
  failures: number;
  /** No call before then, by the caller's clock, milliseconds. */
  restsUntil: number;
  /** When a call last ended, or one began while none was under way. */
  movedAt: number;
}

/** A new webhook may have so many calls under way; each fast success allows one more. */
const firstLimit = 4;
/** An answer that takes longer keeps its slot away from others, success or not. */
const slowMs = 2000;
/** Most calls of one webhook under way in a worker. */
const mostOfOne = 32;
/** After so many failures in a row an endpoint rests before each further call, twice as long each time. */
const failuresBeforeRest = 5;
const firstRestMs = 500;
const longestRestMs = 30_000;
/** Paces of webhooks without calls under way that are remembered. */
const rememberedPaces = 10_000;

/**
 * Shares the calls that a worker may have under way among webhooks. Round-robin, so that a backlog of one does not make
 * others wait, and paced by behaviour: endpoints that answer fast may use everything. Those that fail or are slow get few,
 * and all of them together never more than half; with those of which nothing is known yet, as after a start, never more
 * than three quarters. One whose calls hang is suspect before they end, and one that only fails rests between calls,
 * whatever waits for it. So any number of bad endpoints leaves room to the good ones, and the time of the processor too.
 */
export class DeliverySlots {
  private readonly paces = new Map<WebhookId, Pace>();
  /** Those with calls under way. */
  private readonly busy = new Set<Pace>();
  private underWay = 0;
  private readonly listeners: (() => void)[] = [];
  /** There are some who wait for their share. */
  isSharing = false;
  private readonly underWayOf: Record<Standing, number> = { unproven: 0, good: 0, suspect: 0 };

  constructor(private readonly total: number) {}

  get isIdle(): boolean {
    return this.underWay === 0;
  }

  /** Who may begin how many calls now. Goes round the given order, one call each, until slots or limits are used up. */
  share(ready: Iterable<WebhookId>, now: number): { webhookId: WebhookId; room: number }[] {
    this.suspectHanging(now);
    const rooms = new Map<WebhookId, number>();
    const { unproven, suspect } = this.underWayOf;
    let free = this.total - this.underWay;
    let freeForSuspects = Math.max(1, Math.floor(this.total / 2)) - suspect;
    let freeForNotGood = Math.max(1, Math.floor((this.total * 3) / 4)) - suspect - unproven;
    let candidates = [...ready];
    while (free > 0 && candidates.length > 0) {
      candidates = candidates.filter((webhookId) => {
        const pace = this.pace(webhookId);
        const room = rooms.get(webhookId) ?? 0;
        if (free === 0 || pace.underWay + room >= pace.limit || pace.restsUntil > now) return false;
        if (pace.standing !== 'good' && freeForNotGood <= 0) return false;
        if (pace.standing === 'suspect' && freeForSuspects <= 0) return false;
        if (pace.standing === 'suspect') freeForSuspects--;
        if (pace.standing !== 'good') freeForNotGood--;
        free--;
        rooms.set(webhookId, room + 1);
        return true;
      });
    }
    return [...rooms].map(([webhookId, room]) => ({ webhookId, room }));
  }

  /**
   * Whether one more call may begin that nobody shared out: only of endpoints that nothing is known against, and never with
   * the slots that are left to those who wait for their share.
   */
  mayBegin(webhookId: WebhookId, now: number): boolean {
    const { standing, underWay, limit, restsUntil } = this.pace(webhookId);
    const spared = this.isSharing ? Math.floor(this.total / 4) : 0;
    if (this.total - this.underWay <= spared || underWay >= limit || restsUntil > now) return false;
    const { unproven, suspect } = this.underWayOf;
    if (standing === 'unproven') return unproven + suspect < Math.max(1, Math.floor((this.total * 3) / 4));
    return standing === 'good';
  }

  /** Nothing is known against it. */
  isTrusted(webhookId: WebhookId): boolean {
    return this.pace(webhookId).standing !== 'suspect';
  }

  /** How many calls of it may be under way, and whether so many are. */
  limitOf(webhookId: WebhookId): { limit: number; isReached: boolean } {
    const { limit, underWay } = this.pace(webhookId);
    return { limit, isReached: underWay >= limit };
  }

  begin(webhookId: WebhookId, now: number): void {
    const pace = this.pace(webhookId);
    if (pace.underWay === 0) pace.movedAt = now;
    this.count(pace, 1);
    this.busy.add(pace);
  }

  /** A call of it ended; its slot is still taken. */
  note(webhookId: WebhookId, succeeded: boolean, durationMs: number, now: number): void {
    const pace = this.pace(webhookId);
    const slow = durationMs > slowMs;
    pace.movedAt = now;
    this.regard(pace, !succeeded || slow ? 'suspect' : 'good');
    if (!succeeded) pace.limit = Math.max(1, Math.floor(pace.limit / 2));
    else if (slow) pace.limit = Math.max(firstLimit, Math.floor(pace.limit / 2));
    else pace.limit = Math.min(this.total, mostOfOne, pace.limit + 1);
    rest(pace, succeeded, now);
  }

  /** Whether a slot may go on to the next call of the same lane: nobody lacks one who is as good. */
  mayKeep(webhookId: WebhookId): boolean {
    const { standing, underWay, limit } = this.pace(webhookId);
    return standing === 'good' && underWay <= limit && this.total - this.underWay >= this.total / 4;
  }

  /** Frees the slot. */
  end(webhookId: WebhookId): void {
    const pace = this.pace(webhookId);
    this.count(pace, -1);
    if (pace.underWay === 0) this.busy.delete(pace);
    this.forget();
    for (const tell of this.listeners) tell();
  }

  /** Is told whenever a slot became free. */
  onFree(tell: () => void): void {
    this.listeners.push(tell);
  }

  /** None of its calls has ended for long although some are under way. */
  private suspectHanging(now: number): void {
    for (const pace of this.busy) if (now - pace.movedAt > slowMs) this.regard(pace, 'suspect');
  }

  private regard(pace: Pace, standing: Standing): void {
    this.underWayOf[pace.standing] -= pace.underWay;
    pace.standing = standing;
    this.underWayOf[standing] += pace.underWay;
  }

  private count(pace: Pace, change: 1 | -1): void {
    pace.underWay += change;
    this.underWay += change;
    this.underWayOf[pace.standing] += change;
  }

  private pace(webhookId: WebhookId): Pace {
    let pace = this.paces.get(webhookId);
    if (pace === undefined) {
      const limit = Math.min(firstLimit, this.total);
      pace = { limit, underWay: 0, standing: 'unproven', failures: 0, restsUntil: 0, movedAt: 0 };
      this.paces.set(webhookId, pace);
    }
    return pace;
  }

  private forget(): void {
    if (this.paces.size <= rememberedPaces) return;
    for (const [webhookId, pace] of this.paces) {
      if (pace.underWay > 0) continue;
      this.paces.delete(webhookId);
      if (this.paces.size <= rememberedPaces / 2) return;
    }
  }
}

function rest(pace: Pace, succeeded: boolean, now: number): void {
  pace.failures = succeeded ? 0 : pace.failures + 1;
  const rests = pace.failures - failuresBeforeRest;
  pace.restsUntil = rests < 0 ? 0 : now + Math.min(longestRestMs, firstRestMs * 2 ** Math.min(rests, 10));
}
