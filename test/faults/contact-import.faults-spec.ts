import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Simulator } from '#simulator';
import { ApiClient, WaypostProcesses } from '#testing';
import { brokenContacts } from '../broken-contacts.js';

/** Set IMPORT_ROWS and IMPORT_KILLS to another size. */
const setting = (name: string, usual: number) => Number(process.env[`IMPORT_${name}`] ?? usual);
const log = (line: string) => process.stdout.write(`import: ${line}\n`);

interface Import {
  state: string;
  totalRows: number | null;
  doneRows: number;
  createdAt: string;
  finishedAt: string | null;
}

/** Most that a process ever had in memory, MiB, as Linux counts it. */
function peakMemory(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

async function send(waypost: WaypostProcesses, key: string, profileId: string, bytes: Iterable<Buffer>) {
  const form = new FormData();
  const fields = { profileId, defaultCountry: 'ID', mapping: '{"Paket":"custom.plan"}' };
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([...bytes].map((each) => new Uint8Array(each))), 'large.csv');
  const headers = { 'x-api-key': key };
  const answer = await fetch(`${waypost.url}/api/v1/contacts/imports`, { method: 'POST', headers, body: form });
  const { data, error } = (await answer.json()) as { data: { id: string }; error?: unknown };
  if (!answer.ok) throw new Error(JSON.stringify(error));
  return data.id;
}

/** Rows of the exported file, which has a number in each. */
async function countExported(waypost: WaypostProcesses, key: string, profileId: string): Promise<number> {
  const path = `/api/v1/contacts/export/csv?profileId=${profileId}&download=true`;
  const answer = await fetch(`${waypost.url}${path}`, { headers: { 'x-api-key': key } });
  return (await answer.text()).match(/^\+62\d+,/gm)?.length ?? 0;
}

it('brings in a large file with every kind of broken row, whatever dies meanwhile', async () => {
  const { bytes, expected } = brokenContacts(setting('ROWS', 200_000));
  const simulator = await Simulator.start();
  const waypost = await WaypostProcesses.start(simulator);
  try {
    const { client } = await ApiClient.register(waypost.url);
    const { key } = (await client.post('/api-keys', { name: 'import', permissions: ['*'] })).body.data;
    const keyed = ApiClient.apiKey(waypost.url, key);
    const run = async (kills: number) => {
      const profileId = (await keyed.post('/profiles', { name: `Shop ${kills}` })).body.data.id as string;
      const restMiB = peakMemory(waypost.pid('worker')!);
      const id = await send(waypost, key, profileId, bytes());
      const step = expected.rows / (kills + 1);
      let killed = 0;
      for (;;) {
        const now: Import | undefined = (await keyed.get(`/contacts/imports/${id}`)).body?.data;
        await pause(200);
        // Too busy to answer, or the limit of requests.
        if (!now) continue;
        if (!['queued', 'running'].includes(now.state)) {
          expect(now).toMatchObject({ state: 'completed', doneRows: expected.rows, ...expected.counts });
          const seconds = (Date.parse(now.finishedAt!) - Date.parse(now.createdAt)) / 1000;
          const rate = Math.round(expected.rows / seconds);
          const peakMiB = peakMemory(waypost.pid('worker')!);
          log(JSON.stringify({ rows: expected.rows, killed, seconds, rowsPerSecond: rate, restMiB, peakMiB }));
          break;
        }
        if (killed < kills && now.doneRows > step * (killed + 1)) {
          waypost.kill('worker');
          killed += 1;
          log(`killed the worker at row ${now.doneRows}`);
        }
      }
      expect(await countExported(waypost, key, profileId)).toBe(expected.counts.created);
    };
    await run(0);
    await run(setting('KILLS', 3));
  } finally {
    await waypost.stop();
    await simulator.stop();
  }
}, 3_600_000);
