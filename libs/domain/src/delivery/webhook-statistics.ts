import { type Actor, errors, type WebhookId } from '#contracts';
import { countPending, type Database, findWebhook, listWebhookHours, type WebhookHour } from '#database';
import { percentileOf, sumOf } from './latency-buckets.js';

export interface LatencyFacts {
  p50: number | null;
  p90: number | null;
  p95: number | null;
  p99: number | null;
}

export interface WebhookFigures {
  /** Deliveries that ended so. */
  succeeded: number;
  exhausted: number;
  cancelled: number;
  attempts: number;
  failedAttempts: number;
  /** Share of attempts that were answered with 2xx, 0 to 1; null when there were none. */
  successRate: number | null;
  /** Of calls, milliseconds. */
  callMs: LatencyFacts;
  /** From the event to its delivery, redeliveries left out, milliseconds. */
  delayMs: LatencyFacts;
}

export interface WebhookStatisticsFacts {
  /** Still to be delivered at this moment. */
  pending: number;
  total: WebhookFigures;
  /** Times without any call are left out. */
  series: (WebhookFigures & { at: Date })[];
}

/** Longest range, days. */
export const mostStatisticsDays = 92;
const DAY_MS = 24 * 3600_000;

/** What came of the calls of webhooks, counted with each call. */
export class WebhookStatistics {
  constructor(private readonly db: Database) {}

  /** Of the whole hours that touch [from, to). @throws notFound; validation */
  async of(
    actor: Actor,
    webhookId: WebhookId,
    range: { from: Date; to: Date; interval: 'hour' | 'day' },
  ): Promise<WebhookStatisticsFacts> {
    const { from, to, interval } = range;
    const days = (to.getTime() - from.getTime()) / DAY_MS;
    if (days <= 0) throw errors.validation({ fields: [{ path: 'to', message: 'must be after from' }] });
    if (days > mostStatisticsDays) {
      throw errors.validation({
        fields: [{ path: 'from', message: `must not be more than ${mostStatisticsDays} days before to` }],
      });
    }
    const { organizationId } = actor;
    const { hours, pending } = await this.db.tenant(actor, async (tx) => {
      if (!(await findWebhook(tx, organizationId, webhookId))) throw errors.notFound({ details: { id: webhookId } });
      return {
        hours: await listWebhookHours(tx, { organizationId, webhookId, from, to }),
        pending: await countPending(tx, webhookId),
      };
    });
    const groups = new Map<number, WebhookHour[]>();
    for (const hour of hours) {
      const time = hour.hour.getTime();
      const at = interval === 'hour' ? time : Math.floor(time / DAY_MS) * DAY_MS;
      groups.set(at, [...(groups.get(at) ?? []), hour]);
    }
    const series = [...groups].map(([at, each]) => ({ at: new Date(at), ...figuresOf(each) }));
    return { pending, total: figuresOf(hours), series };
  }
}

function figuresOf(hours: readonly WebhookHour[]): WebhookFigures {
  const count = (of: 'attempts' | 'successes' | 'succeeded' | 'exhausted' | 'cancelled') =>
    hours.reduce((sum, hour) => sum + hour[of], 0);
  const [attempts, successes] = [count('attempts'), count('successes')];
  return {
    ...{ succeeded: count('succeeded'), exhausted: count('exhausted'), cancelled: count('cancelled'), attempts },
    failedAttempts: attempts - successes,
    successRate: attempts === 0 ? null : successes / attempts,
    callMs: latencyOf(hours.map((hour) => hour.callBuckets)),
    delayMs: latencyOf(hours.map((hour) => hour.delayBuckets)),
  };
}

function latencyOf(all: readonly (readonly number[])[]): LatencyFacts {
  const buckets = sumOf(all);
  const of = (percent: number) => percentileOf(buckets, percent);
  return { p50: of(50), p90: of(90), p95: of(95), p99: of(99) };
}
