/**
 * `npm run audit:verify` computes the hash chain of every organization's audit trail again and names the first entry that
 * was altered, removed or added. `-- <organization id>` for one of them, `--expect <position>:<hash>` to compare with what
 * was noted earlier, outside of the database. Ends with code 1 when a chain is broken, 2 when it could not be read.
 *
 * Settings come from the environment and .env, as for `npm start`; without DATABASE_URL it reads the installation in
 * DATA_DIR, running or not.
 */
import './node-version.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from './build.mjs';
import { root } from './run.mjs';

process.chdir(root);
if (existsSync('.env')) process.loadEnvFile('.env');
const { organizationId, noted } = readArguments(process.argv.slice(2));
await build();
const { AuditChain, AuditSigner, AuditVerifier } = await import('#domain');
const { Database, EmbeddedPostgres } = await import('#database');

const dataDir = resolve(process.env.DATA_DIR || './data');
const signer = AuditSigner.open(readKeys());
const server = await openServer();
const db = await Database.open({ url: server.url, poolSize: 2 }, 'waypost audit:verify');
let broken = 0;
try {
  const verifier = new AuditVerifier(db, new AuditChain(db, signer), signer);
  const organizations = await db.query(
    'select id, name from organizations where $1::uuid is null or id = $1 order by id',
    [organizationId ?? null],
  );
  if (organizations.length === 0) fail('There is no such organization.');
  for (const { id, name } of organizations) {
    const result = await verifier.verify(id, noted);
    const facts = `${result.checked} entries, ends at ${result.lastSeq}:${result.lastHash}`;
    if (result.isIntact) console.log(`intact  ${id}  ${name}: ${facts}`);
    else {
      broken += 1;
      const { seq, entryId, sentence } = result.broken;
      console.log(`BROKEN  ${id}  ${name}: at ${seq}${entryId ? ` (${entryId})` : ''}. ${sentence} ${facts}`);
    }
  }
} finally {
  await db.close();
  await server.close();
}
process.exitCode = broken === 0 ? 0 : 1;

function readArguments(given) {
  const at = given.indexOf('--expect');
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec((at >= 0 && given[at + 1]) || '') ?? [];
  const rest = at >= 0 ? given.toSpliced(at, 2) : given;
  const [id] = rest;
  const isId = id === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  if (rest.length > 1 || !isId || (at >= 0 && (!seq || !id))) {
    fail('Usage: npm run audit:verify -- [<organization id> [--expect <position>:<hash>]]');
  }
  return { organizationId: id, noted: seq && { seq: Number(seq), hash } };
}

function readKeys() {
  const kept = join(dataDir, 'secrets.json');
  const encryptionKey =
    process.env.ENCRYPTION_KEY || (existsSync(kept) && JSON.parse(readFileSync(kept, 'utf8')).ENCRYPTION_KEY);
  if (!encryptionKey) fail(`Set ENCRYPTION_KEY, or DATA_DIR to the folder of the installation (now ${dataDir}).`);
  const previous = (process.env.PREVIOUS_ENCRYPTION_KEYS ?? '').split(',').map((key) => key.trim());
  return { encryptionKey, previousEncryptionKeys: previous.filter(Boolean) };
}

async function openServer() {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, close: async () => undefined };
  const facts = join(dataDir, 'run.json');
  const running = existsSync(facts) && JSON.parse(readFileSync(facts, 'utf8')).postgres?.url;
  if (running) return { url: running, close: async () => undefined };
  if (!existsSync(join(dataDir, 'postgres'))) fail(`There is no database in ${dataDir}. Set DATABASE_URL or DATA_DIR.`);
  const postgres = await EmbeddedPostgres.start({ dataDir: join(dataDir, 'postgres'), log: () => undefined });
  return { url: postgres.url, close: () => postgres.stop() };
}

function fail(sentence) {
  console.error(sentence);
  process.exit(2);
}
