import type { ProfileId } from '#contracts';
import { Database } from '#database';
import { EngineGateway } from '#domain';
import { mutedForEver, userChat } from '#engine';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until, WebhookReceiver } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/**
 * What is done on the phone to chats, labels and contacts, what becomes known of people, and calls: through the whole
 * product to a webhook; and the way back, from the api over the engine to the phone.
 */

const ownNumber = '15550530001';
const anaNumber = '15550530002';

let waypost: Installation;
let receiver: WebhookReceiver;
let db: Database;
let gateway: EngineGateway;
let client: Client;
let profileId: ProfileId;
let owner: Person;
let ana: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  receiver = await WebhookReceiver.start();
  ana = waypost.simulator.person(anaNumber, { name: 'Ana' });
  owner = waypost.simulator.person(ownNumber, { name: 'Shop' });
  await owner.settings.saveContacts({ number: anaNumber, name: 'Ana from the phone' });
  await owner.settings.pin(anaNumber);
  db = waypost.api.app.get(Database);
  gateway = waypost.api.app.get(EngineGateway);
  ({ client } = await ApiClient.register(waypost.api.url));
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'] });
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 120_000);

afterAll(async () => {
  await waypost.stop();
  await receiver.close();
}, 60_000);

interface Told extends Record<string, unknown> {
  changes: Record<string, unknown>;
  chat: { kind: string };
}

const calls = (event: string) => receiver.calls.filter(({ body }) => body.event === event).map(({ body }) => body.data);
const told = (event: string, matches: (data: Told) => boolean = () => true) =>
  until(() => calls(event).find(matches) ?? null, { what: event, withinMs: 30_000 });
const row = async (sql: string) => (await db.query<Record<string, unknown>>(sql, [profileId]))[0];

it('keeps what the phone had before it was linked, without telling it as news', async () => {
  await until(() => row('select 1 from contacts where profile_id = $1 and saved_name is not null'), {
    withinMs: 30_000,
  });
  await until(() => row('select 1 from conversations where profile_id = $1 and pinned_at is not null'));
  await owner.settings.mute(anaNumber);
  const news = await told('conversation.updated');
  expect(news).toMatchObject({
    changes: { mutedUntil: mutedForEver.toISOString() },
    chat: { kind: 'user', id: `${anaNumber}@s.whatsapp.net` },
  });
  expect(calls('contact.update')).toEqual([]);
});

it('tells what is done on the phone', async () => {
  await owner.settings.archive(anaNumber);
  await told('conversation.updated', ({ changes }) => changes.archived === true);
  await owner.settings.saveLabel({ id: '4', name: 'Customers', color: 2 });
  await owner.settings.labelChat(anaNumber, '4');
  expect(await told('label.created')).toMatchObject({ waLabelId: '4', name: 'Customers', color: 2 });
  await told('label.attached', ({ name, chat }) => name === 'Customers' && chat.kind === 'user');
  await ana.sendText(ownNumber, 'star me');
  const { messageId } = await told('message.received');
  const [{ waMessageId }] = (await db.query<{ waMessageId: string }>(
    'select wa_message_id as "waMessageId" from messages where id = $1',
    [messageId],
  )) as [{ waMessageId: string }];
  await owner.settings.star(anaNumber, { id: waMessageId, fromMe: false });
  expect(await told('message.starred')).toMatchObject({ messageId, starred: true });
});

it('tells what becomes known of people', async () => {
  const pictureId = ana.profile.setPicture();
  expect(await told('contact.picture_changed')).toMatchObject({
    pictureId,
    removed: false,
    person: { phone: anaNumber, name: 'Ana from the phone' },
  });
  ana.profile.setAbout('At the beach');
  await told('contact.update', ({ changes }) => changes.about === 'At the beach');
  owner.profile.block(anaNumber);
  await told('contact.update', ({ changes }) => changes.blocked === true);
  owner.profile.unblock(anaNumber);
  await told('contact.update', ({ changes }) => changes.blocked === false);
});

it('tells of calls, answered, missed and refused', async () => {
  const from = { phone: anaNumber };
  const missed = ana.calls.ring(ownNumber, { video: true });
  expect(await told('call.received', ({ waCallId }) => waCallId === missed)).toMatchObject({ from, isVideo: true });
  ana.calls.hangUp(missed);
  await told('call.missed', ({ waCallId }) => waCallId === missed);
  const answered = ana.calls.ring(ownNumber);
  await told('call.received', ({ waCallId }) => waCallId === answered);
  owner.calls.accept(answered);
  await told('call.accepted', ({ waCallId }) => waCallId === answered);
  const refused = ana.calls.ring(ownNumber);
  await told('call.received', ({ waCallId }) => waCallId === refused);
  await gateway.abilities(profileId).calls.reject(refused, { phone: anaNumber, lid: null });
  await told('call.rejected', ({ waCallId }) => waCallId === refused);
  expect(ana.calls.stateOf(refused)).toBe('rejected');
});

it('sets chats and asks about people over the engine, and gives pictures', async () => {
  const { chats, people, ownProfile } = gateway.abilities(profileId);
  await chats.archive(userChat({ phone: anaNumber, lid: null }), false, null);
  await until(() => !owner.settings.chat(anaNumber).archived);
  await told('conversation.updated', ({ changes }) => changes.archived === false);
  expect(await people.check([anaNumber, '15559999999'])).toMatchObject([
    { status: 'registered', isBusiness: false },
    { status: 'unregistered' },
  ]);
  const picture = await people.pictureBytes({ phone: anaNumber, lid: null }, 'full');
  expect(picture?.bytes).toBeInstanceOf(Uint8Array);
  await expect(ownProfile.unlinkDevice(1)).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  await expect(ownProfile.setAbout('x'.repeat(200))).rejects.toMatchObject({ code: 'REFUSED_BY_WHATSAPP' });
});

it('loses nothing that was done while the profile was disconnected', async () => {
  await client.post(`/profiles/${profileId}/disconnect`);
  await until(async () => (await client.get(`/profiles/${profileId}/status`)).body.data.status === 'disconnected');
  await owner.settings.saveLabel({ id: '5', name: 'While away', color: 1 });
  await owner.settings.markChatUnread(anaNumber);
  await client.post(`/profiles/${profileId}/connect`);
  await told('label.created', ({ name }) => name === 'While away');
  await told('conversation.updated', ({ changes }) => changes.markedUnread === true);
}, 90_000);
