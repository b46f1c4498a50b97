import { randomBytes } from 'node:crypto';
import type { MessageContent } from '#contracts';
import { Database, LeasedProfileStore, Sealer } from '#database';
import type { InboundFact } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { buildGroup } from './group.for-spec.js';
import { ana, ben, done, neighbours, said } from './inbound-facts.for-spec.js';
import { MessageRecorder } from './message-recorder.js';
import { OwnedForSpec } from './owned-profile.for-spec.js';

describe('what is done to messages', () => {
  let database: TestDatabase;
  let db: Database;
  let sealer: Sealer;
  let recorder: MessageRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'actions spec');
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
  const at = (minute: number) => ({ sentAt: new Date(Date.UTC(2026, 4, 1, 12, minute)) });
  const message = async (waMessageId: string) => {
    const [row] = await db.query(
      `select content, edited_at as "editedAt", revoked_at as "revokedAt", pinned_until as "pinnedUntil", is_kept as "isKept",
              array(select before from message_edits e where e.message_id = m.id order by at) as edits
         from messages m where profile_id = $1 and wa_message_id = $2`,
      [owned.profile.profileId, waMessageId],
    );
    return row as Record<string, unknown>;
  };
  /** Events after those of the messages themselves. */
  const told = async () =>
    (await owned.events())
      .filter((event) => event.name !== 'message.received')
      .map(({ name, payload }) => ({ name, ...payload }));
  const waiting = async () =>
    (await db.query('select 1 from waiting_actions where profile_id = $1', [owned.profile.profileId])).length;

  it('keeps the newest reaction of each person, and tells of changes only', async () => {
    await record(said('A1', { chat: neighbours }));
    const inGroup = { chat: neighbours };
    const heart = done({ kind: 'reaction', emoji: '❤️' }, 'A1', { ...inGroup, author: ben, ...at(2) });
    await record(done({ kind: 'reaction', emoji: '👍' }, 'A1', { ...inGroup, author: ben, ...at(1) }), heart);
    await record(heart);
    await record(done({ kind: 'reaction', emoji: '😮' }, 'A1', { ...inGroup, author: ben, ...at(0) }));
    await record(done({ kind: 'reaction', emoji: '👍' }, 'A1', { ...inGroup, fromMe: true, ...at(3) }));
    await record(done({ kind: 'reaction', emoji: null }, 'A1', { ...inGroup, author: ben, ...at(4) }));
    await record(done({ kind: 'reaction', emoji: null }, 'A1', { ...inGroup, author: ben, ...at(5) }));
    expect(await told()).toMatchObject([
      { name: 'message.reacted', waMessageId: 'A1', by: ben, emoji: '❤️', previousEmoji: null },
      { name: 'message.reacted', by: null, emoji: '👍' },
      { name: 'message.reacted', by: ben, emoji: null, previousEmoji: '❤️' },
    ]);
  });

  it('changes the words of a message for its author alone, and keeps what they were', async () => {
    await record(said('B1', { chat: neighbours }));
    const edit = done({ kind: 'edit', text: 'second' }, 'B1', { chat: neighbours, ...at(1) });
    await record(edit, done({ kind: 'edit', text: 'third' }, 'B1', { chat: neighbours, ...at(1) }));
    await record(edit);
    await record(done({ kind: 'edit', text: 'not mine' }, 'B1', { chat: neighbours, author: ben, ...at(2) }));
    await record(done({ kind: 'edit', text: 'too late' }, 'B1', { chat: neighbours, ...at(0) }));
    expect(await message('B1')).toMatchObject({
      content: { kind: 'text', text: 'third' },
      edits: ['B1', 'second'],
      editedAt: at(1).sentAt,
    });
    expect(await told()).toMatchObject([
      { name: 'message.edited', by: ana, previousBody: 'B1', content: { text: 'second' } },
      { name: 'message.edited', previousBody: 'second', content: { text: 'third' } },
    ]);
  });

  it('changes captions, and leaves alone what has no words', async () => {
    const media = { mediaId: null, mimeType: 'image/png', sizeBytes: 10, sha256: null };
    const location = { kind: 'location', latitude: 1, longitude: 2 } as const;
    await record(said('C1', { content: { kind: 'image', media } }), said('C2', { content: location }));
    await record(done({ kind: 'edit', text: 'a caption' }, 'C1'), done({ kind: 'edit', text: 'nothing' }, 'C2'));
    expect(await message('C1')).toMatchObject({ content: { kind: 'image', caption: 'a caption', media } });
    expect(await message('C2')).toMatchObject({ content: location, editedAt: null });
  });

  it('deletes for everyone what its author deletes, in a group also others; once', async () => {
    await record(said('D1'), said('D2', { chat: neighbours }), said('D3', { fromMe: true }));
    const revoke = done({ kind: 'revoke' }, 'D1', at(1));
    await record(revoke, revoke);
    await record(revoke, done({ kind: 'edit', text: 'after all' }, 'D1', at(2)));
    await record(done({ kind: 'revoke' }, 'D2', { chat: neighbours, author: ben, ...at(1) }));
    await record(done({ kind: 'revoke' }, 'D3', { targetFromMe: true, ...at(1) }));
    expect(await message('D1')).toMatchObject({ revokedAt: at(1).sentAt, content: { text: 'D1' } });
    expect(await message('D2')).toMatchObject({ revokedAt: at(1).sentAt });
    expect(await message('D3')).toMatchObject({ revokedAt: null });
    expect((await told()).filter((event) => event.name === 'message.revoked')).toMatchObject([
      { waMessageId: 'D1', by: ana, fromMe: false },
      { waMessageId: 'D2', by: ben },
    ]);
  });

  it('lets only admins delete what others wrote, where the members are known', async () => {
    const members = [{ ...ana, role: 'member' } as const, { ...ben, role: 'member' } as const];
    await buildGroup(db, owned.profile, { ...neighbours, members });
    await record(said('L1', { chat: neighbours }));
    const revoke = (minute: number) => done({ kind: 'revoke' }, 'L1', { chat: neighbours, author: ben, ...at(minute) });
    await record(revoke(1));
    expect(await message('L1')).toMatchObject({ revokedAt: null });
    await db.query(`update group_members set role = 'admin' where address = $1`, [ben.lid]);
    await record(revoke(2));
    expect(await message('L1')).toMatchObject({ revokedAt: at(2).sentAt });
  });

  it('pins and keeps', async () => {
    await record(said('E1'));
    await record(done({ kind: 'pin', seconds: 86_400 }, 'E1', at(0)), done({ kind: 'keep', kept: true }, 'E1', at(1)));
    expect(await message('E1')).toMatchObject({ pinnedUntil: new Date('2026-05-02T12:00:00Z'), isKept: true });
    await record(done({ kind: 'pin', seconds: null }, 'E1', at(2)));
    expect(await told()).toMatchObject([
      { name: 'message.pinned', pinnedUntil: '2026-05-02T12:00:00.000Z' },
      { name: 'message.kept', kept: true },
      { name: 'message.pinned', pinnedUntil: null },
    ]);
  });

  it('counts the votes of a poll', async () => {
    const options = ['Pizza', 'Soup', 'None'];
    const content: MessageContent = { kind: 'poll', question: 'Lunch?', options, selectable: 0 };
    await record(said('F1', { chat: neighbours, content }));
    const vote = (author: typeof ana, options: string[], minute: number) =>
      done({ kind: 'poll_vote', options }, 'F1', { chat: neighbours, author, ...at(minute) });
    await record(vote(ana, ['Pizza'], 1));
    await record(vote(ben, ['Soup', 'Pizza'], 2), vote(ben, ['Pizza', 'Soup'], 3));
    await record(vote(ana, ['Soup'], 4));
    await record(vote(ana, [], 5));
    expect((await told()).map((event) => ('tally' in event ? event.tally : null))).toEqual([
      [{ value: 'Pizza', count: 1 }],
      [
        { value: 'Pizza', count: 2 },
        { value: 'Soup', count: 1 },
      ],
      [
        { value: 'Soup', count: 2 },
        { value: 'Pizza', count: 1 },
      ],
      [
        { value: 'Pizza', count: 1 },
        { value: 'Soup', count: 1 },
      ],
    ]);
  });

  it('counts the answers to an invitation', async () => {
    const content = { kind: 'event', name: 'Party', startsAt: '2026-06-01T18:00:00Z' } as const;
    await record(said('G1', { content }));
    await record(done({ kind: 'event_response', response: 'going', extraGuests: 2 }, 'G1', at(1)));
    await record(done({ kind: 'event_response', response: 'maybe' }, 'G1', at(2)));
    expect(await told()).toMatchObject([
      { name: 'event.responded', response: 'going', extraGuests: 2, tally: [{ value: 'going', count: 1 }] },
      { name: 'event.responded', response: 'maybe', extraGuests: 0, tally: [{ value: 'maybe', count: 1 }] },
    ]);
  });

  it('waits for a message that comes after what was done to it', async () => {
    const reaction = done({ kind: 'reaction', emoji: '👍' }, 'H1', at(1));
    const edit = done({ kind: 'edit', text: 'edited' }, 'H1', at(2));
    await record(reaction, edit);
    await record(reaction);
    expect(await waiting()).toBe(2);
    expect(await told()).toEqual([]);
    await record(said('H1'));
    expect(await message('H1')).toMatchObject({ content: { text: 'edited' } });
    expect((await told()).map((event) => event.name)).toEqual(['message.reacted', 'message.edited']);
    expect(await waiting()).toBe(0);
  });

  it('does not take another member’s message for the one that is meant', async () => {
    const reaction = { chat: neighbours, author: ben };
    await record(said('I1', { chat: neighbours, author: ben }));
    await record(done({ kind: 'reaction', emoji: '👍' }, 'I1', { ...reaction, targetAuthor: ana }));
    expect(await told()).toEqual([]);
    await record(said('I1', { chat: neighbours, author: ana }));
    expect(await told()).toMatchObject([{ name: 'message.reacted', waMessageId: 'I1' }]);
  });

  it('marks the journal in the same transaction, so that a replay changes nothing', async () => {
    const store = new LeasedProfileStore(db, await sealer.forOrganization(owned.lease.organizationId), owned.lease);
    await store.commit({ journal: [{ id: 'j1', waMessageId: 'R1', bytes: Buffer.from('j1') }] });
    await record(said('J1'));
    const reaction = done({ kind: 'reaction', emoji: '👍' }, 'J1', { journalId: 'j1' });
    await record(reaction);
    expect(await store.listUnrecorded(10)).toEqual([]);
    await record(reaction);
    expect(await told()).toHaveLength(1);
  });

  it('follows persons who turn out to be one', async () => {
    await record(said('K1', { chat: neighbours, author: ben }));
    const react = (author: typeof ana | { phone: null; lid: string }, emoji: string, minute: number) =>
      done({ kind: 'reaction', emoji }, 'K1', { chat: neighbours, author, targetAuthor: ben, ...at(minute) });
    await record(react({ phone: '4915100000077', lid: null } as never, '👍', 1));
    await record(react({ phone: null, lid: '900000000077' }, '❤️', 2));
    await record(said('K2', { chat: neighbours, author: { phone: '4915100000077', lid: '900000000077' } }));
    const rows = await db.query(`select answer ->> 'emoji' as emoji from message_answers where profile_id = $1`, [
      owned.profile.profileId,
    ]);
    expect(rows).toEqual([{ emoji: '❤️' }]);
  });
});
