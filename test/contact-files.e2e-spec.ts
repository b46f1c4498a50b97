import { ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';
import { brokenContacts } from './broken-contacts.js';

/** Contacts as files over HTTP: sent, watched, reported, cancelled, and exported again. */
describe('contacts as files', () => {
  let database: TestDatabase;
  let api: RunningApi;
  let worker: RunningWorker;
  let owner: Registered;
  let key: string;
  let profileId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    [api, worker] = [await startApi(database.config), await startWorker(database.config)];
    owner = await ApiClient.register(api.url);
    key = (await owner.client.post('/api-keys', { name: 'files', permissions: ['*'] })).body.data.key;
  });
  afterAll(async () => {
    await worker?.stop();
    await api?.stop();
    await database?.drop();
  });
  beforeEach(async () => {
    profileId = (await owner.client.post('/profiles', { name: 'Shop' })).body.data.id;
  });

  async function send(file: Buffer | string, fields: Record<string, string> = {}, as = key) {
    const form = new FormData();
    for (const [name, value] of Object.entries({ profileId, ...fields })) form.append(name, value);
    form.append('file', new Blob([file as string]), 'Messe Köln.csv');
    const headers = { 'x-api-key': as };
    const answer = await fetch(`${api.url}/api/v1/contacts/imports`, { method: 'POST', headers, body: form });
    return { status: answer.status, body: (await answer.json()) as ApiBody };
  }
  // biome-ignore lint/suspicious/noExplicitAny: an answer
  type ApiBody = any;

  async function finished(id: string): Promise<ApiBody> {
    return until(async () => {
      const { data } = (await owner.client.get(`/contacts/imports/${id}`)).body;
      return ['queued', 'running'].includes(data.state) ? undefined : data;
    });
  }

  const get = async (path: string) => {
    const answer = await fetch(`${api.url}/api/v1${path}`, { headers: { 'x-api-key': key } });
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };

  it('are imported in the background, row by row, and come out again harmless', async () => {
    const { bytes, expected } = brokenContacts(200);
    const sent = await send(Buffer.concat([...bytes()]), {
      defaultCountry: 'ID',
      tags: '["fair"]',
      mapping: '{"paket":"custom.plan"}',
    });
    expect(sent.status).toBe(202);
    expect(sent.body.data).toMatchObject({
      state: 'queued',
      fileName: 'Messe Köln.csv',
      format: 'csv',
      columns: [
        { target: 'name' },
        { target: 'phone' },
        { target: 'tags' },
        { target: 'custom.plan' },
        { target: 'ignore' },
      ],
    });
    const { id } = sent.body.data;
    const done = await finished(id);
    expect(done).toMatchObject({ state: 'completed', progress: 100, totalRows: expected.rows, ...expected.counts });

    const first = (await owner.client.get(`/contacts/imports/${id}/rows?outcome=failed&limit=2`)).body;
    expect(first.data[1]).toMatchObject({
      line: 34,
      outcome: 'failed',
      field: 'phone',
      code: 'phone_invalid',
      value: '+6281',
    });
    const next = (
      await owner.client.get(`/contacts/imports/${id}/rows?outcome=failed&limit=200&cursor=${first.meta.nextCursor}`)
    ).body;
    expect(first.data.length + next.data.length).toBe(expected.counts.failed);
    const report = await get(`/contacts/imports/${id}/report`);
    expect(report.type).toMatch(/^text\/csv/);
    expect(report.text.trimEnd().split('\r\n')).toHaveLength(1 + expected.counts.failed + expected.counts.skipped);

    const events = (await owner.client.get(`/events?profileId=${profileId}&limit=200`)).body.data;
    const told = events.filter(({ name }: ApiBody) => name.startsWith('import.'));
    expect(told.map(({ name }: ApiBody) => name)).toEqual(expect.arrayContaining(['import.queued']));

    const file = await get(`/contacts/export/csv?profileId=${profileId}&download=true`);
    expect(file.text).toContain('phone,name,tags,opted_out,source,created_at,last_inbound_at,custom.plan\r\n');
    expect(file.text).toContain('+6281200000000,Person 0,fair;lead,,import,');
    expect(file.text).toContain(",'=HYPERLINK(A");
    expect(file.text).toContain(",'@SUM(1)");
    expect(file.text).not.toMatch(/(^|,)"?[=@-]/m);
    const json = (await owner.client.get(`/contacts/export/csv?profileId=${profileId}&search=Person%200`)).body.data;
    expect(json).toMatchObject({ count: 1, filename: expect.stringMatching(/^contacts-.*\.csv$/) });

    // What came out goes in again as it was, names with their signs too.
    const again = await send(file.text, { dryRun: 'true' });
    expect(await finished(again.body.data.id)).toMatchObject({
      unchanged: expected.counts.created,
      failed: 0,
      dryRun: true,
    });
    const cards = await get(`/contacts/export/vcard?profileId=${profileId}&tags=fair`);
    expect(cards.text.match(/BEGIN:VCARD/g)).toHaveLength(expected.counts.created);
    const other = (await owner.client.post('/profiles', { name: 'Other' })).body.data.id;
    const fromCards = await send(cards.text, { profileId: other });
    expect(fromCards.body.data.format).toBe('vcard');
    expect(await finished(fromCards.body.data.id)).toMatchObject({ created: expected.counts.created, failed: 0 });
  });

  it('are answered at once when they are few', async () => {
    const contacts = [
      { phone: '0812 0000 0001', name: 'Ann', tags: ['a'], customFields: { age: 7 } },
      { phone: '+6281200000001' },
      { phone: 'nobody' },
      { phone: '+6281200000002', name: 'x'.repeat(300) },
    ];
    const body = { profileId, defaultCountry: 'ID', contacts };
    const { status, body: answer } = await owner.client.post('/contacts/import', body);
    expect([status, answer.data]).toMatchObject([
      201,
      {
        created: 1,
        updated: 0,
        skipped: 1,
        failed: 2,
        errors: [
          { index: 2, field: 'phone' },
          { index: 3, field: 'name' },
        ],
      },
    ]);
    const csvData = 'nomor;nama\n"+62 812-0000-0001";"Ann ""B"""\n+6281200000003;\n;\nx;y\n';
    const csv = await owner.client.post('/contacts/import/csv', { profileId, csvData });
    expect(csv.body.data).toMatchObject({
      created: 1,
      updated: 1,
      failed: 1,
      errors: [{ line: 5, code: 'phone_invalid' }],
    });
    const bare = await owner.client.post('/contacts/import/csv', { profileId, csvData: 'a,b\nc,d' });
    expect([bare.status, bare.body.error.fields[0].path]).toEqual([400, 'mapping']);
  });

  it('lose a row with a NUL alone, wherever it stands', async () => {
    const rows = 'A\0nn;+6281200000001\nBen;15550100002\nCid;0812 0000 0003\nDan;15550100004\n';
    const sent = await send(`name;pho\0ne\n${rows}`, { defaultCountry: 'id' });
    expect(sent.body.data).toMatchObject({
      columns: [
        { title: 'name', target: 'name' },
        { title: 'phone', target: 'phone' },
      ],
    });
    const { id } = sent.body.data;
    expect(await finished(id)).toMatchObject({ state: 'completed', totalRows: 4, created: 3, failed: 1 });
    const failed = (await owner.client.get(`/contacts/imports/${id}/rows?outcome=failed`)).body.data;
    expect(failed).toMatchObject([{ line: 2, field: null, code: 'nul', message: expect.stringContaining('NUL') }]);
    const { contacts } = (await owner.client.get(`/contacts?profileId=${profileId}`)).body.data;
    const phones = contacts.map(({ phone }: ApiBody) => phone).sort();
    expect(phones).toEqual(['15550100002', '15550100004', '6281200000003']);
    const utf16 = await send(Buffer.from(`\uFEFFname;phone\n${rows}`, 'utf16le'), { defaultCountry: 'ID' });
    expect(await finished(utf16.body.data.id)).toMatchObject({ unchanged: 3, failed: 1 });
    // In JSON it is told before anything is read.
    const direct = await owner.client.post('/contacts/import/csv', { profileId, csvData: `name;phone\n${rows}` });
    expect([direct.status, direct.body.error.fields[0].path]).toEqual([400, 'csvData']);
  });

  it('as base64 in JSON have the same effect, once for each Idempotency-Key', async () => {
    const body = { profileId, data: Buffer.from('phone\n+6281200000001\n').toString('base64'), fileName: 'a.csv' };
    const headers = { 'idempotency-key': `files-${profileId}` };
    const [one, two] = [
      await owner.client.post('/contacts/imports', body, headers),
      await owner.client.post('/contacts/imports', body, headers),
    ];
    expect([one.status, two.body.data.id]).toEqual([202, one.body.data.id]);
    expect(await finished(one.body.data.id)).toMatchObject({ created: 1 });
    const cancelled = await owner.client.post(`/contacts/imports/${one.body.data.id}/cancel`);
    expect([cancelled.status, cancelled.body.error.code]).toEqual([409, 'IMPORT_ENDED']);
  });

  it.each<[string, string | Buffer, Record<string, string>, [number, string]]>([
    ['a PDF', '%PDF-1.7', {}, [422, 'IMPORT_UNREADABLE']],
    ['nothing', '', {}, [422, 'IMPORT_UNREADABLE']],
    ['a program', 'MZ\x90\0\x03\0\0\0\x04\0\0\0phone\n1\n2\n', {}, [422, 'IMPORT_UNREADABLE']],
    ['a mapping of a column that is not there', 'phone\n1', { mapping: '{"x":"name"}' }, [400, 'VALIDATION_ERROR']],
    ['a country that is none', 'phone\n1', { defaultCountry: 'XX' }, [400, 'VALIDATION_ERROR']],
    ['a profile that is none', 'phone\n1', { profileId: 'x' }, [400, 'VALIDATION_ERROR']],
    [
      'a profile that is nobody’s',
      'phone\n1',
      { profileId: '01980000-0000-7000-8000-000000000000' },
      [404, 'NOT_FOUND'],
    ],
  ])('are refused: %s', async (_name, file, fields, error) => {
    const { status, body } = await send(file, fields);
    expect([status, body.error.code]).toEqual(error);
  });

  it('are refused as forms that are none, without a file, without the right, and on other routes', async () => {
    const headers = { 'x-api-key': key };
    const post = async (path: string, body: FormData | string, more: Record<string, string> = {}) => {
      const answer = await fetch(`${api.url}/api/v1${path}`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body,
      });
      return [answer.status, ((await answer.json()) as ApiBody).error.code];
    };
    const empty = new FormData();
    empty.append('profileId', profileId);
    const twice = new FormData();
    twice.append('file', new Blob(['phone\n1']));
    twice.append('file', new Blob(['phone\n2']));
    const broken = { 'content-type': 'multipart/form-data; boundary=x' };
    expect(await post('/contacts/imports', empty)).toEqual([400, 'VALIDATION_ERROR']);
    expect(await post('/contacts/imports', twice)).toEqual([400, 'VALIDATION_ERROR']);
    expect(await post('/contacts/imports', 'no form at all', broken)).toEqual([400, 'VALIDATION_ERROR']);
    expect(await post('/templates', empty)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    const reader = (await owner.client.post('/api-keys', { name: 'r', permissions: ['contacts.read'] })).body.data.key;
    expect((await send('phone\n1', {}, reader)).status).toBe(403);
    const stranger = await ApiClient.register(api.url);
    const strangers = (await stranger.client.post('/api-keys', { name: 's', permissions: ['*'] })).body.data.key;
    expect((await send('phone\n+6281200000001', {}, strangers)).status).toBe(404);
  });
});
