import type { Tx } from '../transaction.js';

/** From which wrong guess on one has to wait, and how long. */
export interface GuessRule {
  /** Guesses that cost no wait. */
  free: number;
  /** The wait after the last free one, seconds; it doubles with each further guess. */
  firstWait: number;
  longestWait: number;
  /** A counter that rests so long begins anew, seconds. */
  forgetAfter: number;
}

/**
 * Counts one guess before it is looked at, so that many at once are as many as one after another.
 * @returns whether one has to wait from now on; null, and nothing was counted, while one has to wait already
 */
export async function countGuess(tx: Tx, key: string, rule: GuessRule): Promise<{ closes: boolean } | null> {
  const [counted] = await tx.query<{ closes: boolean }>(
    `insert into guess_counters as c (key, failures, last_at, blocked_until, expires_at)
     values ($1, 1, now(), case when $2::int <= 1 then now() + make_interval(secs => $3::float) end,
             now() + make_interval(secs => $5::float))
     on conflict (key) do update set
       failures = case when c.expires_at <= now() then 1 else c.failures + 1 end,
       last_at = now(),
       blocked_until = case
         when c.expires_at > now() and c.failures + 1 >= $2::int
         then now() + make_interval(secs => least($4::float, $3::float * power(2, least(c.failures + 1 - $2::int, 20))))
       end,
       expires_at = excluded.expires_at
     where c.blocked_until is null or c.blocked_until <= now()
     returning blocked_until is not null as closes`,
    [key, rule.free, rule.firstWait, rule.longestWait, rule.forgetAfter],
    { name: 'count_guess' },
  );
  return counted ?? null;
}

/** Seconds until the longest wait of these is over; 0 when none waits. */
export async function waitOfGuesses(on: Pick<Tx, 'query'>, keys: readonly string[]): Promise<number> {
  const [row] = await on.query<{ seconds: number | null }>(
    `select ceil(extract(epoch from max(blocked_until) - now()))::int as seconds
       from guess_counters where key = any($1::text[]) and blocked_until > now()`,
    [keys],
    { name: 'wait_of_guesses' },
  );
  return row?.seconds ?? 0;
}

/** Takes back what `countGuess` counted for a guess that was right: `forget` entirely, `refund` by one. */
export async function uncountGuess(
  on: Pick<Tx, 'query'>,
  keys: { forget: readonly string[]; refund: readonly string[] },
): Promise<void> {
  await on.query(
    `with gone as (delete from guess_counters where key = any($1::text[]))
     update guess_counters set failures = greatest(failures - 1, 0), blocked_until = null where key = any($2::text[])`,
    [keys.forget, keys.refund],
    { name: 'uncount_guess' },
  );
}
