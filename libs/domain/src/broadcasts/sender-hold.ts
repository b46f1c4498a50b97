import type { FeedTurn } from '#database';

/** Why a number of a broadcast does not send now. */
export interface Hold {
  /** Stable: `not_linked`, `restricted`, `time_locked` or `offline`. */
  code: string;
  /** It will not be back by itself within minutes: what becomes of its share is the broadcast's to say. */
  isLost: boolean;
}

/** A connection that is away for so long is not about to be back. */
const OFFLINE_LOST_MS = 60_000;

/** What keeps a number from sending, as far as is known; null: nothing. */
export function holdOf({
  isLinked,
  connection,
  connectionSince,
  connectionCode,
  timeLockedUntil,
  now,
}: FeedTurn): Hold | null {
  if (!isLinked) return { code: 'not_linked', isLost: true };
  if (connectionCode === 'account_restricted') return { code: 'restricted', isLost: true };
  if (timeLockedUntil !== null && timeLockedUntil > now) return { code: 'time_locked', isLost: true };
  if (connection === 'connected') return null;
  return { code: 'offline', isLost: now.getTime() - connectionSince.getTime() > OFFLINE_LOST_MS };
}
