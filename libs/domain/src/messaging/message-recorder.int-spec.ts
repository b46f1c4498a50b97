import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import type { MessageContent } from '#contracts';
import { Database, LeasedProfileStore, Sealer } from '#database';
import { type InboundMessage, LeaseLost, userChat } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { MessageRecorder } from './message-recorder.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';

describe('the message recorder', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;
  let recorder: MessageRecorder;
  let owned: OwnedForSpec;
  let downloads: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'recorder spec');
    sealer = new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] });
    recorder = new MessageRecorder(db, sealer);
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
    downloads = 0;
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const record = (...facts: InboundMessage[]) => recorder.record(owned, facts, () => downloads++);

  const fact = (waMessageId: string, overrides: Partial<InboundMessage> = {}): InboundMessage => ({
    type: 'message',
    journalId: null,
    waMessageId,
    fromMe: false,
    chat: userChat({ phone: '4915100000001', lid: '900000000001' }),
    author: { phone: '4915100000001', lid: '900000000001' },
    secret: null,
    pushName: 'Ana',
    sentAt: new Date('2026-05-01T10:00:00Z'),
    content: { kind: 'text', text: waMessageId },
    quotedWaMessageId: null,
    download: null,
    ...overrides,
  });

  const messages = () =>
    db.query<{ id: string; waMessageId: string; content: MessageContent; state: string; direction: string }>(
      `select id, wa_message_id as "waMessageId", content, state, direction from messages
        where profile_id = $1 order by id`,
      [owned.profile.profileId],
    );
  const chats = () =>
    db.query<{ unread: number; last: string }>(
      `select unread_count as unread, last_message_id as last from conversations where profile_id = $1`,
      [owned.profile.profileId],
    );

  it('stores a message with its chat, contact and event', async () => {
    await record(fact('A1'));
    const [message] = await messages();
    expect(message).toMatchObject({ waMessageId: 'A1', direction: 'incoming', state: 'received' });
    expect(await chats()).toEqual([{ unread: 1, last: message!.id }]);
    const [event] = await owned.events();
    expect(event).toMatchObject({
      name: 'message.received',
      payload: {
        messageId: message!.id,
        chatId: '4915100000001@s.whatsapp.net',
        from: { phone: '4915100000001', lid: '900000000001', name: 'Ana' },
        content: { kind: 'text', text: 'A1' },
      },
    });
  });

  it('stores a message once, however often and in whatever company it comes', async () => {
    await Promise.all([record(fact('B1'), fact('B2')), record(fact('B2'), fact('B1')), record(fact('B1'), fact('B1'))]);
    await record(fact('B1'), fact('B3'));
    expect((await messages()).map((message) => message.waMessageId).sort()).toEqual(['B1', 'B2', 'B3']);
    expect((await chats())[0]!.unread).toBe(3);
    expect(await owned.eventNames()).toEqual(['message.received', 'message.received', 'message.received']);
  });

  it('takes an answer within the second of what it answers for the later of the two', async () => {
    await record(fact('S1', { sentAt: new Date('2026-05-01T10:00:04Z') }));
    // As accepting a message does, whose time has milliseconds.
    await db.query(
      `update conversations set last_outbound_at = '2026-05-01T10:00:05.400Z', last_message_at = '2026-05-01T10:00:05.400Z'
        where profile_id = $1`,
      [owned.profile.profileId],
    );
    await record(fact('S2', { sentAt: new Date('2026-05-01T10:00:05Z') }));
    const [, answer] = await messages();
    expect(await chats()).toEqual([{ unread: 2, last: answer!.id }]);
    const [{ answered } = { answered: null }] = await db.query<{ answered: boolean }>(
      'select last_inbound_at > last_outbound_at as answered from conversations where profile_id = $1',
      [owned.profile.profileId],
    );
    expect(answered).toBe(true);
  });

  it('joins what comes for several profiles, and tells each stream its own', async () => {
    const others = [await OwnedForSpec.build(db), await OwnedForSpec.build(db), await OwnedForSpec.build(db)];
    const [lost] = others;
    await db.query('update profile_leases set epoch = epoch + 1 where profile_id = $1', [lost!.lease.profileId]);
    // The first use of an organization's key reads it, so that the four would not come together.
    await Promise.all(others.map(({ lease }) => sealer.forOrganization(lease.organizationId)));
    await sealer.forOrganization(owned.lease.organizationId);
    const transactions = jest.spyOn(db, 'system');
    const outcomes = await Promise.allSettled(
      [owned, ...others].map((each, index) =>
        recorder.record(each, [fact(`J${index}`), fact('J', { pushName: `Ana of ${index}` })], () => downloads++),
      ),
    );
    // One for the first, one for those that came meanwhile, one for the lease that is lost.
    expect(transactions).toHaveBeenCalledTimes(3);
    transactions.mockRestore();
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(LeaseLost) });
    for (const [index, each] of [owned, ...others].entries()) {
      const told = (await each.events()).filter(({ name }) => name === 'message.received');
      expect(told.map(({ payload }) => payload)).toMatchObject(
        index === 1 ? [] : [{ waMessageId: `J${index}` }, { waMessageId: 'J', from: { name: `Ana of ${index}` } }],
      );
    }
  });

  it('puts both forms of an address into one chat', async () => {
    await record(fact('C1', { chat: userChat({ phone: '4915100000002', lid: null }) }));
    await record(fact('C2', { chat: userChat({ phone: null, lid: '900000000002' }) }));
    expect(await chats()).toHaveLength(2);
    await record(fact('C3', { chat: userChat({ phone: '4915100000002', lid: '900000000002' }) }));
    expect(await chats()).toMatchObject([{ unread: 3 }]);
    expect(await owned.eventNames()).toEqual([
      'message.received',
      'message.received',
      'conversation.merged',
      'message.received',
    ]);
  });

  it('marks journal entries in the same transaction, also those of repeats', async () => {
    const store = new LeasedProfileStore(db, await sealer.forOrganization(owned.lease.organizationId), owned.lease);
    const journal = ['j1', 'j2'].map((id) => ({ id, waMessageId: 'D1', bytes: Buffer.from(id) }));
    await store.commit({ journal });
    await record(fact('D1', { journalId: 'j1' }));
    expect((await store.listUnrecorded(10)).map((entry) => entry.id)).toEqual(['j2']);
    await record(fact('D1', { journalId: 'j2' }));
    expect(await store.listUnrecorded(10)).toEqual([]);
    expect(await messages()).toHaveLength(1);
  });

  it('completes a message that could not be decrypted at first', async () => {
    await record(fact('E1', { content: { kind: 'undecryptable', reason: 'bad_mac' } }));
    await record(fact('E1', { content: { kind: 'undecryptable', reason: 'bad_mac' } }));
    await record(fact('E1'));
    await record(fact('E1', { content: { kind: 'text', text: 'not again' } }));
    expect(await messages()).toMatchObject([{ content: { kind: 'text', text: 'E1' } }]);
    expect((await chats())[0]!.unread).toBe(1);
    const events = await owned.events();
    expect(events.map((event) => event.name)).toEqual(['message.received', 'message.completed']);
    expect(events[1]!.payload).toMatchObject({ content: { kind: 'text', text: 'E1' } });
  });

  it('knows messages typed on the phone from those that it sent itself', async () => {
    const [id] = await owned.queue([{ to: '4915100000003', text: 'ours' }]);
    const { waMessageId } = await owned.message(id!);
    const chat = userChat({ phone: '4915100000003', lid: null });
    await record(fact(waMessageId, { fromMe: true, chat }), fact('F1', { fromMe: true, chat }));
    expect(await messages()).toHaveLength(2);
    const [event, ...more] = await owned.events();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      name: 'message.sent_from_phone',
      payload: { waMessageId: 'F1', to: { phone: '4915100000003' } },
    });
    expect((await chats())[0]!.unread).toBe(0);
  });

  it('moves the last message of a chat forward only', async () => {
    await record(fact('G1', { sentAt: new Date('2026-05-02') }), fact('G2', { sentAt: new Date('2026-05-03') }));
    await record(fact('G0', { sentAt: new Date('2026-05-01') }));
    const last = (await messages()).find((message) => message.waMessageId === 'G2')!;
    expect(await chats()).toEqual([{ unread: 3, last: last.id }]);
  });

  it('remembers what is to be downloaded, sealed', async () => {
    const media = { mediaId: null, mimeType: 'image/png', sizeBytes: 10, sha256: null };
    await record(fact('H1', { content: { kind: 'image', media }, download: Buffer.from('the key') }));
    expect(downloads).toBe(1);
    const rows = await db.query<{ sealed: Buffer }>('select sealed from media_downloads where profile_id = $1', [
      owned.profile.profileId,
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.sealed.includes(Buffer.from('the key'))).toBe(false);
  });

  it('stores nothing for a former owner', async () => {
    await owned.successor();
    await expect(record(fact('I1'))).rejects.toBeInstanceOf(LeaseLost);
    expect(await messages()).toEqual([]);
    expect(await owned.events()).toEqual([]);
  });

  it('stores a backlog in one go, in order', async () => {
    await record(...Array.from({ length: 100 }, (_, index) => fact(`J${String(index).padStart(3, '0')}`)));
    const stored = (await messages()).map((message) => message.waMessageId);
    expect(stored).toEqual([...stored].sort());
    expect(stored).toHaveLength(100);
    const [news, ...told] = await owned.allEvents();
    expect(news!.name).toBe('contact.created');
    expect(told.map((event) => event.seq)).toEqual(stored.map((_, index) => index + 2));
  });
});
