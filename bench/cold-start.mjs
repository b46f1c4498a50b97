import pg from 'pg';
import { until } from './children.mjs';

/**
 * How long an installation takes from nothing to all of its numbers connected: it is stopped, and started as it comes,
 * database and all.
 */
export async function coldStart(waypost, { count }) {
  let begun;
  await waypost.restart(() => {
    begun = performance.now();
  });
  const serving = (performance.now() - begun) / 1000;
  const db = new pg.Client({ connectionString: waypost.facts.postgres.url, options: '-c waypost.scope=system' });
  await db.connect();
  try {
    const connected = async () => {
      const { rows } = await db.query(
        "select count(*)::int as count from profile_connections where state = 'connected'",
      );
      return rows[0].count;
    };
    const first = await until('the first number', async () => ((await connected()) > 0 ? performance.now() : null));
    await until(`${count} numbers are connected`, async () => (await connected()) >= count, {
      withinMs: 300_000,
      everyMs: 100,
    });
    return { count, serving, first: (first - begun) / 1000, all: (performance.now() - begun) / 1000 };
  } finally {
    await db.end();
  }
}
