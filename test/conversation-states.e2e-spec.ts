import { readFile } from 'node:fs/promises';
import type { Person } from '#simulator';
import { type ApiAnswer, ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { Told } from './told.js';

/** How chats stand: set over v1 and seen on the account's own phone, and the other way round. */

const ownNumber = '15550710001';
const friendNumber = '15550710002';

let waypost: Installation;
let owner: Registered;
let profileId: string;
let conversationId: string;
let phone: Person;
let friend: Person;
let told: Told;

const conversation = async () => (await owner.client.get(`/conversations/${conversationId}`)).body.data;
const put = async (what: string, body: object = {}) => {
  const answer = await owner.client.put(`/conversations/${conversationId}/${what}`, body);
  expect(answer.body.error ?? null).toBeNull();
  return answer.body.data;
};
const phoneShows = (what: object) =>
  until(
    () => {
      const chat: object = phone.settings.chat(friendNumber);
      return Object.entries(what).every(([name, value]) => (chat as Record<string, unknown>)[name] === value);
    },
    { what: `the phone to show ${JSON.stringify(what)}` },
  );
const eventNames = async () =>
  (await owner.client.get(`/events?profileId=${profileId}&limit=200`)).body.data.map(
    (event: { name: string; actor: { kind: string } }) => `${event.name} by ${event.actor.kind}`,
  );

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  owner = await ApiClient.register(waypost.api.url);
  const { client } = owner;
  profileId = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
  told = await Told.begin(waypost.api.url, client, owner.accessToken, profileId);
  phone = waypost.simulator.person(ownNumber);
  await friend.sendText(ownNumber, 'hello');
  conversationId = await until(async () => {
    const { conversations } = (await client.get(`/conversations?profileId=${profileId}`)).body.data;
    return conversations[0]?.id as string | undefined;
  });
  // The phone shares the keys of its settings soon after linking.
  await until(
    async () => (await client.put(`/conversations/${conversationId}/unread`, { unread: false })).status === 200,
    {
      what: 'the settings of the phone to be open',
    },
  );
}, 90_000);

afterAll(async () => {
  await told?.end();
  await waypost?.stop();
}, 60_000);

it('archives, pins, mutes and marks on the phone too', async () => {
  expect(await put('archive')).toMatchObject({ isArchived: true });
  await phoneShows({ archived: true });
  expect(await put('unarchive')).toMatchObject({ isArchived: false });
  await phoneShows({ archived: false });
  expect(await put('pin')).toMatchObject({ pinnedAt: expect.any(String) });
  await phoneShows({ pinned: true });
  expect(await put('pin', { pinned: false })).toMatchObject({ pinnedAt: null });
  await phoneShows({ pinned: false });
  const muted = await put('mute', { seconds: 28_800 });
  await phoneShows({ mutedUntil: new Date(muted.mutedUntil).getTime() });
  await put('mute');
  await phoneShows({ mutedUntil: -1 });
  expect(await put('mute', { muted: false })).toMatchObject({ mutedUntil: null });
  expect(await put('unread')).toMatchObject({ isMarkedUnread: true });
}, 60_000);

it('tells each change once, and the audit trail says who asked', async () => {
  const before = (await eventNames()).length;
  await put('archive');
  await put('archive');
  await put('unarchive');
  await phone.settings.archive(friendNumber);
  await until(async () => (await conversation()).isArchived, { what: 'the word of the phone' });
  const told = (await eventNames()).slice(before).filter((name: string) => name.startsWith('conversation.updated'));
  expect(told).toHaveLength(3);
  const query = `action=conversation.archive&resourceId=${conversationId}`;
  const entries = (await owner.client.get(`/audit/logs?${query}`)).body.data;
  expect(entries.length).toBeGreaterThanOrEqual(3);
  expect(entries[0]).toMatchObject({ userId: owner.userId });
}, 60_000);

it('stars a message and takes it from the own devices, on the phone too', async () => {
  const id = await friend.sendText(ownNumber, 'mark me');
  const message = await until(async () => {
    const { messages } = (await owner.client.get(`/conversations/${conversationId}/messages`)).body.data;
    return messages.find((each: { body: string }) => each.body === 'mark me') as { id: string } | undefined;
  });
  const starred = await owner.client.put(`/messages/${message.id}/star`, {});
  expect([starred.status, starred.body.data.isStarred]).toEqual([200, true]);
  await until(() => phone.settings.isStarred(friendNumber, id), { what: 'the star on the phone' });
  const gone = await owner.client.delete(`/messages/${message.id}`);
  expect(gone.body.data).toEqual({ id: message.id, deleted: true });
  const { messages } = (await owner.client.get(`/conversations/${conversationId}/messages`)).body.data;
  expect(messages.map((each: { body: string }) => each.body)).not.toContain('mark me');
  // The friend still has it.
  expect(friend.chats.message(ownNumber, id)).toMatchObject({ text: 'mark me' });
}, 60_000);

/** How a path, or something asked about a message, is refused. */
const refusal = async (answer: Promise<ApiAnswer>) => {
  const { status, body } = await answer;
  return `${status} ${body.error?.code}`;
};
const pathsOf = (id: string) =>
  ['', '/answers', '/receipts', '/edits', '/history', '/media', '/media/link', '/media/thumbnail'].map(
    (rest) => `/messages/${id}${rest}`,
  );
const storedAs = (text: string) =>
  until(async () => {
    const { messages } = (await owner.client.get(`/conversations/${conversationId}/messages`)).body.data;
    return messages.find((each: { body: string }) => each.body === text) as
      | { id: string; waMessageId: string }
      | undefined;
  });

it('knows nothing of a message any more that was taken from the own devices, on whatever way it is named', async () => {
  const { client } = owner;
  const picture = await readFile('test/fixtures/media/photo.jpg');
  await friend.sendImage(ownNumber, picture, { caption: 'look, and forget' });
  const gone = await storedAs('look, and forget');
  await until(async () => (await client.get(`/messages/${gone.id}`)).body.data.content.mediaState === 'stored');
  await friend.sendText(ownNumber, 'stays');
  const stays = await storedAs('stays');
  const unread = (await conversation()).unreadCount;
  expect((await client.delete(`/messages/${gone.id}`)).status).toBe(200);

  for (const path of pathsOf(gone.id)) {
    expect(`${path} ${await refusal(client.get(path))}`).toBe(`${path} 404 NOT_FOUND`);
  }
  expect(await refusal(client.delete(`/messages/${gone.id}`))).toBe('404 NOT_FOUND');
  expect(await refusal(client.put(`/messages/${gone.id}/star`, {}))).toBe('404 NOT_FOUND');
  for (const messageId of [gone.id, gone.waMessageId]) {
    const of = { profileId, messageId };
    expect(await refusal(client.post('/messages/reaction', { ...of, emoji: '👍' }))).toBe('404 NOT_FOUND');
    expect(await refusal(client.post('/messages/forward', { ...of, to: [friendNumber] }))).toBe('404 NOT_FOUND');
    const answer = { profileId, to: friendNumber, text: 'what was it?', quotedMessageId: messageId };
    expect(await refusal(client.post('/messages/reply', answer))).toMatch(/QUOTED_MESSAGE_NOT_FOUND/);
  }
  expect(await conversation()).toMatchObject({ unreadCount: unread - 1, lastMessage: { id: stays.id } });
  for (const path of pathsOf(stays.id).slice(0, 5)) expect((await client.get(path)).status).toBe(200);
}, 60_000);

it('lets messages disappear, clears them, and takes the chat away until a new message', async () => {
  expect(await put('disappearing', { seconds: 604_800 })).toMatchObject({ disappearsInSeconds: 604_800 });
  expect(await put('disappearing', { seconds: null })).toMatchObject({ disappearsInSeconds: null });
  await friend.sendText(ownNumber, 'before');
  const last = await storedAs('before');
  const cleared = await owner.client.delete(`/conversations/${conversationId}/messages`);
  expect(cleared.status).toBe(200);
  await until(() => phone.settings.chat(friendNumber).clearedAt !== undefined, { what: 'the phone to be cleared' });
  const { messages } = (await owner.client.get(`/conversations/${conversationId}/messages`)).body.data;
  expect(messages).toEqual([]);
  expect(await conversation()).toMatchObject({ unreadCount: 0, lastMessage: null });
  expect(await refusal(owner.client.get(`/messages/${last.id}`))).toBe('404 NOT_FOUND');
  await friend.sendText(ownNumber, 'a star');
  const starred = await storedAs('a star');
  expect((await owner.client.put(`/messages/${starred.id}/star`, {})).status).toBe(200);
  expect((await owner.client.delete(`/conversations/${conversationId}`)).body.data).toEqual({
    id: conversationId,
    deleted: true,
  });
  const list = async () => (await owner.client.get(`/conversations?profileId=${profileId}`)).body.data.conversations;
  expect(await list()).toEqual([]);
  for (const path of ['', '/messages', '/notes', '/assignments', '/exports']) {
    expect(await refusal(owner.client.get(`/conversations/${conversationId}${path}`))).toBe('404 NOT_FOUND');
  }
  expect(await refusal(owner.client.get(`/messages/conversation/${conversationId}`))).toBe('404 NOT_FOUND');
  expect(await refusal(owner.client.post(`/conversations/${conversationId}/exports`, {}))).toBe('404 NOT_FOUND');
  expect(await refusal(owner.client.delete(`/conversations/${conversationId}`))).toBe('404 NOT_FOUND');
  // What was starred went with it.
  expect(await refusal(owner.client.get(`/messages/${starred.id}`))).toBe('404 NOT_FOUND');
  expect((await owner.client.get(`/messages/profile/${profileId}`)).body.data).toEqual([]);
  await friend.sendText(ownNumber, 'still there?');
  await until(async () => (await list()).length === 1, { what: 'the chat to come back' });
  expect((await conversation()).lastMessage).toMatchObject({ body: 'still there?' });
  expect(await refusal(owner.client.get(`/messages/${starred.id}`))).toBe('404 NOT_FOUND');
}, 60_000);

it('keeps labels of a business on its phone too, and takes over what the phone does', async () => {
  const { client } = owner;
  const refused = await client.post('/labels', { profileId, name: 'VIP', livesOn: 'whatsapp' });
  expect([refused.status, refused.body.error.code]).toEqual([422, 'NOT_SUPPORTED']);
  expect(phone.profile.business).toBeDefined();
  const made = await client.post('/labels', { profileId, name: 'VIP', color: 4 });
  expect([made.status, made.body.data]).toMatchObject([201, { livesOn: 'whatsapp', waLabelId: expect.any(String) }]);
  const { id, waLabelId } = made.body.data;
  await until(() => phone.settings.labels.some((label) => label.name === 'VIP' && label.color === 4), {
    what: 'the label on the phone',
  });
  expect((await client.post(`/labels/${id}/attach`, { conversationId })).body.data.attached).toBe(true);
  await until(() => phone.settings.chat(friendNumber).labels.includes(waLabelId), { what: 'the chat to be labelled' });
  expect((await client.put(`/labels/${id}`, { name: 'Very important' })).status).toBe(200);
  await until(() => phone.settings.labels.some(({ name }) => name === 'Very important'), { what: 'the new name' });
  expect((await client.post(`/labels/${id}/detach`, { conversationId })).body.data.attached).toBe(false);
  await until(() => phone.settings.chat(friendNumber).labels.length === 0, { what: 'the label to be off the chat' });

  await phone.settings.saveLabel({ id: '77', name: 'Of the phone', color: 2 });
  await phone.settings.labelChat(friendNumber, '77');
  const names = async () => (await conversation()).labels.map(({ name }: { name: string }) => name);
  await until(async () => (await names()).includes('Of the phone'), { what: 'the label of the phone' });
  expect((await client.delete(`/labels/${id}`)).body.data).toEqual({ id, deleted: true });
  await until(() => phone.settings.labels.every((label) => label.id !== waLabelId), { what: 'the label to be gone' });
}, 60_000);

it.each<[string, object, string]>([
  ['mute', { until: '2020-01-01T00:00:00Z' }, 'until'],
  ['mute', { seconds: 0 }, 'seconds'],
  ['disappearing', { seconds: 5 }, 'seconds'],
  ['pin', { pinned: 'yes' }, 'pinned'],
])('refuses %s of %j', async (what, body, path) => {
  const answer = await owner.client.put(`/conversations/${conversationId}/${what}`, body);
  expect([answer.status, answer.body.error.fields[0].path]).toEqual([400, path]);
});

it('says so when the profile is not connected, and changes nothing', async () => {
  await owner.client.post(`/profiles/${profileId}/disconnect`);
  await until(
    async () => (await owner.client.get(`/profiles/${profileId}/status`)).body.data.status === 'disconnected',
  );
  const before = await conversation();
  const answer = await owner.client.put(`/conversations/${conversationId}/pin`, {});
  expect([answer.status, answer.body.error.code]).toEqual([409, 'PROFILE_NOT_CONNECTED']);
  expect(await conversation()).toEqual(before);
});

it('all that was told of it is as the AsyncAPI document says', async () => {
  const { events, problems } = await told.problems();
  expect(problems).toEqual([]);
  expect(events).toEqual(expect.arrayContaining(['conversation.updated', 'message.received']));
});
