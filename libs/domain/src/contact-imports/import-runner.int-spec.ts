import { Readable } from 'node:stream';
import type { Actor, ExistingContacts } from '#contracts';
import { type ContactImportRow, Database } from '#database';
import { DiskStorage, type MediaStorage } from '#storage';
import { type BuiltProfile, buildActor, buildProfile, createTestDatabase, type TestDatabase } from '#testing';
import { brokenContacts } from '../../../../test/broken-contacts.js';
import type { Logger } from '../platform/logger.js';
import { writeOwnFile } from '../platform/storage/own-files.js';
import { ContactImports, type ImportDraft } from './contact-imports.js';
import { ImportRunner } from './import-runner.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;
/** `IMPORT_ROWS=200000 npm test -- import-runner` for a large one. */
const LINES = Number(process.env.IMPORT_ROWS ?? 4000);

let test: TestDatabase;
let db: Database;
let storage: MediaStorage;
let imports: ContactImports;
let profile: BuiltProfile;
let actor: Actor;

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'spec');
  storage = await DiskStorage.open(test.config.storage.dataDir);
  imports = new ContactImports(db, storage);
});
afterAll(async () => {
  await db?.close();
  await test?.drop();
});
beforeEach(async () => {
  profile = await buildProfile(db);
  actor = buildActor(profile);
});

const options = {
  defaultCountry: 'ID',
  existing: 'update' as ExistingContacts,
  tags: [],
  encoding: null,
  delimiter: null,
  hasTitles: null,
};

async function request(
  chunks: Iterable<Buffer> | string,
  more: Partial<Omit<ImportDraft, 'options'>> & { options?: Partial<typeof options> } = {},
): Promise<ContactImportRow> {
  const source = Readable.from(typeof chunks === 'string' ? [Buffer.from(chunks)] : chunks);
  const stored = await writeOwnFile(storage, source, { maxBytes: 1e9 });
  const draft = { isDryRun: false, mapping: {}, ...more, options: { ...options, ...more.options } };
  return imports.request(actor, { profileId: profile.profileId, file: { ...stored, fileName: 'a.csv' }, ...draft });
}

const runner = (on: Database = db) => new ImportRunner(on, storage, silent);
const get = (row: ContactImportRow) => imports.get(actor, row.id);
const countsOf = ({ created, updated, unchanged, skipped, failed }: ContactImportRow) => ({
  created,
  updated,
  unchanged,
  skipped,
  failed,
});

async function report(row: ContactImportRow) {
  const rows = [];
  for await (const one of (await imports.report(actor, row.id)).rows) rows.push(one);
  return rows;
}

const contacts = () =>
  db.query<{ name: string | null; phone: string; fields: object; source: string; tags: string[] }>(
    `select c.name, i.value as phone, c.custom_fields as fields, c.source,
            array(select tag from contact_tags t where t.contact_id = c.id order by tag) as tags
       from contacts c join identities i on i.person_id = c.person_id and i.kind = 'phone'
      where c.profile_id = $1 order by i.value`,
    [profile.profileId],
  );

describe('an import of a file with every kind of broken row', () => {
  it('takes what is right, tells of each other row, and goes on where a worker died', async () => {
    const { bytes, expected } = brokenContacts(LINES);
    const row = await request(bytes(), { mapping: { Paket: 'custom.plan' } });
    // The worker dies after some chunks: its connection is gone in the middle, and its claim runs out.
    const dying = await Database.open(test.config.database, 'dying');
    let chunks = 0;
    const system = dying.system.bind(dying);
    dying.system = ((work) => {
      if (++chunks > 2) throw new Error('killed');
      return system(work);
    }) as typeof dying.system;
    await runner(dying).runNext();
    await dying.close();
    const half = await get(row);
    expect(half).toMatchObject({ state: 'running', totalRows: expected.rows, doneRows: 2000 });
    await db.query('update contact_imports set claimed_until = now() where id = $1', [row.id]);
    await runner().runNext();

    const done = await get(row);
    expect(done).toMatchObject({ state: 'completed', doneRows: expected.rows, storageKey: null, error: null });
    expect(countsOf(done)).toEqual(expected.counts);
    expect(await storage.writtenAt(row.storageKey!)).toBeNull();
    const told = await report(row);
    const codes: Record<string, number> = {};
    for (const { code } of told) codes[code!] = (codes[code!] ?? 0) + 1;
    expect(codes).toEqual(expected.codes);
    expect(told.map(({ position }) => position)).toEqual(
      [...new Set(told.map(({ position }) => position))].sort((a, b) => a - b),
    );
    const book = await contacts();
    expect(book).toHaveLength(expected.counts.created);
    expect(book.slice(0, 2)).toEqual([
      { name: 'Person 0', phone: '6281200000000', fields: { plan: 'Plan 0' }, source: 'import', tags: ['lead'] },
      { name: 'Person 1', phone: '6281200000001', fields: { plan: 'Plan 1' }, source: 'import', tags: ['lead'] },
    ]);
    const [events] = await db.query<{ created: number; persons: number }>(
      `select count(*) filter (where name = 'contact.created') as created,
              count(distinct payload -> 'person' ->> 'personId') filter (where name = 'contact.created') as persons
         from events where profile_id = $1`,
      [profile.profileId],
    );
    expect(events).toEqual({ created: expected.counts.created, persons: expected.counts.created });
  }, 600_000);

  it('only says what it would do in a dry run, and the run itself does just that', async () => {
    await request('phone,name,tags\n+6281200000001,Ann,a\n+6281200000002,Bob,\n+6281200000005,Eve,\n');
    await runner().runNext();
    const file = [
      'phone,name,tags,stop',
      '0812-0000-0001,Ann,A',
      '0812-0000-0002,Robert,',
      '0812-0000-0003,New,b',
      '0812-0000-0005,Eve,,yes',
      'nobody,x,',
    ].join('\n');
    const before = await contacts();
    const dry = await request(file, { isDryRun: true });
    await runner().runNext();
    expect(await contacts()).toEqual(before);
    const wet = await request(file);
    await runner().runNext();
    const counts = { created: 1, updated: 2, unchanged: 1, skipped: 0, failed: 1 };
    expect([countsOf(await get(dry)), countsOf(await get(wet))]).toEqual([counts, counts]);
    expect(await report(dry)).toEqual(await report(wet));
    expect((await report(wet)).map((one) => one.message)).toMatchObject([
      'changed: name',
      'changed: opt-out',
      /digits/,
    ]);
    const [eve] = await db.query(
      `select opted_out_source as source, (select count(*) from opt_out_changes o where o.profile_id = c.profile_id and o.person_id = c.person_id) as changes
         from contacts c where profile_id = $1 and name = 'Eve'`,
      [profile.profileId],
    );
    expect(eve).toEqual({ source: 'import', changes: 1 });
  });

  it.each<['skip' | 'merge_tags', object, object]>([
    ['skip', { updated: 0, skipped: 1 }, { name: 'Ann', tags: ['a'] }],
    ['merge_tags', { updated: 1, skipped: 0 }, { name: 'Ann', tags: ['a', 'b'] }],
  ])('leaves those who are there as it is told: %s', async (existing, counts, ann) => {
    await request('phone,name,tags\n+6281200000001,Ann,a\n');
    await runner().runNext();
    const row = await request('phone,name,tags,custom.x\n+6281200000001,Other,A;b,1\n+6281200000002,New,\n', {
      options: { existing },
    });
    await runner().runNext();
    expect(countsOf(await get(row))).toMatchObject({ created: 1, ...counts });
    expect(await contacts()).toMatchObject([{ ...ann, fields: {} }, { name: 'New' }]);
  });

  it('changes nothing when the file turns out to be damaged at its end', async () => {
    const cut = (await Readable.from(brokenContacts(10).bytes()).toArray()).map(Buffer.from);
    const row = await request([...cut, Buffer.from('x')]);
    await db.query('update contact_imports set options = options || $2 where id = $1', [
      row.id,
      JSON.stringify({ encoding: 'klingon' }),
    ]);
    await runner().runNext();
    expect(await get(row)).toMatchObject({ state: 'failed', error: 'file_unreadable', storageKey: null, doneRows: 0 });
    expect(await contacts()).toEqual([]);
  });

  it('can be cancelled: its file goes, and no worker touches it any more', async () => {
    const row = await request('phone\n+6281200000001\n');
    const cancelled = await imports.cancel(actor, row.id);
    expect(cancelled).toMatchObject({ state: 'cancelled', storageKey: null });
    expect(await storage.writtenAt(row.storageKey!)).toBeNull();
    expect(await runner().runNext()).toBe(false);
    await expect(imports.cancel(actor, row.id)).rejects.toMatchObject({ code: 'IMPORT_ENDED' });
  });
});

describe('a file is refused at once', () => {
  it.each<[string, string, object, object]>([
    ['without phone numbers', 'name,age\nBob,3\n', {}, { code: 'VALIDATION_ERROR', fields: [{ path: 'mapping' }] }],
    ['without a mapped column', 'phone\n1\n', { mapping: { Cell: 'phone' } }, { code: 'VALIDATION_ERROR' }],
    ['that is none', '%PDF-1.7', {}, { code: 'IMPORT_UNREADABLE' }],
    ['without anything', '', {}, { code: 'IMPORT_UNREADABLE' }],
  ])('%s', async (_name, text, more, error) => {
    await expect(request(text, more)).rejects.toMatchObject(error);
  });
});
