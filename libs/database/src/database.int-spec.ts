import { createTestDatabase, type TestDatabase } from '#testing';
import { Database } from './database.js';

describe('Database', () => {
  let test: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    test = await createTestDatabase();
    db = await Database.open(test.config.database, 'spec');
  });
  afterAll(async () => {
    await db?.close();
    await test?.drop();
  });

  it('answers', async () => {
    expect(await db.query('select count(*) as n from organizations')).toEqual([{ n: 0 }]);
  });
});
