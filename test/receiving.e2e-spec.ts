import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until, WebhookReceiver } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/**
 * Chats of every kind and what is done to messages, through the whole product: said and done by other phones on the
 * simulated network, judged by what the API shows, what a webhook is told and what the phones see of ours.
 */

const ownNumber = '15550510001';
const anaNumber = '15550510002';
const benNumber = '15550510003';

let waypost: Installation;
let receiver: WebhookReceiver;
let client: Client;
let profileId: string;
let ana: Person;
let ben: Person;
let group: string;

beforeAll(async () => {
  waypost = await Installation.start();
  receiver = await WebhookReceiver.start();
  ana = waypost.simulator.person(anaNumber, { name: 'Ana' });
  ben = waypost.simulator.person(benNumber, { name: 'Ben' });
  ({ client } = await ApiClient.register(waypost.api.url));
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Shop' });
  profileId = created.body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
  await client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'] });
  await client.post('/webhooks', { profileId, url: `${receiver.url}/groups`, events: ['group.message'] });
  group = ana.groups.create('Neighbours', [ownNumber, benNumber]).group.jid;
}, 120_000);

afterAll(async () => {
  await waypost.stop();
  await receiver.close();
}, 60_000);

interface Shown {
  id: string;
  conversationId: string;
  waMessageId: string;
  [field: string]: unknown;
}

/** The message as the list of its conversation shows it, once `isReady`. */
async function shown(waMessageId: string, isReady: (message: Shown) => boolean = () => true): Promise<Shown> {
  return until(
    async () => {
      const { body } = await client.get(`/messages/profile/${profileId}?limit=50`);
      const found = body.data.find((message: Shown) => message.waMessageId === waMessageId);
      if (!found) return null;
      const { body: page } = await client.get(`/conversations/${found.conversationId}/messages?limit=50`);
      const message = page.data.messages.find((one: Shown) => one.waMessageId === waMessageId);
      return message && isReady(message) ? message : null;
    },
    { what: `message ${waMessageId}`, withinMs: 30_000 },
  );
}

/** What the webhook was told under this name about this message. */
const told = (event: string, waMessageId: string) =>
  until(
    () =>
      receiver.calls.find(({ body }) => body.event === event && body.data.waMessageId === waMessageId)?.body.data ??
      null,
    { what: `${event} of ${waMessageId}`, withinMs: 30_000 },
  );

it('shows who wrote in a group, in a conversation of its own', async () => {
  const id = await ben.sendText(group, 'hello neighbours');
  const message = await shown(id);
  expect(message).toMatchObject({
    chatId: group,
    chatType: 'group',
    direction: 'incoming',
    body: 'hello neighbours',
    from: { phone: benNumber, name: 'Ben' },
    senderJid: `${benNumber}@s.whatsapp.net`,
    to: null,
  });
  const { body } = await client.get(`/conversations?profileId=${profileId}&type=group`);
  const [conversation] = body.data.conversations;
  expect(conversation).toMatchObject({ id: message.conversationId, type: 'group', jid: group, contact: null });
  expect(conversation.unreadCount).toBeGreaterThan(0);
  expect(await told('message.received', id)).toMatchObject({ chatId: group, chatType: 'group', senderName: 'Ben' });
  expect(await told('group.message', id)).toMatchObject({ chatId: group, body: 'hello neighbours' });
});

it('shows reactions, changed words and deletions', async () => {
  const id = await ana.sendText(group, 'dinner at six');
  await shown(id);
  const reference = { chat: group, id, from: anaNumber };
  await ben.sendReaction(reference, '👍');
  expect((await shown(id, (message) => (message.reactions as []).length > 0)).reactions).toEqual([
    { emoji: '👍', count: 1, fromMe: false },
  ]);
  expect(await told('message.reaction', id)).toMatchObject({ emoji: '👍', by: { phone: benNumber } });

  const { id: ours } = await shown(id);
  expect((await client.get(`/messages/${ours}/answers`)).body.data).toMatchObject([
    { type: 'reaction', emoji: '👍', person: { phone: benNumber } },
  ]);

  await ana.messages.edit(group, id, 'dinner at seven');
  const edited = await shown(id, (message) => message.editedAt !== null);
  expect(edited).toMatchObject({ body: 'dinner at seven', content: { text: 'dinner at seven' } });
  expect(await told('message.edited', id)).toMatchObject({ previousBody: 'dinner at six' });

  expect((await client.get(`/messages/${ours}/edits`)).body.data).toMatchObject([{ body: 'dinner at six' }]);

  await ana.messages.revoke(reference);
  const deleted = await shown(id, (message) => message.deletedAt !== null);
  expect(deleted).toMatchObject({ type: 'text', content: {}, body: null });
  expect((await client.get(`/messages/${ours}/edits`)).body.data).toEqual([]);
  expect(await told('message.deleted', id)).toMatchObject({ by: { phone: anaNumber }, fromMe: false });
});

it('counts the votes of a poll', async () => {
  const id = await ana.messages.poll(group, { question: 'Lunch?', options: ['Pizza', 'Soup'] });
  const poll = await shown(id);
  expect(poll).toMatchObject({
    type: 'poll',
    content: { question: 'Lunch?', options: ['Pizza', 'Soup'], selectable: 1 },
  });
  await ben.expectMessage({ id });
  await ben.messages.vote({ chat: group, id, from: anaNumber }, ['Soup']);
  expect((await shown(id, (message) => (message.answers as []).length > 0)).answers).toEqual([
    { value: 'Soup', count: 1, fromMe: false },
  ]);
  expect(await told('poll.vote', id)).toMatchObject({ options: ['Soup'], by: { phone: benNumber } });
});

it('sends to a group, and knows who got it', async () => {
  const sent = await client.post('/messages/text', { profileId, to: group, text: 'from the shop', wait: 20 });
  expect([sent.status, sent.body.data.status]).toEqual([201, 'sent']);
  const { waMessageId, messageId } = sent.body.data;
  for (const person of [ana, ben]) expect((await person.expectMessage({ id: waMessageId })).text).toBe('from the shop');
  const receipts = await until(
    () => {
      const all = receiver.calls.filter(({ body }) => body.event === 'message.receipts');
      const people = all.flatMap(({ body }) => body.data.receipts).filter((one) => one.waMessageId === waMessageId);
      return new Set(people.map((one) => one.person.phone)).size === 2 ? people : null;
    },
    { what: 'receipts of both members', withinMs: 30_000 },
  );
  expect(new Set(receipts.map((receipt) => receipt.person.phone))).toEqual(new Set([anaNumber, benNumber]));
  const listed = await client.get(`/messages/${messageId}/receipts`);
  expect(listed.body.data).toHaveLength(2);
  expect(listed.body.data[0]).toMatchObject({ deliveredAt: expect.any(String) });

  // Two ticks when everybody has it, blue ones when everybody has read it.
  await shown(waMessageId, (message) => message.status === 'delivered');
  ana.markRead(await ana.expectMessage({ id: waMessageId }));
  await until(
    async () => {
      const { body } = await client.get(`/messages/${messageId}/receipts`);
      return body.data.some((one: { person: { phone: string }; readAt: string | null }) => one.readAt !== null);
    },
    { what: 'the first reader', withinMs: 20_000 },
  );
  expect((await client.get(`/messages/${messageId}`)).body.data.status).toBe('delivered');
  ben.markRead(await ben.expectMessage({ id: waMessageId }));
  await shown(waMessageId, (message) => message.status === 'read');
});

it('answers to an answer: a reaction and new words of ours reach the phones and show here', async () => {
  const sent = await client.post('/messages/text', { profileId, to: anaNumber, text: 'see you at six', wait: 20 });
  const { waMessageId } = sent.body.data;
  await ana.expectMessage({ id: waMessageId });
  const done = { profileId, messageId: sent.body.data.messageId, wait: 20 };
  expect((await client.post('/messages/reaction', { ...done, emoji: '🎉' })).body.data.status).toBe('sent');
  expect((await client.post('/messages/edit', { ...done, text: 'see you at seven' })).body.data.status).toBe('sent');
  const message = await shown(waMessageId, (one) => one.editedAt !== null);
  expect(message).toMatchObject({
    body: 'see you at seven',
    reactions: [{ emoji: '🎉', count: 1, fromMe: true }],
  });
  const seen = await until(
    () => {
      const now = ana.chats.message(ownNumber, waMessageId);
      return now?.edited && now.reactions.length > 0 ? now : null;
    },
    { what: 'the new words and the reaction on the other phone', withinMs: 30_000 },
  );
  expect(seen).toMatchObject({ text: 'see you at seven', reactions: [{ emoji: '🎉', senders: [ownNumber] }] });
});
