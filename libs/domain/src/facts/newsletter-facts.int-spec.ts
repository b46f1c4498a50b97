import { Database } from '#database';
import type { NewsletterFact, NewsletterInfo } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import { FactRecorder } from './fact-recorder.js';
import { newsletterFactHandlers } from './newsletter-facts.js';

describe('what is stored of newsletters', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: FactRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'newsletter facts spec');
    recorder = new FactRecorder(db, newsletterFactHandlers);
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const at = new Date('2026-05-01T12:00:00Z');
  const head = { newsletterId: '120363002', at, source: 'notification' } as const;
  const newsletter: NewsletterInfo = {
    id: '120363002',
    name: 'Weather',
    description: 'Every day',
    invite: '0029Vabc',
    createdAt: at,
    subscriberCount: 3,
    isVerified: false,
    pictureId: null,
    role: 'subscriber',
    muted: false,
    reactions: 'all',
  };
  const whole: NewsletterFact = { type: 'newsletter', newsletter, at, source: 'lookup' };

  const record = (...facts: NewsletterFact[]) => recorder.record(owned, facts);
  const changes = async () =>
    (await owned.events()).map(({ name, payload }) => [name, (payload as { changes?: object }).changes]);

  it('is told when it is another than before, and only then', async () => {
    await record(whole, whole);
    await record(whole);
    await record({ type: 'newsletter_changed', ...head, name: 'Storms' });
    await record({ type: 'newsletter_role', ...head, muted: true }, { type: 'newsletter_role', ...head, muted: true });
    await record({ type: 'newsletter_role', ...head, role: 'admin' });
    await record({ type: 'newsletter_deleted', ...head }, { type: 'newsletter_deleted', ...head });
    expect(await changes()).toEqual([
      ['newsletter.updated', { name: 'Weather', description: 'Every day', role: 'subscriber' }],
      ['newsletter.updated', { name: 'Storms' }],
      ['newsletter.updated', { isMuted: true }],
      ['newsletter.updated', { role: 'admin' }],
      ['newsletter.updated', { role: 'none', isDeleted: true }],
    ]);
  });

  it('is followed no more when it is not listed', async () => {
    await record(whole);
    await record({ type: 'newsletter_list', newsletterIds: [], at, source: 'lookup' });
    expect((await changes()).slice(1)).toEqual([['newsletter.updated', { role: 'none' }]]);
  });

  it('tells counts of its posts, and of others none', async () => {
    const counts: NewsletterFact = {
      type: 'newsletter_counts',
      ...head,
      serverId: '7',
      views: 9,
      reactions: { '👍': 2 },
    };
    await record(counts);
    await record(whole);
    await record(counts);
    const [told] = (await owned.events()).filter(({ name }) => name === 'newsletter.post_counted');
    expect((await owned.events()).length).toBe(2);
    expect(told!.payload).toMatchObject({
      chatId: '120363002@newsletter',
      name: 'Weather',
      serverId: '7',
      views: 9,
      reactions: { '👍': 2 },
    });
  });

  it('gives its conversation its name', async () => {
    const { organizationId, profileId } = owned.profile;
    await db.query(
      `insert into conversations (id, organization_id, profile_id, kind, room_id)
       values (gen_random_uuid(), $1, $2, 'newsletter', '120363002')`,
      [organizationId, profileId],
    );
    await record(whole);
    const [chat] = await db.query<{ name: string }>(
      `select name from conversations where profile_id = $1 and kind = 'newsletter'`,
      [profileId],
    );
    expect(chat!.name).toBe('Weather');
  });
});
