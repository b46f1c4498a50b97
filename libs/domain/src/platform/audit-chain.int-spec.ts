import pg from 'pg';
import { Database, type Tx } from '#database';
import { type BuiltOrganization, buildActor, buildOrganization, createTestDatabase, type TestDatabase } from '#testing';
import { AuditChain } from './audit-chain.js';
import { AuditSigner } from './audit-hash.js';
import { type AuditRecord, recordAudit } from './audit-trail.js';
import { AuditVerifier } from './audit-verifier.js';

let test: TestDatabase;
let db: Database;
let organization: BuiltOrganization;
const signer = new AuditSigner({ current: 'k'.repeat(32), previous: [] });
let chain: AuditChain;
let verifier: AuditVerifier;

beforeEach(async () => {
  test = await createTestDatabase();
  db = await Database.open(test.config.database, 'spec');
  organization = await buildOrganization(db);
  chain = new AuditChain(db, signer);
  verifier = new AuditVerifier(db, chain, signer);
});
afterEach(async () => {
  await db.close();
  await test.drop();
});

const renamed = (n: number): AuditRecord => ({
  action: 'workspace.update',
  resource: { type: 'workspace', id: `w${n}`, name: `Workspace ${n}` },
  before: { name: `old ${n}`, apiKey: 'old' },
  after: { name: `new ${n}`, apiKey: 'new' },
});

async function record(count: number, owner = organization): Promise<void> {
  const actor = buildActor(owner);
  for (let n = 1; n <= count; n++) await db.tenant(actor, (tx) => recordAudit(tx, actor, renamed(n)));
}

/** As somebody with all rights in the database, and no ENCRYPTION_KEY. */
async function tamper(sql: string): Promise<void> {
  const superuser = new pg.Client(test.superuserUrl);
  await superuser.connect();
  await superuser.query('set session_replication_role = replica');
  await superuser.query(sql);
  await superuser.end();
}

const verify = () => verifier.verify(organization.organizationId);

it('keeps who, what and the masked difference, under the names of the time', async () => {
  const actor = { ...buildActor(organization), origin: { ip: '192.0.2.7', userAgent: 'spec', requestId: 'r1' } };
  await db.tenant(actor, (tx) => recordAudit(tx, actor, renamed(1)));
  await db.query("update users set name = 'Renamed'");
  const [entry] = await db.query<Record<string, never>>('select * from audit_entries');
  expect(entry).toMatchObject({
    action: 'workspace.update',
    outcome: 'success',
    actor_kind: 'user',
    user_id: organization.userId,
    request_id: 'r1',
    resource_id: 'w1',
    actor_details: { ip: '192.0.2.7', userAgent: 'spec', email: expect.stringContaining('@') },
    change: { before: { name: 'old 1', apiKey: '[masked]' }, after: { name: 'new 1', apiKey: '[masked]' } },
  });
  expect(JSON.stringify(entry!.actor_details)).not.toContain('Renamed');
});

it('is gone when its change is', async () => {
  const actor = buildActor(organization);
  const change = db.tenant(actor, async (tx: Tx) => {
    await recordAudit(tx, actor, renamed(1));
    throw new Error('no');
  });
  await expect(change).rejects.toThrow('no');
  expect(await db.query('select 1 from audit_entries')).toEqual([]);
});

it('gives positions without gaps and an intact chain, however many write and seal at once', async () => {
  const other = await buildOrganization(db);
  await Promise.all([
    ...Array.from({ length: 8 }, () => record(40)),
    record(10, other),
    ...Array.from({ length: 4 }, () => chain.seal(organization.organizationId)),
  ]);
  expect(await verify()).toMatchObject({ isIntact: true, checked: 320, lastSeq: 320, unsealed: 0, broken: null });
  expect(await verifier.verify(other.organizationId)).toMatchObject({ isIntact: true, checked: 10 });
});

it('lets the application neither change nor remove a sealed entry', async () => {
  await record(2);
  await chain.seal(organization.organizationId);
  for (const sql of [
    "update audit_entries set action = 'auth.login' where seq = 1",
    "update audit_entries set actor_details = '{}' where seq = 1",
    'update audit_entries set actor_details = null where seq = 1',
    'delete from audit_entries where seq = 2',
    'truncate audit_entries',
  ]) {
    await expect(db.query(sql)).rejects.toThrow(/audit log/);
  }
  expect(await verify()).toMatchObject({ isIntact: true, checked: 2 });
});

it.each([
  ['a fact altered', "update audit_entries set action = 'auth.login' where seq = 3", 3, 'altered'],
  ['a time altered', "update audit_entries set at = at - interval '1 day' where seq = 3", 3, 'altered'],
  [
    'a difference altered',
    `update audit_entries set change = change || '{"name":"x"}' where seq = 3`,
    3,
    'personal_altered',
  ],
  [
    'an address altered',
    `update audit_entries set actor_details = actor_details || '{"ip":"1.1.1.1"}' where seq = 2`,
    2,
    'personal_altered',
  ],
  ['personal fields emptied', 'update audit_entries set actor_details = null where seq = 4', 4, 'personal_removed'],
  [
    'personal fields emptied, naming an entry that says nothing of it',
    'update audit_entries set actor_details = null, redacted_by = (select id from audit_entries where seq = 5) where seq = 4',
    4,
    'personal_removed',
  ],
  ['an entry removed', 'delete from audit_entries where seq = 3', 3, 'missing'],
  ['the beginning removed', 'delete from audit_entries where seq < 3', 1, 'missing'],
  ['the tail removed', 'delete from audit_entries where seq > 3', 4, 'missing'],
  ['everything removed', 'delete from audit_entries', 1, 'missing'],
  ['the head removed', 'delete from audit_heads', 1, 'head_missing'],
  [
    'the tail removed and the head put back',
    'delete from audit_entries where seq > 3; update audit_heads set last_seq = 3, last_hash = (select hash from audit_entries where seq = 3)',
    3,
    'head_forged',
  ],
  [
    'an entry put after the end',
    `insert into audit_entries select gen_random_uuid(), organization_id, 6, at, action, outcome, actor_kind, user_id,
       credential_id, resource_type, resource_id, request_id, actor_details, change, actor_digest, change_digest, hash
       from audit_entries where seq = 5`,
    6,
    'unsigned',
  ],
])('names the first broken entry: %s', async (_, sql, seq, reason) => {
  await record(5);
  await chain.seal(organization.organizationId);
  await tamper(sql);
  expect(await verify()).toMatchObject({ isIntact: false, broken: { seq, reason } });
});

it('notices by a noted head that the whole log was put back to an earlier day', async () => {
  await record(3);
  await chain.seal(organization.organizationId);
  await tamper('create table kept_head as select * from audit_heads');
  await record(3);
  const { lastSeq, lastHash } = await verify();
  await tamper(
    'delete from audit_entries where seq > 3; delete from audit_heads; insert into audit_heads select * from kept_head',
  );
  expect(await verify()).toMatchObject({ isIntact: true });
  expect(await verifier.verify(organization.organizationId, { seq: lastSeq, hash: lastHash })).toMatchObject({
    isIntact: false,
    broken: { seq: 4, reason: 'missing' },
  });
});

it('goes on after a change of ENCRYPTION_KEY, and says when the former key is not there', async () => {
  await record(1);
  await chain.seal(organization.organizationId);
  const next = new AuditSigner({ current: 'n'.repeat(32), previous: ['k'.repeat(32)] });
  const onNext = new AuditVerifier(db, new AuditChain(db, next), next);
  expect(await onNext.verify(organization.organizationId)).toMatchObject({ isIntact: true });
  const alone = new AuditSigner({ current: 'n'.repeat(32), previous: [] });
  const verifyAlone = () => new AuditVerifier(db, new AuditChain(db, alone), alone).verify(organization.organizationId);
  expect(await verifyAlone()).toMatchObject({ broken: { reason: 'head_key_unknown' } });
});
