import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Database } from '#database';
import { AuditChain, AuditSigner, recordAudit } from '#domain';
import { buildActor, buildOrganization, createTestDatabase } from '#testing';

const run = promisify(execFile);

it('npm run audit:verify tells of every chain, and ends with 1 when one is broken', async () => {
  const test = await createTestDatabase();
  const db = await Database.open(test.config.database, 'spec');
  const [one, two] = [await buildOrganization(db), await buildOrganization(db)];
  const chain = new AuditChain(db, AuditSigner.open(test.config.secrets));
  for (const organization of [one, two]) {
    const actor = buildActor(organization);
    for (let n = 0; n < 3; n++) {
      await db.tenant(actor, (tx) =>
        recordAudit(tx, actor, { action: 'workspace.create', resource: { type: 'workspace', id: String(n) } }),
      );
    }
    await chain.seal(organization.organizationId);
  }
  const env = { ...process.env, DATABASE_URL: test.url, ENCRYPTION_KEY: test.config.secrets.encryptionKey };
  const verify = (...args: string[]) =>
    run(process.execPath, ['--no-warnings', 'scripts/audit-verify.mjs', ...args], { env }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (failure: { code: number; stdout: string; stderr: string }) => failure,
    );
  const intact = await verify();
  expect(intact.stdout.match(/^intact {2}/gm)).toHaveLength(2);
  expect(intact.code).toBe(0);
  const noted = /ends at (\d+:[0-9a-f]{64})/.exec((await verify(one.organizationId)).stdout)![1]!;

  await db.system(async (tx) => {
    await tx.query("set local waypost.audit_removal = 'on'");
    await tx.query('delete from audit_entries where organization_id = $1 and seq = 3', [one.organizationId]);
  });
  const broken = await verify();
  expect(broken.code).toBe(1);
  expect(broken.stdout).toContain(`BROKEN  ${one.organizationId}`);
  expect(broken.stdout).toContain('at 3. An entry is missing: it was removed.');
  expect(broken.stdout).toContain(`intact  ${two.organizationId}`);
  expect((await verify(two.organizationId, '--expect', noted)).code).toBe(1);
  expect((await verify('nonsense')).code).toBe(2);
  await db.close();
  await test.drop();
});
