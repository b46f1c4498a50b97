import { randomUUID } from 'node:crypto';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** The groups section of the API: each operation judged by what the other phones see. */

const ownNumber = '15550530001';
const anaNumber = '15550530002';
const benNumber = '15550530003';

let waypost: Installation;
let client: Client;
let profileId: string;
let ana: Person;
let ben: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  ana = waypost.simulator.person(anaNumber, { name: 'Ana' });
  ben = waypost.simulator.person(benNumber, { name: 'Ben' });
  ({ client } = await ApiClient.register(waypost.api.url));
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 120_000);

afterAll(() => waypost.stop(), 60_000);

/** A group of ours with Ana. */
async function made(name: string): Promise<{ id: string; jid: string }> {
  const { status, body } = await client.post('/groups', { profileId, name, participants: [anaNumber] });
  expect(status).toBe(201);
  return body.data;
}

const roles = (jid: string) => ana.groups.info(jid).members.map(({ number, role }) => [number, role]);

it('creates a group once for one key, and says what became of each participant', async () => {
  ben.profile.setPrivacy('groupadd', 'none');
  const wish = { profileId, name: 'Bakers', description: 'We bake', participants: [`+${anaNumber}`, benNumber] };
  const headers = { 'Idempotency-Key': randomUUID() };
  const { status, body } = await client.post('/groups', wish, headers);
  expect(status).toBe(201);
  expect(body.data).toMatchObject({
    profileId,
    name: 'Bakers',
    description: 'We bake',
    role: 'superadmin',
    type: 'group',
    participantsCount: 2,
    owner: null,
  });
  expect(body.data.participants).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ isMe: true, isSuperAdmin: true }),
      expect.objectContaining({ phone: anaNumber, isAdmin: false }),
    ]),
  );
  expect(body.data.results).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ phone: anaNumber, outcome: 'ok', invitation: null }),
      expect.objectContaining({
        phone: benNumber,
        outcome: 'needs_invitation',
        invitation: expect.objectContaining({ code: expect.any(String) }),
      }),
    ]),
  );
  expect((await client.post('/groups', wish, headers)).body.data.id).toBe(body.data.id);
  expect(ana.groups.list().map(({ subject, description }) => [subject, description])).toEqual([['Bakers', 'We bake']]);
  ben.profile.setPrivacy('groupadd', 'all');
});

it('lists and shows groups, by our id and by the id of WhatsApp', async () => {
  const { id, jid } = await made('Listed');
  const { body } = await client.get(`/groups/profile/${profileId}?limit=1`);
  expect(body.data).toMatchObject([{ id, jid, name: 'Listed', participantsCount: 2 }]);
  const next = await client.get(`/groups/profile/${profileId}?limit=1&cursor=${body.meta.nextCursor}`);
  expect(next.body.data).toHaveLength(1);
  expect((await client.get(`/groups/${id}`)).body.data.participants).toHaveLength(2);
  expect((await client.get(`/groups/${jid}?profileId=${profileId}`)).body.data.id).toBe(id);
  expect((await client.get(`/groups/${jid}`)).status).toBe(400);
  expect((await client.get(`/groups/nonsense?profileId=${profileId}`)).status).toBe(400);
  expect((await client.get(`/groups/120363999999999999@g.us?profileId=${profileId}`)).status).toBe(404);
});

it('changes name, description and participants', async () => {
  const { id, jid } = await made('Changing');
  expect(
    (await client.send('PATCH', `/groups/${id}`, { name: 'Changed', description: 'New' })).body.data,
  ).toMatchObject({
    name: 'Changed',
    description: 'New',
  });
  expect(ana.groups.info(jid)).toMatchObject({ subject: 'Changed', description: 'New' });
  const people = { participants: [benNumber] };
  const outcome = async (action: string) =>
    (await client.post(`/groups/${id}/participants/${action}`, people)).body.data.results[0].outcome;
  expect(await outcome('add')).toBe('ok');
  expect(await outcome('add')).toBe('already_so');
  expect(await outcome('promote')).toBe('ok');
  expect(roles(jid)).toContainEqual([benNumber, 'admin']);
  expect(await outcome('demote')).toBe('ok');
  expect(await outcome('remove')).toBe('ok');
  expect(await outcome('remove')).toBe('not_found');
  expect(roles(jid)).toEqual([
    [ownNumber, 'superadmin'],
    [anaNumber, 'member'],
  ]);
  expect((await client.post(`/groups/${id}/participants/add`, { participants: ['abc'] })).status).toBe(400);
});

it('gives and replaces the invite link, and leaves', async () => {
  const { id, jid } = await made('Open');
  const first = (await client.get(`/groups/${id}/invite-link`)).body.data.link as string;
  expect(ben.groups.join(first.split('/').at(-1)!)).toEqual({ jid, waits: false });
  const { link } = (await client.post(`/groups/${id}/invite-link/revoke`)).body.data;
  expect(link).not.toBe(first);
  expect((await client.post(`/groups/${id}/leave`)).body.data).toEqual({ id, left: true });
  expect(roles(jid).map(([number]) => number)).not.toContain(ownNumber);
  await until(async () => (await client.get(`/groups/${id}`)).body.data.role === null, {
    what: 'the group to be left',
  });
  const refused = await client.send('PATCH', `/groups/${id}`, { name: 'Still mine' });
  expect([refused.status, refused.body.error.code]).toEqual([409, 'REFUSED_BY_WHATSAPP']);
});

it('refuses who may only look, and shows nothing to other organizations', async () => {
  const { id } = await made('Private');
  const reader = await client.withKey(['groups.read']);
  expect((await reader.get(`/groups/${id}`)).status).toBe(200);
  expect((await reader.get(`/groups/${id}/invite-link`)).status).toBe(403);
  expect((await reader.post(`/groups/${id}/leave`)).status).toBe(403);
  const { client: stranger } = await ApiClient.register(waypost.api.url);
  expect((await stranger.get(`/groups/${id}`)).status).toBe(404);
  expect((await stranger.get(`/groups/profile/${profileId}`)).status).toBe(404);
  expect((await stranger.post('/groups', { profileId, name: 'x', participants: [anaNumber] })).status).toBe(404);
});
