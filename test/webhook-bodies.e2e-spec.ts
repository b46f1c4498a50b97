import { io } from 'socket.io-client';
import { canHappenIn, type EventName, eventCatalogue, type NewEvent, newId, webhookNameOf } from '#contracts';
import { appendEvents } from '#database';
import { type ApiClient, until, WebhookReceiver } from '#testing';
import { readAsyncApi } from './asyncapi.js';
import { payloadOf, sampleOf } from './asyncapi-sample.js';
import { type BuiltChat, buildChat, receiveIn } from './webhook-chats.js';
import { WebhookWorld } from './webhook-world.js';

/** What webhooks are told, in which form and under which names. */
let world: WebhookWorld;
let client: ApiClient;
let profileId: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  world = await WebhookWorld.start();
  client = await world.owner.client.withKey(['webhooks.read', 'webhooks.write', 'events.read']);
}, 60_000);
afterAll(() => world?.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  profileId = await world.profile();
});
afterEach(() => receiver.close());

const create = (body: object = {}) =>
  client.post('/webhooks', { profileId, url: `${receiver.url}/hook`, events: ['*'], ...body });
const created = async (body: object = {}) => (await create(body)).body.data as { id: string; secret: string };
const linked = (pushName: string) =>
  world.happen(profileId, 'profile.linked', { phoneNumber: '628123456789', lid: null, pushName });
const ended = (id: string, state: string, count: number) =>
  until(
    async () => {
      const { body } = await client.get(`/webhooks/${id}/deliveries?state=${state}&limit=200`);
      return body.data.length === count;
    },
    { what: `${count} deliveries to be ${state}` },
  );
const eventNames = Object.keys(eventCatalogue) as EventName[];
const conversation = (kind: 'user' | 'group' = 'user') => buildChat(world, profileId, kind);
const message = (chat: BuiltChat, more: Parameters<typeof receiveIn>[2] = {}) => receiveIn(world, chat, more);

describe('what is told', () => {
  it('carries both sides, ids of both worlds, what is quoted and a link to the file', async () => {
    await create();
    const chat = await conversation();
    const first = { id: newId<string>(), waMessageId: newId<string>() };
    const { organizationId } = world.owner;
    await world.db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       values ($1, $2, $3, $4, 'outgoing', $5, 'text', '{"kind":"text","text":"Which colour?"}', 'sent', now())`,
      [first.id, organizationId, profileId, chat.conversationId, first.waMessageId],
    );
    await world.db.query(
      `insert into message_keys (profile_id, wa_message_id, from_me, organization_id, message_id) values ($1, $2, true, $3, $4)`,
      [profileId, first.waMessageId, organizationId, first.id],
    );
    const media = { mediaId: newId<string>(), mimeType: 'image/png', sizeBytes: 5, sha256: 'ab' };
    const said = await message(chat, {
      content: { kind: 'image', caption: 'this one', media },
      quoted: first.waMessageId,
    });
    const [call] = await receiver.expect(1, { fits: ({ body }) => body.type === 'message.received' });
    const { conversationId, contactId, personId, phone, lid } = chat;
    const contact = { contactId, personId, phone, lid, name: 'Ana' };
    expect(call!.body.data).toMatchObject({
      ...{ id: said.messageId, messageId: said.messageId, waMessageId: said.waMessageId, conversationId, profileId },
      ...{ contactId, personId, phone, lid, contact, author: contact },
      chat: { id: `${phone}@s.whatsapp.net`, kind: 'user', name: null, conversationId },
      quotedMessage: {
        ...{ id: first.id, waMessageId: first.waMessageId, fromMe: true, type: 'text', body: 'Which colour?' },
      },
      media: { url: expect.stringContaining('/api/v1/media/'), mimetype: 'image/png', sizeBytes: 5 },
    });
    // The link is ours and works until then: the file itself is not there in this story.
    const { url, urlExpiresAt } = call!.body.data.media;
    expect(Date.parse(urlExpiresAt) - Date.now()).toBeGreaterThan(6 * 24 * 3600_000);
    expect(new URL(url).pathname.split('/').at(-1)).toContain(media.mediaId);

    await world.happen(
      profileId,
      'message.read',
      {
        ...{ messageId: first.id, waMessageId: first.waMessageId, conversationId, chatId: `${phone}@s.whatsapp.net` },
        ...{ state: 'read', previousState: 'sent', reason: null, batchId: null },
      },
      conversationId,
    );
    const [read] = await receiver.expect(1, { fits: ({ body }) => body.type === 'message.read' });
    expect(read!.body.data).toMatchObject({ messageId: first.id, contactId, personId, phone, lid, chatType: 'user' });

    // Gone from the own devices it is told to nobody new.
    await world.db.query('update messages set deleted_for_me_at = now() where id = $1', [first.id]);
    const content = { kind: 'text' as const, text: 'still this one' };
    const { messageId } = await message(chat, { content, quoted: first.waMessageId });
    const [again] = await receiver.expect(1, { fits: ({ body }) => body.data.id === messageId });
    expect(again!.body.data.quotedMessage).toBeNull();
  });

  it('names the author apart from the group', async () => {
    await create({ events: ['group.message'] });
    const { conversationId, ...person } = await conversation('group');
    await message({ conversationId, ...person }, { group: true });
    const [call] = await receiver.expect(1);
    expect(call!.body).toMatchObject({
      type: 'group.message',
      data: {
        chat: { kind: 'group', name: 'Team', conversationId },
        author: { contactId: person.contactId, phone: person.phone, lid: person.lid },
        from: `${person.phone}@s.whatsapp.net`,
      },
    });
  });

  it('keeps the form that a webhook was made for', async () => {
    const { id } = await created({ payloadVersion: 1, events: ['message.received'] });
    const chat = await conversation();
    const { messageId } = await message(chat);
    const [old] = await receiver.expect(1);
    expect(old!.body).toEqual({
      ...{ event: 'message.received', timestamp: expect.any(String), profileId },
      data: {
        ...{ profileId, id: messageId, from: `${chat.phone}@s.whatsapp.net`, body: 'hello', type: 'text' },
        ...{ hasMedia: false, timestamp: expect.any(String), conversationId: chat.conversationId },
      },
    });
    expect((await client.put(`/webhooks/${id}`, { payloadVersion: 2 })).body.data.payloadVersion).toBe(2);
    await message(chat);
    const [, recent] = await receiver.expect(2);
    expect(recent!.body).toMatchObject({ type: 'message.received', data: { contactId: chat.contactId } });
  });

  it('comes under our names and those of the older product', async () => {
    await create({ events: ['connection.ready', 'connection.disconnected', 'contact.updated', 'send_policy.updated'] });
    const state = (state: 'connected' | 'reconnecting' | 'connecting') =>
      world.happen(profileId, 'connection.changed', {
        ...{ state, code: 'connected', sentence: '', userAction: 'none', phoneNumber: '62812' },
      });
    await state('connecting');
    await state('connected');
    await state('reconnecting');
    await world.happen(profileId, 'send_policy.updated', { revision: 2, policy: {} });
    const calls = await receiver.expect(3);
    expect(calls.map(({ body }) => [body.type, body.data.status])).toEqual([
      ['connection.ready', 'connected'],
      ['connection.disconnected', 'reconnecting'],
      ['send_policy.updated', undefined],
    ]);
  });

  it('comes under the oldest names of the older product, for which a session was a connection', async () => {
    await create({ events: ['session.connected', 'session.disconnected', 'session.qr'] });
    await create({ events: ['session.status'], url: `${receiver.url}/status` });
    for (const state of ['connecting', 'connected', 'logged_out'] as const) {
      await world.happen(profileId, 'connection.changed', {
        ...{ state, code: 'connected', sentence: '', userAction: 'none', phoneNumber: '62812' },
      });
    }
    await world.happen(profileId, 'connection.qr_changed', { expiresAt: new Date().toISOString(), attempt: 1 });
    const told = async (path: string, count: number) =>
      (await receiver.expect(count, { fits: (call) => call.path === path })).map(({ body }) => [
        body.event,
        body.data.status,
      ]);
    expect(await told('/hook', 3)).toEqual([
      ['session.connected', 'connected'],
      ['session.disconnected', 'logged_out'],
      ['session.qr', undefined],
    ]);
    expect(await told('/status', 3)).toEqual([
      ['session.status', 'connecting'],
      ['session.status', 'connected'],
      ['session.status', 'logged_out'],
    ]);
    // Those of logins are of the organization, under the same first word.
    expect((await create({ events: ['session.ended'] })).body.error.fields[0].message).toContain('without profileId');
  });

  it('is what the filters let through', async () => {
    const events = ['message.received', 'message.queued', 'group.updated', 'profile.linked'];
    const { id } = await created({ events, filters: { chatKinds: ['user'], kinds: ['text'], fromMe: false } });
    const tagged = await created({
      events: ['message.received'],
      filters: { tags: ['VIP'] },
      url: `${receiver.url}/vip`,
    });
    const labelled = await created({
      ...{ events: ['message.received'], filters: { labels: ['New Order'] }, url: `${receiver.url}/order` },
    });
    const [chat, other] = [await conversation(), await conversation()];
    const { organizationId } = world.owner;
    await world.db.query(
      `insert into contact_tags (contact_id, organization_id, profile_id, tag) values ($1, $2, $3, 'vip')`,
      [chat.contactId, organizationId, profileId],
    );
    const labelId = newId<string>();
    await world.db.query(
      `insert into labels (id, organization_id, profile_id, wa_id, name) values ($1, $2, $3, '1', 'new order')`,
      [labelId, organizationId, profileId],
    );
    await world.db.query(`insert into label_links (label_id, organization_id, conversation_id) values ($1, $2, $3)`, [
      labelId,
      organizationId,
      other.conversationId,
    ]);
    await message(await conversation('group'), { group: true, text: 'in a group' });
    await message(chat, { content: { kind: 'location', latitude: 1, longitude: 2 } });
    await message(chat, { text: 'from the vip' });
    await message(other, { text: 'an order' });
    await linked('passes');
    await receiver.expect(7);
    const of = (path: string) =>
      receiver.calls
        .filter((call) => call.path === path)
        .map(({ body }) => body.data.text ?? body.data.type ?? body.type);
    expect(of('/hook').toSorted()).toEqual(['an order', 'from the vip', 'profile.linked']);
    // A group has no one contact, so what is said there is not held back by tags.
    expect(of('/vip').toSorted()).toEqual(['from the vip', 'in a group', 'location']);
    await ended(labelled.id, 'succeeded', 1);
    expect(of('/order')).toEqual(['an order']);
    for (const one of [id, tagged.id]) await ended(one, 'pending', 0);
    expect((await client.get(`/webhooks/${tagged.id}`)).body.data.filters).toEqual({ tags: ['vip'] });

    for (const filters of [{ chatKinds: ['crowd'] }, { kinds: [] }, { fromMe: 'yes' }, { labels: [7] }, 'all']) {
      expect([filters, (await create({ filters })).status]).toEqual([filters, 400]);
    }
  });

  it("tells of the organization's own events who may read those", async () => {
    const { id } = await created({ profileId: undefined, events: ['workspace.created', 'webhook.created'] });
    expect((await client.get(`/webhooks/${id}`)).body.data.profileId).toBeNull();
    await world.owner.client.post('/workspaces', { name: 'Abroad' });
    const [call] = await receiver.expect(1);
    expect(call!.body).toMatchObject({ type: 'workspace.created', profileId: null, data: { name: 'Abroad' } });
    const narrow = await world.owner.client.withKey(['webhooks.read', 'webhooks.write']);
    const refused = await narrow.post('/webhooks', { url: receiver.url, events: ['*'] });
    expect(refused.status).toBe(403);
    for (const [body, path] of [
      [{ profileId: undefined, events: ['message.received'] }, 'events.0'],
      [{ events: ['message.received', 'member.joined'] }, 'events.1'],
    ] as const) {
      expect((await create(body)).body.error.fields).toMatchObject([{ path }]);
    }
  });

  it('tells of every event of the catalogue under its name, in a webhook and a socket, as the AsyncAPI document says', async () => {
    const { document, check } = await readAsyncApi(world.api.url);
    const own = await world.owner.client.withKey(['events.read', 'webhooks.write']);
    const socket = io(`${world.api.url}/ws`, { transports: ['websocket'], auth: { token: world.owner.accessToken } });
    const heard: { name: string; payload: { name: string } }[] = [];
    socket.onAny((name: string, payload: { name: string }) => heard.push({ name, payload }));
    try {
      for (const scope of ['profile', 'organization'] as const) {
        const at = scope === 'profile' ? profileId : null;
        const told = eventNames.filter((name) => canHappenIn(scope, name));
        // By name, so that each is one that can be asked for.
        const names = told.map(webhookNameOf);
        const made = await own.post('/webhooks', {
          profileId: at ?? undefined,
          url: `${receiver.url}/${scope}`,
          events: names,
        });
        expect([made.status, made.body.error]).toEqual([201, undefined]);
        await socket.timeout(10_000).emitWithAck(`subscribe:${scope}`, { profileId: at, raw: true });
        const before = heard.length;
        const { organizationId } = world.owner;
        const events = told.map((name) => {
          const payload = sampleOf(document, payloadOf(document, name));
          return { organizationId, profileId: at, name, actor: { kind: 'system' }, payload } as NewEvent;
        });
        await world.db.system((tx) => appendEvents(tx, events));
        const bodies = () => receiver.calls.flatMap(({ path, body }) => (path === `/${scope}` ? [body] : []));
        const byName = new Map(told.map((name) => [webhookNameOf(name), name]));
        await until(() => new Set(bodies().map(({ event }) => event)).size === byName.size, {
          ...{ what: 'the webhook to be told of all', withinMs: 30_000 },
        });
        for (const body of bodies()) expect(check(`webhook.${byName.get(body.event)}`, body)).toBeNull();
        const raw = () => heard.slice(before).flatMap(({ name, payload }) => (name === 'event' ? [payload.name] : []));
        await until(() => told.every((name) => raw().includes(name)), { what: 'the socket to tell of all' });
      }
      // Each is of the one or the other, but for those of webhooks themselves.
      const either = eventNames.filter((name) => canHappenIn('profile', name) === canHappenIn('organization', name));
      expect(new Set(either.map((name) => name.split('.')[0]))).toEqual(new Set(['webhook']));
      for (const { name, payload } of heard) {
        const of = name === 'event' ? `event.${payload.name}` : `socket.${name.replaceAll(':', '_')}`;
        expect(check(of, payload)).toBeNull();
      }
    } finally {
      socket.disconnect();
    }
  }, 60_000);
});
