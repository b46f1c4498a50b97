import type { RecordedResults, WebhookHour } from '#database';
import { addTo } from './latency-buckets.js';
import type { Tried } from './result-recorder.js';

const HOUR_MS = 3600_000;

/** What a batch of results adds to the statistics: only of that which was recorded now, so that no repeat counts twice. */
export function hoursOf(tried: readonly Tried[], recorded: RecordedResults): WebhookHour[] {
  const hours = new Map<string, WebhookHour>();
  for (const one of tried) {
    const { lane, delivery, attempt } = one.result;
    if (!delivery) continue;
    const at = attempt?.at ?? one.result.nextDueAt;
    const hour = new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS);
    const key = `${lane.webhookId} ${hour.getTime()}`;
    const counts = hours.get(key) ?? {
      ...nothing(),
      webhookId: lane.webhookId,
      hour,
      organizationId: delivery.organizationId,
    };
    hours.set(key, counts);
    if (attempt && recorded.attempts.has(attempt.id)) {
      counts.attempts++;
      if (delivery.state === 'succeeded') counts.successes++;
      addTo(counts.callBuckets, attempt.durationMs);
    }
    if (delivery.state !== 'pending' && recorded.deliveries.has(delivery.id)) {
      counts[delivery.state]++;
      if (delivery.state === 'succeeded' && attempt && one.occurredAt && !one.isRedelivery) {
        addTo(counts.delayBuckets, at.getTime() + attempt.durationMs - one.occurredAt.getTime());
      }
    }
  }
  return [...hours.values()];
}

const nothing = () => ({
  ...{ attempts: 0, successes: 0, succeeded: 0, exhausted: 0, cancelled: 0 },
  callBuckets: [] as number[],
  delayBuckets: [] as number[],
});
