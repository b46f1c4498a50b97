import type { WebhookId } from '#contracts';

/** How many calls of a webhook may be under way, from what it did so far. */
interface Pace {
  limit: number;
  underWay: number;
  /** The last call failed or was slow. */
  suspect: boolean;
}

/** A new webhook may have so many calls under way; each fast success allows one more. */
const firstLimit = 4;
/** An answer that takes longer keeps its slot away from others, success or not. */
const slowMs = 2000;
/** Paces of webhooks without calls under way that are remembered. */
const rememberedPaces = 10_000;

/**
 * Shares the calls that a worker may have under way among webhooks. Round-robin, so that a backlog of one does not make
 * others wait, and paced by behaviour: endpoints that answer fast may use everything, those that fail or are slow get
 * few, and all of those together never more than half. So any number of bad endpoints leaves half to the good ones.
 */
export class DeliverySlots {
  private readonly paces = new Map<WebhookId, Pace>();
  private underWay = 0;
  private suspectsUnderWay = 0;

  constructor(private readonly total: number) {}

  get isIdle(): boolean {
    return this.underWay === 0;
  }

  /** Who may begin how many calls now. Goes round the given order, one call each, until slots or limits are used up. */
  share(ready: Iterable<WebhookId>): { webhookId: WebhookId; room: number }[] {
    const rooms = new Map<WebhookId, number>();
    let free = this.total - this.underWay;
    let freeForSuspects = Math.max(1, Math.floor(this.total / 2)) - this.suspectsUnderWay;
    let candidates = [...ready];
    while (free > 0 && candidates.length > 0) {
      candidates = candidates.filter((webhookId) => {
        const pace = this.pace(webhookId);
        const room = rooms.get(webhookId) ?? 0;
        if (free === 0 || pace.underWay + room >= pace.limit) return false;
        if (pace.suspect && freeForSuspects <= 0) return false;
        if (pace.suspect) freeForSuspects--;
        free--;
        rooms.set(webhookId, room + 1);
        return true;
      });
    }
    return [...rooms].map(([webhookId, room]) => ({ webhookId, room }));
  }

  begin(webhookId: WebhookId): void {
    const pace = this.pace(webhookId);
    pace.underWay++;
    this.underWay++;
    if (pace.suspect) this.suspectsUnderWay++;
  }

  /** @param durationMs null when nothing was sent, which says nothing about the endpoint */
  end(webhookId: WebhookId, succeeded: boolean, durationMs: number | null): void {
    const pace = this.pace(webhookId);
    if (pace.suspect) this.suspectsUnderWay -= pace.underWay;
    pace.underWay--;
    this.underWay--;
    if (durationMs !== null) {
      const slow = durationMs > slowMs;
      pace.suspect = !succeeded || slow;
      if (!succeeded) pace.limit = Math.max(1, Math.floor(pace.limit / 2));
      else if (slow) pace.limit = Math.max(firstLimit, Math.floor(pace.limit / 2));
      else pace.limit = Math.min(this.total, pace.limit + 1);
    }
    if (pace.suspect) this.suspectsUnderWay += pace.underWay;
    this.forget();
  }

  private pace(webhookId: WebhookId): Pace {
    let pace = this.paces.get(webhookId);
    if (pace === undefined) {
      pace = { limit: Math.min(firstLimit, this.total), underWay: 0, suspect: false };
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
