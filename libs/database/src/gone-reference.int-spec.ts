import { newId } from '#contracts';
import { Database, isGoneReference } from '#database';
import { createTestDatabase, type TestDatabase } from '#testing';

let test: TestDatabase;
let db: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'gone reference spec');
});
afterAll(async () => {
  await db.close();
  await test.drop();
});

const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

it('is told of a row that names what is not there, and of no other refusal', async () => {
  const insert =
    "insert into workspaces (id, organization_id, name, slug, updated_at) values ($1, $2, $3, 'shop', now())";
  const gone = await failure(db.system((tx) => tx.query(insert, [newId(), newId(), 'Shop'])));
  expect(gone).toBeInstanceOf(Error);
  expect(isGoneReference(gone)).toBe(true);
  const nameless = await failure(db.system((tx) => tx.query(insert, [newId(), newId(), null])));
  expect(nameless).toBeInstanceOf(Error);
  expect(isGoneReference(nameless)).toBe(false);
});
