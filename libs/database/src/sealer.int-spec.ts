import { randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import { createTestDatabase, type TestDatabase } from '#testing';
import { Database } from './database.js';
import { Sealer, SealUnreadable } from './sealer.js';

describe('Sealer', () => {
  let test: TestDatabase;
  let db: Database;
  const oldKey = randomBytes(32).toString('hex');
  const newKey = randomBytes(32).toString('hex');

  beforeAll(async () => {
    test = await createTestDatabase();
    db = await Database.open(test.config.database, 'spec');
  });
  afterAll(async () => {
    await db?.close();
    await test?.drop();
  });

  const sealer = (current: string, previous: string[] = []) => new Sealer(db, { current, previous });

  it('opens what it sealed, bytes and text, and never seals the same twice', async () => {
    const mine = await sealer(oldKey).forOrganization(newId());
    const bytes = randomBytes(1000);
    expect(mine.open(mine.seal(bytes, 'c'), 'c')).toEqual(bytes);
    expect(mine.open(mine.seal('grüße', 'c'), 'c').toString()).toBe('grüße');
    expect(mine.open(mine.seal('', 'c'), 'c')).toHaveLength(0);
    expect(mine.seal('same', 'c')).not.toEqual(mine.seal('same', 'c'));
    expect(mine.seal('secret', 'c').includes('secret')).toBe(false);
  });

  it('is the same for every process, also when they make the data key at the same moment', async () => {
    const id = newId<string>();
    const [one, two] = await Promise.all([sealer(oldKey).forOrganization(id), sealer(oldKey).forOrganization(id)]);
    expect(two.open(one.seal('x', 'c'), 'c').toString()).toBe('x');
    const later = await sealer(oldKey).forOrganization(id);
    expect(later.open(two.seal('y', 'c'), 'c').toString()).toBe('y');
  });

  it('refuses another context, another organization and altered bytes', async () => {
    const here = sealer(oldKey);
    const mine = await here.forOrganization(newId());
    const other = await here.forOrganization(newId());
    const sealed = mine.seal('secret', 'webhook.secret:1');
    const damaged = expect.objectContaining({ name: 'SealUnreadable', reason: 'damaged' });

    const attempt = (open: () => unknown) => {
      try {
        return open();
      } catch (error) {
        return error;
      }
    };
    expect(attempt(() => mine.open(sealed, 'webhook.secret:2'))).toEqual(damaged);
    expect(attempt(() => other.open(sealed, 'webhook.secret:1'))).toEqual(damaged);
    for (const index of sealed.keys()) {
      const altered = Buffer.from(sealed);
      altered[index]! ^= 1;
      expect(attempt(() => mine.open(altered, 'webhook.secret:1'))).toEqual(damaged);
    }
    expect(attempt(() => mine.open(sealed.subarray(0, 20), 'webhook.secret:1'))).toEqual(damaged);
    expect(attempt(() => mine.open(Buffer.alloc(0), 'webhook.secret:1'))).toBeInstanceOf(SealUnreadable);
  });

  it('reads on after ENCRYPTION_KEY was changed, and needs the former value only until then', async () => {
    const id = newId<string>();
    const sealed = (await sealer(oldKey).forOrganization(id)).seal('kept', 'c');

    await expect(sealer(newKey).forOrganization(id)).rejects.toMatchObject({ reason: 'unknown_key' });
    const rotated = await sealer(newKey, [oldKey]).forOrganization(id);
    expect(rotated.open(sealed, 'c').toString()).toBe('kept');

    const afterwards = await sealer(newKey).forOrganization(id);
    expect(afterwards.open(sealed, 'c').toString()).toBe('kept');
    await expect(sealer(oldKey).forOrganization(id)).rejects.toThrow(/PREVIOUS_ENCRYPTION_KEYS/);
  });

  it('tries again after a failure instead of remembering it', async () => {
    const id = newId<string>();
    await sealer(oldKey).forOrganization(id);
    const waiting = sealer(newKey);
    await expect(waiting.forOrganization(id)).rejects.toBeInstanceOf(SealUnreadable);
    await sealer(newKey, [oldKey]).forOrganization(id);
    await expect(waiting.forOrganization(id)).resolves.toBeDefined();
  });
});
