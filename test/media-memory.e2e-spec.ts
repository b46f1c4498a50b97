import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Upload } from 'tus-js-client';
import { type Person, Simulator } from '#simulator';
import { ApiClient, type ApiClient as Client, until, WaypostProcesses } from '#testing';
import { linkProfile } from './link-profile.js';

/**
 * A film of 100 MB each way through processes of their own, whose memory is read from outside: `VmHWM` is the most that a
 * process ever had in memory, as Linux counts it. MEDIA_MEGABYTES makes it another size.
 */

const ownNumber = '15550510001';
const friendNumber = '15550510002';
const sizeBytes = Number(process.env.MEDIA_MEGABYTES ?? 100) * 1_000_000 - 1_000;
/** More than this would mean that the file, or a good part of it, was in memory. */
const mostGrowthBytes = 64 * 1024 * 1024;

let simulator: Simulator;
let waypost: WaypostProcesses;
let client: Client;
let accessToken: string;
let profileId: string;
let friend: Person;
let files: Server;
let filesUrl: string;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** A film that plays, with so much after it that it has this size: a `free` box, which players skip (ISO 14496-12). */
async function film(bytes: number): Promise<Buffer> {
  const clip = await readFile('test/fixtures/media/clip.mp4');
  const free = randomBytes(bytes - clip.length);
  free.writeUInt32BE(free.length, 0);
  free.write('free', 4, 'latin1');
  return Buffer.concat([clip, free]);
}

/** The most memory that a process has had so far, and what it has now; bytes. */
function memoryOf(part: 'api' | 'engine'): { peak: number; now: number } {
  const status = readFileSync(`/proc/${waypost.pid(part)}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)![1]);
  return { peak: kilobytes('VmHWM') * 1024, now: kilobytes('VmRSS') * 1024 };
}

/** How much more each process had in memory during the work than before it. */
async function growthDuring(what: string, work: () => Promise<void>) {
  const before = { api: memoryOf('api'), engine: memoryOf('engine') };
  await work();
  const growth = {
    api: Math.max(0, memoryOf('api').peak - before.api.now),
    engine: Math.max(0, memoryOf('engine').peak - before.engine.now),
  };
  const mib = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  process.stdout.write(
    `${what}: ${sizeBytes / 1e6} MB, api +${mib(growth.api)} MiB, engine +${mib(growth.engine)} MiB\n`,
  );
  return growth;
}

async function send(bytes: Buffer): Promise<string> {
  let served = bytes;
  files.removeAllListeners('request');
  files.on('request', (_, response) => response.end(served));
  const body = { profileId, to: friendNumber, url: `${filesUrl}/film.mp4`, wait: 0 };
  const sent = await client.post('/messages/video', body);
  served = Buffer.alloc(0);
  expect([200, 201, 202]).toContain(sent.status);
  const arrived = await friend.expectMessage({ id: sent.body.data.waMessageId }, { timeoutMs: 100_000 });
  return sha256(await arrived.downloadMedia());
}

async function receive(bytes: Buffer): Promise<string> {
  const id = await friend.sendVideo(ownNumber, bytes);
  const url = await until(
    async () => {
      const { body } = await client.get(`/messages/profile/${profileId}?limit=5`);
      const message = body.data.find((one: { waMessageId: string }) => one.waMessageId === id);
      return message?.content.url as string | undefined;
    },
    { withinMs: 100_000, what: 'the film to be stored' },
  );
  const answer = await fetch(`${waypost.url}${url}`, { headers: { authorization: `Bearer ${accessToken}` } });
  const hash = createHash('sha256');
  for await (const chunk of answer.body!) hash.update(chunk);
  return hash.digest('hex');
}

const onLinux = process.platform === 'linux' ? describe : describe.skip;

onLinux('the memory of the processes while a large film passes', () => {
  beforeAll(async () => {
    files = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => files.once('listening', resolve));
    filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}`;
    simulator = await Simulator.start();
    friend = simulator.person(friendNumber, { name: 'Ana' });
    waypost = await WaypostProcesses.start(simulator);
    ({ client, accessToken } = await ApiClient.register(waypost.url));
    const workspaces = await client.get('/workspaces');
    const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
    profileId = created.body.data.id;
    await linkProfile(client, profileId, simulator, { number: ownNumber, name: 'Shop' });
    // Everything is loaded and warm before anything is measured.
    const small = await film(8_000_000);
    expect(await send(small)).toBe(sha256(small));
    const other = await film(8_000_000);
    expect(await receive(other)).toBe(sha256(other));
  }, 180_000);

  afterAll(async () => {
    await waypost?.stop();
    await simulator.stop();
    files.close();
  }, 60_000);

  it('does not grow with the film on its way out', async () => {
    const bytes = await film(sizeBytes);
    const growth = await growthDuring('out', async () => {
      expect(await send(bytes)).toBe(sha256(bytes));
    });
    expect(Math.max(growth.api, growth.engine)).toBeLessThanOrEqual(mostGrowthBytes);
  }, 200_000);

  it('nor with one on its way in, and out to whoever asks for it', async () => {
    const bytes = await film(sizeBytes);
    const growth = await growthDuring('in', async () => {
      expect(await receive(bytes)).toBe(sha256(bytes));
    });
    expect(Math.max(growth.api, growth.engine)).toBeLessThanOrEqual(mostGrowthBytes);
  }, 200_000);

  it('nor with one that is uploaded in parts, through a kill in the middle of it', async () => {
    const bytes = await film(sizeBytes);
    // The process that is killed takes its figures along: what its successor had is measured.
    let killedAt = 0;
    const upload = new Upload(bytes, {
      endpoint: `${waypost.url}/api/v1/uploads`,
      headers: { authorization: `Bearer ${accessToken}` },
      metadata: { filename: 'film.mp4' },
      retryDelays: Array.from({ length: 60 }, () => 500),
      onProgress: (sent) => {
        if (killedAt > 0 || sent < sizeBytes / 2) return;
        killedAt = sent;
        waypost.kill('api');
      },
    });
    await new Promise<void>((resolve, reject) => {
      Object.assign(upload.options, { onSuccess: () => resolve(), onError: reject });
      upload.start();
    });
    expect(killedAt).toBeGreaterThan(0);
    const { data } = (await client.get(new URL(upload.url!).pathname.replace('/api/v1', ''))).body;
    expect(data).toMatchObject({ status: 'ready', type: 'VIDEO', size: bytes.length, sha256: sha256(bytes) });

    const again = await film(sizeBytes);
    const growth = await growthDuring('uploaded', async () => {
      const form = new FormData();
      form.set('file', new Blob([again as never]), 'film.mp4');
      const headers = { authorization: `Bearer ${accessToken}` };
      const answer = await fetch(`${waypost.url}/api/v1/uploads/media`, { method: 'POST', headers, body: form });
      expect((await answer.json()) as object).toMatchObject({ data: { sha256: sha256(again) } });
    });
    expect(growth.api).toBeLessThanOrEqual(mostGrowthBytes);
  }, 200_000);
});
