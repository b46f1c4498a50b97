import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { Person } from '#simulator';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Erasure while a number is in use: real messages of a real engine, and a phone that must not keep a dead device. */

const ownNumber = '15550600001';
const friendNumber = '15550600002';

let waypost: Installation;
let owner: Registered;
let profileId: string;
let friend: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Philippa Featherstone' });
  owner = await ApiClient.register(waypost.api.url);
  const { client } = owner;
  profileId = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 90_000);
afterAll(async () => {
  await waypost?.stop();
}, 60_000);

/** Tables with the word in them. */
async function tablesWith(word: string): Promise<string[]> {
  const database = new pg.Client(`${waypost.config.database.url}`);
  await database.connect();
  await database.query("set waypost.scope = 'system'");
  const { rows } = await database.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema = 'public'",
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await database.query(`select 1 from ${name} t where strpos(t::text, $1) > 0 limit 1`, [word]);
    if (rowCount) found.push(name);
  }
  await database.end();
  return found;
}

const received = (waMessageId: string) =>
  until(
    async () => {
      const { body } = await owner.client.get(`/messages/profile/${profileId}?direction=incoming&limit=5`);
      return body.data.some((message: { waMessageId: string }) => message.waMessageId === waMessageId);
    },
    { withinMs: 20_000, what: `the message ${waMessageId}` },
  );

it('forgets a contact of a number in use, and lets them write again as a stranger', async () => {
  const { client, password } = owner;
  const sent = await client.post('/messages/text', {
    profileId,
    to: friendNumber,
    text: 'the price is 4711',
    wait: 20,
  });
  expect(sent.status).toBe(201);
  await friend.expectMessage({ id: sent.body.data.waMessageId });
  await received(await friend.sendText(ownNumber, 'my address is Elm Street'));
  const photo = await readFile('test/fixtures/media/photo.jpg');
  await received(await friend.sendImage(ownNumber, photo, { caption: 'my passport' }));
  // In a group with somebody who stays: what they wrote, said before an edit, chose and reacted with.
  const stranger = waypost.simulator.person('15550600003', { name: 'Otto' });
  const group = friend.groups.create('Gardeners', [ownNumber, stranger.number]).group.jid;
  const stays = await stranger.sendText(group, 'Otto stays');
  await received(stays);
  const edited = await friend.sendText(group, 'roses first');
  await friend.messages.edit(group, edited, 'tulips instead');
  await friend.sendReaction({ chat: group, id: stays, from: stranger.number }, '🌷');
  await until(async () => (await tablesWith('🌷')).includes('message_answers'), { what: 'the reaction' });
  const inGroup = ['tulips instead', 'roses first', '🌷'];
  const alone = ['Elm Street', 'my passport', 'the price is 4711'];
  const words = [friendNumber, 'Philippa Featherstone', ...alone, ...inGroup];
  for (const word of words) expect(await tablesWith(word)).not.toEqual([]);

  const asked = await client.post('/privacy/erasures', { phoneNumber: friendNumber, password, graceDays: 0 });
  expect(asked.status).toBe(202);
  await until(
    async () => (await client.get(`/privacy/erasures/${asked.body.data.id}`)).body.data.state === 'completed',
    { withinMs: 30_000, what: 'the erasure' },
  );
  for (const word of words) expect([word, await tablesWith(word)]).toEqual([word, []]);
  const left = await client.get(`/conversations?profileId=${profileId}`);
  expect(left.body.data.conversations).toMatchObject([{ type: 'group', lastMessage: { body: 'Otto stays' } }]);
  expect((await client.post('/audit/verify', {})).body.data.isIntact).toBe(true);

  // The number goes on: both directions work, with new keys where the old ones went.
  await received(await friend.sendText(ownNumber, 'hello again'));
  const again = await client.post('/messages/text', {
    profileId,
    to: friendNumber,
    text: 'and who are you?',
    wait: 20,
  });
  expect([again.status, again.body.data.status]).toEqual([201, 'sent']);
  await friend.expectMessage({ id: again.body.data.waMessageId });
}, 90_000);

it('unlinks numbers at WhatsApp before the organization goes', async () => {
  const { client, password } = owner;
  const { body } = await client.send('DELETE', '/auth/account', { password });
  expect(body.data.kind).toBe('organization');
  const anyone = new ApiClient(waypost.api.url);
  await until(
    async () => {
      const answer = await anyone.post('/account/erasure/receipt', { receipt: body.data.receipt });
      return answer.body.data.state === 'completed';
    },
    { withinMs: 60_000, what: 'the erasure' },
  );
  expect(waypost.simulator.person(ownNumber).phone.account.companions).toEqual([]);
  expect(await tablesWith(owner.organizationId)).toEqual(['erasures']);
  expect(await tablesWith(ownNumber)).toEqual([]);
}, 90_000);
