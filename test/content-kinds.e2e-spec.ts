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
  const words = await owner.client.post('/messages/reaction', { profileId, messageId, emoji: 'ab' });
  expect(words).toMatchObject({
    status: 400,
    body: { error: { code: 'VALIDATION_ERROR', fields: [{ path: 'emoji' }] } },
  });
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

/** Our id of what came from the friend. */
const arrivedHere = (waMessageId: string) =>
  until(async () => {
    const { data } = (await owner.client.get(`/messages/profile/${profileId}?direction=incoming&limit=20`)).body;
    return data.find((message: { waMessageId: string }) => message.waMessageId === waMessageId)?.id as
      | string
      | undefined;
  });

it('votes in a poll, answers an event and pins a message of the other phone', async () => {
  const poll = await friend.messages.poll(ownNumber, { question: 'Tea?', options: ['Green', 'Black'] });
  await act('vote', await arrivedHere(poll), { options: ['Black'] });
  const votes = () => shown(poll)?.poll?.options.map(({ name, voters }) => [name, voters]);
  await until(
    () =>
      JSON.stringify(votes()) ===
      JSON.stringify([
        ['Green', []],
        ['Black', [ownNumber]],
      ]),
    {
      what: 'the vote to be counted',
    },
  );
  const event = await friend.messages.event(ownNumber, { name: 'Opening', startsAt: Date.now() + 86_400_000 });
  await act('event-answer', await arrivedHere(event), { response: 'going' });
  await until(() => shown(event)?.event?.going.includes(ownNumber), { what: 'the answer to be seen' });
  const pinned = () => friend.chats.list().find(({ id }) => id === ownNumber)?.pinned ?? [];
  const id = await arrivedHere(poll);
  await act('pin', id, { seconds: 604_800 });
  await until(() => pinned().includes(poll), { what: 'the pin to be seen' });
  expect((await stored(id)).pinnedUntil).toEqual(expect.any(String));
  await act('pin', id, { seconds: null });
  await until(() => pinned().length === 0, { what: 'the pin to be gone' });
  const wrong = await owner.client.post('/messages/vote', { profileId, messageId: id, options: ['Coffee'], wait: 0 });
  expect([wrong.status, wrong.body.error.code]).toEqual([409, 'ACTION_NOT_POSSIBLE']);
});

it('a live location, and buttons', async () => {
  const place = await send('live-location', { latitude: 1.5, longitude: 2.5, caption: 'coming', accuracyMeters: 20 });
  const { message } = await friend.expectMessage({ id: place.waMessageId });
  expect(message.liveLocationMessage).toMatchObject({ degreesLatitude: 1.5, caption: 'coming', accuracyInMeters: 20 });
  const buttons = [
    { type: 'reply', id: 'yes', title: 'Yes' },
    { type: 'url', title: 'Look', url: 'https://example.com' },
  ];
  const tapped = await send('buttons', { text: 'Deliver it?', buttons, fallback: false });
  const shownButtons = (await friend.expectMessage({ id: tapped.waMessageId })).message;
  expect(JSON.stringify(shownButtons)).toContain('quick_reply');
  expect(await stored(tapped.messageId)).toMatchObject({ type: 'buttons', content: { text: 'Deliver it?', buttons } });
});

const sizes = [{ title: 'Sizes', rows: [{ id: '42', title: 'Size 42' }] }];
const withLink = [
  { type: 'reply', id: 'yes', title: 'Yes' },
  { type: 'url', title: 'Look', url: 'https://example.com' },
];
it.each<[string, object, RegExp]>([
  [
    'buttons',
    { text: 'Deliver it?', header: 'Order', buttons: withLink },
    /\*Order\*\s+Deliver it\?[\s\S]*Yes[\s\S]*example\.com/,
  ],
  ['list', { text: 'Which size?', buttonTitle: 'Choose', sections: sizes }, /Which size\?[\s\S]*Size 42/],
  [
    'carousel',
    { text: 'New', cards: [{ title: 'red', text: 'Shoes', buttons: withLink }] },
    /New[\s\S]*red[\s\S]*Shoes/,
  ],
])('%s that go out as their words are a text here, too, wherever they are shown or told', async (kind, body, words) => {
  const { messageId, waMessageId } = await send(kind, { ...body, fallback: true });
  const arrived = await friend.expectMessage({ id: waMessageId });
  expect([arrived.kind, arrived.text]).toEqual(['text', expect.stringMatching(words)]);
  const { text } = arrived;
  const message = await stored(messageId);
  expect(message).toMatchObject({ type: 'text', body: text, content: { text } });
  expect(message.content).not.toHaveProperty('buttons');
  const query = `profileId=${profileId}&names=message.queued&order=desc&limit=50`;
  const { data } = (await owner.client.get(`/events?${query}`)).body;
  const told = data.find(
    ({ name, payload }: { name: string; payload: { messageId?: string } }) =>
      name === 'message.queued' && payload.messageId === messageId,
  );
  expect(told.payload.content).toEqual({ kind: 'text', text });
  const listed = async (type: string) =>
    (await owner.client.get(`/messages/profile/${profileId}?type=${type}&limit=100`)).body.data.map(
      ({ id }: { id: string }) => id,
    );
  expect([await listed('text'), await listed(kind)]).toEqual([
    expect.arrayContaining([messageId]),
    expect.not.arrayContaining([messageId]),
  ]);
});

it('cards that go out as their words leave their pictures behind', async () => {
  const media = { type: 'image', base64: (await readFile('test/fixtures/media/photo.jpg')).toString('base64') };
  const cards = [{ title: 'red', text: 'Shoes', media, buttons: withLink }];
  const { messageId, waMessageId } = await send('carousel', { text: 'New', cards, fallback: true });
  expect((await friend.expectMessage({ id: waMessageId })).kind).toBe('text');
  expect((await owner.client.get(`/messages/${messageId}/media`)).body.error.code).toBe('MEDIA_NOT_AVAILABLE');
});

it('lists and carousels with their pictures, and what is tapped on them', async () => {
  const chosen = async (id: string, title: string) => {
    await until(
      async () => {
        const { data } = (await owner.client.get(`/messages/profile/${profileId}?direction=incoming&type=choice`)).body;
        return data.some(({ content }: { content: object }) => JSON.stringify(content).includes(`"${id}"`));
      },
      { what: `the choice of ${title}` },
    );
  };
  const list = { text: 'Which size?', buttonTitle: 'Choose', sections: sizes };
  const opened = await friend.expectMessage({ id: (await send('list', { ...list, fallback: false })).waMessageId });
  expect([opened.kind, opened.text]).toEqual(['list', 'Which size?']);
  await friend.cards.choose(opened, '42');
  await chosen('42', 'Size 42');

  const photo = await readFile('test/fixtures/media/photo.jpg');
  const media = { type: 'image', base64: photo.toString('base64') };
  const cards = ['red', 'blue'].map((id) => {
    return { title: id, text: 'Shoes', media, buttons: [{ type: 'reply', id, title: `The ${id} ones` }] };
  });
  const carousel = await send('carousel', { text: 'New', cards, fallback: false });
  const arrived = await friend.expectMessage({ id: carousel.waMessageId });
  const shownCards = arrived.message.interactiveMessage?.carouselMessage?.cards ?? [];
  expect(shownCards.map(({ header, body }) => [header?.title, body?.text])).toEqual([
    ['red', 'Shoes'],
    ['blue', 'Shoes'],
  ]);
  for (const card of [0, 1]) expect((await arrived.downloadCard(card)).equals(photo)).toBe(true);
  await friend.cards.choose(arrived, 'blue');
  await chosen('blue', 'The blue ones');
});

it('moving pictures that play like a GIF', async () => {
  const moving = (await readFile('test/fixtures/media/animation.gif')).toString('base64');
  const sent = await friend.expectMessage({ id: (await send('gif', { base64: moving })).waMessageId });
  expect(sent.message.videoMessage).toMatchObject({ gifPlayback: true, mimetype: 'video/mp4' });
  const converted = await sent.downloadMedia();
  const asIs = await send('gif', { base64: converted.toString('base64'), caption: 'watch' });
  const arrived = await friend.expectMessage({ id: asIs.waMessageId });
  expect(arrived.message.videoMessage).toMatchObject({ gifPlayback: true, caption: 'watch', mimetype: 'video/mp4' });
  expect((await arrived.downloadMedia()).equals(converted)).toBe(true);
});

it('a template, filled in', async () => {
  const created = await owner.client.post('/templates', {
    ...{ profileId, name: 'Opening', messageType: 'text', content: { text: 'Hello {{name}}, {{place}} is open' } },
  });
  expect(created.body.error ?? null).toBeNull();
  const templateId = created.body.data.id;
  const { waMessageId } = await send('template', { templateId, variables: { name: 'Ana', place: 'the shop' } });
  expect((await friend.expectMessage({ id: waMessageId })).text).toBe('Hello Ana, the shop is open');
  const body = { profileId, to: friendNumber, wait: 0, templateId, variables: { name: 'Ana' } };
  const missing = await owner.client.post('/messages/template', body);
  expect([missing.status, missing.body.error.code]).toEqual([422, 'TEMPLATE_VARIABLES_MISSING']);
});

it('mentions, what can be seen once, and what disappears', async () => {
  const named = await send('text', { text: `hello @${friendNumber}`, mentions: [friendNumber] });
  const { contextInfo } = (await friend.expectMessage({ id: named.waMessageId })).message.extendedTextMessage!;
  expect(contextInfo?.mentionedJid).toHaveLength(1);
  const base64 = (await readFile('test/fixtures/media/photo.jpg')).toString('base64');
  const once = await send('image', { base64, viewOnce: true, disappearsInSeconds: 86_400 });
  expect((await stored(once.messageId)).content).toMatchObject({ viewOnce: true, disappearsInSeconds: 86_400 });
  const seen = await friend.expectMessage({ id: once.waMessageId });
  expect(JSON.stringify(seen.message)).toMatch(/viewOnce/);
  const again = await owner.client.post('/messages/forward', {
    ...{ profileId, messageId: once.messageId, to: [friendNumber], wait: 0 },
  });
  expect([again.status, again.body.error.code]).toEqual([422, 'NOT_SUPPORTED']);
});

it('forwards words and files to several chats, with the mark and the same bytes', async () => {
  const other = waypost.simulator.person('15550700003', { name: 'Ben' });
  const bytes = await readFile('test/fixtures/media/photo.jpg');
  const theirs = await friend.sendImage(ownNumber, bytes, { caption: 'pass it on' });
  const messageId = await until(async () => {
    const { data } = (await owner.client.get(`/messages/profile/${profileId}?direction=incoming&type=image`)).body;
    const found = data.find((message: { waMessageId: string }) => message.waMessageId === theirs);
    return found?.content.mediaState === 'stored' ? (found.id as string) : null;
  });
  const body = { profileId, messageId, to: [friendNumber, '15550700003'], wait: 25 };
  const { status, body: answer } = await owner.client.post('/messages/forward', body);
  expect([status, answer.data.results.map((one: { status: string }) => one.status)]).toEqual([201, ['sent', 'sent']]);
  for (const [index, person] of [friend, other].entries()) {
    const arrived = await person.expectMessage({ id: answer.data.results[index].waMessageId });
    expect(arrived.message.imageMessage).toMatchObject({ caption: 'pass it on', contextInfo: { isForwarded: true } });
    expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
  }
  const twice = { ...body, messageId: answer.data.results[0].waMessageId, to: ['15550700003'] };
  const again = (await owner.client.post('/messages/forward', twice)).body.data.results[0];
  const passedOn = await other.expectMessage({ id: again.waMessageId });
  expect(passedOn.message.imageMessage?.contextInfo?.forwardingScore).toBe(2);
  const unknown = { ...body, messageId: crypto.randomUUID() };
  expect((await owner.client.post('/messages/forward', unknown)).status).toBe(404);
});

it('a status for those who are named, and its deletion; a post in a newsletter', async () => {
  const status = { to: 'status@broadcast', audience: [friendNumber] };
  const { messageId, waMessageId } = await send('text', { ...status, text: 'open today', background: '#128c7e' });
  await until(() => friend.status.list().some(({ id }) => id === waMessageId), { what: 'the status to be seen' });
  await act('delete-for-everyone', messageId);
  await until(() => !friend.status.list().some(({ id }) => id === waMessageId), { what: 'the status to be gone' });

  const { jid } = waypost.simulator.person(ownNumber).newsletters.create('News');
  friend.newsletters.follow(jid);
  await send('text', { to: jid, text: 'first post' });
  await until(() => friend.newsletters.info(jid).messages.some(({ text }) => text === 'first post'), {
    what: 'the post to be in the newsletter',
  });
});

it('a status that names nobody, for those whom the phone shows its own', async () => {
  const phone = waypost.simulator.person(ownNumber);
  const cleo = waypost.simulator.person('15550700004', { name: 'Cleo' });
  await phone.settings.saveContacts({ number: friendNumber, name: 'Ana B' }, { number: cleo.number, name: 'Cleo C' });
  phone.status.setAudience('except', [cleo.number]);
  const known = async (search: string) =>
    (await owner.client.get(`/contacts?profileId=${profileId}&search=${search}`)).body.data.total === 1;
  await until(async () => (await known('Ana B')) && (await known('Cleo C')), { what: 'the address book to be known' });
  const { messageId, waMessageId } = await send('text', { to: 'status@broadcast', text: 'closed today' });
  await until(() => friend.status.list().some(({ id }) => id === waMessageId), { what: 'the status to be seen' });
  await act('delete-for-everyone', messageId);
  await until(() => !friend.status.list().some(({ id }) => id === waMessageId), { what: 'the status to be gone' });
  expect(cleo.status.list()).toEqual([]);
});

it('a batch of every kind, with variables in its words and the bytes of its file', async () => {
  const webp = await readFile('test/fixtures/media/picture.webp');
  const form = new FormData();
  form.set('file', new Blob([webp], { type: 'image/webp' }), 'picture.webp');
  const headers = { authorization: `Bearer ${owner.accessToken}` };
  const uploaded = await fetch(`${waypost.api.url}/api/v1/uploads/media`, { method: 'POST', headers, body: form });
  const { id: uploadId } = ((await uploaded.json()) as { data: { id: string } }).data;
  const template = { profileId, name: 'Greeting', messageType: 'text', content: { text: 'Hi {{name}}, welcome' } };
  const templateId = (await owner.client.post('/templates', template)).body.data.id;
  const variables = { name: 'Ana', place: 'Gate' };
  const messages = [
    { type: 'sticker', content: { uploadId } },
    { type: 'location', content: { latitude: 52.5, longitude: 13.4, name: '{place} of {name}' } },
    { type: 'contact', content: { contacts: [{ name: 'Shop for {name}', phone: '+49 151 12345678' }] } },
    { type: 'poll', content: { question: '{name}, coffee?', options: ['Yes', 'No, {unknown}'] } },
    { type: 'template', content: { templateId } },
  ].map((message) => ({ ...message, chatId: friendNumber, variables }));
  const sent = await owner.client.post('/bulk/send', { profileId, messages, options: { delayBetweenMessages: 0 } });
  expect([sent.status, sent.body.error ?? null]).toEqual([202, null]);
  const batch = async () => (await owner.client.get(`/bulk/batch/${sent.body.data.id}`)).body.data;
  await until(async () => (await batch()).status === 'completed', { what: 'the batch to be complete' });
  const seen = await Promise.all(
    (await batch()).results.map(({ waMessageId }: { waMessageId: string }) =>
      friend.expectMessage({ id: waMessageId }),
    ),
  );
  expect((await sharp(await seen[0].downloadMedia()).metadata()).format).toBe('webp');
  expect(seen.slice(1).map(({ message }) => message)).toMatchObject([
    { locationMessage: { degreesLatitude: 52.5, name: 'Gate of Ana' } },
    { contactMessage: { displayName: 'Shop for Ana' } },
    {
      pollCreationMessageV3: {
        name: 'Ana, coffee?',
        options: [{ optionName: 'Yes' }, { optionName: 'No, {unknown}' }],
      },
    },
    {},
  ]);
  expect(seen[4].text).toBe('Hi Ana, welcome');
  expect((await owner.client.get(`/templates/${templateId}`)).body.data.usageCount).toBe(1);
});

it('tells the history of a message: every state with its time and cause, and what it said before', async () => {
  const { messageId, waMessageId } = await send('text', { text: 'first draft' });
  friend.markRead(await friend.expectMessage({ id: waMessageId }));
  await act('edit', messageId, { text: 'final words' });
  const history = async () => (await owner.client.get(`/messages/${messageId}/history`)).body.data;
  await until(async () => (await history()).status === 'read', { what: 'the message to be read' });
  const { entries, ...rest } = await history();
  expect(rest).toMatchObject({ messageId, attempts: 1, edits: [{ body: 'first draft' }], receipts: [] });
  const states = entries.filter(({ state }: { state: string | null }) => state !== null);
  expect(
    states.map(({ state, event, actor, attempt }: Record<string, string>) => [state, event, actor, attempt]),
  ).toEqual([
    ['queued', 'message.queued', 'user', null],
    ...[['sent', 'message.sent', 'system', 1]],
    ...[['delivered', 'message.delivered', 'whatsapp', null]],
    ...[['read', 'message.read', 'whatsapp', null]],
  ]);
  const times = entries.map(({ at }: { at: string }) => at);
  expect(times).toEqual([...times].sort());
  const failed = await owner.client.post('/messages/text', { profileId, to: '15550709999', text: 'x', wait: 25 });
  expect(failed.body.data.status).toBe('failed');
  const why = (await owner.client.get(`/messages/${failed.body.data.messageId}/history`)).body.data;
  expect(why.entries.at(-1)).toMatchObject({ state: 'failed', reason: 'recipient_not_on_whatsapp', attempt: 1 });
});

it('filters messages by kind, state, sender, file, star and time', async () => {
  const dora = waypost.simulator.person('15550700005', { name: 'Dora' });
  // WhatsApp's clock counts seconds.
  const since = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
  const picture = (await readFile('test/fixtures/media/photo.jpg')).toString('base64');
  const image = await send('image', { to: dora.number, base64: picture, caption: 'filter me' });
  const theirs = await arrivedHere(await dora.sendText(ownNumber, 'filter me too'));
  const { conversationId } = await stored(theirs);
  const chat = `/messages/conversation/${conversationId}`;
  const ids = async (query: string) =>
    (await owner.client.get(`${chat}?${query}`)).body.data.messages.map(({ id }: { id: string }) => id);
  expect(await ids(`from=${since}`)).toEqual([image.messageId, theirs]);
  expect(await ids(`to=${since}`)).toEqual([]);
  expect(await ids('hasMedia=true')).toEqual([image.messageId]);
  expect(await ids('sender=me&type=image,poll')).toEqual([image.messageId]);
  expect(await ids('type=poll')).toEqual([]);
  expect(await ids(`sender=${dora.number}`)).toEqual([theirs]);
  expect(await ids('status=failed,received')).toEqual([theirs]);
  await until(async () => (await owner.client.put(`/messages/${theirs}/star`, {})).status === 200, {
    what: 'the settings of the phone to be open',
  });
  expect(await ids('starred=true')).toEqual([theirs]);
  const ofProfile = `/messages/profile/${profileId}?sender=${dora.number}&starred=true&direction=incoming`;
  expect((await owner.client.get(ofProfile)).body.data).toMatchObject([{ id: theirs }]);
  for (const wrong of ['type=song', 'status=lost', 'from=yesterday', 'hasMedia=maybe', 'sender=']) {
    expect([wrong, (await owner.client.get(`/messages/profile/${profileId}?${wrong}`)).status]).toEqual([wrong, 400]);
  }
});

it.each<[string, object, string]>([
  ['location', { latitude: 91, longitude: 0 }, 'latitude'],
  ['contact', { contacts: [{ name: 'Ada' }] }, 'contacts.0.phone'],
  ['contact', { contacts: [{ vcard: 'hello' }] }, 'contacts.0.vcard'],
  ['poll', { question: 'One?', options: ['only'] }, 'options'],
  ['event', { name: 'x', startsAt: 'tomorrow' }, 'startsAt'],
  ['text', { text: 'x', mentions: ['120363041234567890@g.us'] }, 'mentions.0'],
  ['text', { text: 'x', audience: ['15550700002'] }, 'audience'],
  ['text', { text: 'x', disappearsInSeconds: 5 }, 'disappearsInSeconds'],
  ['buttons', { text: 'x', buttons: [{ type: 'url', title: 'Look' }], fallback: true }, 'buttons.0.url'],
  ['list', { text: 'x', buttonTitle: 'y', sections: [], fallback: true }, 'sections'],
  ['carousel', { text: 'x', cards: [], fallback: true }, 'cards'],
])('refuses a %s of %j', async (kind, body, path) => {
  const answer = await owner.client.post(`/messages/${kind}`, { profileId, to: friendNumber, ...body });
  expect([answer.status, answer.body.error.fields[0].path]).toEqual([400, path]);
});

it('refuses what a chat does not have', async () => {
  const to = '120363000000000001@newsletter';
  const answer = await owner.client.post('/messages/location', { profileId, to, latitude: 1, longitude: 1, wait: 0 });
  expect([answer.status, answer.body.error.code]).toEqual([422, 'NOT_SUPPORTED']);
});
