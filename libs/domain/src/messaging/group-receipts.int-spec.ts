import { Database } from '#database';
import type { Address, ReceiptFact } from '#engine';
import { buildActor, createTestDatabase, type TestDatabase } from '#testing';
import { settleSends } from './delivery-settlement.js';
import { buildGroup } from './group.for-spec.js';
import { ana, ben, neighbours } from './inbound-facts.for-spec.js';
import { MessageSender } from './message-sender.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';
import { ReceiptRecorder } from './receipt-recorder.js';

describe('receipts of the members of a group', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: ReceiptRecorder;
  let sender: MessageSender;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'group receipts spec');
    recorder = new ReceiptRecorder(db);
    sender = new MessageSender(db, {} as never, { expiryMs: 3_600_000 });
  });
  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const at = new Date('2026-05-01T12:00:00Z');
  const later = new Date('2026-05-01T12:05:00Z');
  const receipt = (by: Address, state: ReceiptFact['state'], waMessageId: string, when = at): ReceiptFact => ({
    waMessageIds: [waMessageId],
    chat: neighbours,
    by,
    state,
    at: when,
  });

  const group = (membersKnown: boolean) =>
    buildGroup(db, owned.profile, {
      ...neighbours,
      members: [
        { ...ana, role: 'admin' },
        { ...ben, role: 'member' },
      ],
      membersKnown,
    });

  /** A message of ours in the group, which the server has. */
  async function sent(): Promise<{ id: string; waMessageId: string }> {
    const content = { kind: 'text', text: 'hello all' } as const;
    const { messages } = await sender.accept(buildActor(owned.profile), {
      profileId: owned.profile.profileId,
      lane: 'interactive',
      drafts: [{ to: neighbours, content }],
    });
    const { id, waMessageId } = messages[0]!;
    await settleSends(db, owned, [{ messageId: id, state: 'sent', reason: null, at }]);
    return { id, waMessageId };
  }

  const told = async () => (await owned.events()).filter((event) => event.name !== 'message.queued');

  it('are kept for each, and move the message when all have confirmed', async () => {
    await group(true);
    const { id, waMessageId } = await sent();
    await recorder.record(owned, [receipt(ana, 'read', waMessageId)]);
    expect((await owned.message(id)).state).toBe('sent');
    await recorder.record(owned, [receipt(ben, 'delivered', waMessageId, later)]);
    expect((await owned.message(id)).state).toBe('delivered');
    await recorder.record(owned, [receipt(ben, 'read', waMessageId, later), receipt(ana, 'delivered', waMessageId)]);
    expect((await owned.message(id)).state).toBe('read');
    const names = (await told()).map((event) => event.name);
    expect(names).toEqual([
      'message.sent',
      'message.receipts',
      'message.delivered',
      'message.receipts',
      'message.read',
      'message.receipts',
    ]);
    expect((await told()).filter((event) => event.name === 'message.receipts')).toMatchObject([
      { payload: { chatId: `${neighbours.id}@g.us`, receipts: [{ messageId: id, person: ana, state: 'read' }] } },
      { payload: { receipts: [{ waMessageId, person: ben, state: 'delivered', at: later.toISOString() }] } },
      { payload: { receipts: [{ person: ben, state: 'read' }] } },
    ]);
  });

  it('are told once, in one event for all of a call', async () => {
    await group(true);
    const [one, two] = [await sent(), await sent()];
    const facts = [one, two].flatMap(({ waMessageId }) => [
      receipt(ana, 'delivered', waMessageId),
      receipt(ben, 'delivered', waMessageId),
    ]);
    await Promise.all([recorder.record(owned, facts), recorder.record(owned, [...facts].reverse())]);
    await recorder.record(owned, facts);
    const receipts = (await told()).filter((event) => event.name === 'message.receipts');
    expect(receipts).toMatchObject([{ payload: { receipts: { length: 4 } } }]);
    for (const { id } of [one, two]) expect((await owned.message(id)).state).toBe('delivered');
  });

  it('leave the message as sent while nobody knows who the members are', async () => {
    await group(false);
    const { id, waMessageId } = await sent();
    await recorder.record(owned, [receipt(ana, 'read', waMessageId), receipt(ben, 'read', waMessageId)]);
    expect((await owned.message(id)).state).toBe('sent');
    const rows = await db.query('select read_at as at from message_receipts where message_id = $1', [id]);
    expect(rows).toEqual([{ at }, { at }]);
  });

  it('prove that a message was sent whose acknowledgement never came', async () => {
    await group(true);
    const { messages } = await sender.accept(buildActor(owned.profile), {
      profileId: owned.profile.profileId,
      lane: 'interactive',
      drafts: [{ to: neighbours, content: { kind: 'text', text: 'x' } }],
    });
    const { id, waMessageId } = messages[0]!;
    await recorder.record(owned, [receipt(ana, 'delivered', waMessageId), receipt(ben, 'delivered', waMessageId)]);
    expect((await owned.message(id)).state).toBe('delivered');
    expect(await owned.waiting()).toEqual([]);
  });
});
