import { randomBytes } from 'node:crypto';
import type { MessageAction } from '#contracts';
import { Database, findMessages, Sealer } from '#database';
import { userChat } from '#engine';
import { buildActor, createTestDatabase, type TestDatabase } from '#testing';
import { settleSends } from './delivery-settlement.js';
import { ana, neighbours, said } from './inbound-facts.for-spec.js';
import { MessageActions } from './message-actions.js';
import { recordsOf } from './message-history.js';
import { MessageRecorder } from './message-recorder.js';
import { messageView } from './message-view.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';
import { ReceiptRecorder } from './receipt-recorder.js';

describe('actions of ours', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: MessageRecorder;
  let actions: MessageActions;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'own actions spec');
    recorder = new MessageRecorder(db, new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] }));
    actions = new MessageActions(db, { expiryMs: 3_600_000 });
  });
  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const received = (id: string, more = {}) => recorder.record(owned, [said(id, more)], () => undefined);
  const accept = (target: string, action: MessageAction) =>
    actions.accept(buildActor(owned.profile), owned.profile.profileId, { target, action });
  const acknowledged = (messageId: string) =>
    settleSends(db, owned, [{ messageId, state: 'sent', reason: null, at: new Date() }]);
  const view = async (waMessageId: string) =>
    db.system(async (tx) => {
      const [row] = await tx.query<{ id: string }>('select id from messages where wa_message_id = $1', [waMessageId]);
      const [record] = await recordsOf(tx, await findMessages(tx, owned.profile.organizationId, [row!.id]));
      return messageView(record!);
    });
  const told = async () => (await owned.events()).filter((event) => event.name !== 'message.received');
  const reasonOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'accepted',
      (error) => error.details.reason,
    );

  it('wait in the outbox and show when WhatsApp has them', async () => {
    await received('A1', { chat: neighbours });
    const accepted = await accept('A1', { kind: 'reaction', emoji: '👍' });
    expect(await owned.waiting()).toMatchObject([{ id: accepted.id }]);
    expect((await view('A1')).reactions).toEqual([]);
    await acknowledged(accepted.id);
    expect((await view('A1')).reactions).toEqual([{ emoji: '👍', count: 1, fromMe: true }]);
    const { id: actionId, waMessageId, messageId } = accepted;
    expect(await told()).toMatchObject([
      { name: 'action.queued', seq: accepted.seq, payload: { actionId, waMessageId, messageId } },
      { name: 'action.changed', payload: { actionId, state: 'sent', action: { kind: 'reaction', emoji: '👍' } } },
      { name: 'message.reacted', payload: { messageId, by: null, emoji: '👍' } },
    ]);
  });

  it('are seen by no list and move no conversation', async () => {
    await received('B1');
    const accepted = await accept('B1', { kind: 'reaction', emoji: '👍' });
    const [chat] = await db.query<{ last: string }>(
      'select last_message_id as last from conversations where profile_id = $1',
      [owned.profile.profileId],
    );
    expect(chat!.last).toBe(accepted.messageId);
    const found = await db.system((tx) => findMessages(tx, owned.profile.organizationId, [accepted.id]));
    expect(found).toEqual([]);
  });

  it('that fail change nothing, and say why', async () => {
    await received('C1');
    const { id } = await accept('C1', { kind: 'reaction', emoji: '👍' });
    await settleSends(db, owned, [{ messageId: id, state: 'failed', reason: 'rejected_479', at: new Date() }]);
    expect((await view('C1')).reactions).toEqual([]);
    expect((await told()).at(-1)).toMatchObject({
      name: 'action.changed',
      payload: { state: 'failed', reason: 'rejected_479' },
    });
  });

  it('are proven by a receipt as well, once', async () => {
    const [id] = await owned.queue([{ to: ana.phone!, text: 'hello' }]);
    const { waMessageId: target } = await owned.message(id!);
    await acknowledged(id!);
    const accepted = await accept(id!, { kind: 'edit', text: 'hello again' });
    const receipts = new ReceiptRecorder(db);
    const fact = { chat: userChat(ana), by: ana, at: new Date() };
    await receipts.record(owned, [{ ...fact, waMessageIds: [accepted.waMessageId], state: 'delivered' }]);
    await acknowledged(accepted.id);
    expect(await view(target)).toMatchObject({ body: 'hello again', editedAt: expect.any(String) });
    expect((await told()).map((event) => event.name)).toEqual([
      'message.sent',
      'action.queued',
      'action.changed',
      'message.edited',
    ]);
  });

  it('delete for everyone: then nothing shows what was said', async () => {
    const [id] = await owned.queue([{ to: ana.phone!, text: 'regretted' }]);
    await acknowledged(id!);
    const { id: actionId } = await accept(id!, { kind: 'revoke' });
    await acknowledged(actionId);
    const { waMessageId } = await owned.message(id!);
    expect(await view(waMessageId)).toMatchObject({ body: null, content: {}, deletedAt: expect.any(String) });
    expect(await reasonOf(accept(id!, { kind: 'reaction', emoji: '👍' }))).toBe('message_deleted');
  });

  it('are refused where they make no sense', async () => {
    const poll = { kind: 'poll', question: 'Lunch?', options: ['Yes', 'No'], selectable: 1 } as const;
    await received('D1');
    await received('D2', { content: poll });
    await received('D3', { fromMe: true, content: { kind: 'location', latitude: 1, longitude: 2 } });
    const reasons = await Promise.all([
      reasonOf(accept('D1', { kind: 'edit', text: 'x' })),
      reasonOf(accept('D3', { kind: 'edit', text: 'x' })),
      reasonOf(accept('D1', { kind: 'poll_vote', options: ['Yes'] })),
      reasonOf(accept('D2', { kind: 'poll_vote', options: ['Perhaps'] })),
      reasonOf(accept('D2', { kind: 'poll_vote', options: ['Yes', 'No'] })),
      reasonOf(accept('D1', { kind: 'event_response', response: 'going' })),
      reasonOf(accept('D1', { kind: 'pin', seconds: 5 })),
      reasonOf(accept('D2', { kind: 'poll_vote', options: ['Yes'] })),
    ]);
    expect(reasons).toEqual([
      'not_own_message',
      'nothing_to_edit',
      'not_a_poll',
      'unknown_option',
      'too_many_options',
      'not_an_event',
      'pin_duration',
      'accepted',
    ]);
    await expect(accept('NOWHERE', { kind: 'revoke' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
