import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { until } from './children.mjs';
import { processorUse } from './processor-time.mjs';
import { waypostProcesses } from './sends.mjs';
import { percentile } from './statistics.mjs';
import { WireLog } from './wire-log.mjs';

/** Each writes to one number, at a pace of its own. */
const CONTACTS_PER_NUMBER = 5;
/** What the contacts' phones take to encrypt a message, at most: they do it before the load begins. */
const ENCRYPTION_MS = 2;
const FIRST_CONTACT = 16_780_000_000;

/**
 * Whether inbound messages are stored as fast as they come. Contacts write at a fixed pace, whatever becomes of the earlier
 * messages; what they write they have encrypted before, as phones elsewhere would. For each message it is looked up when the
 * network wrote it to the wire and when its event was written.
 */
export async function inboundLoad(network, waypost, { numbers, profileIds, perSecond, seconds }) {
  const db = new pg.Client({ connectionString: waypost.facts.postgres.url, options: '-c waypost.scope=system' });
  await db.connect();
  try {
    const contacts = [];
    for (let index = 0; index < numbers.length * CONTACTS_PER_NUMBER; index += 1) {
      const number = numbers[index % numbers.length];
      contacts.push({ number, person: await network.client.person(String(FIRST_CONTACT + index)) });
    }
    const each = Math.round((perSecond * seconds) / contacts.length);
    const {
      rows: [{ since }],
    } = await db.query('select clock_timestamp() as since');
    const ofLoad = `from events where name = 'message.received' and profile_id = any($1::uuid[]) and occurred_at > $2`;
    // Asked again and again beside the load, so it must not cost what it measures.
    const storedCount = async () => {
      const { rows } = await db.query(`select count(*)::int as count ${ofLoad}`, [profileIds, since]);
      return rows[0].count;
    };
    const stored = async () => {
      const { rows } = await db.query(
        `select payload ->> 'waMessageId' as id, (extract(epoch from occurred_at) * 1000)::float8 as at ${ofLoad}`,
        [profileIds, since],
      );
      return rows;
    };
    // Sessions first: the first message of a contact costs key work on both sides.
    for (const { person, number } of contacts) await person.sendText(number, 'good morning');
    await until('the first messages', async () => (await storedCount()) === contacts.length);

    const log = new WireLog(network, 200);
    await log.start();
    const everyMs = (1000 * contacts.length) / perSecond;
    const total = contacts.length * each;
    const asked = performance.now();
    const afterMs = 1_000 + total * ENCRYPTION_MS;
    // Spread over the pace, so that they do not all write in the same moment.
    for (const [index, { person, number }] of contacts.entries()) {
      const turnMs = (index * everyMs) / contacts.length;
      const elapsedMs = performance.now() - asked;
      await network.flood(person, { to: number, count: each, everyMs, afterMs: afterMs + turnMs - elapsedMs });
    }
    await pause(asked + afterMs - performance.now());
    const use = processorUse(waypostProcesses(network, waypost));
    const begin = performance.now();
    await until(`${total} messages`, async () => (await storedCount()) >= contacts.length + total, {
      withinMs: seconds * 1000 + 120_000,
      everyMs: 500,
    });
    const tookSeconds = (performance.now() - begin) / 1000;
    await log.stop();
    const times = (await stored()).flatMap(({ id, at }) => (log.times.has(id) ? at - log.times.get(id) : []));
    const written = [...log.times.values()];
    const wireSeconds = (Math.max(...written) - Math.min(...written)) / 1000;
    return {
      total,
      asked: perSecond,
      perSecond: total / wireSeconds,
      numbers: numbers.length,
      tookSeconds,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      processor: use.perUnit(total),
    };
  } finally {
    await db.end();
  }
}
