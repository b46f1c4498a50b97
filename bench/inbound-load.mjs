import pg from 'pg';
import { until } from './children.mjs';
import { processorUse } from './processor-time.mjs';
import { waypostProcesses } from './sends.mjs';
import { percentile } from './statistics.mjs';
import { WireLog } from './wire-log.mjs';

/** Each writes to one number. They encrypt for real, inside the simulator, at a pace of their own. */
const CONTACTS_PER_NUMBER = 5;
const FIRST_CONTACT = 16_780_000_000;

/**
 * Whether inbound messages are stored as fast as they come: contacts write at a fixed pace, whatever becomes of the
 * earlier messages, and for each it is looked up when the network wrote it to the wire and when its event was written.
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
    const processes = waypostProcesses(network, waypost);
    const use = processorUse(processes);
    const begin = performance.now();
    const everyMs = (1000 * contacts.length) / perSecond;
    await Promise.all(
      contacts.map(async ({ person, number }, index) => {
        // Spread over the pace, so that they do not all write in the same moment.
        await new Promise((resolve) => setTimeout(resolve, (index * everyMs) / contacts.length));
        await network.flood(person, { to: number, count: each, everyMs });
      }),
    );
    const total = contacts.length * each;
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
