import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { Upload } from 'tus-js-client';
import { Database } from '#database';
import { UploadTender } from '#domain';
import { DiskStorage } from '#storage';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';

/** Uploads in parts, by the protocol that tus clients speak, at two processes that share storage and database. */

let database: TestDatabase;
let db: Database;
let apis: RunningApi[];
let worker: RunningWorker;
let owner: Registered;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bearer = () => ({ authorization: `Bearer ${owner.accessToken}` });

/** One request of the protocol, by hand. */
async function tus(method: string, url: string, headers: Record<string, string> = {}, body?: Uint8Array) {
  const answer = await fetch(new URL(url, apis[0]!.url), {
    method,
    headers: { ...bearer(), 'tus-resumable': '1.0.0', ...headers },
    body: body as never,
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, code: text ? JSON.parse(text).error?.code : undefined };
}

async function begin(sizeBytes: number, metadata = ''): Promise<string> {
  const { status, headers } = await tus('POST', '/api/v1/uploads', {
    'upload-length': String(sizeBytes),
    'upload-metadata': metadata,
  });
  expect(status).toBe(201);
  expect(headers.get('upload-expires')).not.toBeNull();
  return headers.get('location')!;
}

const patch = (url: string, offset: number, body: Uint8Array, headers: Record<string, string> = {}) =>
  tus(
    'PATCH',
    url,
    { 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream', ...headers },
    body,
  );

/** A request for all of the bytes whose connection ends after so many of them. */
async function breakOff(url: string, bytes: Uint8Array, after: number): Promise<void> {
  const headers = {
    ...{ ...bearer(), 'tus-resumable': '1.0.0', 'upload-offset': '0' },
    ...{ 'content-type': 'application/offset+octet-stream', 'content-length': String(bytes.length) },
  };
  const sending = request(new URL(url, apis[0]!.url), { method: 'PATCH', headers });
  const closed = new Promise<void>((resolve) => sending.on('error', () => undefined).on('close', resolve));
  sending.write(bytes.subarray(0, after), () => sending.destroy());
  await closed;
}

const get = (url: string) => owner.client.get(url.replace('/api/v1', ''));

/** The files of parts that are in storage. */
async function parts(): Promise<string[]> {
  const found: string[] = [];
  for await (const { storageKey } of (await DiskStorage.open(database.config.storage.dataDir)).list()) {
    if (storageKey.startsWith('apart-')) found.push(storageKey);
  }
  return found;
}

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'resumable uploads spec');
  apis = [await startApi(database.config), await startApi(database.config)];
  worker = await startWorker(database.config);
  owner = await ApiClient.register(apis[0]!.url);
}, 60_000);

afterAll(async () => {
  await worker.stop();
  for (const api of apis) await api.stop();
  await db.close();
  await database.drop();
}, 60_000);

it('a client goes on at another process after its connection broke, and the bytes are equal', async () => {
  const bytes = randomBytes(20_000_000);
  const metadata = { filename: 'report.bin', filetype: 'application/octet-stream' };
  const url = await begin(
    bytes.length,
    Object.entries(metadata)
      .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      .join(','),
  );
  // One part of 8 MiB is kept by then; the request breaks off in the middle of another.
  await breakOff(url, bytes, 12_000_000);
  const path = new URL(url, apis[0]!.url).pathname;
  const offset = await until(
    async () => {
      const { headers } = await tus('HEAD', path);
      return Number(headers.get('upload-offset')) > 0 ? Number(headers.get('upload-offset')) : undefined;
    },
    { what: 'the first part' },
  );
  expect(offset).toBeLessThan(bytes.length);
  const sent: number[] = [];
  await new Promise<void>((resolve, reject) => {
    new Upload(bytes, {
      uploadUrl: `${apis[1]!.url}${path}`,
      endpoint: `${apis[1]!.url}/api/v1/uploads`,
      headers: bearer(),
      metadata,
      retryDelays: [0, 100, 500],
      chunkSize: 6_000_000,
      onError: reject,
      onProgress: (done) => sent.push(done),
      onSuccess: () => resolve(),
    }).start();
  });
  expect(sent[0]).toBeGreaterThanOrEqual(offset);
  const { data } = (await get(path)).body;
  expect(data).toMatchObject({ status: 'ready', type: 'DOCUMENT', filename: 'report.bin', sha256: sha256(bytes) });
  const answer = await fetch(`${apis[1]!.url}${path}/file`, { headers: bearer() });
  expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(bytes));
  expect(await parts()).toEqual([]);
  expect((await owner.client.get('/uploads/usage')).body.data).toMatchObject({ reservedBytes: 0, uploadsToday: 1 });
});

it('tells what it speaks, and refuses what it does not', async () => {
  const options = await fetch(`${apis[0]!.url}/api/v1/uploads`, { method: 'OPTIONS' });
  expect([options.status, options.headers.get('tus-version')]).toEqual([204, '1.0.0']);
  expect(options.headers.get('tus-extension')).toBe('creation,creation-with-upload,expiration,termination,checksum');
  const old = await tus('POST', '/api/v1/uploads', { 'tus-resumable': '0.2.2', 'upload-length': '10' });
  expect([old.status, old.code, old.headers.get('tus-version')]).toEqual([412, 'TUS_VERSION_UNSUPPORTED', '1.0.0']);
  expect((await tus('POST', '/api/v1/uploads', { 'upload-length': 'ten' })).code).toBe('VALIDATION_ERROR');
  expect((await tus('POST', '/api/v1/uploads', { 'upload-length': '0' })).code).toBe('MEDIA_TYPE_INVALID');
  expect((await tus('POST', '/api/v1/uploads', { 'upload-length': '9999999999' })).code).toBe('MEDIA_TOO_LARGE');
  const url = await begin(10);
  expect((await patch(url, 0, Buffer.alloc(4), { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await tus('HEAD', url, { authorization: 'Bearer none' })).status).toBe(401);
  const stranger = await ApiClient.register(apis[0]!.url);
  for (const method of ['HEAD', 'PATCH', 'DELETE']) {
    const headers = { 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' };
    const answer = await tus(method, url, { ...headers, authorization: `Bearer ${stranger.accessToken}` });
    expect([method, answer.status]).toEqual([method, 404]);
  }
  expect((await tus('DELETE', url)).status).toBe(204);
  expect((await tus('HEAD', url)).status).toBe(404);
});

it('keeps nothing of bytes with a wrong checksum, and takes each byte once', async () => {
  const bytes = randomBytes(1000);
  const url = await begin(bytes.length);
  const wrong = { 'upload-checksum': `sha1 ${createHash('sha1').update('else').digest('base64')}` };
  const refused = await patch(url, 0, bytes.subarray(0, 600), wrong);
  expect([refused.status, refused.code]).toEqual([460, 'UPLOAD_CHECKSUM_MISMATCH']);
  expect((await tus('HEAD', url)).headers.get('upload-offset')).toBe('0');
  const right = { 'upload-checksum': `sha256 ${createHash('sha256').update(bytes.subarray(0, 600)).digest('base64')}` };
  expect((await patch(url, 0, bytes.subarray(0, 600), right)).headers.get('upload-offset')).toBe('600');
  expect((await patch(url, 0, bytes.subarray(0, 600))).code).toBe('UPLOAD_OFFSET_CONFLICT');
  const many = await Promise.all([1, 2, 3, 4].map(() => patch(url, 600, bytes.subarray(600))));
  expect(many.map(({ status }) => status).sort()).toEqual([204, 409, 409, 409]);
  expect((await get(url)).body.data.sha256).toBe(sha256(bytes));
  expect(await parts()).toEqual([]);
});

it('takes the first bytes with the creation, and refuses a file that is not to be taken when it is whole', async () => {
  const script = Buffer.from('#!/bin/sh\necho hello\n');
  const { status, headers } = await tus(
    'POST',
    '/api/v1/uploads',
    { 'upload-length': String(script.length), 'content-type': 'application/offset+octet-stream' },
    script,
  );
  expect([status, headers.get('upload-offset')]).toEqual([201, String(script.length)]);
  const { data } = (await get(headers.get('location')!)).body;
  expect(data).toMatchObject({ status: 'refused', problem: { code: 'MEDIA_TYPE_INVALID' } });
  expect((await owner.client.get('/uploads/usage')).body.data.reservedBytes).toBe(0);
});

it('is put together by a worker when the process with the last part died, and removed when nobody goes on', async () => {
  const bytes = randomBytes(5000);
  const url = await begin(bytes.length, `filename ${Buffer.from('left.bin').toString('base64')}`);
  const id = url.split('/').at(-1)!;
  await patch(url, 0, bytes.subarray(0, 4000));
  const left = await begin(100);
  await patch(left, 0, bytes.subarray(0, 50));
  // The last part as a process leaves it that dies right after the commit.
  const storage = await DiskStorage.open(database.config.storage.dataDir);
  const part = await storage.writeApart(Readable.from([bytes.subarray(4000)]), { maxBytes: 1000 });
  await db.query(
    `with part as (insert into upload_parts (upload_id, organization_id, start_byte, size_bytes, storage_key)
                   values ($1, $2, 4000, 1000, $3))
     update uploads set offset_bytes = 5000, state = 'assembling', due_at = now() where id = $1`,
    [id, owner.organizationId, part.storageKey],
  );
  db.wake('media', owner.organizationId as never);
  await until(async () => (await get(url)).body.data.status === 'ready', { withinMs: 20_000, what: 'the worker' });
  expect((await get(url)).body.data.sha256).toBe(sha256(bytes));

  await db.query(`update uploads set expires_at = now() - interval '1 second' where id = $1`, [left.split('/').at(-1)]);
  const tender = new UploadTender({ db, storage, maxStoredBytes: null });
  // The worker's own turn may have been faster.
  await tender.removeExpired(() => true);
  expect((await tus('HEAD', left)).status).toBe(404);
  expect(await parts()).toEqual([]);
  expect((await owner.client.get('/uploads/usage')).body.data.reservedBytes).toBe(0);
});
