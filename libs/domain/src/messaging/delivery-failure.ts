import type { DeliveryState } from '#contracts';
import { EngineError } from '#engine';
import { MediaMissing } from '#storage';

/** What a failed send means: it is over, or it goes back to be tried again under the same id. */
export type Verdict =
  | { kind: 'settled'; state: Extract<DeliveryState, 'failed' | 'unknown'>; reason: string }
  | { kind: 'again'; wired: boolean; reason: string };

/**
 * Judges a failure by what is known about its effect. `failed` is said only when certainly nothing was delivered: when
 * this attempt, or an earlier one, may have reached the server, a final failure is `unknown`.
 */
export function judgeFailure(error: unknown, wasWired: boolean): Verdict {
  if (missingMedia(error)) return final('media_missing', wasWired);
  if (!(error instanceof EngineError)) return { kind: 'again', wired: true, reason: 'internal_error' };
  const mayBeThere = wasWired || error.facts.outcome === 'unknown';
  if (!error.facts.retryable) return final(error.code, mayBeThere);
  return { kind: 'again', wired: mayBeThere, reason: error.code };
}

/** Whether a failure is about the recipient or the number, and not about us: the send governor counts those. */
export function tellsOfRecipients(reason: string): boolean {
  return reason === 'recipient_not_on_whatsapp' || reason.startsWith('rejected_');
}

function final(reason: string, mayBeThere: boolean): Verdict {
  return { kind: 'settled', state: mayBeThere ? 'unknown' : 'failed', reason };
}

function missingMedia(error: unknown): boolean {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof MediaMissing) return true;
  }
  return false;
}
