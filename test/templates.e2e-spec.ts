import type { Registered } from '#testing';
import { ApiWithoutEngine } from './api-without-engine.js';

/** Templates over HTTP: kept, filled in, copied, with their history. */
describe('templates', () => {
  let waypost: ApiWithoutEngine;
  let owner: Registered;
  let profileId: string;

  beforeAll(async () => {
    waypost = await ApiWithoutEngine.start();
    owner = await waypost.register();
    profileId = (await owner.client.post('/profiles', { name: 'Shop' })).body.data.id;
  });
  afterAll(() => waypost?.stop());

  const create = (body: object) => owner.client.post('/templates', { profileId, ...body });

  it('are created, found, changed with a version, copied and deleted', async () => {
    const created = await create({
      name: 'Welcome',
      category: 'utility',
      content: { text: 'Hi {{name | default: "there"}}, order {{order.id}}' },
    });
    expect(created.status).toBe(201);
    const { id } = created.body.data;
    expect(created.body.data).toMatchObject({
      profileId,
      messageType: 'text',
      variables: ['name', 'order'],
      version: 1,
      usageCount: 0,
      lastUsedAt: null,
    });
    for (const query of ['category=utility', 'search=ORDER', 'search=welc', `profileId=${profileId}`]) {
      const { data } = (await owner.client.get(`/templates?${query}`)).body;
      expect(data.map((each: { id: string }) => each.id)).toContain(id);
    }
    for (const query of ['category=marketing', 'search=100%25', 'search=nowhere']) {
      expect((await owner.client.get(`/templates?${query}`)).body.data).toEqual([]);
    }
    const renamed = await owner.client.put(`/templates/${id}`, { name: 'Hello', category: null });
    expect(renamed.body.data).toMatchObject({ name: 'Hello', category: null, version: 1 });
    const changed = await owner.client.put(`/templates/${id}`, { content: { text: 'Bye {{name}}' } });
    expect(changed.body.data).toMatchObject({ version: 2, variables: ['name'] });
    const versions = (await owner.client.get(`/templates/${id}/versions?limit=1`)).body;
    expect(versions.data).toMatchObject([{ version: 2, content: { text: 'Bye {{name}}' } }]);
    const older = (await owner.client.get(`/templates/${id}/versions?cursor=${versions.meta.nextCursor}`)).body;
    expect(older.data.map((each: { version: number }) => each.version)).toEqual([1]);

    const copy = await owner.client.post(`/templates/${id}/duplicate`, { name: 'Hello again' });
    expect(copy.body.data).toMatchObject({ name: 'Hello again', version: 1, content: { text: 'Bye {{name}}' } });
    expect((await owner.client.delete(`/templates/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await owner.client.get(`/templates/${id}`)).status).toBe(404);
    expect((await owner.client.get(`/templates/${copy.body.data.id}`)).status).toBe(200);
  });

  it('have one name each within a profile', async () => {
    const first = await create({ name: 'Taken', content: { text: 'a' } });
    const second = await create({ name: 'Taken', content: { text: 'b' } });
    expect([second.status, second.body.error.code]).toEqual([409, 'TEMPLATE_NAME_TAKEN']);
    const other = (await owner.client.post('/profiles', { name: 'Other' })).body.data.id;
    expect((await create({ profileId: other, name: 'Taken', content: { text: 'c' } })).status).toBe(201);
    const third = (await create({ name: 'Free', content: { text: 'd' } })).body.data;
    for (const answer of [
      await owner.client.put(`/templates/${third.id}`, { name: 'Taken' }),
      await owner.client.post(`/templates/${first.body.data.id}/duplicate`, { name: 'Taken' }),
    ]) {
      expect([answer.status, answer.body.error.code]).toEqual([409, 'TEMPLATE_NAME_TAKEN']);
    }
  });

  it('show what they would say', async () => {
    const content = { url: 'https://example.com/{{file}}.jpg', caption: '{{ at | date: "%d.%m. %H:%M" }} {{who}}' };
    const { id } = (await create({ name: 'Offer', messageType: 'image', content })).body.data;
    const preview = await owner.client.post(`/templates/${id}/preview`, {
      variables: { file: 'tea', at: '2026-07-01T22:30:00Z' },
      timeZone: 'Europe/Berlin',
    });
    expect([preview.status, preview.body.data]).toEqual([
      200,
      {
        template: 'Offer',
        original: content,
        rendered: { url: 'https://example.com/tea.jpg', caption: '02.07. 00:30 {{who}}' },
        variables: ['file', 'at', 'who'],
        missing: ['who'],
      },
    ]);
    const zone = await owner.client.post(`/templates/${id}/preview`, { timeZone: 'Atlantis' });
    expect([zone.status, zone.body.error.fields[0].path]).toEqual([400, 'timeZone']);
  });

  it('show what they would say to a contact, to who may read it', async () => {
    const person = { phone: '+4915112345670', name: 'Ada', metadata: { plan: 'gold' } };
    const contactId = (await owner.client.post('/contacts', { profileId, ...person })).body.data.id;
    const text = '{{name}} ({{contact.plan}}, {{phone}}): {{code}} {{greeting}}';
    const { id } = (await create({ name: 'To somebody', content: { text } })).body.data;
    const preview = async (by: Registered['client'], body: object) =>
      (await by.post(`/templates/${id}/preview`, body)).body;
    expect(
      (await preview(owner.client, { contactId, variables: { code: 'A1', name: 'Lady Ada' } })).data,
    ).toMatchObject({
      rendered: { text: 'Lady Ada (gold, 4915112345670): A1 {{greeting}}' },
      missing: ['greeting'],
    });
    for (const [by, asked] of [
      [await owner.client.withKey(['templates.read']), contactId],
      [owner.client, profileId],
    ] as const) {
      expect((await preview(by, { contactId: asked })).error).toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  it.each<[string, object, string, RegExp]>([
    ['no language', { content: { text: 'line\n{% if x %}' } }, 'content.text', /line 2, column 1/],
    ['a file of the server', { content: { text: '{% include "/etc/passwd" %}' } }, 'content.text', /include/],
    ['no words', { content: { text: ' ' } }, 'content.text', /empty/],
    [
      'words of another kind',
      { messageType: 'image', content: { url: 'https://x.example', text: 'x' } },
      'content.text',
      /image/,
    ],
    ['no file', { messageType: 'image', content: { caption: 'x' } }, 'content.url', /empty/],
  ])('are refused with %s', async (_what, body, path, message) => {
    const answer = await create({ name: 'Refused', ...body });
    expect([answer.status, answer.body.error.fields[0].path]).toEqual([400, path]);
    expect(answer.body.error.fields[0].message).toMatch(message);
  });

  it('cannot take the server down', async () => {
    const loop = '{% for a in (1..90000) %}{% for b in (1..90000) %}{{a}}{% endfor %}{% endfor %}';
    const { id } = (await create({ name: 'Loop', content: { text: loop } })).body.data;
    const preview = await owner.client.post(`/templates/${id}/preview`, {});
    expect([preview.status, preview.body.error.fields[0].path]).toEqual([400, 'content.text']);
  });

  it('are sent as what they say at that moment, and counted', async () => {
    const from = await waypost.profile(owner);
    const content = { text: 'Hi {{name}}, {{ note | default: "bye" }}' };
    const { id } = (await create({ name: 'Sent', content })).body.data;
    const send = (variables: object) =>
      owner.client.post('/messages/template', {
        profileId: from,
        to: '4915112345678',
        templateId: id,
        variables,
        wait: 0,
      });
    const sent = await send({ name: 'Ada {{x}}' });
    expect([sent.status, sent.body.data.status]).toEqual([202, 'queued']);
    await owner.client.put(`/templates/${id}`, { content: { text: 'Later words' } });
    const message = (await owner.client.get(`/messages/${sent.body.data.id ?? sent.body.data.messageId}`)).body.data;
    expect(message.body).toBe('Hi Ada {{x}}, bye');
    expect((await owner.client.get(`/templates/${id}`)).body.data).toMatchObject({
      usageCount: 1,
      lastUsedAt: expect.any(String),
    });
  });

  it('are not sent with holes in them', async () => {
    const from = await waypost.profile(owner);
    const { id } = (await create({ name: 'Holes', content: { text: 'Hi {{name}} {{order.id}}' } })).body.data;
    const body = { profileId: from, to: '4915112345678', templateId: id, wait: 0 };
    const answer = await owner.client.post('/messages/template', { ...body, variables: { name: null } });
    expect([answer.status, answer.body.error.code]).toEqual([422, 'TEMPLATE_VARIABLES_MISSING']);
    expect(answer.body.error.details).toEqual({ missing: ['name', 'order'] });
    expect((await owner.client.get(`/templates/${id}`)).body.data.usageCount).toBe(0);
    const gone = { ...body, templateId: '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90' };
    expect((await owner.client.post('/messages/template', gone)).status).toBe(404);
  });

  it("of another organization's profile cannot be made", async () => {
    const stranger = await waypost.register();
    const answer = await stranger.client.post('/templates', { profileId, name: 'x', content: { text: 'x' } });
    expect(answer.status).toBe(404);
  });
});
