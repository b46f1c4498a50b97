import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { MemoryProfileStore } from '#testing';
import { TransferSlots } from '../transfer-slots.js';
import { DurableStore } from './durable-store.js';
import { MediaEncryptor } from './media-encryptor.js';
import { MediaUploads, reusableUntil } from './media-uploads.js';

const hourMs = 3_600_000;
const now = Date.parse('2026-11-21T12:00:00Z');
const hex = (at: number) => Math.floor(at / 1000).toString(16);

describe('how long an upload is named again', () => {
  it('for a day, when the host does not say how long it keeps the file', () => {
    expect(reusableUntil('/v/t62/1.enc', now).getTime()).toBe(now + 24 * hourMs);
  });

  it('for a day, when the host keeps it for weeks', () => {
    expect(reusableUntil(`/v/t62/1.enc?ccb=1&oe=${hex(now + 30 * 24 * hourMs)}`, now).getTime()).toBe(
      now + 24 * hourMs,
    );
  });

  it('not at all, when the last recipient would have less than a week to fetch it', () => {
    const directPath = `/v/t62/1.enc?oe=${hex(now + 6 * 24 * hourMs)}`;
    expect(reusableUntil(directPath, now).getTime()).toBeLessThan(now);
  });
});

describe('uploads', () => {
  function uploads(answer: (asked: number) => object) {
    let asked = 0;
    const openSocket = () => ({
      query: async () => {
        asked += 1;
        return answer(asked);
      },
    });
    const store = new DurableStore(new MemoryProfileStore(), {
      leaseLost: () => undefined,
      unavailable: () => undefined,
    });
    const slots = new TransferSlots({ atOnce: 4, bytes: 1_000_000 });
    const parts = { openSocket, store, slots, profileId: 'p', signal: new AbortController().signal };
    return { uploads: new MediaUploads(parts as never), asked: () => asked };
  }
  const host = (hostname: string) => ({ tag: 'host', attrs: { hostname } });
  const answered = (...hosts: string[]) => ({
    tag: 'iq',
    attrs: {},
    content: [{ tag: 'media_conn', attrs: { auth: 'a', ttl: '300' }, content: hosts.map(host) }],
  });
  const source = { sha256: 'a'.repeat(64), open: async () => Readable.from([Buffer.from('bytes')]) };
  const failed = { code: 'media_upload_failed', facts: { retryable: true, outcome: 'not_sent' } };

  it('that no host takes have certainly not been sent, and are tried anew the next time', async () => {
    const { uploads: failing, asked } = uploads(() => answered('127.0.0.1:9', '127.0.0.1:19'));
    await expect(failing.upload('image', source)).rejects.toMatchObject(failed);
    await expect(failing.upload('image', source)).rejects.toMatchObject(failed);
    // The hosts are known for some minutes.
    expect(asked()).toBe(1);
  });

  it('ask for the hosts again after a question that failed', async () => {
    const { uploads: failing, asked } = uploads((count) => {
      if (count === 1) throw new Error('the socket closed');
      return answered('127.0.0.1:9');
    });
    await expect(failing.upload('image', source)).rejects.toMatchObject(failed);
    await expect(failing.upload('image', source)).rejects.toMatchObject(failed);
    expect(asked()).toBe(2);
  });
});

it('the same key and bytes make the same encrypted file, however they are cut', async () => {
  const [mediaKey, bytes] = [randomBytes(32), randomBytes(100_003)];
  const cut = (size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
  const encrypted = await Promise.all(
    [1_000, 64_000, 100_003].map(async (size) => {
      const encryptor = await MediaEncryptor.with(mediaKey, 'document');
      const file = await buffer(Readable.from(cut(size)).pipe(encryptor));
      const facts = encryptor.facts();
      expect([facts.fileLength, facts.encryptedLength]).toEqual([bytes.length, file.length]);
      return file.toString('base64');
    }),
  );
  expect(new Set(encrypted).size).toBe(1);
});
