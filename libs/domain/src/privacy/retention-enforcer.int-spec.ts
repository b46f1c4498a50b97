import { Readable } from 'node:stream';
import { jest } from '@jest/globals';
import { idFloor, newId } from '#contracts';
import { appendEvents, Database } from '#database';
import { DiskStorage, type MediaStorage } from '#storage';
import { type BuiltProfile, buildActor, buildProfile, createTestDatabase, type TestDatabase } from '#testing';
import { AuditChain } from '../platform/audit-chain.js';
import { AuditSigner } from '../platform/audit-hash.js';
import { recordAudit } from '../platform/audit-trail.js';
import { AuditVerifier } from '../platform/audit-verifier.js';
import type { Logger } from '../platform/logger.js';
import { MediaSweeper } from './media-sweeper.js';
import { Retention } from './retention.js';
import { RetentionEnforcer } from './retention-enforcer.js';

const DAY = 86_400_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;
const signer = new AuditSigner({ current: 'k'.repeat(32), previous: [] });

let test: TestDatabase;
let db: Database;
let storage: MediaStorage;
let profile: BuiltProfile;
let enforcer: RetentionEnforcer;
let retention: Retention;
let chain: AuditChain;

beforeEach(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'spec');
  storage = await DiskStorage.open(test.config.storage.dataDir);
  profile = await buildProfile(db);
  chain = new AuditChain(db, signer);
  enforcer = new RetentionEnforcer({ db, storage, chain, log: silent });
  retention = new Retention(db);
});
afterEach(async () => {
  await db.close();
  await test.drop();
});

const later = (days: number) => new Date(Date.now() + days * DAY);
const always = () => true;
const count = async (table: string) => (await db.query<{ n: number }>(`select count(*) as n from ${table}`))[0]!.n;

/** A message with a file, as old as the id says. */
async function message(at = new Date(), state = 'received'): Promise<string> {
  const { organizationId, profileId } = profile;
  const [id, personId, conversationId, mediaId] = [
    idFloor(at).slice(0, 24) + newId<string>().slice(24),
    newId(),
    newId(),
    newId(),
  ];
  const stored = await storage.write(Readable.from([Buffer.from(String(mediaId))]), { maxBytes: 100 });
  await db.query('insert into persons (id, organization_id) values ($1, $2)', [personId, organizationId]);
  await db.query('insert into conversations (id, organization_id, profile_id, person_id) values ($1, $2, $3, $4)', [
    ...[conversationId, organizationId, profileId, personId],
  ]);
  await db.query(
    `insert into media_objects (id, organization_id, storage_key, mime_type, size_bytes, sha256)
     values ($1, $2, $3, 'image/png', 1, $4)`,
    [mediaId, organizationId, stored.storageKey, stored.sha256],
  );
  await db.query(
    `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                           state, sent_at)
     values ($1, $2, $3, $4, 'incoming', $5, 'image', $6, $7, now())`,
    [id, organizationId, profileId, conversationId, id, JSON.stringify({ kind: 'image', media: { mediaId } }), state],
  );
  return id;
}

it('keeps everything by default for as long as the catalogue says, and messages for ever', async () => {
  await message();
  await enforcer.run(later(60), always);
  expect([await count('messages'), await count('media_objects')]).toEqual([1, 1]);
});

it('removes messages with what hangs on them, but not what waits to be sent', async () => {
  const actor = buildActor(profile);
  await retention.update(actor, { messages: 30 });
  await message();
  const waiting = await message(new Date(), 'queued');
  await db.query(
    `insert into outbox (message_id, organization_id, profile_id, conversation_id, lane, not_before, expires_at)
     select id, organization_id, profile_id, conversation_id, 0, now(), now() from messages where id = $1`,
    [waiting],
  );
  await enforcer.run(later(29), always);
  expect(await count('messages')).toBe(2);
  await enforcer.run(later(31), always);
  expect(await db.query('select id from messages')).toEqual([{ id: waiting }]);
  expect(await count('media_objects')).toBe(1);
  expect((await retention.get(actor)).lastRun?.removed).toEqual({ messages: 1 });
  const [told] = await db.query<{ payload: unknown }>("select payload from events where name = 'retention.enforced'");
  expect(told?.payload).toEqual({ removed: { messages: 1 } });
});

it('removes events that every reader has read, and leaves the rest of the stream without a gap', async () => {
  const { organizationId, profileId } = profile;
  await retention.update(buildActor(profile), { events: 7 });
  const event = { organizationId, profileId, name: 'profile.linked', actor: { kind: 'whatsapp' } } as const;
  const payload = { phoneNumber: '1', lid: null, pushName: null };
  await db.system((tx) =>
    appendEvents(
      tx,
      Array.from({ length: 2500 }, () => ({ ...event, payload })),
    ),
  );
  await db.query(
    "insert into event_cursors (reader, stream_id, organization_id, seq) values ('webhooks', $1, $2, 2400)",
    [profileId, organizationId],
  );
  await enforcer.run(later(8), always);
  const left = await db.query<{ seq: number }>('select seq from events where stream_id = $1 order by seq', [profileId]);
  expect([left.length, left[0]!.seq, left.at(-1)!.seq]).toEqual([100, 2401, 2500]);
});

it('ends the audit trail at its beginning, and the chain still holds and still shows tampering', async () => {
  const actor = buildActor(profile);
  const { organizationId } = profile;
  await retention.update(actor, { events: null, webhookDeliveries: null });
  const record = (n: number) =>
    db.tenant(actor, (tx) =>
      recordAudit(tx, actor, { action: 'workspace.create', resource: { type: 'workspace', id: String(n) } }),
    );
  for (let n = 0; n < 5; n++) await record(n);
  await enforcer.run(later(2000), always);
  const verifier = new AuditVerifier(db, chain, signer);
  expect(await verifier.verify(organizationId)).toMatchObject({
    isIntact: true,
    removedThrough: 6,
    checked: 2,
    lastSeq: 8,
  });
  for (let n = 0; n < 3; n++) await record(n);
  expect(await verifier.verify(organizationId)).toMatchObject({ isIntact: true, lastSeq: 11 });
  await db.query('update audit_heads set anchor_seq = 7');
  expect(await verifier.verify(organizationId)).toMatchObject({ isIntact: false, broken: { reason: 'head_forged' } });
});

it('drops partitions that nobody keeps, and none that somebody does', async () => {
  const partitions = async () =>
    (
      await db.query<{ name: string }>(
        "select relname as name from pg_class where relname ~ '^events_20' and relkind = 'r'",
      )
    )
      .map(({ name }) => name)
      .sort();
  const before = await partitions();
  await retention.update(buildActor(profile), { events: 30 });
  const other = await buildProfile(db);
  await retention.update(buildActor(other), { events: null });
  expect((await enforcer.run(later(200), always)).dropped.filter((name) => name.startsWith('events'))).toEqual([]);
  await retention.update(buildActor(other), { events: 30 });
  const { dropped } = await enforcer.run(later(200), always);
  expect(dropped).toEqual(expect.arrayContaining([before[0]]));
  expect(await partitions()).toEqual(before.filter((name) => !dropped.includes(name)));
});

it('refuses days out of bounds', async () => {
  const actor = buildActor(profile);
  for (const wrong of [{ events: 3 }, { audit: 5000 }, { sessions: null }, { messages: 1.5 }, { exports: 31 }]) {
    await expect((async () => retention.update(actor, wrong))()).rejects.toMatchObject({ code: 'VALIDATION_ERROR' });
  }
});

it('sweeps files and rows that nothing names, and spares what is young or named', async () => {
  await message();
  const orphan = await storage.write(Readable.from([Buffer.from('of a refused request')]), { maxBytes: 100 });
  await db.query(
    `insert into media_objects (id, organization_id, storage_key, mime_type, size_bytes, sha256)
     values ($1, $2, $3, 'image/png', 1, 'x')`,
    [newId(), profile.organizationId, orphan.storageKey],
  );
  const sweeper = new MediaSweeper(db, storage);
  expect(await sweeper.run(new Date(), always)).toEqual({ rows: 0, files: 0 });
  // A day and an hour later; the files say by themselves when they were written.
  const clock = jest.spyOn(Date, 'now').mockReturnValue(later(1.1).getTime());
  expect(await sweeper.run(later(1.1), always)).toEqual({ rows: 1, files: 1 });
  clock.mockRestore();
  expect(await storage.writtenAt(orphan.storageKey)).toBeNull();
  expect(await count('media_objects')).toBe(1);
});
