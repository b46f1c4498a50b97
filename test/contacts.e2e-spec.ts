import { randomUUID } from 'node:crypto';
import type { Person } from '#simulator';
import { ApiClient, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** Address books over HTTP, and what WhatsApp and the other phones have of it. */

const ownNumber = '4915155560001';
const anaNumber = '4915155560002';
const benNumber = '4915155560003';

let waypost: Installation;
let owner: Registered;
let client: ApiClient;
let stranger: ApiClient;
/** Linked to a phone. */
let shop: string;
/** Never linked. */
let desk: string;
let me: Person;
let ana: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  me = waypost.simulator.person(ownNumber, { name: 'Shop' });
  ana = waypost.simulator.person(anaNumber, { name: 'Ana on WhatsApp' });
  waypost.simulator.person(benNumber, { name: 'Ben' });
  owner = await ApiClient.register(waypost.api.url);
  client = owner.client;
  stranger = (await ApiClient.register(waypost.api.url)).client;
  shop = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  desk = (await client.post('/profiles', { name: 'Desk' })).body.data.id;
  await linkProfile(client, shop, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 120_000);

afterAll(() => waypost?.stop(), 60_000);

const keep = (body: object, headers?: Record<string, string>) =>
  client.post('/contacts', { profileId: desk, ...body }, headers);
const list = async (query: string, profileId = desk) =>
  (await client.get(`/contacts?profileId=${profileId}&${query}`)).body.data;
const numbers = (page: { contacts: { phone: string }[] }) => page.contacts.map(({ phone }) => phone);
const filtered = (filter: object) => list(`filter=${encodeURIComponent(JSON.stringify(filter))}`);
const eventsOf = async (profileId: string) =>
  (await client.get(`/events?profileId=${profileId}&limit=200`)).body.data as {
    name: string;
    payload: Record<string, unknown>;
  }[];

describe('an address book', () => {
  it('takes a person once, however the number is written, and keeps what it knew', async () => {
    const created = await keep({
      phone: '+49 (151) 1000-0001',
      name: 'Carla',
      tags: ['VIP', 'vip ', 'Lead'],
      metadata: { plan: 'gold', nested: { list: [1, null, 'x'] }, nothing: null },
    });
    expect(created.status).toBe(201);
    const { id } = created.body.data;
    expect(created.body.data).toMatchObject({
      profileId: desk,
      phone: '4915110000001',
      name: 'Carla',
      tags: ['Lead', 'VIP'],
      metadata: { plan: 'gold', nested: { list: [1, null, 'x'] }, nothing: null },
      isBlocked: false,
      optedOut: false,
      onWhatsApp: null,
      avatarUrl: null,
      lastMessageAt: null,
      source: 'manual',
    });
    const again = await keep({ phone: '004915110000001'.slice(2), tags: ['lead', 'new'], metadata: { plan: 'blue' } });
    expect([again.status, again.body.data.id]).toEqual([200, id]);
    expect(again.body.data).toMatchObject({
      name: 'Carla',
      tags: ['Lead', 'VIP', 'new'],
      metadata: { plan: 'blue', nested: { list: [1, null, 'x'] }, nothing: null },
    });
    // As dialled at home.
    const home = await keep({ phone: '0151 10000001', country: 'de' });
    expect([home.status, home.body.data.id]).toEqual([200, id]);
    const byKey = await (await client.withKey(['contacts.write'])).post('/contacts', {
      profileId: desk,
      phone: '4915110000002',
    });
    expect(byKey.body.data).toMatchObject({ source: 'api', name: null, tags: [] });
    const headers = { 'Idempotency-Key': randomUUID() };
    const once = await keep({ phone: '+4915110000003', name: 'Dora' }, headers);
    const repeated = await keep({ phone: '+4915110000003', name: 'Dora' }, headers);
    expect([once.status, repeated.status, repeated.body.data]).toEqual([201, 201, once.body.data]);
    const names = (await eventsOf(desk)).map(({ name }) => name).filter((name) => name.startsWith('contact.'));
    expect(names).toEqual([
      'contact.created',
      'contact.updated',
      'contact.tagged',
      'contact.created',
      'contact.created',
    ]);
  });

  it('is listed, searched and paged', async () => {
    const all = await list('limit=2');
    expect(all).toMatchObject({ total: 3, limit: 2, offset: 0 });
    expect(numbers(all)).toEqual(['4915110000003', '4915110000002']);
    expect(numbers(await list(`limit=2&cursor=${all.nextCursor}`))).toEqual(['4915110000001']);
    expect(await list('limit=2&offset=2')).toMatchObject({ total: 3, offset: 2, nextCursor: null });
    expect(numbers(await list('search=CARL'))).toEqual(['4915110000001']);
    expect(numbers(await list('search=%2B49%20151%201000%200002'))).toEqual(['4915110000002']);
    expect(numbers(await list('search=%25'))).toEqual([]);
    expect(numbers(await list('tags=vip,unknown'))).toEqual(['4915110000001']);
    expect(numbers(await filtered({ field: 'custom.plan', op: 'equals', value: 'blue' }))).toEqual(['4915110000001']);
    const broken = await client.get(`/contacts?profileId=${desk}&filter=%7B`);
    expect([broken.status, broken.body.error.fields]).toMatchObject([400, [{ path: 'filter' }]]);
  });

  it('changes and loses people', async () => {
    const { id } = (await keep({ phone: '+4915110000009', name: 'Emil', tags: ['a', 'b'] })).body.data;
    const changed = await client.put(`/contacts/${id}`, { name: null, tags: ['B', 'c'], metadata: { x: 1 } });
    expect(changed.body.data).toMatchObject({ name: null, tags: ['b', 'c'], metadata: { x: 1 } });
    const patched = await client.send('PATCH', `/contacts/${id}`, { name: 'Emil' });
    expect(patched.body.data).toMatchObject({ name: 'Emil', tags: ['b', 'c'] });
    const tagged = await client.post(`/contacts/${id}/tags`, { tags: ['C', 'd'] });
    expect(tagged.body.data.tags).toEqual(['b', 'c', 'd']);
    const untagged = await client.send('DELETE', `/contacts/${id}/tags`, { tags: ['B', 'none'] });
    expect(untagged.body.data.tags).toEqual(['c', 'd']);
    const other = await client.post('/contacts', { profileId: shop, phone: '+4915110000009', name: 'Emil (shop)' });
    const details = (await client.get(`/contacts/${id}`)).body.data;
    expect(details.person).toMatchObject({
      id: other.body.data.personId,
      identities: [{ kind: 'phone', value: '4915110000009' }],
      contacts: [{ id: other.body.data.id, profileId: shop, name: 'Emil (shop)' }],
    });
    expect((await client.delete(`/contacts/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await client.get(`/contacts/${id}`)).status).toBe(404);
    expect((await client.get(`/contacts/${other.body.data.id}`)).status).toBe(200);
  });

  it('refuses what is no number, no tag or no field, and tells which', async () => {
    const problems = async (body: object) =>
      (await keep(body)).body.error.fields.map(({ path }: { path: string }) => path);
    expect(await problems({ phone: 'ana' })).toEqual(['phone']);
    // Where a number without country code leads depends on who dials; this profile has no number yet.
    expect(await problems({ phone: '0151 10000001' })).toEqual(['phone']);
    expect(await problems({ phone: '+4915110000004', tags: [' '] })).toEqual(['tags']);
    expect(await problems({ phone: '+4915110000004', metadata: { a: 'x'.repeat(20_000) } })).toEqual(['metadata']);
    expect(await problems({ phone: '+4915110000004', metadata: [] })).toEqual(['metadata']);
  });

  it('of another organization is not there, and reading is not writing', async () => {
    const { id } = (await keep({ phone: '+4915110000005' })).body.data;
    expect((await stranger.get(`/contacts/${id}`)).status).toBe(404);
    expect((await stranger.get(`/contacts?profileId=${desk}`)).status).toBe(404);
    expect((await stranger.post('/contacts', { profileId: desk, phone: '+4915110000005' })).status).toBe(404);
    const reader = await client.withKey(['contacts.read']);
    expect((await reader.get(`/contacts/${id}`)).status).toBe(200);
    expect((await reader.delete(`/contacts/${id}`)).status).toBe(403);
  });
});

describe('tags, fields and segments', () => {
  it('tags are counted, renamed on everybody, put on many and deleted', async () => {
    await keep({ phone: '+4915120000001', tags: ['Old', 'both', 'New'] });
    await keep({ phone: '+4915120000002', tags: ['old'] });
    const tags = async (search: string) =>
      (await client.get(`/contacts/tags?profileId=${desk}&search=${search}`)).body.data;
    expect(await tags('old')).toEqual([{ tag: 'Old', count: 2 }]);
    const renamed = await client.put('/contacts/tags', { profileId: desk, tag: 'OLD', newTag: 'new' });
    expect(renamed.body.data).toEqual({ tag: 'OLD', contacts: 2 });
    expect([await tags('old'), (await tags('new')).at(-1).count]).toEqual([[], 3]);
    const filter = { field: 'phone', op: 'starts_with', value: '491512' };
    const bulk = { profileId: desk, filter, add: ['both', 'many'], remove: ['NEW'] };
    const done = (await client.post('/contacts/tags/bulk', bulk)).body.data;
    expect(done).toEqual({ matched: 2, changed: 2, nextCursor: null });
    expect((await client.post('/contacts/tags/bulk', bulk)).body.data).toMatchObject({ matched: 2, changed: 0 });
    expect((await list('tags=many')).contacts.map(({ tags }: { tags: string[] }) => tags)).toEqual([
      expect.arrayContaining(['both', 'many']),
      expect.arrayContaining(['both', 'many']),
    ]);
    const gone = await client.send('DELETE', '/contacts/tags', { profileId: desk, tag: 'Many' });
    expect(gone.body.data).toEqual({ tag: 'Many', contacts: 2 });
    expect((await client.send('DELETE', '/contacts/tags', { profileId: desk, tag: 'Many' })).status).toBe(404);
    expect((await client.post('/contacts/tags/bulk', { profileId: desk, add: ['x'] })).status).toBe(400);
  });

  it('fields that are defined hold only what they say', async () => {
    const define = (body: object) => client.post('/contacts/fields', { profileId: desk, ...body });
    const size = await define({ key: 'size', type: 'choice', choices: ['S', 'M', 'L'] });
    expect(size.status).toBe(201);
    expect((await define({ key: 'born', type: 'date', everywhere: true })).body.data.profileId).toBeNull();
    await define({ key: 'score', type: 'number' });
    expect((await define({ key: 'size', type: 'text' })).body.error.code).toBe('CONTACT_FIELD_TAKEN');
    expect((await define({ key: 'a/b', type: 'text' })).status).toBe(400);
    const wrong = await keep({ phone: '+4915130000001', metadata: { size: 'XL', born: '2026-02-30', score: 'many' } });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(wrong.body.error)).toMatch(/metadata\.size.*metadata\.born.*metadata\.score/s);
    const right = await keep({
      phone: '+4915130000001',
      metadata: { size: 'm', born: '1990-05-01', score: '7', free: {} },
    });
    expect(right.body.data.metadata).toEqual({ size: 'M', born: '1990-05-01', score: 7, free: {} });
    const scored = await filtered({ field: 'custom.score', op: 'gt', value: 6.5 });
    expect(numbers(scored)).toEqual(['4915130000001']);
    const fields = (await client.get(`/contacts/fields?profileId=${desk}`)).body.data;
    expect(fields.map(({ key }: { key: string }) => key)).toEqual(['born', 'score', 'size']);
    const { id } = size.body.data;
    const relabelled = await client.put(`/contacts/fields/${id}`, { label: 'Size', choices: ['S', 'XL'] });
    expect(relabelled.body.data).toMatchObject({ label: 'Size', choices: ['S', 'XL'], type: 'choice' });
    expect((await client.delete(`/contacts/fields/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await keep({ phone: '+4915130000001', metadata: { size: 44 } })).body.data.metadata.size).toBe(44);
  });

  it('segments mean whoever fits now', async () => {
    const filter = {
      and: [
        { field: 'tags', op: 'any', value: ['seg'] },
        { field: 'optedOut', op: 'is', value: false },
      ],
    };
    const wish = { profileId: desk, name: 'Seg', filter };
    const made = await client.post('/segments', wish);
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    expect((await client.post('/segments', wish)).body.error.code).toBe('SEGMENT_NAME_TAKEN');
    expect((await client.get(`/segments/${id}`)).body.data).toMatchObject({ name: 'Seg', filter, count: 0 });
    await keep({ phone: '+4915140000001', tags: ['seg'] });
    const other = (await keep({ phone: '+4915140000002', tags: ['SEG'] })).body.data;
    expect((await client.get(`/segments/${id}`)).body.data.count).toBe(2);
    await client.post(`/contacts/${other.id}/opt-out`, {});
    expect(numbers(await list(`segmentId=${id}`))).toEqual(['4915140000001']);
    expect((await client.get(`/contacts?profileId=${shop}&segmentId=${id}`)).status).toBe(404);
    const preview = await client.post('/segments/preview', { profileId: desk, filter: { not: filter.and[1] } });
    expect(preview.body.data).toMatchObject({ count: 1, contacts: [{ id: other.id }] });
    const renamed = await client.put(`/segments/${id}`, { name: 'Segment', description: null });
    expect(renamed.body.data).toMatchObject({ name: 'Segment', filter });
    const wrong = await client.put(`/segments/${id}`, { filter: { field: 'tags', op: 'like', value: ['x'] } });
    expect([wrong.status, JSON.stringify(wrong.body.error)]).toEqual([400, expect.stringContaining('filter.op')]);
    expect((await stranger.get(`/segments/${id}`)).status).toBe(404);
    expect((await client.delete(`/segments/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await client.get(`/segments?profileId=${desk}`)).body.data).toEqual([]);
  });
});

describe('one human', () => {
  it('who opts out stays so, also when the contact is deleted and made again', async () => {
    const { id } = (await keep({ phone: '+4915150000001' })).body.data;
    const out = await client.post(`/contacts/${id}/opt-out`, { reason: 'asked on the phone' });
    expect(out.body.data).toMatchObject({ optedOut: true, optedOutSource: 'user' });
    await client.post(`/contacts/${id}/opt-out`, {});
    await client.delete(`/contacts/${id}`);
    const back = (await keep({ phone: '+4915150000001' })).body.data;
    expect(back).toMatchObject({ optedOut: true, optedOutSource: 'user', optedOutAt: out.body.data.optedOutAt });
    expect(back.id).not.toBe(id);
    expect((await client.post(`/contacts/${back.id}/opt-in`, {})).body.data).toMatchObject({
      optedOut: false,
      optedOutAt: null,
      optedOutSource: null,
    });
    const { optOuts } = (await client.get(`/contacts/${back.id}/activity`)).body.data;
    expect(optOuts).toMatchObject([
      { optedOut: false, source: 'user', reason: null },
      { optedOut: true, source: 'user', reason: 'asked on the phone' },
    ]);
    const told = (await eventsOf(desk)).filter(({ payload }) => [id, back.id].includes(payload.contactId as string));
    expect(told.map(({ name }) => name)).toEqual([
      'contact.created',
      'contact.opted_out',
      'contact.deleted',
      'contact.created',
      'contact.opted_in',
    ]);
  });

  it('with two numbers becomes one contact; opt-outs go along', async () => {
    const metadata = { email: 'finn@example.com' };
    const first = (await keep({ phone: '+4915160000001', name: 'Finn', tags: ['x'], metadata: { ...metadata, a: 1 } }))
      .body.data;
    const second = (
      await keep({ phone: '+4915160000002', name: 'finn ', tags: ['X', 'y'], metadata: { ...metadata, a: 2, b: 2 } })
    ).body.data;
    await client.post(`/contacts/${second.id}/opt-out`, {});
    for (const by of ['name', 'custom.email']) {
      const groups = (await client.get(`/contacts/duplicates?profileId=${desk}&by=${by}`)).body.data;
      expect(groups.map(({ contacts }: { contacts: { id: string }[] }) => contacts.map(({ id }) => id))).toEqual([
        [first.id, second.id],
      ]);
    }
    const itself = await client.post(`/contacts/${first.id}/merge`, { mergeIds: [first.id] });
    expect(itself.status).toBe(400);
    const merged = await client.post(`/contacts/${first.id}/merge`, { mergeIds: [second.id] });
    expect(merged.body.data).toMatchObject({
      id: first.id,
      phone: '4915160000001',
      tags: ['x', 'y'],
      metadata: { ...metadata, a: 1, b: 2 },
      optedOut: true,
    });
    expect((await client.get(`/contacts/${second.id}`)).status).toBe(404);
    expect((await client.post(`/contacts/${first.id}/merge`, { mergeIds: [second.id] })).status).toBe(404);
  });
});

describe('what WhatsApp knows', () => {
  const validate = (phone: string, query = '', profileId = shop) =>
    client.get(`/contacts/profile/${profileId}/validate/${encodeURIComponent(phone)}${query}`);
  const questions = () =>
    waypost.simulator.stanzaLog().filter(({ direction, content }) => direction === 'in' && content.includes('usync'))
      .length;

  it('numbers are asked for, once, and the answer has its age', async () => {
    const asked = await validate(`+${anaNumber}`);
    expect(asked.body.data).toMatchObject({
      phone: anaNumber,
      originalPhone: `+${anaNumber}`,
      validFormat: true,
      isIndonesian: false,
      countryCode: 'DE',
      onWhatsApp: true,
      lid: ana.account.address('lid').split('@')[0],
      reason: null,
      profileStatus: 'connected',
    });
    const before = questions();
    const again = (await validate(anaNumber)).body.data;
    expect([again.checkedAt, questions()]).toEqual([asked.body.data.checkedAt, before]);
    await validate(anaNumber, '?maxAgeHours=0');
    expect(questions()).toBe(before + 1);
    // Dialled at home: the profile's own number is German.
    const phones = ['0151 55560003', '+4915199999999', 'nonsense', benNumber];
    const many = await client.post(`/contacts/profile/${shop}/validate`, { phones });
    expect(many.body.data).toMatchObject({
      total: 4,
      valid: 3,
      onWhatsApp: 2,
      results: [
        { phone: benNumber, onWhatsApp: true },
        { phone: '4915199999999', validFormat: true, onWhatsApp: false, reason: null },
        { originalPhone: 'nonsense', validFormat: false, onWhatsApp: null, reason: 'INVALID_NUMBER' },
        { phone: benNumber, onWhatsApp: true },
      ],
    });
    const { id } = (await client.post('/contacts', { profileId: shop, phone: '+4915199999999' })).body.data;
    expect((await client.get(`/contacts/${id}`)).body.data).toMatchObject({ onWhatsApp: false });
  });

  it('numbers of no numbering plan are asked for like others; only what can be none is not', async () => {
    const fresh = '15550100002';
    waypost.simulator.person(fresh, { name: 'Fresh' });
    const asked = (await validate(`+${fresh}`)).body.data;
    const known = { phone: fresh, validFormat: true, countryCode: null, onWhatsApp: true, reason: null };
    expect(asked).toMatchObject({ ...known, ageHours: expect.any(Number) });
    const before = questions();
    const good = [`${fresh}@c.us`, '+1 (555) 010-0003', '+999 123456789'];
    const phones = [...good, '123', '+0151 2345678', '1234567890123456'];
    const many = await client.post(`/contacts/profile/${shop}/validate`, { phones });
    const none = { validFormat: false, onWhatsApp: null, reason: 'INVALID_NUMBER' };
    expect(many.body.data).toMatchObject({
      ...{ total: 6, valid: 3, onWhatsApp: 1 },
      results: [
        { ...known, checkedAt: asked.checkedAt },
        { phone: '15550100003', validFormat: true, onWhatsApp: false, reason: null },
        { phone: '999123456789', validFormat: true, onWhatsApp: false, reason: null },
        ...[none, none, none],
      ],
    });
    expect(questions()).toBe(before + 1);
    const unknown = await validate(anaNumber, '?country=XX');
    expect([unknown.status, unknown.body.error.fields[0].path]).toEqual([400, 'country']);
  });

  it('what cannot be asked is not known, and nothing else', async () => {
    const offline = (await validate('+4915188888888', '', desk)).body.data;
    expect(offline).toMatchObject({
      validFormat: true,
      onWhatsApp: null,
      checkedAt: null,
      ageHours: null,
      reason: 'PROFILE_NOT_CONNECTED',
      profileStatus: 'disconnected',
    });
    // What another number of the organization has learnt is known here too.
    expect((await validate(anaNumber, '', desk)).body.data).toMatchObject({ onWhatsApp: true, reason: null });
    expect((await stranger.get(`/contacts/profile/${shop}/validate/${anaNumber}`)).status).toBe(404);
  });

  it('blocking reaches the phone, and back', async () => {
    const { id } = (await client.post('/contacts', { profileId: shop, phone: anaNumber })).body.data;
    const blocked = await client.post(`/contacts/${id}/block`);
    expect([blocked.status, blocked.body.data.isBlocked]).toEqual([200, true]);
    expect(me.profile.blocked).toEqual([anaNumber]);
    expect((await client.post(`/contacts/${id}/block`)).status).toBe(200);
    expect((await client.post(`/contacts/${id}/unblock`)).body.data.isBlocked).toBe(false);
    expect(me.profile.blocked).toEqual([]);
    const told = (await eventsOf(shop)).filter(({ payload }) => payload.contactId === id && 'changes' in payload);
    expect(told.map(({ payload }) => payload.changes)).toEqual([{ blocked: true }, { blocked: false }]);
    const offline = (await keep({ phone: '+4915170000001' })).body.data;
    expect((await client.post(`/contacts/${offline.id}/block`)).body.error.code).toBe('PROFILE_NOT_CONNECTED');
    const nobody = (await client.post('/contacts', { profileId: shop, phone: '+4915199999999' })).body.data;
    expect((await client.post(`/contacts/${nobody.id}/block`)).body.error.code).toBe('NOT_FOUND_ON_WHATSAPP');
  });

  it('the address book of the phone is synced, and new people are tagged', async () => {
    await me.settings.saveContacts({ number: benNumber, name: 'Ben from the phone' });
    const sync = async () => (await client.post('/contacts/sync/whatsapp', { profileId: shop })).body.data;
    const first = await until(async () => {
      const done = await sync();
      return done.success && done.synced === 1 ? done : undefined;
    });
    expect(first).toMatchObject({ success: true, synced: 1, errors: [] });
    expect(await list('tags=whatsapp-sync', shop)).toMatchObject({
      total: 1,
      contacts: [{ phone: benNumber, name: 'Ben from the phone', source: 'whatsapp', tags: ['whatsapp-sync'] }],
    });
    expect(await sync()).toMatchObject({ synced: 1, created: 0, updated: 0 });
    const offline = await client.post('/contacts/sync/whatsapp', { profileId: desk });
    expect(offline.body.error.code).toBe('PROFILE_NOT_CONNECTED');
  });

  it('whoever writes is a contact, who has replied, and whose picture can be seen', async () => {
    const clara = waypost.simulator.person('4915155560009', { name: 'Clara' });
    ana.profile.setPicture();
    const sent = await client.post('/messages/text', { profileId: shop, to: anaNumber, text: 'Hello Ana' });
    expect(sent.status).toBe(201);
    await ana.sendText(ownNumber, 'Hello shop');
    await clara.sendText(ownNumber, 'I am new');
    const replied = { field: 'hasReplied', op: 'is', value: true };
    const query = `filter=${encodeURIComponent(JSON.stringify(replied))}`;
    const page = await until(async () => {
      const found = await list(query, shop);
      return found.contacts.length === 2 ? found : undefined;
    });
    expect(page.contacts.map(({ name, whatsappName }: Record<string, unknown>) => name ?? whatsappName).sort()).toEqual(
      ['Ana on WhatsApp', 'Clara'],
    );
    const contact = page.contacts.find(({ phone }: { phone: string }) => phone === anaNumber);
    expect(contact).toMatchObject({ lastOutboundAt: expect.any(String), lastInboundAt: expect.any(String) });
    const { messages } = (await client.get(`/contacts/${contact.id}/activity?limit=5`)).body.data;
    expect(messages.map(({ content }: { content: { text: string } }) => content.text)).toEqual([
      'Hello shop',
      'Hello Ana',
    ]);
    const created = (await eventsOf(shop)).filter(({ name }) => name === 'contact.created');
    expect(created.map(({ payload }) => payload)).toContainEqual(
      expect.objectContaining({ source: 'message', person: expect.objectContaining({ name: 'Clara' }) }),
    );
    const picture = await fetch(`${waypost.api.url}/api/v1/contacts/${contact.id}/picture`, {
      headers: { authorization: `Bearer ${owner.accessToken}` },
    });
    expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    const [none] = (await list('search=Ben', shop)).contacts;
    expect((await client.get(`/contacts/${none.id}/picture`)).status).toBe(404);
  });
});
