import type { ProfileId } from '#contracts';
import { Database, findGroupRoster } from '#database';
import { EngineGateway } from '#domain';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until, WebhookReceiver } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { Told } from './told.js';

/**
 * Groups and newsletters through the whole product: what other phones do to them is stored and told, what we ask of the
 * engine happens on the network, and sends reach every member without a question to WhatsApp.
 */

const ownNumber = '15550520001';
const anaNumber = '15550520002';
const benNumber = '15550520003';

let waypost: Installation;
let receiver: WebhookReceiver;
let client: Client;
let profileId: ProfileId;
let ana: Person;
let ben: Person;
let all: Told;

beforeAll(async () => {
  waypost = await Installation.start();
  receiver = await WebhookReceiver.start();
  ana = waypost.simulator.person(anaNumber, { name: 'Ana' });
  ben = waypost.simulator.person(benNumber, { name: 'Ben' });
  waypost.simulator.person(ownNumber, { name: 'Shop' });
  ana.groups.create('Before the link', [ownNumber, benNumber]);
  const registered = await ApiClient.register(waypost.api.url);
  ({ client } = registered);
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'] });
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
  all = await Told.begin(waypost.api.url, client, registered.accessToken, profileId);
}, 120_000);

afterAll(async () => {
  await all?.end();
  await waypost.stop();
  await receiver.close();
}, 60_000);

/** What the webhook was told under this name of this chat. */
const told = (event: string, match: object) =>
  until(
    () =>
      receiver.calls.find(
        ({ body }) =>
          body.event === event && Object.entries(match).every(([field, value]) => body.data[field] === value),
      )?.body.data ?? null,
    { what: `${event} with ${JSON.stringify(match)}`, withinMs: 30_000 },
  );

const send = (to: string, text: string) => client.post('/messages/text', { profileId, to, text });

/** How often the server was asked about a single group. */
const questions = () =>
  waypost.simulator
    .stanzaLog()
    .filter(({ attrs, content }) => attrs.xmlns === 'w:g2' && attrs.type === 'get' && content.includes('query')).length;

it('finds the groups that were there before the link', async () => {
  expect(await told('group.joined', { subject: 'Before the link' })).toMatchObject({ how: 'found', memberCount: 3 });
});

it('tells who brought it into a group, who comes and who goes, and what is changed', async () => {
  const { jid } = ana.groups.create('Neighbours', [ownNumber]).group;
  expect(await told('group.joined', { chatId: jid })).toMatchObject({
    subject: 'Neighbours',
    how: 'created',
    by: { phone: anaNumber },
  });
  ana.groups.add(jid, benNumber);
  expect(await told('group.join', { chatId: jid })).toMatchObject({
    change: 'added',
    members: [{ phone: benNumber, role: 'member', isMe: false }],
    by: { phone: anaNumber },
  });
  ana.groups.setSubject(jid, 'Neighbourhood');
  expect(await told('group.update', { chatId: jid })).toMatchObject({ changes: { subject: 'Neighbourhood' } });
  ben.groups.leave(jid);
  expect(await told('group.leave', { chatId: jid })).toMatchObject({ change: 'left', members: [{ phone: benNumber }] });
  ana.groups.remove(jid, ownNumber);
  expect(await told('group.left', { chatId: jid })).toMatchObject({ reason: 'removed', by: { phone: anaNumber } });
});

it('sends to a group without asking who is in it, and shows the name of the group', async () => {
  const { jid } = ana.groups.create('Choir', [ownNumber, benNumber]).group;
  await told('group.joined', { chatId: jid });
  const answer = await send(jid, 'we sing at eight');
  expect(answer.status).toBeLessThan(300);
  await Promise.all(
    [ana, ben].map((person) => person.expectMessage({ text: 'we sing at eight' }, { timeoutMs: 30_000 })),
  );
  expect(questions()).toBe(0);
  const { body } = await client.get(`/conversations?profileId=${profileId}&type=group`);
  expect(body.data.conversations).toEqual(
    expect.arrayContaining([expect.objectContaining({ jid, name: 'Choir', type: 'group' })]),
  );
  const db = waypost.api.app.get(Database);
  expect((await findGroupRoster(db, profileId, jid.split('@')[0]!))?.members).toHaveLength(3);
});

it('asks the engine that holds the number, from another process, with dates and results as they are', async () => {
  const { groups, newsletters } = waypost.api.app.get(EngineGateway).abilities(profileId);
  const { group, members } = await groups.create({
    subject: 'Made by us',
    members: [
      { phone: anaNumber, lid: null },
      { phone: '15559999999', lid: null },
    ],
  });
  expect(group.createdAt).toBeInstanceOf(Date);
  expect(members.map(({ outcome }) => outcome).sort()).toEqual(['not_found', 'ok']);
  expect(await told('group.joined', { subject: 'Made by us' })).toMatchObject({ how: 'created', byMe: true, by: null });
  await expect(groups.get('120363000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND_ON_WHATSAPP' });
  const made = await newsletters.create({ name: 'Weather' });
  expect(await told('newsletter.updated', { chatId: `${made.id}@newsletter` })).toMatchObject({
    changes: { name: 'Weather', role: 'owner' },
  });
});

it('all that was told of it is as the AsyncAPI document says', async () => {
  const { events, problems } = await all.problems();
  expect(problems).toEqual([]);
  expect(events).toEqual(
    expect.arrayContaining(['group.joined', 'group.member_joined', 'group.updated', 'message.sent']),
  );
});
