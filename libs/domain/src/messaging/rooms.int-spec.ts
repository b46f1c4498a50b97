import { randomBytes } from 'node:crypto';
import { Database, LeasedProfileStore, Sealer } from '#database';
import { type InboundFact, userChat } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { ana, ben, neighbours, said } from './inbound-facts.for-spec.js';
import { MessageRecorder } from './message-recorder.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';

describe('messages of groups, newsletters and statuses', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;
  let recorder: MessageRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'rooms spec');
    sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
    recorder = new MessageRecorder(db, sealer);
  });
  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const record = (...facts: InboundFact[]) => recorder.record(owned, facts, () => undefined);
  const inGroup = (id: string, author = ana, more = {}) => said(id, { chat: neighbours, author, ...more });
  const messages = () =>
    db.query<{ id: string; waMessageId: string; text: string; author: string | null }>(
      `select m.id, wa_message_id as "waMessageId", content ->> 'text' as text,
              (select value from identities where person_id = author_person_id and kind = 'lid') as author
         from messages m where profile_id = $1 order by id`,
      [owned.profile.profileId],
    );
  const chats = () =>
    db.query(
      `select kind, room_id as room, unread_count as unread from conversations where profile_id = $1 order by kind`,
      [owned.profile.profileId],
    );

  it('keeps who wrote in a group, and tells it', async () => {
    await record(inGroup('A1'), inGroup('A2', ben, { pushName: 'Ben' }), inGroup('A3', ana, { fromMe: true }));
    expect(await messages()).toMatchObject([
      { waMessageId: 'A1', author: ana.lid },
      { waMessageId: 'A2', author: ben.lid },
      { waMessageId: 'A3', author: null },
    ]);
    expect(await chats()).toEqual([{ kind: 'group', room: neighbours.id, unread: 2 }]);
    const chat = { kind: 'group', id: `${neighbours.id}@g.us`, name: null };
    expect(await owned.events()).toMatchObject([
      { name: 'message.received', payload: { chatId: chat.id, chat, from: { ...ana, name: 'Ana' } } },
      { name: 'message.received', payload: { chat, from: { ...ben, name: 'Ben' } } },
      { name: 'message.sent_from_phone', payload: { chat, to: null } },
    ]);
  });

  it('calls a group by its name, where that is known', async () => {
    await record(inGroup('B1'));
    await db.query("update conversations set name = 'Neighbours' where profile_id = $1", [owned.profile.profileId]);
    await record(inGroup('B2'));
    expect((await owned.events())[1]).toMatchObject({ payload: { chat: { name: 'Neighbours' } } });
  });

  it('knows two members’ messages of one id apart, and repeats as one', async () => {
    await record(inGroup('C1'), inGroup('C1', ben));
    await record(inGroup('C1', ben), inGroup('C1'));
    expect((await messages()).map((message) => message.author)).toEqual([ana.lid, ben.lid]);
    expect(await owned.eventNames()).toHaveLength(2);
  });

  it('completes what could not be decrypted of one member only', async () => {
    const unreadable = { content: { kind: 'undecryptable', reason: 'no_session' } as const };
    await record(inGroup('D1', ana, unreadable), inGroup('D1', ben, unreadable));
    await record(inGroup('D1', ben));
    expect(await messages()).toMatchObject([
      { author: ana.lid, text: null },
      { author: ben.lid, text: 'D1' },
    ]);
  });

  it('makes one message of one that came under both forms of its author', async () => {
    await record(inGroup('E1', { phone: ana.phone, lid: null }), inGroup('E2', { phone: ana.phone, lid: null }));
    await record(inGroup('E1', { phone: null, lid: ana.lid }));
    expect(await messages()).toHaveLength(3);
    await record(inGroup('E3'));
    expect(await messages()).toMatchObject(['E1', 'E2', 'E3'].map((waMessageId) => ({ waMessageId, author: ana.lid })));
    expect(await chats()).toMatchObject([{ unread: 3 }]);
    await record(inGroup('E1', { phone: null, lid: ana.lid }), inGroup('E2', { phone: ana.phone, lid: null }));
    expect(await messages()).toHaveLength(3);
  });

  it('stores posts of newsletters, which nobody wrote, and statuses', async () => {
    await record(
      said('F1', { chat: { kind: 'newsletter', id: '120363000000000001' }, author: null, pushName: null }),
      said('F2', { chat: { kind: 'status' } }),
    );
    expect(await chats()).toEqual([
      { kind: 'newsletter', room: '120363000000000001', unread: 1 },
      { kind: 'status', room: 'status', unread: 1 },
    ]);
    expect(await owned.events()).toMatchObject([
      { payload: { chatId: '120363000000000001@newsletter', from: null } },
      { payload: { chatId: 'status@broadcast', from: { phone: ana.phone } } },
    ]);
  });

  it('puts history in its place in time, read and told once', async () => {
    await record(inGroup('G9'));
    const old = ['G1', 'G2', 'G3'].map((id, index) =>
      inGroup(id, ana, { isHistory: true, sentAt: new Date(Date.UTC(2025, 0, 1, 0, 0, index < 2 ? 0 : 1)) }),
    );
    await record(...old);
    await record(...old);
    expect((await messages()).map((message) => message.waMessageId)).toEqual(['G1', 'G2', 'G3', 'G9']);
    expect(await chats()).toMatchObject([{ unread: 1 }]);
    const events = await owned.events();
    expect(events.map((event) => event.name)).toEqual(['message.received', 'history.synced']);
    expect(events[1]!.payload).toEqual({
      messages: 3,
      conversations: 1,
      from: '2025-01-01T00:00:00.000Z',
      to: '2025-01-01T00:00:01.000Z',
    });
  });

  it('keeps the secrets of polls where the engine finds them, sealed', async () => {
    const poll = { kind: 'poll', question: 'Lunch?', options: ['Yes', 'No'], selectable: 1 } as const;
    await record(inGroup('H1', ben, { content: poll, secret: Buffer.from('the poll secret') }));
    const [row] = await db.query<{ sealed: Buffer }>(
      'select secret_sealed as sealed from messages where profile_id = $1',
      [owned.profile.profileId],
    );
    expect(row!.sealed.includes(Buffer.from('the poll secret'))).toBe(false);
    const store = new LeasedProfileStore(db, await sealer.forOrganization(owned.lease.organizationId), owned.lease);
    const found = await store.findSecret(neighbours, { waMessageId: 'H1', fromMe: false, author: ben });
    expect(Buffer.from(found!.secret).toString()).toBe('the poll secret');
    expect(found).toMatchObject({ author: ben, content: poll });
  });

  it('names a member in the address book by the name they show, and only then', async () => {
    await record(inGroup('I1', ana, { pushName: null }), inGroup('I2', ben, { pushName: 'Ben' }));
    await record(said('I3', { chat: userChat({ phone: '4915100000009', lid: null }), pushName: null }));
    const names = await db.query('select push_name as name from contacts where profile_id = $1 order by 1', [
      owned.profile.profileId,
    ]);
    expect(names).toEqual([{ name: 'Ben' }, { name: null }]);
  });
});
