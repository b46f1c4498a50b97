import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import type { Person } from '#simulator';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Every kind of message and everything done to messages, over v1: judged by what the other phone shows. */

const ownNumber = '15550700001';
const friendNumber = '15550700002';

let waypost: Installation;
let owner: Registered;
let profileId: string;
let friend: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  owner = await ApiClient.register(waypost.api.url);
  const { client } = owner;
  profileId = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 60_000);

afterAll(async () => {
  await waypost?.stop();
}, 60_000);

/** Sends and waits for the acknowledgement. */
async function send(kind: string, body: object): Promise<{ messageId: string; waMessageId: string }> {
  const sent = await owner.client.post(`/messages/${kind}`, { profileId, to: friendNumber, wait: 25, ...body });
  expect(sent.body.error ?? null).toBeNull();
  expect([sent.status, sent.body.data.status]).toEqual([201, 'sent']);
  return sent.body.data;
}

async function act(kind: string, messageId: string, body: object = {}): Promise<void> {
  const done = await owner.client.post(`/messages/${kind}`, { profileId, messageId, wait: 25, ...body });
  expect(done.body.error ?? null).toBeNull();
  expect([done.status, done.body.data.status]).toEqual([201, 'sent']);
}

const shown = (waMessageId: string) => friend.chats.message(ownNumber, waMessageId);
const shows = (waMessageId: string, what: object) =>
  until(
    () => {
      const message = shown(waMessageId);
      try {
        expect(message).toMatchObject(what);
        return true;
      } catch {
        return false;
      }
    },
    { what: `the friend to see ${JSON.stringify(what)}` },
  );
const stored = async (messageId: string) => (await owner.client.get(`/messages/${messageId}`)).body.data;

it('a location', async () => {
  const { messageId, waMessageId } = await send('location', { latitude: 52.5163, longitude: 13.3777, name: 'Gate' });
  const { message } = await friend.expectMessage({ id: waMessageId });
  expect(message.locationMessage).toMatchObject({ degreesLatitude: 52.5163, degreesLongitude: 13.3777, name: 'Gate' });
  expect((await stored(messageId)).type).toBe('location');
});

it('all of several contact cards', async () => {
  const { waMessageId } = await send('contact', {
    contacts: [
      { name: 'Ada', phone: '+49 151 12345678', email: 'ada@example.com' },
      { vcard: 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nTEL:+4915187654321\r\nEND:VCARD' },
    ],
  });
  const { message } = await friend.expectMessage({ id: waMessageId });
  const cards = message.contactsArrayMessage?.contacts ?? [];
  expect(cards.map(({ displayName }) => displayName)).toEqual(['Ada', 'Bob']);
  expect(cards[0]?.vcard).toContain('waid=4915112345678');
});

it('a poll, whose votes are counted', async () => {
  const { messageId, waMessageId } = await send('poll', { question: 'Where?', options: ['Pizza', 'Soup'] });
  await friend.messages.vote(await friend.expectMessage({ id: waMessageId }), ['Soup']);
  await until(
    async () => JSON.stringify((await owner.client.get(`/messages/${messageId}/answers`)).body).includes('Soup'),
    {
      what: 'the vote to be counted',
    },
  );
});

it('an invitation with a time', async () => {
  const { waMessageId } = await send('event', {
    name: 'Opening',
    startsAt: '2027-01-01T18:00:00+01:00',
    place: 'Shop',
  });
  const { message } = await friend.expectMessage({ id: waMessageId });
  expect(message.eventMessage).toMatchObject({ name: 'Opening' });
  expect(Number(message.eventMessage?.startTime)).toBe(Date.parse('2027-01-01T17:00:00Z') / 1000);
});

it('a sticker made of any image', async () => {
  const base64 = (await readFile('test/fixtures/media/photo.jpg')).toString('base64');
  const { waMessageId } = await send('sticker', { base64 });
  const arrived = await friend.expectMessage({ id: waMessageId });
  expect(arrived.message.stickerMessage?.mimetype).toBe('image/webp');
  const { format, width, height } = await sharp(await arrived.downloadMedia()).metadata();
  expect([format, width, height]).toEqual(['webp', 512, 512]);
});

it('a round video', async () => {
  const base64 = (await readFile('test/fixtures/media/clip.mp4')).toString('base64');
  const { waMessageId } = await send('round-video', { base64 });
  expect((await friend.expectMessage({ id: waMessageId })).message.ptvMessage).toBeTruthy();
});

it('a reaction, and taking it back', async () => {
  const id = await friend.sendText(ownNumber, 'react to me');
  const messageId = await until(async () => {
    const { data } = (await owner.client.get(`/messages/profile/${profileId}`)).body;
    return data.find((message: { body: string }) => message.body === 'react to me')?.id as string | undefined;
  });
  await act('reaction', messageId, { emoji: '👍' });
  await until(() => JSON.stringify(shown(id)).includes('👍'), { what: 'the reaction to be shown' });
  await act('reaction', messageId, { emoji: '' });
  await until(() => !JSON.stringify(shown(id)).includes('👍'), { what: 'the reaction to be gone' });
});

it('edits and deletes for everyone', async () => {
  const { messageId, waMessageId } = await send('text', { text: 'first words' });
  await act('edit', messageId, { text: 'second words' });
  await shows(waMessageId, { text: 'second words', edited: true });
  expect((await stored(messageId)).body).toBe('second words');
  await act('delete-for-everyone', messageId);
  await until(() => /revoked|deleted/.test(JSON.stringify(shown(waMessageId))), { what: 'the deletion to be shown' });
  const again = await owner.client.post('/messages/edit', { profileId, messageId, text: 'too late', wait: 0 });
  expect([again.status, again.body.error.code]).toEqual([409, 'ACTION_NOT_POSSIBLE']);
});

it.each<[string, object, string]>([
  ['location', { latitude: 91, longitude: 0 }, 'latitude'],
  ['contact', { contacts: [{ name: 'Ada' }] }, 'contacts.0.phone'],
  ['contact', { contacts: [{ vcard: 'hello' }] }, 'contacts.0.vcard'],
  ['poll', { question: 'One?', options: ['only'] }, 'options'],
  ['event', { name: 'x', startsAt: 'tomorrow' }, 'startsAt'],
])('refuses a %s of %j', async (kind, body, path) => {
  const answer = await owner.client.post(`/messages/${kind}`, { profileId, to: friendNumber, ...body });
  expect([answer.status, answer.body.error.fields[0].path]).toEqual([400, path]);
});

it('refuses what a chat does not have', async () => {
  const to = '120363000000000001@newsletter';
  const answer = await owner.client.post('/messages/location', { profileId, to, latitude: 1, longitude: 1, wait: 0 });
  expect([answer.status, answer.body.error.code]).toEqual([422, 'NOT_SUPPORTED']);
});
