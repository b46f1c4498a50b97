import fc from 'fast-check';
import {
  CatalogueError,
  type ContactCondition,
  type ContactFilter,
  type ContactFilterField,
  type ContactId,
  contactFilterLimits,
  newId,
  parseContactFilter,
} from '#contracts';
import { compileContactFilter, Database, numbersOfCountry } from '#database';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase } from '#testing';

const DAY_MS = 86_400_000;

interface Known {
  id: ContactId;
  name: string | null;
  phone: string | null;
  tags: string[];
  fields: Record<string, unknown>;
  inboundAt: Date | null;
  outboundAt: Date | null;
  isOptedOut: boolean;
  isBlocked: boolean;
  onWhatsApp: boolean | null;
  source: string;
  createdAt: Date;
}

/** A world of contacts, and what the filter language says of them in plain code. */
describe('the filter over contacts', () => {
  let database: TestDatabase;
  let db: Database;
  let profile: BuiltProfile;
  let contacts: Known[];

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'contact filter spec');
    profile = await buildProfile(db);
    contacts = fc.sample(contact, { numRuns: 60, seed: 7 }).map((each, index) => ({
      ...each,
      id: newId<ContactId>(),
      // One person has one number.
      phone: each.phone && `${each.phone}${String(index).padStart(3, '0')}`,
    }));
    for (const known of contacts) await write(db, profile, known);
  });

  afterAll(async () => {
    await db?.close();
    await database?.drop();
  });

  async function found(filter: ContactFilter): Promise<string[]> {
    const parameters: unknown[] = [profile.profileId];
    const condition = compileContactFilter(filter, parameters);
    const rows = await db.system((tx) =>
      tx.query<{ id: string }>(`select c.id from contacts c where c.profile_id = $1 and ${condition}`, parameters),
    );
    return rows.map((row) => row.id).sort();
  }

  it('finds what plain code finds, whatever the filter, and a filter or its opposite fits everybody', async () => {
    await fc.assert(
      fc.asyncProperty(filterArbitrary, async (given) => {
        const filter = parseContactFilter(given);
        const expected = contacts.filter((known) => fits(filter, known)).map(({ id }) => id);
        const [those, others] = await Promise.all([found(filter), found({ not: filter })]);
        expect(those).toEqual(expected.sort());
        expect(those.length + others.length).toBe(contacts.length);
      }),
      { numRuns: 300 },
    );
  });

  it('takes no text as SQL', async () => {
    for (const value of ["'; drop table contacts; --", '$1', '%%', '__', '\\', '"', '{}', "custom_fields->>'a'"]) {
      for (const field of ['name', `custom.${'a b'}`, 'custom.plan'] as ContactFilterField[]) {
        for (const op of ['equals', 'contains', 'starts_with'] as const) {
          await expect(found(parseContactFilter({ field, op, value }))).resolves.toEqual([]);
        }
      }
      await expect(found(parseContactFilter({ field: 'tags', op: 'any', value: [value] }))).resolves.toEqual([]);
    }
  });

  it('tells countries apart that share a calling code', async () => {
    expect(numbersOfCountry('DE')).toEqual({ prefix: '49' });
    expect(numbersOfCountry('XX')).toBeNull();
    const fitsCountry = (country: string, phone: string) => {
      const numbers = numbersOfCountry(country)!;
      return 'prefix' in numbers ? phone.startsWith(numbers.prefix) : new RegExp(numbers.pattern).test(phone);
    };
    for (const [phone, country, other] of [
      ['12125550123', 'US', 'CA'],
      ['14165550123', 'CA', 'US'],
      ['77011234567', 'KZ', 'RU'],
      ['79161234567', 'RU', 'KZ'],
    ] as const) {
      expect([fitsCountry(country, phone), fitsCountry(other, phone)]).toEqual([true, false]);
      // The database reads these expressions as plain code does.
      for (const code of [country, other]) {
        const numbers = numbersOfCountry(code) as { pattern: string };
        const [row] = await db.query<{ fits: boolean }>('select $1 ~ $2 as fits', [phone, numbers.pattern]);
        expect(row!.fits).toBe(code === country);
      }
    }
  });
});

describe('a filter that is none', () => {
  const problem = (filter: unknown) => {
    try {
      parseContactFilter(filter);
    } catch (error) {
      return (error as CatalogueError).fields?.[0]?.path;
    }
    return null;
  };

  it.each([
    [null, 'filter'],
    [[], 'filter'],
    [{}, 'filter'],
    [{ and: [] }, 'filter.and'],
    [{ and: [{ field: 'name', op: 'equals', value: 'a' }], or: [] }, 'filter'],
    [{ field: 'nothing', op: 'equals', value: 'a' }, 'filter.field'],
    [{ field: 'toString', op: 'equals', value: 'a' }, 'filter.field'],
    [{ field: 'custom.', op: 'equals', value: 'a' }, 'filter.field'],
    [{ field: 'name', op: 'constructor', value: 'a' }, 'filter.op'],
    [{ field: 'name', op: 'equals', value: 3 }, 'filter.value'],
    [{ field: 'name', op: 'equals', value: 'a\0' }, 'filter.value'],
    [{ field: 'name', op: 'equals', value: 'a', more: 1 }, 'filter.more'],
    [{ or: [{ not: { field: 'tags', op: 'any', value: 'vip' } }] }, 'filter.or.0.not.value'],
    [{ field: 'country', op: 'in', value: ['Germany'] }, 'filter.value'],
    [{ field: 'createdAt', op: 'before', value: 'yesterday' }, 'filter.value'],
    [{ field: 'createdAt', op: 'within_days', value: -1 }, 'filter.value'],
    [{ field: 'phone', op: 'starts_with', value: '49 or 1=1' }, 'filter.value'],
  ])('%j is refused at its place', (filter, path) => {
    expect(problem(filter)).toBe(path);
  });

  it('is refused when it is a burden', () => {
    const leaf = { field: 'optedOut', op: 'is', value: true };
    let deep: object = leaf;
    for (let level = 0; level < contactFilterLimits.depth; level++) deep = { not: deep };
    expect(problem(deep)).not.toBeNull();
    const half = { or: Array.from({ length: 26 }, () => leaf) };
    expect(problem({ and: [half, half] })).not.toBeNull();
  });
});

const words = ['ana', 'Ana', 'BOB', 'bo', 'vip', 'Gold', 'gold plan', 'ü', '100%'];
const word = fc.constantFrom(...words);
const now = Date.now();
const instant = fc.integer({ min: 0, max: 60 }).map((days) => new Date(now - days * DAY_MS - 3_600_000));
const dayText = fc.constantFrom('2026-01-01', '2026-02-03', '2025-12-31');
const fieldValue = fc.oneof(
  word,
  dayText,
  fc.constantFrom('2026-02-03T10:00:00Z', null, 3, 3.5, -1, true, false),
  fc.array(word, { maxLength: 2 }),
  fc.constant({ nested: { a: 1 } }),
);

const contact = fc.record({
  name: fc.option(word),
  phone: fc.option(fc.constantFrom('49151', '1212555', '6281234')),
  tags: fc.uniqueArray(word, { maxLength: 3, selector: (tag) => tag.toLowerCase() }),
  fields: fc
    .dictionary(fc.constantFrom('plan', 'score', 'a b'), fieldValue, { maxKeys: 3 })
    .map((made) => ({ ...made })),
  inboundAt: fc.option(instant),
  outboundAt: fc.option(instant),
  isOptedOut: fc.boolean(),
  isBlocked: fc.boolean(),
  onWhatsApp: fc.option(fc.boolean()),
  source: fc.constantFrom('api', 'manual', 'message'),
  createdAt: instant,
}) as fc.Arbitrary<Omit<Known, 'id'>>;

const flag = fc.boolean();
const time = fc.oneof(
  fc.record({
    op: fc.constantFrom('before', 'after'),
    value: instant.map((at) => new Date(at.getTime() + 1).toISOString()),
  }),
  fc.record({ op: fc.constant('within_days'), value: fc.integer({ min: 1, max: 70 }) }),
  fc.record({ op: fc.constant('exists'), value: flag }),
);
const fieldOf = (field: string, rest: fc.Arbitrary<object>) => rest.map((more) => ({ field, ...more }));
const someWords = fc.array(word, { minLength: 1, maxLength: 3 });

const leaf: fc.Arbitrary<object> = fc.oneof(
  fieldOf('tags', fc.record({ op: fc.constantFrom('any', 'all', 'none'), value: someWords })),
  fieldOf('tags', fc.record({ op: fc.constant('exists'), value: flag })),
  fieldOf('name', fc.record({ op: fc.constantFrom('equals', 'contains', 'starts_with'), value: word })),
  fieldOf('name', fc.record({ op: fc.constant('in'), value: someWords })),
  fieldOf('name', fc.record({ op: fc.constant('exists'), value: flag })),
  fieldOf(
    'phone',
    fc.record({ op: fc.constantFrom('starts_with', 'equals'), value: fc.constantFrom('49', '+1 212', '6281234001') }),
  ),
  fieldOf('phone', fc.record({ op: fc.constant('exists'), value: flag })),
  fieldOf(
    'country',
    fc.record({ op: fc.constant('in'), value: fc.constantFrom(['DE'], ['id', 'DE'], ['FR'], ['ZZ']) }),
  ),
  ...['lastInboundAt', 'lastOutboundAt', 'createdAt'].map((field) => fieldOf(field, time)),
  ...['hasReplied', 'optedOut', 'blocked', 'onWhatsApp'].map((field) =>
    fieldOf(field, fc.record({ op: fc.constant('is'), value: flag })),
  ),
  fieldOf('onWhatsApp', fc.record({ op: fc.constant('exists'), value: flag })),
  fieldOf('source', fc.record({ op: fc.constant('in'), value: fc.constantFrom(['api'], ['message', 'manual']) })),
  ...['custom.plan', 'custom.score', 'custom.a b', 'custom.none'].flatMap((field) => [
    fieldOf(
      field,
      fc.record({ op: fc.constant('equals'), value: fc.oneof(word, fc.constantFrom(3, 3.5, true, false)) }),
    ),
    fieldOf(field, fc.record({ op: fc.constantFrom('contains', 'starts_with'), value: word })),
    fieldOf(field, fc.record({ op: fc.constant('in'), value: someWords })),
    fieldOf(
      field,
      fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), value: fc.constantFrom(3, 0, 3.5, -2.25) }),
    ),
    fieldOf(field, fc.record({ op: fc.constantFrom('before', 'after'), value: dayText })),
    fieldOf(field, fc.record({ op: fc.constant('exists'), value: flag })),
  ]),
);

const filterArbitrary: fc.Arbitrary<object> = fc.letrec((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    tie('filter').map((not) => ({ not })),
  ),
})).filter as fc.Arbitrary<object>;

/** The same language, as a reader of its words would write it down. */
function fits(filter: ContactFilter, known: Known): boolean {
  if ('and' in filter) return filter.and.every((part) => fits(part, known));
  if ('or' in filter) return filter.or.some((part) => fits(part, known));
  if ('not' in filter) return !fits(filter.not, known);
  const { field, op, value } = filter;
  if (field.startsWith('custom.')) return customFits(filter, known.fields[field.slice(7)]);
  switch (field) {
    case 'tags': {
      const tags = known.tags.map(lower);
      if (op === 'exists') return tags.length > 0 === value;
      const asked = (value as string[]).map(lower);
      if (op === 'all') return asked.every((tag) => tags.includes(tag));
      return asked.some((tag) => tags.includes(tag)) === (op === 'any');
    }
    case 'name':
      return textFits(op, value, known.name);
    case 'phone':
      if (op === 'exists') return (known.phone !== null) === value;
      return known.phone !== null && (op === 'equals' ? known.phone === value : known.phone.startsWith(String(value)));
    case 'country': {
      const { phone } = known;
      return (
        phone !== null && (value as string[]).some((code) => phone.startsWith({ DE: '49', ID: '62' }[code] ?? 'x'))
      );
    }
    case 'lastInboundAt':
      return timeFits(op, value, known.inboundAt);
    case 'lastOutboundAt':
      return timeFits(op, value, known.outboundAt);
    case 'createdAt':
      return timeFits(op, value, known.createdAt);
    case 'hasReplied':
      return (known.inboundAt !== null && (known.outboundAt === null || known.inboundAt > known.outboundAt)) === value;
    case 'optedOut':
      return known.isOptedOut === value;
    case 'blocked':
      return known.isBlocked === value;
    case 'onWhatsApp': {
      const answer = known.phone === null ? null : known.onWhatsApp;
      return op === 'exists' ? (answer !== null) === value : answer === value;
    }
    default:
      return (value as string[]).includes(known.source);
  }
}

const lower = (text: string) => text.toLowerCase();

function textFits(op: string, value: unknown, text: string | null): boolean {
  if (op === 'exists') return (text !== null) === value;
  if (text === null) return false;
  if (op === 'in') return (value as string[]).map(lower).includes(lower(text));
  const asked = lower(String(value));
  if (op === 'equals') return lower(text) === asked;
  return op === 'contains' ? lower(text).includes(asked) : lower(text).startsWith(asked);
}

function timeFits(op: string, value: unknown, at: Date | null): boolean {
  if (op === 'exists') return (at !== null) === value;
  if (at === null) return false;
  if (op === 'within_days') return at.getTime() >= Date.now() - Number(value) * DAY_MS;
  return op === 'before' ? at < new Date(String(value)) : at > new Date(String(value));
}

function customFits({ op, value }: ContactCondition, field: unknown): boolean {
  if (op === 'exists') return (field !== undefined && field !== null) === value;
  if (['gt', 'gte', 'lt', 'lte'].includes(op)) {
    if (typeof field !== 'number') return false;
    const by = Number(value);
    const holds: Record<string, boolean> = { gt: field > by, gte: field >= by, lt: field < by, lte: field <= by };
    return holds[op]!;
  }
  if (op === 'before' || op === 'after') {
    if (typeof field !== 'string' || !/^\d{4}-\d\d-\d\d/.test(field)) return false;
    return op === 'before' ? field.slice(0, 10) < String(value) : field.slice(0, 10) > String(value);
  }
  if (op === 'equals' && typeof value !== 'string') return field === value;
  if (op === 'contains' && Array.isArray(field)) return field.map((item) => lower(item)).includes(lower(String(value)));
  return typeof field === 'string' && textFits(op, value, field);
}

async function write(db: Database, { organizationId, profileId }: BuiltProfile, known: Known): Promise<void> {
  const personId = newId();
  await db.system(async (tx) => {
    await tx.query('insert into persons (id, organization_id) values ($1, $2)', [personId, organizationId]);
    const identity = known.phone ? ['phone', known.phone] : ['lid', personId.replace(/\D/g, '')];
    await tx.query('insert into identities (id, organization_id, person_id, kind, value) values ($1, $2, $3, $4, $5)', [
      newId(),
      organizationId,
      personId,
      ...identity,
    ]);
    await tx.query(
      `insert into contacts (id, organization_id, profile_id, person_id, name, custom_fields, opted_out_at, is_blocked,
                             source, created_at)
       values ($1, $2, $3, $4, $5, $6::jsonb, case when $7 then now() end, $8, $9, $10)`,
      [
        known.id,
        organizationId,
        profileId,
        personId,
        known.name,
        JSON.stringify(known.fields),
        known.isOptedOut,
        known.isBlocked,
        known.source,
        known.createdAt,
      ],
    );
    await tx.query(
      `insert into contact_tags (contact_id, organization_id, profile_id, tag)
       select $1, $2, $3, tag from unnest($4::text[]) as tag`,
      [known.id, organizationId, profileId, known.tags],
    );
    await tx.query(
      `insert into conversations (id, organization_id, profile_id, person_id, last_inbound_at, last_outbound_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [newId(), organizationId, profileId, personId, known.inboundAt, known.outboundAt],
    );
    if (known.phone && known.onWhatsApp !== null) {
      await tx.query(
        'insert into number_checks (organization_id, phone, exists, checked_at) values ($1, $2, $3, now())',
        [organizationId, known.phone, known.onWhatsApp],
      );
    }
  });
}
