import { randomBytes } from 'node:crypto';
import type { ConversationId, MessageContent } from '#contracts';
import { Database, deleteMessagesForMe, Sealer } from '#database';
import type { InboundFact } from '#engine';
import { buildActor, buildOrganization, createTestDatabase, type TestDatabase } from '#testing';
import { ana, ben, done, neighbours, said } from '../messaging/inbound-facts.for-spec.js';
import { MessageRecorder } from '../messaging/message-recorder.js';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import { type MessageQuestion, MessageSearcher } from './message-searcher.js';

describe('searching messages', () => {
  let database: TestDatabase;
  let db: Database;
  let owned: OwnedForSpec;
  let recorder: MessageRecorder;
  let searcher: MessageSearcher;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'search spec');
    recorder = new MessageRecorder(db, new Sealer(db, { current: randomBytes(32).toString('hex'), previous: [] }));
    searcher = new MessageSearcher(db);
    owned = await OwnedForSpec.build(db);
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const record = (...facts: InboundFact[]) => recorder.record(owned, facts, () => undefined);
  const text = (words: string): { content: MessageContent } => ({ content: { kind: 'text', text: words } });
  /** WhatsApp ids of what is found, newest first. */
  const find = async (q: string, more: Partial<MessageQuestion> = {}) =>
    (await searcher.search(buildActor(owned.profile), { q, limit: 50, ...more })).map(
      (each) => each.message.waMessageId,
    );
  const conversationOf = async (waMessageId: string) => {
    const [row] = await db.query<{ id: ConversationId; messageId: string }>(
      'select conversation_id as id, id as "messageId" from messages where wa_message_id = $1',
      [waMessageId],
    );
    return row!;
  };

  it('finds words of any language, all of them, phrases, and the beginning of the last', async () => {
    await record(
      said('W1', text('Crème brûlée arrives on Friday')),
      said('W2', text('friday on: arrives nothing')),
      said('W3', text('明日は東京タワーへ行きます')),
      said('W4', text('ПРИВЕТ, ёлка!')),
      said('W5', text("don't panic: order #4711-B")),
    );
    expect(await find('FRIDAY ')).toEqual(['W2', 'W1']);
    expect(await find('friday creme ')).toEqual(['W1']);
    expect(await find('"arrives on"')).toEqual(['W1']);
    expect(await find('brul')).toEqual(['W1']);
    expect(await find('brul ')).toEqual([]);
    expect(await find('東京')).toEqual(['W3']);
    expect(await find('京東 ')).toEqual([]);
    expect(await find('привет елка')).toEqual(['W4']);
    expect(await find("don't 4711")).toEqual(['W5']);
    await expect(find('!?')).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await find("'; drop table messages; --")).toEqual([]);
    expect(await find(`& | ! <-> :* ( ) \\ ' quoted`)).toEqual([]);
  });

  it('finds captions, files, polls, cards and places', async () => {
    const file = {
      mediaId: null,
      mimeType: 'application/pdf',
      sizeBytes: 1,
      sha256: null,
      fileName: 'Zebra_contract-2026.pdf',
    };
    await record(
      said('K1', { content: { kind: 'document', media: file, caption: 'sign the giraffe' } }),
      said('K2', {
        content: { kind: 'poll', question: 'Which okapi?', options: ['Tall lemur', 'Small'], selectable: 1 },
      }),
      said('K3', { content: { kind: 'contacts', contacts: [{ name: 'Tapir Jones', vcard: 'X' }] } }),
      said('K4', {
        content: { kind: 'location', latitude: 1, longitude: 2, name: 'Gecko Plaza', address: '5 Newt Road' },
      }),
    );
    expect(await find('zebra contract giraffe')).toEqual(['K1']);
    expect(await find('lemur okapi')).toEqual(['K2']);
    expect(await find('jones')).toEqual(['K3']);
    expect(await find('gecko newt')).toEqual(['K4']);
    expect(await find('zebra', { hasMedia: true, kinds: ['document', 'image'] })).toEqual(['K1']);
    expect(await find('zebra', { hasMedia: false })).toEqual([]);
    expect(await find('okapi', { kinds: ['text'] })).toEqual([]);
  });

  it('follows edits and deletions, and finds nothing of what is gone', async () => {
    await record(said('E1', text('walrus first')), said('E2', text('walrus second')), said('E3', text('walrus third')));
    await record(done({ kind: 'edit', text: 'narwhal now' }, 'E1'), done({ kind: 'revoke' }, 'E2'));
    expect(await find('walrus')).toEqual(['E3']);
    expect(await find('narwhal')).toEqual(['E1']);
    const { id, messageId } = await conversationOf('E3');
    await db.system((tx) => deleteMessagesForMe(tx, [{ messageId, at: new Date() }]));
    expect(await find('walrus')).toEqual([]);
    await db.query(`delete from messages where conversation_id = $1 and wa_message_id = 'E1'`, [id]);
    expect(await find('narwhal')).toEqual([]);
    expect(await db.query('select 1 from message_search where message_id not in (select id from messages)')).toEqual(
      [],
    );
  });

  it('is narrowed by chat, sender, direction, dates and label', async () => {
    const march = { sentAt: new Date('2026-03-01T00:00:00Z') };
    await record(
      said('F1', { ...text('puffin'), ...march }),
      said('F2', { ...text('puffin'), chat: neighbours, author: ben }),
      said('F3', { ...text('puffin'), chat: neighbours, author: ana }),
      said('F4', { ...text('puffin'), fromMe: true }),
    );
    expect(await find('puffin')).toEqual(['F4', 'F3', 'F2', 'F1']);
    expect(await find('puffin', { conversationId: (await conversationOf('F2')).id })).toEqual(['F3', 'F2']);
    expect(await find('puffin', { sender: `+${ana.phone}` })).toEqual(['F3', 'F1']);
    expect(await find('puffin', { sender: `${ben.lid}@lid` })).toEqual(['F2']);
    expect(await find('puffin', { sender: 'me' })).toEqual(['F4']);
    expect(await find('puffin', { sender: '15550000000' })).toEqual([]);
    await expect(find('puffin', { sender: 'somebody' })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
    expect(await find('puffin', { direction: 'outgoing' })).toEqual(['F4']);
    expect(await find('puffin', { until: new Date('2026-04-01T00:00:00Z') })).toEqual(['F1']);
    expect(await find('puffin', { from: new Date('2026-04-01T00:00:00Z'), direction: 'incoming' })).toEqual([
      'F3',
      'F2',
    ]);
    const [newest] = await searcher.search(buildActor(owned.profile), { q: 'puffin', limit: 1 });
    expect(newest!.snippet).toEqual({ text: 'puffin', highlights: [{ from: 0, to: 6 }] });
    expect(await find('puffin', { before: newest!.message.id as never, limit: 2 })).toEqual(['F3', 'F2']);
  });

  it('shows nobody what is not theirs', async () => {
    const other = await OwnedForSpec.build(db, { in: owned.profile });
    await record(said('S1', text('secretbird')));
    await recorder.record(other, [said('S2', text('secretbird'))], () => undefined);
    const stranger = buildActor(await buildOrganization(db));
    expect(await searcher.search(stranger, { q: 'secretbird', limit: 5 })).toEqual([]);
    const { profileId } = owned.profile;
    await expect(searcher.search(stranger, { q: 'a', limit: 5, profileIds: [profileId] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await find('secretbird')).toEqual(['S2', 'S1']);
    const reach = { workspaceIds: [], profileIds: [other.profile.profileId] };
    const limited = await searcher.search(buildActor(owned.profile, { reach }), { q: 'secretbird', limit: 5 });
    expect(limited.map((each) => each.message.waMessageId)).toEqual(['S2']);
  });

  it('goes on where looking through the newest ends, without leaving out or repeating any', async () => {
    const { organizationId, profileId } = owned.profile;
    const { id } = await conversationOf('W1');
    await db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       select ('019f0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $1, $2, $3, 'incoming', 'N' || n, 'text',
              jsonb_build_object('kind', 'text', 'text', 'filler' || case when n % 700 = 0 then ' heron' else '' end),
              'received', now()
         from generate_series(1, 9000) n`,
      [organizationId, profileId, id],
    );
    const all = [8400, 7700, 7000, 6300, 5600, 4900, 4200, 3500, 2800, 2100, 1400, 700].map((n) => `N${n}`);
    expect(await find('heron')).toEqual(all);
    expect(await find('heron', { limit: 3 })).toEqual(all.slice(0, 3));
    expect(await find('heron', { limit: 7, conversationId: id })).toEqual(all.slice(0, 7));
    const [last] = await searcher.search(buildActor(owned.profile), { q: 'heron filler', limit: 1 });
    expect(await find('heron', { before: last!.message.id as never, limit: 50 })).toEqual(all.slice(1));
    expect(await find('fil', { limit: 2 })).toEqual(['N9000', 'N8999']);
  });
});
