import { randomBytes } from 'node:crypto';
import { advanceMessages, Database, Sealer } from '#database';
import { LeaseLost, type ReceiptFact, userChat } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { MessageRecorder } from './message-recorder.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';
import { ReceiptRecorder } from './receipt-recorder.js';

describe('the receipt recorder', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: ReceiptRecorder;
  let messages: MessageRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'receipts spec');
    recorder = new ReceiptRecorder(db);
    messages = new MessageRecorder(db, new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] }));
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const by = { phone: '4915200000001', lid: null };
  const chat = userChat(by);
  const at = new Date('2026-05-01T12:00:00Z');
  const receipt = (state: ReceiptFact['state'], ...waMessageIds: string[]): ReceiptFact => ({
    waMessageIds,
    chat,
    by,
    state,
    at,
  });

  async function sent(): Promise<{ id: string; waMessageId: string }> {
    const [id] = await owned.queue([{ to: by.phone, text: 'x' }]);
    return { id: id!, waMessageId: (await owned.message(id!)).waMessageId };
  }

  it('moves states forward and never back', async () => {
    const { id, waMessageId } = await sent();
    await recorder.record(owned, [receipt('read', waMessageId)]);
    await recorder.record(owned, [receipt('delivered', waMessageId)]);
    await recorder.record(owned, [receipt('read', waMessageId), receipt('delivered', waMessageId)]);
    expect((await owned.message(id)).state).toBe('read');
    expect(await owned.eventNames()).toEqual(['message.sent', 'message.read']);
  });

  it('tells each step that comes in one call', async () => {
    const { waMessageId } = await sent();
    const other = await sent();
    await recorder.record(owned, [
      receipt('read', waMessageId, other.waMessageId),
      receipt('delivered', waMessageId, waMessageId),
    ]);
    const steps = (await owned.events()).map(({ name, payload }) => [
      name,
      'messageId' in payload && payload.messageId,
    ]);
    expect(steps.filter(([, messageId]) => messageId !== other.id).map(([name]) => name)).toEqual([
      'message.sent',
      'message.delivered',
      'message.read',
    ]);
  });

  it('proves that a message was sent whose acknowledgement never came', async () => {
    const { waMessageId } = await sent();
    await recorder.record(owned, [receipt('delivered', waMessageId)]);
    expect(await owned.waiting()).toEqual([]);
  });

  it('resolves an unknown outcome, but not a failed message', async () => {
    const unknown = await sent();
    const failed = await sent();
    await db.system((tx) =>
      advanceMessages(tx, [
        { messageId: unknown.id, state: 'unknown', reason: 'not_acknowledged_in_time', at },
        { messageId: failed.id, state: 'failed', reason: 'rejected', at },
      ]),
    );
    await recorder.record(owned, [receipt('delivered', unknown.waMessageId, failed.waMessageId)]);
    expect(await owned.message(unknown.id)).toMatchObject({ state: 'delivered', reason: null });
    expect(await owned.message(failed.id)).toMatchObject({ state: 'failed', reason: 'rejected' });
  });

  it('moves each message once when many tell the same at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, sent));
    const ids = all.map((message) => message.waMessageId);
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        recorder.record(owned, [receipt(index % 2 ? 'read' : 'delivered', ...(index % 3 ? ids : [...ids].reverse()))]),
      ),
    );
    for (const { id } of all) expect((await owned.message(id)).state).toBe('read');
    const names = await owned.eventNames();
    expect(names.filter((name) => name === 'message.read')).toHaveLength(5);
    expect(names.filter((name) => name === 'message.sent')).toHaveLength(5);
  });

  it('drops receipts of unknown messages, and those of a former owner', async () => {
    await recorder.record(owned, [receipt('read', 'UNKNOWN')]);
    const { id, waMessageId } = await sent();
    await owned.successor();
    await expect(recorder.record(owned, [receipt('read', waMessageId)])).rejects.toBeInstanceOf(LeaseLost);
    expect((await owned.message(id)).state).toBe('queued');
    expect(await owned.events()).toEqual([]);
  });

  it('marks a chat read up to what was read elsewhere', async () => {
    const received = (waMessageId: string) => ({
      type: 'message' as const,
      journalId: null,
      waMessageId,
      fromMe: false,
      chat,
      author: by,
      secret: null,
      pushName: null,
      sentAt: at,
      content: { kind: 'text', text: waMessageId } as const,
      quotedWaMessageId: null,
      download: null,
    });
    for (const id of ['R1', 'R2', 'R3']) await messages.record(owned, [received(id)], () => undefined);
    const read = { waMessageIds: ['R2'], chat, at };
    await recorder.recordRead(owned, [read]);
    await recorder.recordRead(owned, [read]);
    const rows = await db.query(
      `select wa_message_id as id, is_read as "isRead" from messages where profile_id = $1 order by id`,
      [owned.profile.profileId],
    );
    expect(rows).toEqual([
      { id: 'R1', isRead: true },
      { id: 'R2', isRead: true },
      { id: 'R3', isRead: false },
    ]);
    const [unread] = await db.query('select unread_count as count from conversations where profile_id = $1', [
      owned.profile.profileId,
    ]);
    expect(unread).toEqual({ count: 1 });
    const told = (await owned.events()).filter((event) => event.name === 'conversation.read');
    expect(told).toMatchObject([{ payload: { count: 2 } }]);
  });
});
