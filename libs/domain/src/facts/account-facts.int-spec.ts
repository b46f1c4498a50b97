import { randomBytes } from 'node:crypto';
import {
  Database,
  erasePerson,
  findLatestMessages,
  listConversationMessages,
  listConversations,
  mergePersons,
  removeOldCalls,
  resolvePersons,
  Sealer,
  type Tx,
} from '#database';
import { type AccountFact, mutedForEver, userChat } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { ana, ben, neighbours, said } from '../messaging/inbound-facts.for-spec.js';
import { MessageRecorder } from '../messaging/message-recorder.js';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import { factHandlers } from './fact-handlers.js';
import { FactRecorder } from './fact-recorder.js';

const at = new Date('2026-05-01T12:00:00Z');
const later = new Date('2026-05-01T13:00:00Z');
const head = { at, source: 'app_state' } as const;

describe('what is stored of chats, labels, people and calls', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: FactRecorder;
  let inbox: MessageRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'account facts spec');
    recorder = new FactRecorder(db, factHandlers);
    inbox = new MessageRecorder(db, new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] }));
  });
  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const record = (...facts: AccountFact[]) => recorder.record(owned, facts);
  const events = async (prefix: string) =>
    (await owned.events())
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, payload }) => ({ name, payload }));
  const rows = (sql: string) => db.query<Record<string, unknown>>(sql, [owned.profile.profileId]);
  const withAna = userChat(ana);

  const messages = () => rows('select id, is_starred, deleted_for_me_at from messages where profile_id = $1');

  describe('chats', () => {
    const states = () =>
      rows(`select kind, is_archived, pinned_at, muted_until, is_marked_unread, disappears_in_seconds
              from conversations where profile_id = $1 order by kind`);

    it('keep how they were set, and tell it once', async () => {
      const facts: AccountFact[] = [
        { type: 'chat_archived', ...head, chat: withAna, archived: true },
        { type: 'chat_archived', ...head, chat: neighbours, archived: true },
        { type: 'chat_pinned', ...head, chat: withAna, pinned: true },
        { type: 'chat_muted', ...head, chat: withAna, until: mutedForEver },
        { type: 'chat_marked', ...head, chat: withAna, unread: true },
        { type: 'chat_timer_changed', ...head, chat: withAna, seconds: 86_400 },
      ];
      await record(...facts);
      await record(...facts);
      expect(await states()).toEqual([
        expect.objectContaining({ kind: 'group', is_archived: true, pinned_at: null }),
        {
          kind: 'user',
          is_archived: true,
          pinned_at: at,
          muted_until: mutedForEver,
          is_marked_unread: true,
          disappears_in_seconds: 86_400,
        },
      ]);
      const told = await events('conversation.updated');
      expect(told.map(({ payload }) => (payload as { changes: object }).changes)).toEqual([
        { archived: true },
        { archived: true },
        { pinned: true },
        { mutedUntil: mutedForEver.toISOString() },
        { markedUnread: true },
        { disappearsInSeconds: 86_400 },
      ]);
      expect(told[0]!.payload).toMatchObject({
        chat: { kind: 'user', id: `${ana.phone}@s.whatsapp.net` },
        at: at.toISOString(),
      });
    });

    it('are as the last word says, and no chat is made for what is so anyway', async () => {
      await record(
        { type: 'chat_pinned', ...head, chat: withAna, pinned: true },
        { type: 'chat_pinned', ...head, at: later, chat: withAna, pinned: false },
        { type: 'chat_archived', ...head, chat: neighbours, archived: false },
      );
      expect(await states()).toMatchObject([{ kind: 'user', pinned_at: null }]);
      expect(await events('conversation.updated')).toEqual([]);
    });

    it('that the phone had before it was linked are kept and told to nobody', async () => {
      await record({ type: 'chat_archived', at, source: 'history', chat: withAna, archived: true });
      expect(await states()).toMatchObject([{ is_archived: true }]);
      expect(await events('conversation')).toEqual([]);
    });

    it('do not split by the form of the address', async () => {
      await record({ type: 'chat_archived', ...head, chat: userChat({ phone: ana.phone, lid: null }), archived: true });
      await record({ type: 'chat_pinned', ...head, chat: userChat({ phone: null, lid: ana.lid }), pinned: true });
      expect(await states()).toHaveLength(2);
      await record({ type: 'chat_muted', ...head, chat: withAna, until: mutedForEver });
      expect(await states()).toEqual([
        expect.objectContaining({ is_archived: true, pinned_at: at, muted_until: mutedForEver }),
      ]);
      expect(await events('conversation.merged')).toHaveLength(1);
    });

    it('are cleared and removed up to a moment', async () => {
      await inbox.record(owned, [said('KEPT')], () => undefined);
      const target = { waMessageId: 'KEPT', fromMe: false, author: null };
      await record({ type: 'message_starred', ...head, chat: withAna, target, starred: true });
      const clear = (upTo: Date, keepsStarred: boolean): AccountFact => {
        return { type: 'chat_cleared', ...head, chat: withAna, upTo, keepsStarred, newest: null };
      };
      await record(clear(at, true));
      expect(await messages()).toMatchObject([{ is_starred: true }]);
      await record(clear(later, false), clear(later, false));
      expect(await messages()).toMatchObject([{ is_starred: false }]);
      await record({ type: 'chat_deleted', ...head, chat: withAna, upTo: later, newest: null });
      expect(await rows('select cleared_at, deleted_at from conversations where profile_id = $1')).toEqual([
        { cleared_at: later, deleted_at: later },
      ]);
      expect((await events('conversation.')).map(({ name }) => name)).toEqual([
        'conversation.cleared',
        'conversation.cleared',
        'conversation.removed',
      ]);
    });

    it('show what came after they were cleared or removed, in the same second too', async () => {
      const { organizationId, profileId } = owned.lease;
      const comes = (id: string) => inbox.record(owned, [said(id, { sentAt: at })], () => undefined);
      const inTx = <T>(read: (tx: Tx) => Promise<T>) => db.system(read);
      const seen = async () => {
        const [chat] = await rows('select id, unread_count as unread from conversations where profile_id = $1');
        const page = { filter: {}, limit: 10 };
        const list = await inTx((tx) => listConversationMessages(tx, organizationId, chat!.id as string, page));
        const inbox = await inTx((tx) => listConversations(tx, organizationId, profileId, {}, { limit: 10 }));
        const [latest] = await inTx((tx) => findLatestMessages(tx, organizationId, inbox));
        return [list.map(({ waMessageId }) => waMessageId), chat!.unread, inbox.length, latest?.waMessageId];
      };
      const upTo = (waMessageId: string) => {
        return { ...head, chat: withAna, upTo: at, newest: { waMessageId, fromMe: false, author: null } };
      };
      await comes('GONE');
      await comes('STAYS');
      await record({ type: 'chat_cleared', keepsStarred: false, ...upTo('GONE') });
      expect(await seen()).toEqual([['STAYS'], 1, 1, 'STAYS']);
      await record({ type: 'chat_cleared', keepsStarred: false, ...head, chat: withAna, upTo: at, newest: null });
      expect(await seen()).toEqual([[], 0, 1, undefined]);
      await comes('NEW');
      expect(await seen()).toEqual([['NEW'], 1, 1, 'NEW']);
      await record({ type: 'chat_deleted', ...upTo('NEW') }, { type: 'chat_deleted', ...upTo('NEW') });
      expect(await seen()).toEqual([[], 0, 0, undefined]);
      await comes('BACK');
      expect(await seen()).toEqual([['BACK'], 1, 1, 'BACK']);
      expect((await events('conversation.')).map(({ name }) => name)).toEqual([
        'conversation.cleared',
        'conversation.cleared',
        'conversation.removed',
      ]);
    });

    it('have messages that are starred, or deleted on the own devices', async () => {
      await inbox.record(owned, [said('IN-GROUP', { chat: neighbours, author: ben })], () => undefined);
      const [{ id }] = (await messages()) as [{ id: string }];
      const target = { waMessageId: 'IN-GROUP', fromMe: false, author: { phone: null, lid: ben.lid } };
      const unknown = { ...target, waMessageId: 'NEVER-SEEN' };
      const star = (starred: boolean): AccountFact => ({
        type: 'message_starred',
        ...head,
        chat: neighbours,
        target,
        starred,
      });
      await record(star(true), { type: 'message_starred', ...head, chat: neighbours, target: unknown, starred: true });
      await record(star(true));
      expect(await events('message.starred')).toMatchObject([
        { payload: { messageId: id, waMessageId: 'IN-GROUP', starred: true, chat: { kind: 'group' } } },
      ]);
      const remove: AccountFact = { type: 'message_deleted_for_me', ...head, chat: neighbours, target };
      await record(remove);
      await record(remove);
      expect(await messages()).toMatchObject([{ deleted_for_me_at: at, is_starred: false }]);
      expect(await rows('select unread_count from conversations where profile_id = $1')).toEqual([{ unread_count: 0 }]);
      expect(await events('message.deleted_for_me')).toHaveLength(1);
    });
  });

  describe('labels', () => {
    const label = (over: Partial<Extract<AccountFact, { type: 'label_changed' }>> = {}): AccountFact => {
      return { type: 'label_changed', ...head, labelId: '7', name: 'Customer', color: 3, deleted: false, ...over };
    };
    const set = (isSet: boolean, waMessageId?: string): AccountFact => {
      const on = { chat: withAna, ...(waMessageId ? { target: { waMessageId } } : {}) };
      return { type: 'label_set', ...head, labelId: '7', on, set: isSet };
    };

    it('are made, changed, put on and taken off, in any order', async () => {
      await record(set(true), label(), set(true, 'M1'));
      await record(set(true), label(), label({ name: 'Good customer' }));
      await record(set(false));
      expect(await rows('select wa_id, name, color, is_deleted from labels where profile_id = $1')).toEqual([
        { wa_id: '7', name: 'Good customer', color: 3, is_deleted: false },
      ]);
      expect(
        await rows('select wa_message_id from label_links join labels l on l.id = label_id where profile_id = $1'),
      ).toEqual([{ wa_message_id: 'M1' }]);
      expect(await events('label.')).toMatchObject([
        { name: 'label.attached', payload: { waMessageId: null } },
        { name: 'label.created', payload: { waLabelId: '7', name: 'Customer', color: 3 } },
        { name: 'label.attached', payload: { waMessageId: 'M1', name: 'Customer' } },
        { name: 'label.updated', payload: { name: 'Good customer' } },
        { name: 'label.detached', payload: { waMessageId: null } },
      ]);
    });

    it('are on nothing any more when they are deleted, and an unknown one is not missed', async () => {
      await record(
        label(),
        set(true),
        label({ name: '', deleted: true }),
        set(true),
        label({ labelId: '8', deleted: true }),
      );
      expect(await rows('select name from labels where profile_id = $1 and is_deleted order by wa_id')).toMatchObject([
        { name: 'Customer' },
        {},
      ]);
      expect(await rows('select 1 from label_links join labels l on l.id = label_id where profile_id = $1')).toEqual(
        [],
      );
      expect((await events('label.')).map(({ name }) => name)).toEqual([
        'label.created',
        'label.attached',
        'label.deleted',
      ]);
    });
  });

  describe('people', () => {
    const contacts = () =>
      rows(`select saved_name, push_name, verified_name, about, picture_id, is_blocked, identity_changed_at
              from contacts where profile_id = $1 order by id`);

    it('have names, an about text and a picture, told when they change', async () => {
      const facts: AccountFact[] = [
        { type: 'person_named', ...head, person: ana, names: { saved: 'Ana B.', push: 'ana' } },
        { type: 'about_changed', ...head, person: ana, about: 'At the beach' },
        { type: 'picture_changed', ...head, of: { person: ana }, pictureId: '77', removed: false, by: null },
        { type: 'identity_key_changed', ...head, person: ana },
      ];
      await record(...facts);
      await record(...facts);
      await record({ type: 'person_named', ...head, person: { phone: null, lid: ana.lid }, names: { saved: null } });
      expect(await contacts()).toEqual([
        {
          saved_name: null,
          push_name: 'ana',
          verified_name: null,
          about: 'At the beach',
          picture_id: '77',
          is_blocked: false,
          identity_changed_at: at,
        },
      ]);
      expect(await events('contact.')).toMatchObject([
        {
          name: 'contact.updated',
          payload: { person: { ...ana, name: 'Ana B.' }, changes: { savedName: 'Ana B.', pushName: 'ana' } },
        },
        { name: 'contact.updated', payload: { changes: { about: 'At the beach' } } },
        { name: 'contact.picture_changed', payload: { pictureId: '77', removed: false } },
        { name: 'contact.identity_changed' },
        { name: 'contact.updated', payload: { changes: { savedName: null }, person: { name: 'ana' } } },
      ]);
    });

    it('are not made of what says nothing, nor of the account itself', async () => {
      await record(
        { type: 'person_named', ...head, person: ana, names: { saved: null } },
        { type: 'block_changed', ...head, person: ana, blocked: false },
        { type: 'about_changed', ...head, person: { phone: '15550009999', lid: null }, about: 'me' },
        {
          type: 'picture_changed',
          ...head,
          of: { groupId: '120363041234567890' },
          pictureId: '1',
          removed: false,
          by: null,
        },
      );
      expect(await contacts()).toEqual([]);
      expect(await events('contact')).toEqual([]);
    });

    it('are blocked one by one, and as a whole list says', async () => {
      await record({ type: 'block_changed', ...head, person: ana, blocked: true });
      await record({ type: 'block_list', ...head, people: [ana] });
      await record({ type: 'block_list', ...head, at: later, people: [ben] });
      await record({ type: 'block_list', ...head, at: later, people: [] });
      expect((await contacts()).map((contact) => contact.is_blocked)).toEqual([false, false]);
      expect((await events('contact.updated')).map(({ payload }) => payload)).toMatchObject([
        { person: ana, changes: { blocked: true } },
        { person: ben, changes: { blocked: true } },
        { person: ana, changes: { blocked: false } },
        { person: ben, changes: { blocked: false } },
      ]);
    });

    it('stay who they are when their number changes', async () => {
      const person = { phone: '4915100000099', lid: ana.lid };
      const changed: AccountFact = { type: 'number_changed', ...head, person, oldPhone: ana.phone! };
      await record({ type: 'person_named', ...head, person: ana, names: { saved: 'Ana' } });
      await record(changed);
      await record(changed);
      expect(await events('contact.number_changed')).toMatchObject([
        { payload: { person: { ...person, name: 'Ana' }, oldPhone: ana.phone, newPhone: '4915100000099' } },
      ]);
      expect(await contacts()).toHaveLength(1);
      // WhatsApp does not always tell the LID: whoever had the number has it.
      await record({ ...changed, person: { phone: '4915100000077', lid: null }, oldPhone: '4915100000099' });
      expect(await events('contact.number_changed')).toHaveLength(2);
      expect(await contacts()).toHaveLength(1);
    });

    it('take with them what is known of both, when two turn out to be one', async () => {
      const byPhone = { phone: ana.phone, lid: null };
      const byLid = { phone: null, lid: ana.lid };
      await record(
        { type: 'person_named', ...head, person: byPhone, names: { saved: 'Ana' } },
        { type: 'about_changed', ...head, person: byLid, about: 'At the beach' },
        {
          type: 'call',
          at,
          source: 'notification',
          callId: 'C1',
          from: byLid,
          groupId: null,
          isVideo: false,
          state: 'ringing',
          reason: null,
        },
        { type: 'label_set', ...head, labelId: '7', on: { chat: userChat(byLid) }, set: true },
        { type: 'chat_archived', ...head, chat: userChat(byPhone), archived: true },
      );
      const { organizationId } = owned.profile;
      const { personIds } = await db.system((tx) => resolvePersons(tx, organizationId, [byPhone, byLid]));
      await db.system((tx) => mergePersons(tx, personIds));
      expect(await contacts()).toMatchObject([{ saved_name: 'Ana', about: 'At the beach' }]);
      expect(
        await rows(
          'select 1 from label_links k join conversations c on c.id = k.conversation_id where c.profile_id = $1',
        ),
      ).toHaveLength(1);
      expect(await rows('select 1 from calls where profile_id = $1')).toHaveLength(1);
    });
  });

  describe('calls', () => {
    const call = (state: 'ringing' | 'accepted' | 'rejected' | 'missed' | 'ended', over: object = {}): AccountFact =>
      ({
        ...{
          type: 'call',
          at,
          source: 'notification',
          callId: 'C1',
          from: ana,
          groupId: null,
          isVideo: null,
          reason: null,
        },
        state,
        ...over,
      }) as AccountFact;
    const names = async () => (await events('call.')).map(({ name }) => name);

    it('go forward only, each step told once', async () => {
      await record(call('ringing', { isVideo: true }), call('ringing'));
      await record(call('accepted', { reason: 'accepted_elsewhere' }), call('ended', { at: later }));
      await record(call('ringing'), call('ended'), call('rejected'));
      expect(await names()).toEqual(['call.received', 'call.accepted', 'call.ended']);
      expect((await events('call.')).at(-1)!.payload).toMatchObject({
        waCallId: 'C1',
        from: ana,
        groupChatId: null,
        isVideo: true,
        startedAt: at.toISOString(),
        endedAt: later.toISOString(),
      });
    });

    it('that nobody answered before they ended were missed', async () => {
      await record(call('ringing', { groupId: '120363041234567890' }), call('ended', { reason: 'hangup' }));
      expect(await names()).toEqual(['call.received', 'call.missed']);
      expect((await events('call.'))[0]!.payload).toMatchObject({ groupChatId: '120363041234567890@g.us' });
    });

    it('go with the person, and by age', async () => {
      await record(call('ringing'), call('rejected'), call('ringing', { callId: 'C2', from: ben, at: later }));
      const { organizationId, profileId } = owned.profile;
      const { personIds } = await db.system((tx) => resolvePersons(tx, organizationId, [ana]));
      expect(await db.system((tx) => erasePerson(tx, personIds[0]!))).toMatchObject({ calls: 1 });
      expect(await removeOldCalls(db, profileId, later, 10)).toBe(0);
      expect(await removeOldCalls(db, profileId, new Date(later.getTime() + 1), 10)).toBe(1);
    });
  });

  it('a thousand names from the phone are kept in a few statements', async () => {
    const facts = Array.from({ length: 1_000 }, (_, index): AccountFact => {
      const person = { phone: String(4_915_200_000_000 + index), lid: null };
      return { type: 'person_named', at, source: 'history', person, names: { saved: `Contact ${index}` } };
    });
    await record(...facts);
    await record(...facts);
    expect(
      await rows('select count(*)::int as n from contacts where profile_id = $1 and saved_name is not null'),
    ).toEqual([{ n: 1_000 }]);
    expect(await events('contact')).toEqual([]);
  });
});
