import { createHmac } from 'node:crypto';
import { Database, Sealer } from '#database';
import type { Person } from '#simulator';
import { type ApiAnswer, ApiClient, type ApiClient as Client, type Registered, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';
import { Told } from './told.js';

/** Incoming hooks through the whole product: what other systems post, and what the other phone got of it. */

const friendNumber = '15550510002';

let waypost: Installation;
let owner: Registered;
let client: Client;
let profileId: string;
let friend: Person;
let told: Told;

beforeAll(async () => {
  waypost = await Installation.start();
  friend = waypost.simulator.person(friendNumber, { name: 'Ana' });
  owner = await ApiClient.register(waypost.api.url);
  ({ client } = owner);
  profileId = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: '15550510001', name: 'Shop' });
  told = await Told.begin(waypost.api.url, client, owner.accessToken, profileId);
}, 60_000);

afterAll(async () => {
  await told?.end();
  await waypost?.stop();
}, 60_000);

const text = (said: string, when: object[] = []) => ({
  kind: 'send_message',
  when,
  to: '{{ body.phone }}',
  message: { kind: 'text', text: said },
});

async function createHook(given: object = {}) {
  const created = await client.post('/hooks', {
    profileId,
    name: 'Orders',
    actions: [text('Order {{ body.id }}')],
    ...given,
  });
  expect([created.status, created.body.error]).toEqual([201, undefined]);
  return created.body.data as { id: string; url: string; secret: string };
}

/** Posts as another system would: to the address, with nothing of ours. */
async function post(url: string, body: string | object, headers: Record<string, string> = {}) {
  const sent = typeof body === 'string' ? body : JSON.stringify(body);
  const local = url.replace(/^https?:\/\/[^/]+/, waypost.api.url);
  const type = { 'content-type': 'application/json' };
  const answer = await fetch(local, { method: 'POST', headers: { ...type, ...headers }, body: sent });
  return { status: answer.status, body: (await answer.json()) as ApiAnswer['body'] };
}
const sign = (secret: string, body: string) => createHmac('sha256', secret).update(body).digest('hex');

const ended = (hookId: string, requestId: string) =>
  until(async () => {
    const { data } = (await client.get(`/hooks/${hookId}/requests/${requestId}`)).body;
    return data.state === 'queued' ? undefined : data;
  });

it('a signed request is answered at once and its message arrives, once, however often it is delivered', async () => {
  const hook = await createHook({
    verification: { kind: 'github' },
    actions: [
      text('new: {{ body.id }}', [{ path: '/headers/x-github-event', operator: 'equals', value: 'order' }]),
      text('all: {{ body.id }}'),
    ],
  });
  expect(hook.url).toMatch(/\/api\/v1\/hooks\/in\/wph_[\w-]{43}$/);
  const body = JSON.stringify({ id: 'A-1', phone: friendNumber });
  const headers = {
    'x-hub-signature-256': `sha256=${sign(hook.secret, body)}`,
    'x-github-delivery': 'delivery-1',
    'x-github-event': 'order',
  };
  const answers = await Promise.all([post(hook.url, body, headers), post(hook.url, body, headers)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202]);
  const ids = answers.map((answer) => answer.body.data.requestId);
  expect(ids[0]).toBe(ids[1]);
  expect(answers.map((answer) => answer.body.data.repeat).sort()).toEqual([false, true]);

  const request = await ended(hook.id, ids[0]);
  expect(request).toMatchObject({
    state: 'done',
    source: 'received',
    attempts: 1,
    deliveryKey: 'delivery-1',
    error: null,
    body: { id: 'A-1', phone: friendNumber },
    results: [
      { kind: 'send_message', applied: true },
      { kind: 'send_message', applied: true },
    ],
  });
  expect(request.headers).toMatchObject({ 'x-github-event': 'order', 'x-hub-signature-256': '***' });
  for (const [index, said] of ['new: A-1', 'all: A-1'].entries()) {
    const message = (await client.get(`/messages/${request.results[index].messageId}`)).body.data;
    expect((await friend.expectMessage({ id: message.waMessageId })).text).toBe(said);
  }
  expect((await post(hook.url, body, headers)).body.data).toEqual({ requestId: ids[0], repeat: true });

  // The log of the profile names the hook as who caused the messages, and tells of the request.
  const events = (await client.get(`/events?profileId=${profileId}&limit=100`)).body.data as {
    name: string;
    actor: { kind: string; id?: string };
  }[];
  const own = events.filter(({ actor }) => actor.kind === 'hook' && actor.id === hook.id);
  expect(own.map(({ name }) => name).filter((name) => !name.startsWith('message.s'))).toEqual([
    'hook.received',
    'message.queued',
    'message.queued',
    'hook.completed',
  ]);
});

it('a template is filled in, a form is read, and what does not apply is skipped', async () => {
  const template = await client.post('/templates', {
    profileId,
    name: 'Hello',
    content: { text: 'Hi {{name}}, {{n}}!' },
  });
  const hook = await createHook({
    verification: { kind: 'none' },
    defaultCountry: 'US',
    actions: [
      {
        kind: 'send_template',
        when: [{ path: '/body/name', operator: 'exists' }],
        to: '{{ body.phone }}',
        templateId: template.body.data.id,
        variables: { name: '{{ body.name | capitalize }}', n: { path: '/query/n' } },
      },
    ],
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const sent = await post(`${hook.url}?n=5`, `phone=%2B${friendNumber}&name=ada`, form);
  const request = await ended(hook.id, sent.body.data.requestId);
  expect(request).toMatchObject({ state: 'done', query: { n: '5' } });
  const message = (await client.get(`/messages/${request.results[0].messageId}`)).body.data;
  expect((await friend.expectMessage({ id: message.waMessageId })).text).toBe('Hi Ada, 5!');
  const skipped = await post(hook.url, { phone: friendNumber });
  expect(await ended(hook.id, skipped.body.data.requestId)).toMatchObject({
    state: 'skipped',
    results: [{ kind: 'send_template', applied: false }],
  });
});

it('a contact is kept and tagged, and each request starts a broadcast of its own, which the other phone gets', async () => {
  const drafted = await client.post('/broadcast', {
    ...{ profileId, name: 'News', message: { type: 'text', text: '{{ name }}, read {{ title }}' } },
    ...{ recipients: { type: 'tags', value: ['reader'] }, settings: { delayMin: 0, delayMax: 0 } },
  });
  const broadcastId = drafted.body.data.id;
  const phone = '{{ body.who.phone }}';
  const hook = await createHook({
    verification: { kind: 'none' },
    actions: [
      { kind: 'remove_tags', phone, tags: 'nobody has it' },
      {
        ...{
          kind: 'upsert_contact',
          phone,
          name: '{{ body.who.name | capitalize }}',
          tags: { path: '/body/who/tags' },
        },
        metadata: { plan: '{{ body.plan }}', since: { path: '/body/since' } },
      },
      { kind: 'add_tags', phone, tags: ['Reader', '{{ body.plan }}'] },
      { kind: 'remove_tags', phone, tags: ['NEW'] },
      {
        kind: 'start_broadcast',
        broadcastId,
        name: 'News: {{ body.title }}',
        variables: { title: '{{ body.title }}' },
      },
    ],
  });
  const body = { who: { phone: friendNumber, name: 'ana', tags: ['new'] }, plan: 'gold', since: 2021, title: 'Tea' };
  const tried = (await client.post(`/hooks/${hook.id}/dry-run`, { body })).body.data;
  expect(tried.map(({ plan }: { plan: object }) => plan)).toMatchObject([
    { tags: ['nobody has it'] },
    { phone: friendNumber, name: 'Ana', tags: ['new'], metadata: { plan: 'gold', since: 2021 } },
    { phone: friendNumber, tags: ['Reader', 'gold'] },
    { tags: ['NEW'] },
    { broadcastId, name: 'News: Tea', variables: { title: 'Tea' } },
  ]);
  const strange = { who: { phone: '15550517777' } };
  const actions = [
    { kind: 'add_tags', phone, tags: 'x' },
    { kind: 'upsert_contact', phone },
    { kind: 'add_tags', phone, tags: 'x' },
  ];
  const foreseen = (await client.post(`/hooks/${hook.id}/dry-run`, { body: strange, actions })).body.data;
  expect(foreseen.map(({ problem }: { problem: { code: string } | null }) => problem?.code)).toEqual([
    'NOT_FOUND',
    undefined,
    undefined,
  ]);
  expect((await client.get(`/contacts?profileId=${profileId}&tags=new`)).body.data.contacts).toEqual([]);

  const sent = await post(hook.url, body);
  const request = await ended(hook.id, sent.body.data.requestId);
  const { contactId } = request.results[1];
  const started = request.results[4].broadcastId;
  expect([request.state, request.error]).toEqual(['done', null]);
  expect(request.results).toMatchObject([
    { kind: 'remove_tags', applied: true },
    { kind: 'upsert_contact', applied: true, contactId },
    { kind: 'add_tags', applied: true, contactId },
    { kind: 'remove_tags', applied: true, contactId },
    { kind: 'start_broadcast', applied: true, broadcastId: started },
  ]);
  const contact = (await client.get(`/contacts/${contactId}`)).body.data;
  expect(contact).toMatchObject({ name: 'Ana', metadata: { plan: 'gold', since: 2021 } });
  expect(contact.tags.sort()).toEqual(['Reader', 'gold']);
  await friend.expectMessage('Ana, read Tea');
  expect((await client.get(`/broadcast/${started}`)).body.data).toMatchObject({ name: 'News: Tea', profileId });

  const again = await client.post(`/hooks/${hook.id}/test`, { body: { ...body, title: 'Milk' } });
  const second = await ended(hook.id, again.body.data.id);
  await friend.expectMessage('Ana, read Milk');
  expect(second.results[4].broadcastId).not.toBe(started);
  expect((await client.get(`/broadcast/${broadcastId}`)).body.data.status).toBe('draft');

  const stranger = await post(hook.url, { ...body, who: { phone: '15550519999' }, since: 'x' });
  expect((await ended(hook.id, stranger.body.data.requestId)).state).toBe('done');
  await client.put(`/hooks/${hook.id}`, { actions: [{ kind: 'add_tags', phone, tags: 'x' }] });
  const nobody = await post(hook.url, { who: { phone: '15550518888' } });
  expect(await ended(hook.id, nobody.body.data.requestId)).toMatchObject({
    state: 'failed',
    error: { code: 'NOT_FOUND', message: expect.stringContaining('upsert_contact') },
  });
});

it('an address that takes nothing is not there, whatever the reason; others say what is wrong', async () => {
  const hook = await createHook({ verification: { kind: 'bearer' } });
  const proof = { authorization: `Bearer ${hook.secret}` };
  const off = await createHook({ enabled: false });
  const unknown = `${hook.url.slice(0, -3)}xyz`;
  const refusals = await Promise.all([post(unknown, {}), post(off.url, {})]);
  expect(refusals.map(({ status, body }) => [status, body.error])).toEqual([
    [404, refusals[0]!.body.error],
    [404, refusals[0]!.body.error],
  ]);

  expect((await post(hook.url, {}, { authorization: 'Bearer other' })).body.error.code).toBe('HOOK_NOT_VERIFIED');
  expect((await post(hook.url, '{', proof)).body.error.code).toBe('MALFORMED_JSON');
  expect((await post(hook.url, '<a/>', { ...proof, 'content-type': 'text/xml' })).status).toBe(415);
  expect((await post(hook.url, JSON.stringify('x'.repeat(300_000)), proof)).status).toBe(413);
  const listed = (await client.get(`/hooks/${hook.id}/requests?state=rejected`)).body.data;
  expect(listed.map(({ error }: { error: { code: string } }) => error.code)).toEqual([
    'UNSUPPORTED_MEDIA_TYPE',
    'MALFORMED_JSON',
    'HOOK_NOT_VERIFIED',
  ]);
  const { data } = (await client.get(`/hooks/${hook.id}/requests/${listed[0].id}`)).body;
  expect([data.body, data.headers]).toEqual([null, null]);
  const replayed = await client.post(`/hooks/${hook.id}/requests/${listed[0].id}/replay`);
  expect([replayed.status, replayed.body.error.code]).toEqual([409, 'HOOK_REQUEST_FORGOTTEN']);

  await client.put(`/hooks/${hook.id}`, { allowedIps: ['203.0.113.0/24'] });
  expect((await post(hook.url, {}, proof)).body.error.code).toBe('HOOK_ADDRESS_REFUSED');
  await client.put(`/hooks/${hook.id}`, { allowedIps: [], ratePerMinute: 2 });
  const statuses = [];
  for (let n = 0; n < 4; n++) statuses.push((await post(hook.url, {}, proof)).status);
  expect(statuses).toContain(429);
});

it('what cannot be done fails by name, is told of, and can be worked on again once the mapping is right', async () => {
  const hook = await createHook({ verification: { kind: 'none' }, actions: [text('First'), text('{{ body.x }}')] });
  const sent = await post(hook.url, { phone: friendNumber, y: 'later words' });
  const { requestId } = sent.body.data;
  expect(await ended(hook.id, requestId)).toMatchObject({
    state: 'failed',
    error: { code: 'HOOK_MAPPING_FAILED', message: expect.stringContaining('message.text must not be empty') },
    results: [{ applied: true }],
  });
  const tried = (await client.post(`/hooks/${hook.id}/dry-run`, { requestId })).body.data;
  expect(tried).toMatchObject([
    { applies: true, plan: { to: `${friendNumber}@s.whatsapp.net`, message: { kind: 'text', text: 'First' } } },
    { applies: true, plan: null, problem: { code: 'HOOK_MAPPING_FAILED' } },
  ]);
  const actions = [text('{{ body.y }}')];
  const other = (await client.post(`/hooks/${hook.id}/dry-run`, { requestId, actions })).body.data;
  expect(other[0].plan.message.text).toBe('later words');
  await client.put(`/hooks/${hook.id}`, { actions });
  const again = await client.post(`/hooks/${hook.id}/requests/${requestId}/replay`);
  expect([again.status, again.body.data.source, again.body.data.replayOf]).toEqual([202, 'replay', requestId]);
  const done = await ended(hook.id, again.body.data.id);
  const message = (await client.get(`/messages/${done.results[0].messageId}`)).body.data;
  expect((await friend.expectMessage({ id: message.waMessageId })).text).toBe('later words');

  const test = await client.post(`/hooks/${hook.id}/test`, { body: { phone: friendNumber, y: 'a sample' } });
  expect(await ended(hook.id, test.body.data.id)).toMatchObject({ state: 'done', source: 'test' });
  const statistics = (await client.get(`/hooks/${hook.id}/statistics?days=2`)).body.data;
  expect(statistics.totals).toEqual({ done: 2, failed: 1 });
  const failures = (await client.get(`/events?profileId=${profileId}&limit=200`)).body.data.filter(
    ({ name, payload }: { name: string; payload: { hookId: string } }) =>
      name === 'hook.failed' && payload.hookId === hook.id,
  );
  expect(failures).toMatchObject([{ payload: { requestId, action: 1, code: 'HOOK_MAPPING_FAILED' } }]);
});

it('another address, with the old one going on for a while; secrets are shown once', async () => {
  const hook = await createHook({
    verification: { kind: 'none' },
    actions: [text('x', [{ path: '/body/never', operator: 'exists' }])],
  });
  const rotated = await client.post(`/hooks/${hook.id}/rotate`, { overlapSeconds: 600 });
  expect([rotated.status, rotated.body.data.url === hook.url]).toEqual([201, false]);
  expect((await post(hook.url, {})).status).toBe(202);
  expect((await post(rotated.body.data.url, {})).status).toBe(202);
  await client.post(`/hooks/${hook.id}/rotate`);
  expect((await post(rotated.body.data.url, {})).status).toBe(404);
  const shown = (await client.get(`/hooks/${hook.id}`)).text + (await client.get('/hooks')).text;
  expect(shown).not.toMatch(/wph_|"url"|"secret"/);
  const bearer = await client.put(`/hooks/${hook.id}`, { verification: { kind: 'bearer' } });
  expect(bearer.body.data.secret).toMatch(/^[\w-]{43}$/);
  const same = await client.put(`/hooks/${hook.id}`, { verification: { kind: 'bearer' } });
  expect(same.body.data).toMatchObject({ secret: null, verification: { kind: 'bearer', hasSecret: true } });
  expect((await client.delete(`/hooks/${hook.id}`)).body.data).toEqual({ id: hook.id, deleted: true });
  expect((await client.get(`/hooks/${hook.id}/requests`)).status).toBe(404);
});

it('nobody has a hook do what they may not do, and the body for a webhook is shown its way', async () => {
  const outgoing = await client.post('/hooks', { url: 'https://example.com', events: ['*'] });
  expect([outgoing.status, outgoing.body.error.fields[0].path]).toEqual([400, 'url']);
  expect(outgoing.body.error.fields[0].message).toContain('/api/v1/webhooks');
  const key = await client.withKey(['hooks.read', 'hooks.write']);
  const draft = { profileId, name: 'x', actions: [text('x')] };
  const refused = await key.post('/hooks', draft);
  expect([refused.status, refused.body.error.details]).toEqual([403, { permission: 'messages.send' }]);
  const stripe = await client.post('/hooks', { ...draft, verification: { kind: 'stripe' } });
  expect(stripe.body.error.fields[0].path).toBe('verification.secret');
  const missing = { kind: 'send_template', to: '1', templateId: '0198c2f0-9b12-7c44-85d7-4b5c6d7e8f90' };
  const template = await client.post('/hooks', { ...draft, actions: [missing] });
  expect(template.body.error.fields[0].path).toBe('actions.0.templateId');
  const tagging = { ...draft, actions: [{ kind: 'add_tags', phone: '{{ body.phone }}', tags: 'x' }] };
  expect((await key.post('/hooks', tagging)).body.error.details).toEqual({ permission: 'contacts.write' });
  const starting = (broadcastId: string) => ({ ...draft, actions: [{ kind: 'start_broadcast', broadcastId }] });
  expect((await key.post('/hooks', starting(missing.templateId))).body.error.details.permission).toMatch(/^broadcasts/);
  const unknown = await client.post('/hooks', starting(missing.templateId));
  expect(unknown.body.error.fields[0].path).toBe('actions.0.broadcastId');
  const bare = await client.post('/hooks', {
    ...draft,
    actions: [{ kind: 'remove_tags' }, { kind: 'start_broadcast' }],
  });
  expect(bare.body.error.fields.map(({ path }: { path: string }) => path)).toEqual([
    'actions.0.phone',
    'actions.0.tags',
    'actions.1.broadcastId',
  ]);
  const stranger = await ApiClient.register(waypost.api.url);
  expect((await stranger.client.post('/hooks', draft)).status).toBe(404);
});

it('a worker that died leaves its request to the next, which goes on where it was', async () => {
  const hook = await createHook({ verification: { kind: 'none' }, actions: [text('never twice'), text('the rest')] });
  const db = await Database.open(waypost.config.database, 'hooks spec');
  try {
    // As if one worker had done the first action and died: the claim has run out.
    const [{ id: requestId }] = (await db.query(
      `insert into hook_requests (id, organization_id, profile_id, hook_id, source, state, size_bytes, content_sealed, results, attempts)
       select gen_random_uuid(), organization_id, profile_id, id, 'received', 'queued', 0, null,
              '[{"kind":"send_message","applied":true}]', 1 from hooks where id = $1 returning id`,
      [hook.id],
    )) as [{ id: string }];
    const sealer = await Sealer.open(db, waypost.config.secrets).forOrganization(owner.organizationId);
    const content = { headers: {}, query: {}, body: { phone: friendNumber } };
    const sealed = sealer.seal(JSON.stringify(content), `hook.request:${requestId}`);
    await db.query('update hook_requests set content_sealed = $2 where id = $1', [requestId, sealed]);
    await db.query('update hook_requests set next_attempt_at = now() where id = $1', [requestId]);
    db.wake('hooks', hook.id);
    const request = await ended(hook.id, requestId);
    expect([request.state, request.attempts, request.results.length]).toEqual(['done', 2, 2]);
    const message = (await client.get(`/messages/${request.results[1].messageId}`)).body.data;
    expect((await friend.expectMessage({ id: message.waMessageId })).text).toBe('the rest');
  } finally {
    await db.close();
  }
});

it('all that was told of it is as the AsyncAPI document says', async () => {
  const { events, problems } = await told.problems();
  expect(problems).toEqual([]);
  expect(events).toEqual(
    expect.arrayContaining(['broadcast.started', 'contact.tagged', 'hook.completed', 'hook.failed', 'message.sent']),
  );
});
