import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import yauzl from 'yauzl';
import { type AccountId, type MessageId, newId, type OrganizationId, type UserId, type WorkspaceId } from '#contracts';
import { appendEvents, Database } from '#database';
import { DiskStorage } from '#storage';
import { ApiClient, buildProfile, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';
import { erasedTables } from './erased-tables.js';

const publicUrl = 'https://waypost.test';

let test: TestDatabase;
let db: Database;
let api: RunningApi;
let worker: RunningWorker;
let owner: Registered;

beforeAll(async () => {
  test = await createTestDatabase({ http: { publicUrl: `${publicUrl}/` } });
  db = await Database.open(test.config.database, 'privacy spec');
  api = await startApi(test.config);
  worker = await startWorker(test.config);
});
beforeEach(async () => {
  owner = await ApiClient.register(api.url);
});
afterAll(async () => {
  await worker?.stop();
  await api?.stop();
  await db?.close();
  await test?.drop();
});

const phone = () => `49${String(Math.floor(Math.random() * 1e10)).padStart(10, '0')}`;

interface Contact {
  profileId: string;
  personId: string;
  contactId: string;
  conversationId: string;
  phone: string;
  name: string;
  secret: string;
  messageIds: MessageId[];
  mediaKey: string;
}

/** A contact with a conversation, a file, events, a webhook that was told of them, and an entry in the audit trail. */
async function buildContact(of: Registered): Promise<Contact> {
  const { organizationId, userId } = of as unknown as { organizationId: OrganizationId; userId: UserId };
  const [account] = await db.query<{ accountId: AccountId; workspaceId: WorkspaceId }>(
    'select id as "accountId", workspace_id as "workspaceId" from accounts where organization_id = $1 limit 1',
    [organizationId],
  );
  const { profileId } = await buildProfile(db, { in: { organizationId, userId, ...account! }, phoneNumber: phone() });
  const newText = () => newId<string>();
  const [personId, contactId, conversationId, mediaId] = [newText(), newText(), newText(), newText()];
  const digits = phone();
  const word = createHash('sha256').update(digits).digest('hex').slice(0, 8);
  const [name, secret] = [`Zacharias ${word}`, `the treasure lies under ${word}`];
  const storage = await DiskStorage.open(test.config.storage.dataDir);
  const stored = await storage.write(Readable.from([Buffer.from(`picture of ${word}`)]), { maxBytes: 1000 });
  const insert = (table: string, row: Record<string, unknown>) =>
    db.query(
      `insert into ${table} (${Object.keys(row)}) values (${Object.keys(row).map((_, index) => `$${index + 1}`)})`,
      Object.values(row),
    );
  const organization_id = organizationId;
  await insert('persons', { id: personId, organization_id });
  await insert('identities', { id: newId(), organization_id, person_id: personId, kind: 'phone', value: digits });
  await insert('contacts', {
    ...{ id: contactId, organization_id, profile_id: profileId, person_id: personId, name },
    push_name: name,
    custom_fields: JSON.stringify({ note: `${name} likes ${secret}` }),
  });
  await insert('contact_tags', {
    contact_id: contactId,
    organization_id,
    profile_id: profileId,
    tag: `friend of ${name}`,
  });
  await insert('opt_out_changes', {
    ...{ id: newId(), organization_id, profile_id: profileId, person_id: personId, is_opted_out: true },
    ...{ source: 'user', reason: `${name} said ${secret}` },
  });
  await insert('number_checks', { organization_id, phone: digits, exists: true, checked_at: new Date() });
  await insert('conversations', { id: conversationId, organization_id, profile_id: profileId, person_id: personId });
  await insert('media_objects', {
    ...{ id: mediaId, organization_id, storage_key: stored.storageKey, mime_type: 'image/png' },
    ...{ size_bytes: stored.sizeBytes, sha256: stored.sha256, file_name: `${name}.png` },
  });
  await insert('engine_keys', {
    ...{ profile_id: profileId, organization_id, type: 'session', key_id: `${digits}.0`, sealed: Buffer.from('x') },
  });
  const contents = [
    { kind: 'text', text: secret },
    { kind: 'image', caption: secret, media: { mediaId, mimeType: 'image/png', sizeBytes: 1, sha256: stored.sha256 } },
  ];
  const messageIds = contents.map(() => newId<MessageId>());
  for (const [index, content] of contents.entries()) {
    const id = messageIds[index]!;
    const wa = `3EB0${id.slice(-12)}`;
    await insert('messages', {
      ...{ id, organization_id, profile_id: profileId, conversation_id: conversationId, direction: 'incoming' },
      ...{ wa_message_id: wa, kind: content.kind, content: JSON.stringify(content), state: 'received' },
      sent_at: new Date(),
    });
    await insert('message_keys', {
      ...{ profile_id: profileId, wa_message_id: wa, from_me: false, organization_id, message_id: id },
    });
    await insert('inbox_journal', {
      ...{ profile_id: profileId, journal_id: `${digits}@s.whatsapp.net||${wa}|0|0`, organization_id },
      ...{ wa_message_id: wa, sealed: Buffer.from('x') },
    });
    const [event] = await db.system((tx) =>
      appendEvents(tx, [
        {
          ...{ organizationId, profileId, conversationId, name: 'message.received', actor: { kind: 'whatsapp' } },
          payload: {
            ...{ messageId: id, waMessageId: wa, conversationId, chatId: `${digits}@s.whatsapp.net` },
            from: { personId, phone: digits, lid: null, name },
            ...{ content: content as never, quotedWaMessageId: null, sentAt: new Date().toISOString() },
          },
        },
      ]),
    );
    const [webhookId, deliveryId] = [newId<string>(), newId<string>()];
    await insert('webhooks', {
      ...{ id: webhookId, organization_id, profile_id: profileId, url: 'https://example.com/hook', events: ['*'] },
      ...{ secret_sealed: Buffer.from('x'), updated_at: new Date(), enabled: false },
    });
    await insert('webhook_deliveries', {
      ...{ id: deliveryId, organization_id, webhook_id: webhookId, event_id: event!.id, state: 'succeeded' },
      ...{ event_name: 'message.received', ordering_key: conversationId },
      ...{ only_try_ms: 1, only_try_answer: `thanks, ${name} (${digits}): ${secret}` },
    });
    await insert('webhook_attempts', {
      ...{ id: newId(), organization_id, delivery_id: deliveryId, attempt: 1, duration_ms: 1 },
      response_body: `thanks, ${name} (${digits}): ${secret}`,
    });
  }
  return {
    profileId,
    personId,
    contactId,
    conversationId,
    phone: digits,
    name,
    secret,
    messageIds,
    mediaKey: stored.storageKey,
  };
}

/** Every row of every table that contains the word, as `table: row`. */
async function whereIn(word: string): Promise<string[]> {
  const superuser = new pg.Client(test.superuserUrl);
  await superuser.connect();
  const { rows: tables } = await superuser.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await superuser.query<{ row: string }>(
      `select t::text as row from ${name} t where strpos(t::text, $1) > 0`,
      [word],
    );
    found.push(...rows.map(({ row }) => `${name}: ${row}`));
  }
  await superuser.end();
  return found;
}

const tablesOf = (rows: string[]) => [...new Set(rows.map((row) => row.split(':')[0]!))].sort();

async function unzip(bytes: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.fromBuffer(bytes, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  );
  await new Promise<void>((resolve, reject) => {
    zip.on('end', resolve);
    zip.on('error', reject);
    zip.on('entry', (entry: yauzl.Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        text(stream).then((content) => {
          files[entry.fileName] = content;
          zip.readEntry();
        }, reject);
      });
    });
    zip.readEntry();
  });
  return files;
}

/** As a proxy does that people reach the installation by. */
const fetchFile = async (link: string) => {
  expect(link).toContain(`${publicUrl}/api/v1/account/exports/download?token=`);
  return fetch(link.replace(publicUrl, api.url));
};
const erased = (client: ApiClient, path: string) =>
  until(
    async () => {
      const { body } = await client.get(path);
      if (body.data?.state === 'failed') throw new Error(JSON.stringify(body.data));
      return body.data?.state === 'completed' && body.data;
    },
    { withinMs: 30_000, what: 'the erasure' },
  );

describe('copies of personal data', () => {
  it('makes a zip of what is known of a person, which only they can fetch, by a link that expires', async () => {
    const first = await owner.client.get('/account/export');
    expect(first.body.data).toMatchObject({ kind: 'user', state: 'queued', downloadUrl: null });
    const ready = await until(
      async () => {
        const { body } = await owner.client.get('/account/export');
        return body.data.state === 'ready' && body.data;
      },
      { withinMs: 30_000, what: 'the copy' },
    );
    expect(ready.id).toBe(first.body.data.id);
    const answer = await fetchFile(ready.downloadUrl);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const files = await unzip(Buffer.from(await answer.arrayBuffer()));
    expect(JSON.parse(files['account.json']!)[0]).toMatchObject({ email: owner.email, id: owner.userId });
    expect(files['activity.ndjson']).toContain('privacy.export_request');
    expect(Object.values(files).join()).not.toMatch(/argon2|password_hash|passwordHash/);
    expect(JSON.parse(files['manifest.json']!).contents['sessions.json']).toBe(1);

    const stranger = await ApiClient.register(api.url);
    expect((await stranger.client.get(`/account/exports/${ready.id}`)).status).toBe(404);
    for (const forged of [
      ready.downloadUrl.replace(/.$/, (c: string) => (c === 'A' ? 'B' : 'A')),
      `${publicUrl}/api/v1/account/exports/download?token=x`,
    ]) {
      expect((await fetchFile(forged)).status).toBe(400);
    }
    expect((await owner.client.delete(`/account/exports/${ready.id}`)).status).toBe(200);
    expect((await fetchFile(ready.downloadUrl)).status).toBe(400);
  });

  it('takes over a copy whose worker died, and takes no key for a person', async () => {
    const key = await owner.client.withKey(['*']);
    expect((await key.get('/account/export')).status).toBe(403);
    const id = newId<string>();
    await db.query(
      `insert into data_exports (id, organization_id, user_id, kind, state, attempts, claimed_until)
       values ($1, $2, $3, 'user', 'running', 1, now() - interval '1 second')`,
      [id, owner.organizationId, owner.userId],
    );
    await until(async () => (await owner.client.get(`/account/exports/${id}`)).body.data.state === 'ready', {
      withinMs: 30_000,
      what: 'the other worker',
    });
  });

  it('has what is known of a contact, with files', async () => {
    const contact = await buildContact(owner);
    const asked = await owner.client.post('/privacy/contact-exports', { phoneNumber: `+${contact.phone}` });
    expect(asked.status).toBe(202);
    const ready = await until(
      async () => {
        const { body } = await owner.client.get(`/privacy/contact-exports/${asked.body.data.id}`);
        return body.data.state === 'ready' && body.data;
      },
      { withinMs: 30_000, what: 'the copy' },
    );
    const files = await unzip(Buffer.from(await (await fetchFile(ready.downloadUrl)).arrayBuffer()));
    expect(files['identities.json']).toContain(contact.phone);
    expect(files['contacts.json']).toContain(`friend of ${contact.name}`);
    expect(files['contacts.json']).toContain(`likes ${contact.secret}`);
    expect(files['optOutChanges.json']).toContain(contact.secret);
    expect(files['numberChecks.json']).toContain(contact.phone);
    expect(files['messages.ndjson']!.trim().split('\n')).toHaveLength(2);
    expect(files['messages.ndjson']).toContain(contact.secret);
    expect(Object.entries(files).filter(([path]) => path.startsWith('media/'))).toEqual([
      [expect.stringMatching(/^media\/[0-9a-f-]{36}\.png$/), expect.stringContaining('picture of')],
    ]);
    const { body } = await owner.client.get('/events?limit=200');
    expect(body.data.map((event: { type?: string; name?: string }) => event.name ?? event.type)).toEqual(
      expect.arrayContaining(['data_export.requested', 'data_export.completed']),
    );
  });
});

describe('erasure of a contact', () => {
  it('has been thought about for every table', async () => {
    const tables = await db.query<{ name: string }>(
      `select relname as name from pg_class where relkind in ('r', 'p') and not relispartition
          and relnamespace = 'public'::regnamespace order by 1`,
    );
    const names = tables.map(({ name }) => name).filter((name) => !name.startsWith('_'));
    expect(names.filter((name) => !(name in erasedTables))).toEqual([]);
    expect(Object.keys(erasedTables).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('leaves no trace of number, name and words in any table but what the report names', async () => {
    const [contact, other] = [await buildContact(owner), await buildContact(owner)];
    const storage = await DiskStorage.open(test.config.storage.dataDir);
    for (const word of [contact.phone, contact.name, contact.secret])
      expect((await whereIn(word)).length).toBeGreaterThan(3);
    const copy = (await owner.client.post('/privacy/contact-exports', { personId: contact.personId })).body.data.id;
    const copied = await until(
      async () => {
        const { body } = await owner.client.get(`/privacy/contact-exports/${copy}`);
        return body.data.state === 'ready' && body.data;
      },
      { withinMs: 30_000, what: 'the copy' },
    );

    const wrong = await owner.client.post('/privacy/erasures', { personId: contact.personId, password: 'wrong' });
    expect(wrong.body.error.code).toBe('REAUTHENTICATION_FAILED');
    const asked = await owner.client.post('/privacy/erasures', {
      personId: contact.personId,
      password: owner.password,
      graceDays: 0,
    });
    expect([asked.status, asked.body.data?.state]).toEqual([202, 'scheduled']);
    const report = await erased(owner.client, `/privacy/erasures/${asked.body.data.id}`);
    expect(report.report).toMatchObject({
      removed: {
        messages: 2,
        conversations: 1,
        contacts: 1,
        identities: 1,
        persons: 1,
        media_objects: 1,
        engine_keys: 1,
      },
      redacted: { events: 2, webhook_attempts: 4 },
    });
    for (const word of [contact.phone, contact.name, contact.secret]) expect(tablesOf(await whereIn(word))).toEqual([]);
    // Young files are left to the sweeper, because somebody may be about to name them.
    await expect(storage.open(contact.mediaKey)).resolves.toBeDefined();

    expect((await owner.client.get(`/privacy/contact-exports/${copy}`)).status).toBe(404);
    expect((await fetchFile(copied.downloadUrl)).status).toBe(400);

    // Others are as they were, the log has no gap, and the audit trail holds.
    expect((await whereIn(other.secret)).length).toBeGreaterThan(3);
    const events = await db.query<{ seq: number; payload: { content: unknown } }>(
      'select seq, payload from events where stream_id = $1 order by seq',
      [contact.profileId],
    );
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
    const verified = await owner.client.post('/audit/verify', {});
    expect(verified.body.data).toMatchObject({ isIntact: true });
    const { body } = await new ApiClient(api.url).post('/account/erasure/receipt', {
      receipt: asked.body.data.receipt,
    });
    expect(body.data).toMatchObject({ id: asked.body.data.id, state: 'completed' });
  });

  it('finds also what a deleted profile left in the log', async () => {
    const contact = await buildContact(owner);
    expect((await owner.client.delete(`/profiles/${contact.profileId}`)).status).toBe(200);
    expect(tablesOf(await whereIn(contact.secret)).join()).toContain('public.events_');
    const asked = await owner.client.post('/privacy/erasures', {
      phoneNumber: contact.phone,
      password: owner.password,
      graceDays: 0,
    });
    await erased(owner.client, `/privacy/erasures/${asked.body.data.id}`);
    for (const word of [contact.phone, contact.secret]) expect(tablesOf(await whereIn(word))).toEqual([]);
  });

  it('waits for its time of grace, and can be cancelled in it', async () => {
    const contact = await buildContact(owner);
    const ask = () =>
      owner.client.post('/privacy/erasures', { phoneNumber: contact.phone, password: owner.password, graceDays: 3 });
    const asked = await ask();
    expect((await ask()).body.error.code).toBe('ERASURE_OPEN');
    const path = `/privacy/erasures/${asked.body.data.id}`;
    expect((await owner.client.post(`${path}/cancel`)).body.data.state).toBe('cancelled');
    expect((await owner.client.post(`${path}/cancel`)).body.error.code).toBe('ERASURE_CLOSED');
    expect((await whereIn(contact.secret)).length).toBeGreaterThan(3);
    const { status } = await owner.client.post('/privacy/erasures', { phoneNumber: phone(), password: owner.password });
    expect(status).toBe(404);
    expect((await owner.client.post('/privacy/erasures', { password: owner.password })).status).toBe(400);
    const key = await owner.client.withKey(['*']);
    expect((await key.post('/privacy/erasures', { personId: contact.personId })).status).toBe(403);
  });
});

describe('erasure of an account', () => {
  const addMember = async (
    role: string,
  ): Promise<{ id: string; email: string; client: ApiClient; password: string }> => {
    const other = await ApiClient.register(api.url);
    // Moved into the organization: how people get there is the business of other specs.
    await db.query('update users set organization_id = $1 where id = $2', [owner.organizationId, other.userId]);
    await db.query('update sessions set organization_id = $1 where user_id = $2', [owner.organizationId, other.userId]);
    await db.query('update role_assignments set organization_id = $1, system_role = $3 where user_id = $2', [
      owner.organizationId,
      other.userId,
      role,
    ]);
    return { id: other.userId, email: other.email, client: other.client, password: other.password };
  };

  it('asks the last owner to hand over first, and wants to know who is asking', async () => {
    await addMember('admin');
    const wrong = await owner.client.send('DELETE', '/auth/account', { password: 'wrong' });
    expect(wrong.body.error.code).toBe('REAUTHENTICATION_FAILED');
    const { status, body } = await owner.client.send('DELETE', '/auth/account', { password: owner.password });
    expect([status, body.error.code]).toEqual([409, 'LAST_OWNER']);
    expect((await owner.client.get('/auth/me')).status).toBe(200);
  });

  it('ends sessions at once and leaves no name or address of a member', async () => {
    const member = await addMember('admin');
    await member.client.post('/workspaces', { name: 'Made by the member' });
    const { status, body } = await member.client.send('DELETE', '/auth/account', { password: member.password });
    expect([status, body.data?.kind]).toEqual([202, 'user']);
    expect((await member.client.get('/auth/me')).status).toBe(401);
    const { receipt } = body.data;
    await until(
      async () => {
        const answer = await new ApiClient(api.url).post('/account/erasure/receipt', { receipt });
        return answer.body.data.state === 'completed';
      },
      { withinMs: 30_000, what: 'the erasure' },
    );
    // In the organization that they came from the trail still knows them; here nothing does.
    expect((await whereIn(member.email)).filter((row) => row.includes(owner.organizationId))).toEqual([]);
    expect(tablesOf(await whereIn(member.email))).toEqual(['public.audit_entries']);
    const workspaces = await owner.client.get('/workspaces');
    expect(JSON.stringify(workspaces.body.data)).toContain('Made by the member');
    const log = await owner.client.get(`/audit/logs?userId=${member.id}`);
    expect(log.body.data.length).toBeGreaterThan(0);
    expect(log.body.data.every((entry: { user: { name: null } }) => entry.user.name === null)).toBe(true);
    expect((await owner.client.post('/audit/verify', {})).body.data.isIntact).toBe(true);
  });

  it('waits for its time of grace and can be cancelled in it', async () => {
    const asked = await owner.client.send('DELETE', '/account/delete', { password: owner.password });
    expect(asked.body.data).toMatchObject({ kind: 'organization', state: 'scheduled' });
    expect((await owner.client.get('/account/erasure')).body.data.id).toBe(asked.body.data.id);
    expect((await owner.client.post('/account/erasure/cancel')).body.data.state).toBe('cancelled');
    expect((await owner.client.get('/account/erasure')).status).toBe(404);
    expect((await owner.client.get('/auth/me')).status).toBe(200);
  });

  it('takes the whole organization with its only member', async () => {
    const contact = await buildContact(owner);
    await owner.client.post('/workspaces', { name: 'Second' });
    const { body } = await owner.client.send('DELETE', '/auth/account', { password: owner.password });
    expect(body.data.kind).toBe('organization');
    const anyone = new ApiClient(api.url);
    const done = await until(
      async () => {
        const answer = await anyone.post('/account/erasure/receipt', { receipt: body.data.receipt });
        return answer.body.data.state === 'completed' && answer.body.data;
      },
      { withinMs: 40_000, what: 'the erasure' },
    );
    expect(done.report.removed).toMatchObject({ messages: 2, profiles: 1, users: 1, organizations: 1 });
    expect(tablesOf(await whereIn(owner.organizationId))).toEqual(['public.erasures']);
    for (const word of [contact.phone, contact.secret, owner.email]) expect(await whereIn(word)).toEqual([]);
    const again = await anyone.post('/auth/login', { email: owner.email, password: owner.password });
    expect(again.status).toBe(401);
  });
});
