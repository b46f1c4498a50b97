import { type Hold, holdIn, type Room, roomOf } from './decide.js';
import { type GovernorState, stateAt } from './governor-state.js';
import { type SendClass, sendClasses } from './send-class.js';
import { isPaced, type SendPolicy } from './send-policy.js';

/** What the owner may take on now. */
export interface ClaimPlan {
  /** Classes of which something may be taken on. */
  open: SendClass[];
  closed: { send: SendClass; hold: Hold }[];
  /** Most that may be taken on, by what limits it. */
  room: Room;
  /** One send of a campaign goes before the interactive ones, because so many of those went before it. */
  campaignFirst: boolean;
  /** Whether `service` and `known` are treated differently, so that it matters whose window is over. */
  tellsServiceApart: boolean;
  /** When a class may open that is closed now; null when none is. */
  changesAt: number | null;
}

/** After so many interactive sends in a row one of a campaign goes first: campaigns get on, however busy the inbox is. */
export const INTERACTIVE_IN_A_ROW = 4;

/**
 * What may be taken on at `now` of what an owner that is gone had taken on and counted: limits do not hold it back once
 * more, what rests does.
 */
export function planLeftovers(policy: SendPolicy, state: GovernorState, now: number): ClaimPlan {
  const unlimited = {
    ...{ minuteLimit: null, hourLimit: null, dailyMessageLimit: null },
    ...{ coldDailyLimit: null, newContactDailyLimit: null, warmupEnabled: false },
  };
  return planClaim({ ...policy, ...unlimited }, state, now);
}

/** What may be taken on at `now`. */
export function planClaim(policy: SendPolicy, state: GovernorState, now: number): ClaimPlan {
  const current = stateAt(state, policy, now);
  const open: SendClass[] = [];
  const closed: ClaimPlan['closed'] = [];
  for (const send of sendClasses) {
    const hold = holdIn(policy, current, send, now);
    if (hold) closed.push({ send, hold });
    else open.push(send);
  }
  const room = roomOf(policy, current, now);
  const ends = closed.map(({ hold }) => hold.until);
  return {
    open,
    closed,
    room: isPaced(policy) ? { ...room, total: Math.min(1, room.total) } : room,
    campaignFirst: current.rest.interactiveRun >= INTERACTIVE_IN_A_ROW,
    tellsServiceApart:
      Number.isFinite(room.unsolicited) ||
      open.filter(({ standing }) => standing === 'service').length !==
        open.filter(({ standing }) => standing === 'known').length,
    changesAt: ends.length === 0 ? null : Math.min(...ends),
  };
}
