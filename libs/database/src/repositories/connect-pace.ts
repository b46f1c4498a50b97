import type { Database } from '../database.js';

/** Turns are given out for no more than this ahead, so that somebody in a hurry waits for no more than this. */
const HORIZON_SECONDS = 1;

/**
 * Distance of two turns as a share of the even distance. A turn may be used this much of a second late, and still no
 * window of one second holds more connections than the cap.
 */
const SPREAD = 1.1;

/** What hosts take turns for: to connect, and to let go of a number so that another host takes it over. */
export type Pace = 'connects' | 'hand-overs';
const rowOf: Record<Pace, number> = { connects: 1, 'hand-overs': 2 };

/** Turns: the nth (from 0) is `firstInMs + n * spacingMs` from the answer. */
export interface ConnectTurns {
  /** 0 when all turns within the horizon are taken; `firstInMs` then says how far ahead they are. */
  count: number;
  firstInMs: number;
  spacingMs: number;
}

/** A turn that is not used within this time of its moment must not be used any more. */
export const TURN_LATENESS_MS = (SPREAD - 1) * 1000;

/**
 * Takes up to `wanted` turns, of which the whole installation has `perSecond`. One row for all hosts: whoever asks waits for
 * whoever asked before. Turns that are not used are lost.
 */
export async function takeConnectTurns(
  db: Database,
  pace: Pace,
  { wanted, perSecond }: { wanted: number; perSecond: number },
): Promise<ConnectTurns> {
  const spacing = SPREAD / perSecond;
  const [row] = await db.query<{ count: number; firstInMs: number }>(
    `with pace as (
       select next_at from connect_pace where id = $4 for update
     ), turn as (
       select greatest(next_at, clock_timestamp()) as first_at from pace
     ), granted as (
       select first_at, least($1::int, greatest(0,
                ceil(extract(epoch from clock_timestamp() + make_interval(secs => $3) - first_at) / $2::float8)))::int as count
         from turn
     ), moved as (
       update connect_pace p set next_at = g.first_at + make_interval(secs => g.count * $2::float8)
         from granted g where p.id = $4 and g.count > 0
     )
     select count, (extract(epoch from first_at - clock_timestamp()) * 1000)::float8 as "firstInMs" from granted`,
    [wanted, spacing, HORIZON_SECONDS, rowOf[pace]],
    { name: 'connect_turns' },
  );
  return { count: row!.count, firstInMs: Math.max(0, row!.firstInMs), spacingMs: spacing * 1000 };
}
