import { newId } from '#contracts';
import type { LaneClaim, LaneHead } from '#database';
import { delayAfter, disableAfterMs, judge } from './delivery-schedule.js';
import type { Tried } from './result-recorder.js';
import type { CallOutcome } from './webhook-call.js';

/** What follows from a lane that turned out empty, or whose event is gone. */
export function untried(lane: LaneClaim, head: LaneHead | undefined, now: Date): Tried {
  const delivery = head ? ({ ...deliveryOf(head), state: 'cancelled' } as const) : null;
  const result = { lane, nextDueAt: now, keeps: false, delivery, attempt: null };
  return { result, finding: null, disable: null, occurredAt: null, isRedelivery: false };
}

/**
 * What follows from the outcome of a call.
 * @param random 0 to 1, for the jitter of retries
 * @param attemptId of the try, which is alone among the tries of its delivery
 */
export function assess(
  lane: LaneClaim,
  head: LaneHead,
  outcome: CallOutcome,
  now: Date,
  random: number,
  attemptId = newId<string>(),
): Tried {
  const { answer, failure, at, durationMs } = outcome;
  const inRound = head.attempts + 1;
  const verdict = answer
    ? judge(answer.status, answer.headers['retry-after'], now)
    : ({ kind: 'failed', pauseMs: null } as const);
  const retryMs = verdict.kind === 'failed' ? delayAfter(inRound, random) : null;
  const pauseMs = verdict.kind === 'failed' ? verdict.pauseMs : null;
  const succeeded = verdict.kind === 'succeeded';
  const state = succeeded ? 'succeeded' : retryMs === null ? 'exhausted' : 'pending';
  const waitMs = retryMs === null ? 0 : Math.max(retryMs, pauseMs ?? 0);
  const failingForMs = head.failingSince === null ? 0 : now.getTime() - head.failingSince.getTime();
  const changesNothing = succeeded && head.failingSince === null;
  return {
    result: {
      lane,
      nextDueAt: new Date(now.getTime() + waitMs),
      keeps: false,
      delivery: { ...deliveryOf(head), state },
      attempt: {
        id: attemptId,
        number: head.attemptsInAll + 1,
        inRound,
        status: answer?.status ?? null,
        error: failure === null ? null : `${failure.reason}: ${failure.sentence}`,
        durationMs,
        responseBody: answer?.body ?? null,
        at,
      },
    },
    finding: changesNothing
      ? null
      : {
          webhookId: lane.webhookId,
          succeeded,
          at: now,
          pausedUntil: pauseMs === null ? null : new Date(now.getTime() + pauseMs),
        },
    disable:
      verdict.kind === 'gone'
        ? 'endpoint_gone'
        : verdict.kind === 'failed' && failingForMs >= disableAfterMs
          ? 'endpoint_failing'
          : null,
    occurredAt: head.event?.occurredAt ?? null,
    isRedelivery: head.attemptsInAll > head.attempts,
  };
}

function deliveryOf({ deliveryId: id, position, organizationId }: LaneHead) {
  return { id, position, organizationId };
}
