import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
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

const red = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();

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
    owner: { personId: null, phone: ownNumber, lid: expect.any(String) },
  });
  expect(body.data.participants).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ isMe: true, isSuperAdmin: true, phone: ownNumber }),
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

it('changes settings, lets in who waits, and has a picture, as the other phones see', async () => {
  const { id, jid } = await made('Ruled');
  const settings = {
    announceOnly: true,
    locked: true,
    memberAddMode: 'all',
    joinApproval: true,
    disappearsInSeconds: 604_800,
  };
  const changed = await client.send('PATCH', `/groups/${id}/settings`, settings);
  expect([changed.status, changed.body.data]).toMatchObject([200, settings]);
  expect(ana.groups.info(jid)).toMatchObject({
    ...{ announce: true, locked: true, memberAddMode: 'all_member_add' },
    ...{ needsApproval: true, disappearingSeconds: 604_800 },
  });
  const { link } = (await client.get(`/groups/${id}/invite-link`)).body.data;
  expect(ben.groups.join(link.split('/').at(-1)!)).toEqual({ jid, waits: true });
  const waiting = (await client.get(`/groups/${id}/join-requests`)).body.data;
  expect(waiting).toMatchObject([{ by: 'link' }]);
  const people = { participants: [benNumber] };
  expect((await client.post(`/groups/${id}/join-requests/reject`, people)).body.data.results).toMatchObject([
    { outcome: 'ok' },
  ]);
  expect((await client.get(`/groups/${id}/join-requests`)).body.data).toEqual([]);
  expect(ben.groups.join(link.split('/').at(-1)!)).toEqual({ jid, waits: true });
  expect((await client.post(`/groups/${id}/join-requests/approve`, people)).body.data.results).toMatchObject([
    { outcome: 'ok' },
  ]);
  expect(roles(jid)).toContainEqual([benNumber, 'member']);

  const base64 = (await red()).toString('base64');
  const { pictureId } = (await client.put(`/groups/${id}/picture`, { base64 })).body.data;
  expect(ana.groups.info(jid).pictureId).toBe(pictureId);
  expect((await client.get(`/groups/${id}/picture`)).body.data).toMatchObject({ pictureId });
  expect((await client.delete(`/groups/${id}/picture`)).body.data).toEqual({ pictureId: null });
  expect(ana.groups.info(jid).pictureId).toBeUndefined();
  expect((await client.get(`/groups/${id}/picture`)).body.data).toEqual({ pictureId: null, url: null });
  expect((await client.put(`/groups/${id}/picture`, { base64: 'no image' })).status).toBe(400);
  expect((await client.send('PATCH', `/groups/${id}/settings`, { memberAddMode: 'nobody' })).status).toBe(400);
});

it('looks behind the invite link of a group of others, and joins it', async () => {
  const { jid } = ana.groups.create('Of Ana', [benNumber]).group;
  const link = `https://chat.whatsapp.com/${ana.groups.inviteCode(jid)}`;
  const seen = await client.get(`/groups/invite?profileId=${profileId}&link=${encodeURIComponent(link)}`);
  expect([seen.status, seen.body.data]).toMatchObject([200, { jid, name: 'Of Ana', joinApproval: false }]);
  expect((await client.post('/groups/join', { profileId, link })).body.data).toEqual({ jid, state: 'joined' });
  expect(roles(jid)).toContainEqual([ownNumber, 'member']);
  ana.groups.setPicture(jid, await red());
  const { pictureId } = ana.groups.info(jid);
  await until(
    async () => (await client.get(`/groups/${jid}?profileId=${profileId}`)).body.data.pictureId === pictureId,
    { what: 'the picture of the group to be known' },
  );
  const { client: stranger } = await ApiClient.register(waypost.api.url);
  expect((await stranger.post('/groups/join', { profileId, link })).status).toBe(404);
  ana.groups.revokeInviteCode(jid);
  const gone = await client.get(`/groups/invite?profileId=${profileId}&link=${encodeURIComponent(link)}`);
  expect([gone.status, gone.body.error.code]).toEqual([404, 'NOT_FOUND_ON_WHATSAPP']);
});

/** What the log says of groups, as `name subject`. */
async function groupEvents(): Promise<string[]> {
  const told: string[] = [];
  for (let after = 0; ; ) {
    const { data } = (await client.get(`/events?profileId=${profileId}&limit=200&after=${after}`)).body;
    if (data.length === 0) return told;
    for (const { name, payload } of data) told.push(`${name} ${payload.subject}`);
    after = data.at(-1).seq;
  }
}

it('makes a community, groups in it, and links and unlinks one, as members see on their phones', async () => {
  const wish = { profileId, name: 'Village', description: 'All who live here', generalGroup: true };
  const headers = { 'Idempotency-Key': randomUUID() };
  const { status, body } = await client.post('/communities', wish, headers);
  expect([status, body.data]).toMatchObject([
    201,
    { ...{ name: 'Village', description: 'All who live here' }, type: 'community', role: 'superadmin' },
  ]);
  const { id, jid } = body.data;
  expect((await client.post('/communities', wish, headers)).body.data.id).toBe(id);
  expect((await client.get(`/communities/profile/${profileId}`)).body.data).toMatchObject([{ id }]);
  const choir = (await client.post(`/communities/${id}/groups`, { name: 'Choir', participants: [anaNumber] })).body
    .data;
  expect(choir).toMatchObject({ communityJid: jid, results: [{ phone: anaNumber, outcome: 'ok' }] });
  expect(ana.groups.info(choir.jid)).toMatchObject({ subject: 'Choir', community: jid });
  expect(ana.groups.info(jid)).toMatchObject({ subject: 'Village', isCommunity: true });

  const linked = await made('Linked');
  const path = `/communities/${id}/groups/${linked.id}`;
  expect((await client.put(path)).body.data).toEqual({ jid: linked.jid, linked: true });
  expect(ana.groups.info(linked.jid).community).toBe(jid);
  const again = await client.put(path);
  expect([again.status, again.body.error.code]).toEqual([409, 'REFUSED_BY_WHATSAPP']);
  const groups = (await client.get(`/communities/${jid}/groups?profileId=${profileId}`)).body.data;
  expect(groups.map((each: { name: string; isAnnouncements: boolean }) => [each.name, each.isAnnouncements])).toEqual([
    ['Village', true],
    ['General', false],
    ['Choir', false],
    ['Linked', false],
  ]);
  const people = (await client.get(`/communities/${id}/participants`)).body.data;
  expect(people).toContainEqual(expect.objectContaining({ phone: anaNumber, personId: expect.any(String) }));
  const communityOf = async () => (await client.get(`/groups/${linked.id}`)).body.data.communityJid;
  await until(async () => (await communityOf()) === jid, { what: 'the link to be known' });
  expect((await client.delete(path)).body.data).toEqual({ jid: linked.jid, linked: false });
  expect(ana.groups.info(linked.jid).community).toBeUndefined();
  await until(async () => (await communityOf()) === null, { what: 'the end of the link to be known' });
  expect((await groupEvents()).filter((each) => each === 'group.updated Linked')).toHaveLength(2);
  expect((await groupEvents()).filter((each) => each === 'group.joined Choir')).toHaveLength(1);
});

it('changes a community, removes people from all of it, and ends it', async () => {
  const { id, jid } = (await client.post('/communities', { profileId, name: 'Hamlet' })).body.data;
  const { jid: choir } = (
    await client.post(`/communities/${id}/groups`, { name: 'Choir', participants: [anaNumber, benNumber] })
  ).body.data;
  expect(() => ana.groups.createGroupIn(jid, 'Of Ana')).toThrow();
  const changes = { name: 'Town', description: 'Everybody', membersMayAddGroups: true };
  expect((await client.send('PATCH', `/communities/${id}`, changes)).body.data).toMatchObject(changes);
  expect(ana.groups.info(jid)).toMatchObject({ subject: 'Town', description: 'Everybody' });
  expect(ana.groups.createGroupIn(jid, 'Of Ana')).toMatchObject({ community: jid });
  await until(async () => (await client.get(`/communities/${id}`)).body.data.membersMayAddGroups, {
    what: 'the switch to be known',
  });
  const gone = await client.post(`/communities/${id}/participants/remove`, { participants: [benNumber] });
  expect([gone.status, gone.body.data.results]).toMatchObject([200, [{ phone: benNumber, outcome: 'ok' }]]);
  for (const each of [jid, choir]) expect(roles(each).map(([number]) => number)).not.toContain(benNumber);
  expect((await client.delete(`/communities/${id}`)).body.data).toEqual({ id, deactivated: true });
  expect(() => ana.groups.info(jid)).toThrow();
  expect(ana.groups.info(choir).community).toBeUndefined();
  await until(async () => (await client.get(`/communities/${id}`)).body.data.role === null, {
    what: 'the end to be known',
  });
  expect(await groupEvents()).toContain('group.left Town');
});

it('comes into a group of a community of others, and leaves all of it', async () => {
  const { jid } = ana.groups.createCommunity('Of others', { numbers: [ownNumber] });
  const { jid: choir } = ana.groups.createGroupIn(jid, 'Singers', [benNumber]);
  const at = (rest = '') => `/communities/${jid}${rest}?profileId=${profileId}`;
  await until(async () => (await client.get(at())).status === 200, { what: 'the community to be known' });
  expect((await client.get(at('/groups'))).body.data).toContainEqual(
    expect.objectContaining({ id: null, jid: choir, name: 'Singers' }),
  );
  expect((await client.post(at(`/groups/${choir}/join`))).body.data).toEqual({ jid: choir, state: 'joined' });
  expect(roles(choir)).toContainEqual([ownNumber, 'member']);
  const refused = await client.delete(at());
  expect([refused.status, refused.body.error.code]).toEqual([409, 'REFUSED_BY_WHATSAPP']);
  expect((await client.post(at('/leave'))).body.data).toMatchObject({ left: true });
  for (const each of [jid, choir]) expect(roles(each).map(([number]) => number)).not.toContain(ownNumber);
  const { id } = await made('No community');
  expect((await client.get(`/communities/${id}`)).status).toBe(404);
  expect((await client.post('/communities', { profileId, name: ' ' })).body.error.fields[0].path).toBe('name');
  expect((await client.get(`/communities/nonsense?profileId=${profileId}`)).body.error.fields[0].path).toBe(
    'communityId',
  );
});

it('reaches a device that a member links later, and no device that is unlinked', async () => {
  const { jid } = await made('Devices');
  const say = async (text: string) => {
    const { body } = await client.post('/messages/text', { profileId, to: jid, text, wait: 20 });
    expect(body.data.status).toBe('sent');
    await ana.expectMessage({ id: body.data.waMessageId });
  };
  await say('before');
  const desk = (await client.post('/profiles', { name: 'Desk of Ana' })).body.data.id;
  await linkProfile(client, desk, waypost.simulator, { number: anaNumber });
  await say('after');
  const heard = async () =>
    (await client.get(`/messages/profile/${desk}?direction=incoming`)).body.data.map(
      ({ body }: { body: string }) => body,
    );
  await until(async () => (await heard()).includes('after'), { what: 'the new device to hear it' });
  expect((await client.post(`/profiles/${desk}/logout`)).status).toBe(200);
  await say('later');
  expect(await heard()).not.toContain('later');
}, 60_000);

it('invites by a message who lets nobody add them, and takes invitations back', async () => {
  ben.profile.setPrivacy('groupadd', 'none');
  const invite = async (name: string) => {
    const { id, jid } = await made(name);
    const added = await client.post(`/groups/${id}/participants/add`, { participants: [benNumber] });
    const [{ outcome, invitation }] = added.body.data.results;
    expect(outcome).toBe('needs_invitation');
    const wish = {
      profileId,
      to: benNumber,
      wait: 20,
      groupJid: jid,
      groupName: name,
      caption: 'Join us',
      ...invitation,
    };
    const { body } = await client.post('/messages/group-invite', wish);
    expect(body.data).toMatchObject({ status: 'sent' });
    return { id, jid, message: await ben.expectMessage({ id: body.data.waMessageId }) };
  };
  const first = await invite('By invitation');
  expect(first.message.message.groupInviteMessage).toMatchObject({ groupJid: first.jid, caption: 'Join us' });
  expect(ben.groups.acceptInvite(first.message)).toBe(first.jid);
  expect(roles(first.jid)).toContainEqual([benNumber, 'member']);
  const second = await invite('Changed our mind');
  const revoked = await client.post(`/groups/${second.id}/invitations/revoke`, { participants: [benNumber] });
  expect([revoked.status, revoked.body.data]).toEqual([200, { revoked: 1 }]);
  expect(() => ben.groups.acceptInvite(second.message)).toThrow();
  ben.profile.setPrivacy('groupadd', 'all');
});

it('looks behind an invitation of others and accepts it, stops waiting, and has a line of its own', async () => {
  const own = waypost.simulator.person(ownNumber);
  own.profile.setPrivacy('groupadd', 'none');
  const { group, results } = ana.groups.create('Private club', [ownNumber]);
  own.profile.setPrivacy('groupadd', 'all');
  const { code: inviteCode, expiresAt } = results[0]!.invite!;
  const waMessageId = await ana.send(ownNumber, {
    groupInviteMessage: {
      ...{ groupJid: group.jid, groupName: 'Private club', inviteCode },
      inviteExpiration: Math.floor(expiresAt / 1000),
    },
  });
  const messageId = await until(async () => {
    const { data } = (await client.get(`/messages/profile/${profileId}?type=group_invite`)).body;
    return data.find((each: { waMessageId: string }) => each.waMessageId === waMessageId)?.id as string | undefined;
  });
  const seen = await client.get(`/groups/invitation?messageId=${messageId}`);
  expect([seen.status, seen.body.data]).toMatchObject([200, { jid: group.jid, name: 'Private club' }]);
  const joined = await client.post('/groups/invitation/accept', { messageId });
  expect([joined.status, joined.body.data]).toEqual([200, { jid: group.jid, state: 'joined' }]);
  expect(roles(group.jid)).toContainEqual([ownNumber, 'member']);
  const at = `/groups/${group.jid}`;
  await until(async () => (await client.get(`${at}?profileId=${profileId}`)).status === 200);
  expect((await client.put(`${at}/tag`, { profileId, tag: 'Head baker' })).body.data).toEqual({ tag: 'Head baker' });
  const shown = await ana.expectMessage((each) => Boolean(each.message.protocolMessage?.memberLabel));
  expect(shown.message.protocolMessage?.memberLabel?.label).toBe('Head baker');

  const { group: guarded } = ana.groups.create('Guarded', [benNumber]);
  ana.groups.setApproval(guarded.jid, true);
  const link = ana.groups.inviteCode(guarded.jid);
  expect((await client.post('/groups/join', { profileId, link })).body.data.state).toBe('waiting');
  expect(ana.groups.info(guarded.jid).requests).toEqual([ownNumber]);
  const wish = { profileId, jid: guarded.jid };
  expect((await client.post('/groups/join/cancel', wish)).body.data).toEqual({ jid: guarded.jid, cancelled: true });
  expect(ana.groups.info(guarded.jid).requests).toEqual([]);
  const { client: stranger } = await ApiClient.register(waypost.api.url);
  expect((await stranger.post('/groups/invitation/accept', { messageId })).status).toBe(404);
  const text = (await client.post('/messages/text', { profileId, to: anaNumber, text: 'no invitation' })).body.data;
  const wrong = await client.post('/groups/invitation/accept', { messageId: text.messageId });
  expect([wrong.status, wrong.body.error.fields[0].path]).toEqual([400, 'messageId']);
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
