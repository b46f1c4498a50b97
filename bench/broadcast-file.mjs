import { createWriteStream, openAsBlob } from 'node:fs';
import { finished } from 'node:stream/promises';
import { processorUse } from './processor-time.mjs';
import { waypostProcesses } from './sends.mjs';
import { residentBytes } from './simulator/resident-bytes.mjs';
import { percentile } from './statistics.mjs';

const PROBE_EVERY_MS = 25;
const SAMPLE_EVERY_MS = 50;

/**
 * A broadcast to the lines of a file: how long it takes until every recipient is written down, what the worker holds in
 * memory meanwhile at most, and how the api answers reads beside it, against its answers before. The number that sends
 * pauses for an hour between two messages, so that nothing but the writing is measured.
 */
export async function broadcastFile(network, waypost, folder, { profileId, lines, idleMs, onProgress }) {
  const path = `${folder}/recipients.csv`;
  await writeLines(path, lines);
  const form = new FormData();
  form.set('file', await openAsBlob(path, { type: 'text/csv' }), 'recipients.csv');
  const { 'x-api-key': key } = waypost.headers;
  const answer = await fetch(`${waypost.facts.url}/api/v1/uploads/media?as=document`, {
    ...{ method: 'POST', headers: { 'x-api-key': key }, body: form },
  });
  if (!answer.ok) throw new Error(`The upload was answered ${answer.status}: ${await answer.text()}`);
  const { data: upload } = await answer.json();
  const { id } = await waypost.call('POST', '/broadcast', {
    ...{ profileId, name: 'Bench', message: { type: 'text', text: '{{name}}, {{code}}' } },
    recipients: { type: 'file', file: { uploadId: upload.id } },
    settings: { delayMin: 3_600_000, delayMax: 3_600_000 },
  });
  onProgress(`broadcast: a file of ${lines} lines is there`);
  const idle = await probe(waypost, () => new Promise((resolve) => setTimeout(resolve, idleMs)));
  const { pid } = waypost.facts.processes.worker;
  const restingBytes = residentBytes(pid);
  let peakBytes = restingBytes;
  const sampling = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(pid));
  }, SAMPLE_EVERY_MS);
  let seconds = 0;
  const use = processorUse(waypostProcesses(network, waypost));
  const beside = await probe(waypost, async () => {
    const begin = performance.now();
    await waypost.call('POST', `/broadcast/${id}/start`);
    await waypost.expanded(id);
    seconds = (performance.now() - begin) / 1000;
  });
  clearInterval(sampling);
  const processor = use.perUnit(lines / 1000);
  const { stats } = await waypost.call('GET', `/broadcast/${id}`);
  await waypost.call('POST', `/broadcast/${id}/cancel`);
  const counts = { total: stats.total, excluded: stats.excluded };
  return { lines, seconds, restingBytes, peakBytes, idle, beside, counts, processor };
}

/** One line in a hundred repeats an earlier one, one in two hundred has no number. */
async function writeLines(path, lines) {
  const file = createWriteStream(path);
  file.write('phone,name,code\n');
  for (let line = 0; line < lines; line += 1) {
    const number = line % 100 === 99 ? 491_600_000_000 + line - 50 : 491_600_000_000 + line;
    const phone = line % 200 === 10 ? 'none' : `+${number}`;
    if (!file.write(`${phone},Person ${line},C${line}\n`)) await new Promise((resolve) => file.once('drain', resolve));
  }
  file.end();
  await finished(file);
}

/** Reads at a fixed pace while something goes on, whatever becomes of the earlier ones. */
async function probe(waypost, during) {
  const pool = waypost.pool(16);
  const times = [];
  const asked = new Set();
  const [{ id }] = await waypost.call('GET', '/workspaces');
  const ask = async () => {
    const begin = performance.now();
    const { body } = await pool.request({ method: 'GET', path: `/api/v1/workspaces/${id}`, headers: waypost.headers });
    await body.text();
    times.push(performance.now() - begin);
  };
  for (let warm = 0; warm < 100; warm += 1) await ask();
  times.length = 0;
  const pace = setInterval(() => {
    const one = ask().finally(() => asked.delete(one));
    asked.add(one);
  }, PROBE_EVERY_MS);
  await during();
  clearInterval(pace);
  await Promise.all(asked);
  await pool.close();
  return { reads: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
