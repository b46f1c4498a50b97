import { randomBytes } from 'node:crypto';
import { Database, LeasedProfileStore, Sealer } from '#database';
import { userChat } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { OwnedForSpec } from './owned-profile.for-spec.js';

describe('the secret of a poll that we sent', () => {
  let database: TestDatabase;
  let db: Database;
  let store: LeasedProfileStore;
  let owned: OwnedForSpec;
  let waMessageId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'own secrets spec');
    const sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
    owned = await OwnedForSpec.build(db);
    store = new LeasedProfileStore(db, await sealer.forOrganization(owned.lease.organizationId), owned.lease);
    const [id] = await owned.queue([{ to: '15550300002', text: 'stands for a poll' }]);
    ({ waMessageId } = await owned.message(id!));
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const chat = userChat({ phone: '15550300002', lid: null });
  const find = (fromMe = true) => store.findSecret(chat, { waMessageId, fromMe, author: null });

  it('is not there before, and none is made up', async () => {
    expect(await find()).toBeNull();
    await store.keepSent(waMessageId, Buffer.from('the protobuf'), null);
    expect(await find()).toBeNull();
  });

  it('stays with the message when the protobuf is swept away', async () => {
    const secret = randomBytes(32);
    await store.keepSent(waMessageId, Buffer.from('the protobuf'), secret);
    await db.query('delete from sent_protos where profile_id = $1', [owned.profile.profileId]);
    expect(await store.findSent(waMessageId)).toBeNull();
    const found = await find();
    expect(Buffer.from(found!.secret).equals(secret)).toBe(true);
    expect(found).toMatchObject({ author: { phone: '15550009999' }, content: { text: 'stands for a poll' } });
    expect(await find(false)).toBeNull();
    const rows = await db.query<{ sealed: Buffer }>(
      'select secret_sealed as sealed from messages where secret_sealed is not null',
    );
    expect(rows.map(({ sealed }) => sealed.includes(secret))).toEqual([false]);
  });
});
