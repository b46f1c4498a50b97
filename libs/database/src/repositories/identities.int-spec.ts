import { newId } from '#contracts';
import { Database, ensureChats, readAddresses, resolvePersons } from '#database';
import type { Address } from '#engine';
import { type BuiltProfile, buildProfile, createTestDatabase, type TestDatabase } from '#testing';

const phone = (value: string): Address => ({ phone: value, lid: null });
const lid = (value: string): Address => ({ phone: null, lid: value });
const both = (phoneNumber: string, lidNumber: string): Address => ({ phone: phoneNumber, lid: lidNumber });

describe('persons', () => {
  let database: TestDatabase;
  let db: Database;
  let profile: BuiltProfile;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'identities spec');
  });

  beforeEach(async () => {
    profile = await buildProfile(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const resolve = (...addresses: Address[]) => db.system((tx) => resolvePersons(tx, profile.organizationId, addresses));
  const personOf = async (address: Address) => (await resolve(address)).personIds[0]!;

  it('are found again by either form', async () => {
    const person = await personOf(both('4911', '711'));
    expect(await personOf(phone('4911'))).toBe(person);
    expect(await personOf(lid('711'))).toBe(person);
    expect(await personOf(phone('4912'))).not.toBe(person);
  });

  it('are one when one call names them in several ways', async () => {
    const { personIds } = await resolve(phone('4921'), lid('721'), both('4921', '721'), phone('4922'), phone('4921'));
    expect(new Set(personIds).size).toBe(2);
    expect(personIds[0]).toBe(personIds[1]);
    expect(personIds[3]).not.toBe(personIds[0]);
  });

  it('of another organization are others', async () => {
    const person = await personOf(phone('4931'));
    profile = await buildProfile(db);
    expect(await personOf(phone('4931'))).not.toBe(person);
  });

  it('are made once, however many ask at the same moment', async () => {
    const asked = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? both('4941', '741') : phone('4941')));
    const persons = await Promise.all(asked.map(personOf));
    expect(new Set(persons).size).toBe(1);
    const rows = await db.query('select 1 from persons where organization_id = $1', [profile.organizationId]);
    expect(rows).toHaveLength(1);
  });

  it('grow together with contacts, conversations, messages and waiting sends', async () => {
    const byPhone = await personOf(phone('4951'));
    const byLid = await personOf(lid('751'));
    const [older, newer] = await db.system((tx) =>
      ensureChats(tx, profile, [{ personId: byPhone! }, { personId: byLid! }]),
    );
    await addMessage(older!, '2026-01-01', 1, true);
    const lastId = await addMessage(newer!, '2026-02-01', 2, false);
    await addContact(byPhone, 'Given', null);
    await addContact(byLid, null, 'Shown');

    const { personIds, merges } = await resolve(both('4951', '751'));
    expect(personIds).toEqual([byPhone]);
    expect(merges).toEqual([
      {
        organizationId: profile.organizationId,
        profileId: profile.profileId,
        personId: byPhone,
        conversationId: older,
        mergedConversationId: newer,
      },
    ]);
    const chats = await db.query(
      `select id, unread_count as unread, last_message_id as last from conversations where profile_id = $1`,
      [profile.profileId],
    );
    expect(chats).toEqual([{ id: older, unread: 3, last: lastId }]);
    expect(await distinct('messages')).toEqual([older]);
    expect(await distinct('outbox')).toEqual([older]);
    const contacts = await db.query('select name, push_name as shown from contacts where profile_id = $1', [
      profile.profileId,
    ]);
    expect(contacts).toEqual([{ name: 'Given', shown: 'Shown' }]);
    expect(await personOf(lid('751'))).toBe(byPhone);
  });

  it('grow together in one call, however many they are, and those whose number changed hands do not', async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => String(49_600 + index));
    await resolve(...numbers.map(phone), ...numbers.map((number) => lid(`7${number}`)));
    await resolve(both('4970', '770'), both('4971', '771'));
    const pairs = numbers.map((number) => both(number, `7${number}`));
    const { personIds } = await resolve(...pairs, both('4970', '771'));
    expect(new Set(personIds).size).toBe(41);
    expect(await personOf(lid('770'))).not.toBe(await personOf(lid('771')));
    expect(await personOf(phone('4970'))).toBe(await personOf(lid('771')));
  });

  it('grow together while others attach to them, and nothing is left behind', async () => {
    const byPhone = await personOf(phone('4961'));
    await personOf(lid('761'));
    const attach = async (address: Address) =>
      db.system(async (tx) => {
        const { personIds } = await resolvePersons(tx, profile.organizationId, [address]);
        return ensureChats(
          tx,
          profile,
          personIds.map((personId) => ({ personId })),
        );
      });
    await Promise.all([
      ...Array.from({ length: 5 }, () => attach(lid('761'))),
      resolve(both('4961', '761')),
      ...Array.from({ length: 5 }, () => attach(lid('761'))),
    ]);
    const chats = await db.query('select person_id as person from conversations where profile_id = $1', [
      profile.profileId,
    ]);
    expect(chats).toEqual([{ person: byPhone }]);
  });

  it('that are both wholly known stay two humans when a number changes hands', async () => {
    const former = await personOf(both('4971', '771'));
    const present = await personOf(both('4972', '772'));
    const { personIds, merges } = await resolve(both('4971', '772'));
    expect(personIds).toEqual([present]);
    expect(merges).toEqual([]);
    expect(await personOf(lid('771'))).toBe(former);
    const addresses = await db.system((tx) => readAddresses(tx, [former, present]));
    expect(addresses.get(present)).toEqual(both('4971', '772'));
    expect(addresses.get(former)).toEqual(lid('771'));
  });

  it('are resolved even from addresses that contradict each other', async () => {
    await resolve(both('4981', '781'), both('4982', '782'), both('4983', '783'));
    const { personIds } = await resolve(both('4981', '782'), both('4981', '783'));
    expect(new Set(personIds).size).toBe(1);
  });

  const distinct = async (table: 'messages' | 'outbox') =>
    (
      await db.query<{ id: string }>(`select distinct conversation_id as id from ${table} where profile_id = $1`, [
        profile.profileId,
      ])
    ).map((row) => row.id);

  async function addMessage(conversationId: string, day: string, unread: number, waiting: boolean): Promise<string> {
    const id = newId<string>();
    const { organizationId, profileId } = profile;
    await db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       values ($1::uuid, $2, $3, $4, 'incoming', $1::text, 'text', '{"kind":"text","text":"x"}', 'received', $5)`,
      [id, organizationId, profileId, conversationId, day],
    );
    await db.query(
      `update conversations set unread_count = $2, last_message_id = $3, last_message_at = $4 where id = $1`,
      [conversationId, unread, id, day],
    );
    if (waiting) {
      await db.query(
        `insert into outbox (message_id, organization_id, profile_id, conversation_id, lane, not_before, expires_at)
         values ($1, $2, $3, $4, 0, now(), now())`,
        [newId(), organizationId, profileId, conversationId],
      );
    }
    return id;
  }

  async function addContact(personId: string, name: string | null, pushName: string | null): Promise<void> {
    await db.query(
      `insert into contacts (id, organization_id, profile_id, person_id, name, push_name, updated_at)
       values ($1, $2, $3, $4, $5, $6, now())`,
      [newId(), profile.organizationId, profile.profileId, personId, name, pushName],
    );
  }
});
