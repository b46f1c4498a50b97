import type { Database } from '../database.js';

/** What a borrower got, and what the bucket holds after that. */
export interface BorrowedTokens {
  granted: number;
  left: number;
}

/** Tokens in the bucket of `b` at this moment: it refills steadily, from empty to full in a minute. */
const refilled = 'least($2::float8, b.tokens + greatest(0, extract(epoch from now() - b.refilled_at)) * $2 / 60)';

/**
 * Takes up to `want` whole tokens out of a bucket that holds `perMinute` and refills in a minute; a bucket nobody knows
 * is full. The clock is the database's, so that processes agree.
 */
export async function borrowTokens(
  db: Database,
  key: string,
  { perMinute, want }: { perMinute: number; want: number },
): Promise<BorrowedTokens> {
  const [borrowed] = await db.query<BorrowedTokens>(
    `insert into rate_buckets as b (key, tokens, granted, refilled_at)
     values ($1, $2::float8 - least($2::float8, $3::int), least($2::float8, $3::int)::int, now())
     on conflict (key) do update
       set granted = least($3::int, floor(${refilled}))::int,
           tokens = ${refilled} - least($3::int, floor(${refilled})),
           refilled_at = greatest(b.refilled_at, now())
     returning granted, tokens as left`,
    [key, perMinute, want],
    { name: 'rate_borrow' },
  );
  return borrowed!;
}

/** Puts back what was borrowed and not used. Never more than the bucket holds. */
export async function returnTokens(
  db: Database,
  unused: readonly { key: string; tokens: number; perMinute: number }[],
): Promise<void> {
  await db.query(
    `with locked as (
       select key from rate_buckets where key = any($1::text[]) order by key for update
     )
     update rate_buckets b set tokens = least(given.capacity, b.tokens + given.tokens)
       from locked, unnest($1::text[], $2::float8[], $3::float8[]) as given (key, tokens, capacity)
      where b.key = locked.key and b.key = given.key`,
    [unused.map(({ key }) => key), unused.map(({ tokens }) => tokens), unused.map(({ perMinute }) => perMinute)],
    { name: 'rate_return' },
  );
}
