import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Pool } from 'undici';
import { end, start } from './children.mjs';
import { closedLoop, IN_FLIGHT } from './closed-loop.mjs';

const expressScript = fileURLToPath(new URL('./bare-express.mjs', import.meta.url));

function posts(url, path, headers, bodyOf) {
  const pool = new Pool(url, { connections: IN_FLIGHT, pipelining: 1 });
  const once = async (turn) => {
    const answer = await pool.request({ method: 'POST', path, headers, body: bodyOf(turn) });
    const text = await answer.body.text();
    if (answer.statusCode !== 202) throw new Error(`${path} answered ${answer.statusCode}: ${text}`);
  };
  return { once, close: () => pool.close() };
}

const bodyOf = (profileId, recipients) => (turn) =>
  JSON.stringify({ profileId, to: recipients[turn % recipients.length], text: `message number ${turn}`, wait: 0 });

/** Messages that the API accepts per second, each stored durably before its answer, for a profile that is offline. */
export async function acceptRate(waypost, { profileId, recipients, windowMs }) {
  const load = posts(waypost.facts.url, '/api/v1/messages/text', waypost.headers, bodyOf(profileId, recipients));
  const perSecond = await closedLoop(windowMs, load.once);
  await load.close();
  return perSecond;
}

/** The same requests at an Express handler that parses and answers them and does nothing else. */
export class BareExpress {
  static async start() {
    const bare = new BareExpress();
    bare.process = start(expressScript, [], { onLine: () => undefined });
    bare.url = await new Promise((resolve, reject) => {
      bare.process.once('message', ({ url }) => resolve(url));
      bare.process.once('close', () => reject(new Error('The bare Express process ended.')));
    });
    return bare;
  }

  async rate(waypost, { profileId, recipients, windowMs }) {
    const load = posts(this.url, '/api/v1/messages/text', waypost.headers, bodyOf(profileId, recipients));
    const perSecond = await closedLoop(windowMs, load.once);
    await load.close();
    return perSecond;
  }

  stop() {
    return end(this.process);
  }
}

/** Rows per second into one plain table of the same PostgreSQL, each in a durable transaction of its own. */
export async function insertRate(waypost, { windowMs }) {
  const pool = new pg.Pool({ connectionString: waypost.facts.postgres.url, max: IN_FLIGHT });
  try {
    await pool.query('create table if not exists bench_rows (id bigint primary key, content jsonb not null)');
    await pool.query('truncate bench_rows');
    const insert = { name: 'insert', text: 'insert into bench_rows (id, content) values ($1, $2::jsonb)' };
    return await closedLoop(windowMs, (turn) =>
      pool.query({ ...insert, values: [turn, JSON.stringify({ kind: 'text', text: `message number ${turn}` })] }),
    );
  } finally {
    await pool.query('drop table if exists bench_rows');
    await pool.end();
  }
}
