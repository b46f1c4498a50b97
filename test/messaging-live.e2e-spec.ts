import { readFile } from 'node:fs/promises';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { readZip } from './read-zip.js';

/** Sending, receiving and bulk through the whole product: judged by what the other phones decrypted. */

const ownNumber = '15550500001';
const friendNumber = '15550500002';

let waypost: Installation;
let client: Client;
let accessToken: string;
let profileId: string;

let friend: Person;
const file = (name: string) => readFile(`test/fixtures/media/${name}`);
const download = async (path: string) => {
  const answer = await fetch(`${waypost.api.url}${path}`, { headers: { authorization: `Bearer ${accessToken}` } });
  return Buffer.from(await answer.arrayBuffer());
};

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  const registered = await ApiClient.register(waypost.api.url);
  ({ client, accessToken } = registered);
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost.stop();
}, 60_000);

it.each([
  ['image', 'photo.jpg', { caption: 'look' }],
  ['video', 'clip.mp4', { caption: 'watch' }],
  ['audio', 'voice.ogg', { ptt: true }],
  ['audio', 'sound.mp3', {}],
  ['document', 'letter.docx', { filename: 'Brief.docx', caption: 'read' }],
])('brings %s %s to the other phone, byte for byte', async (kind, name, more) => {
  const bytes = await file(name);
  const to = friendNumber;
  const sent = await client.post(`/messages/${kind}`, {
    profileId,
    to,
    base64: bytes.toString('base64'),
    ...more,
    wait: 20,
  });
  expect([sent.status, sent.body.data.status]).toEqual([201, 'sent']);
  const arrived = await friend.expectMessage({ id: sent.body.data.waMessageId });
  expect(arrived.kind).toBe(kind);
  expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
  if ('caption' in more) expect(arrived.text).toBe(more.caption);
  expect(arrived.toJSON().media?.ptt ?? false).toBe('ptt' in more);
  if (kind === 'document') expect(arrived.toJSON().media?.fileName).toBe('Brief.docx');
});

it('shows on the other phone what an answer quotes, theirs and ours', async () => {
  const hello = await client.post('/messages/text', { profileId, to: friendNumber, text: 'hello', wait: 20 });
  const arrived = await friend.expectMessage({ id: hello.body.data.waMessageId });
  const questionId = await friend.reply(arrived, 'a question');
  await until(async () => {
    const { body } = await client.get(`/conversations/${hello.body.data.conversationId}/messages?limit=1`);
    return body.data.messages[0].waMessageId === questionId;
  });
  for (const quotedMessageId of [questionId, hello.body.data.messageId]) {
    const answer = await client.post('/messages/reply', {
      profileId,
      to: friendNumber,
      text: 'answer',
      quotedMessageId,
      wait: 20,
    });
    const shown = await friend.expectMessage({ id: answer.body.data.waMessageId });
    const expected = quotedMessageId === questionId ? questionId : hello.body.data.waMessageId;
    expect(shown.message.extendedTextMessage?.contextInfo?.stanzaId).toBe(expected);
  }
});

it('stores a file that the other phone sent, byte for byte', async () => {
  const bytes = await file('photo.jpg');
  const waMessageId = await friend.sendImage(ownNumber, bytes, { caption: 'mine' });
  const message = await until(async () => {
    const { body } = await client.get(`/messages/profile/${profileId}?direction=incoming&type=image&limit=1`);
    const [newest] = body.data;
    return newest?.waMessageId === waMessageId && newest.content.url ? newest : null;
  });
  expect(message).toMatchObject({
    body: 'mine',
    hasMedia: true,
    content: { mimetype: 'image/jpeg', sizeBytes: bytes.length },
  });
  expect((await download(message.content.url)).equals(bytes)).toBe(true);
});

it('exports a conversation with its files, byte for byte', async () => {
  const bytes = await file('photo.jpg');
  const theirs = await friend.sendImage(ownNumber, bytes, { caption: 'for the archive' });
  const chat = await until(async () => {
    const { body } = await client.get(`/messages/profile/${profileId}?direction=incoming&type=image&limit=1`);
    const [newest] = body.data;
    return newest?.waMessageId === theirs && newest.content.url ? (newest.conversationId as string) : null;
  });
  const path = `/conversations/${chat}/exports`;
  const { id } = (await client.post(path, { format: 'ndjson', media: true })).body.data;
  const { downloadUrl } = await until(
    async () => {
      const { data } = (await client.get(`${path}/${id}`)).body;
      return data.state === 'ready' ? data : null;
    },
    { what: 'the export to be ready', withinMs: 20_000 },
  );
  const { pathname, search } = new URL(downloadUrl);
  const zip = await readZip(await download(pathname + search));
  const lines = zip.get('conversation.ndjson')!.toString('utf8').trim().split('\n');
  const line = lines.map((text) => JSON.parse(text)).find(({ waMessageId }) => waMessageId === theirs);
  expect(line).toMatchObject({ body: 'for the archive', direction: 'incoming' });
  expect(zip.get(line.file)?.equals(bytes)).toBe(true);
});

it('shows typing and recording to the other person, and its end', async () => {
  const typing = (more: object) => client.post('/messages/typing', { profileId, to: friendNumber, ...more });
  expect((await typing({ duration: 200 })).body.data).toEqual({ success: true, state: 'composing', to: friendNumber });
  await friend.expectTyping(ownNumber, { state: 'composing' });
  await friend.expectTyping(ownNumber, { state: 'paused' });
  expect((await typing({ state: 'recording' })).status).toBe(200);
  await friend.expectTyping(ownNumber, { state: 'recording' });
});

it('tells the other person that named messages were read', async () => {
  const ids = [await friend.sendText(ownNumber, 'one'), await friend.sendText(ownNumber, 'two')];
  await until(async () => {
    const { body } = await client.get(`/messages/profile/${profileId}?direction=incoming&limit=2`);
    return ids.every((id) => body.data.some((message: { waMessageId: string }) => message.waMessageId === id));
  });
  const chatId = `${friendNumber}@s.whatsapp.net`;
  const read = await client.post('/messages/mark-read', { profileId, chatId, messageIds: [ids[0]] });
  expect(read.body.data).toMatchObject({ receiptSent: true, reason: null, messageIds: [ids[0]], count: 1 });
  await friend.expectReceipt(ids[0]!, 'read');
});

describe('bulk', () => {
  /** Sixty first messages are sixty key exchanges, on both sides in this process. */
  const patient = { withinMs: 100_000 };
  const people = Array.from({ length: 60 }, (_, i) => `155505100${String(i).padStart(2, '0')}`);
  const messages = (count: number, text: string) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ chatId: `${people[i % people.length]}@c.us`, type: 'text', content: { text } },
      variables: { name: `Person ${i}` },
    }));
  const batch = async (batchId: string) => (await client.get(`/bulk/batch/${batchId}`)).body.data;
  const received = (contains: string) =>
    people.flatMap((number) =>
      waypost.simulator
        .person(number)
        .inbox()
        .filter((message) => message.text?.includes(contains)),
    );

  beforeAll(() => {
    for (const number of people) waypost.simulator.person(number);
  });

  it('brings every person their own words, once, and completes', async () => {
    const options = { delayBetweenMessages: 0, randomizeDelay: false };
    const sent = await client.post('/bulk/send', { profileId, messages: messages(60, 'Dear {name}, bulk'), options });
    const done = await until(async () => {
      const now = await batch(sent.body.data.batchId);
      return now.status === 'processing' ? null : now;
    }, patient);
    expect(done).toMatchObject({
      status: 'completed',
      progress: { total: 60, sent: 60, failed: 0, pending: 0, unknown: 0 },
    });
    for (const [i, number] of people.entries()) {
      await waypost.simulator.person(number).expectMessage(`Dear Person ${i}, bulk`);
    }
    expect(received(', bulk')).toHaveLength(60);
  }, 120_000);

  it('cancels exactly what never reached a phone', async () => {
    const options = { delayBetweenMessages: 20, randomizeDelay: false };
    const sent = await client.post('/bulk/send', { profileId, messages: messages(300, '{name}: cancel me'), options });
    const { batchId } = sent.body.data;
    await until(async () => (await batch(batchId)).progress.sent >= 20, patient);
    const cancelled = await client.post(`/bulk/batch/${batchId}/cancel`);
    expect(cancelled.status).toBe(200);
    const done = await until(async () => {
      const now = await batch(batchId);
      return now.progress.pending === 0 ? now : null;
    }, patient);
    expect(done.status).toBe('cancelled');
    expect(done.progress.sent + done.progress.cancelled).toBe(300);
    expect(done.progress.cancelled).toBeGreaterThan(0);
    await until(() => received(': cancel me').length >= done.progress.sent, patient);
    const texts = new Set(received(': cancel me').map((message) => message.text));
    for (const [i, result] of done.results.entries()) {
      expect([result.status === 'cancelled', texts.has(`Person ${i}: cancel me`)]).toEqual(
        result.status === 'cancelled' ? [true, false] : [false, true],
      );
    }
  }, 240_000);
});
