/**
 * `node scripts/migration.mjs dev <name>` writes prisma/migrations/<time>_<name>/migration.sql with what prisma/schema.prisma
 * has and the migrations lack (edit it before you commit: row-level security, partitions and checks are not in the
 * schema). `node scripts/migration.mjs check` fails when there is such a difference.
 *
 * Both replay the migrations in a scratch database (on DATABASE_URL, else on an embedded PostgreSQL) and compare through
 * Prisma's schema engine in WebAssembly, because the binary one would have to be downloaded.
 */
import './node-version.mjs';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';
import { build } from './build.mjs';
import { fail, root } from './run.mjs';

const [command, name] = process.argv.slice(2);
if (command !== 'check' && !(command === 'dev' && /^[a-z0-9_]+$/.test(name ?? ''))) {
  fail('Usage: node scripts/migration.mjs check | dev <name_in_lower_case>');
}

await build();
const { EmbeddedPostgres, migrate } = await import('#database');
const schemaPath = join(root, 'prisma/schema.prisma');
const schema = { files: [{ path: schemaPath, content: readFileSync(schemaPath, 'utf8') }] };

function writeMigration(sql) {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(root, 'prisma/migrations', `${stamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'migration.sql'), sql);
  const lock = join(root, 'prisma/migrations/migration_lock.toml');
  if (!existsSync(lock)) writeFileSync(lock, 'provider = "postgresql"\n');
  console.log(`Wrote prisma/migrations/${stamp}_${name}/migration.sql. Read it, and add what the schema cannot say.`);
}

async function withScratchDatabase(work) {
  const given = process.env.DATABASE_URL;
  if (given) return scratchOn(given, work);
  const dataDir = mkdtempSync(join(tmpdir(), 'waypost-migration-'));
  let server;
  try {
    server = await EmbeddedPostgres.start({ dataDir, log: console.log, settings: { fsync: 'off' } });
    return await scratchOn(server.url, work);
  } finally {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function scratchOn(serverUrl, work) {
  const scratch = `waypost_scratch_${process.pid}`;
  const url = new URL(serverUrl);
  url.pathname = `/${scratch}`;
  const admin = new pg.Client({ connectionString: serverUrl });
  await admin.connect();
  try {
    await admin.query(`create database ${scratch}`);
    return await work(url.href);
  } finally {
    await admin.query(`drop database if exists ${scratch} with (force)`);
    await admin.end();
  }
}

/** SQL that leads from the database to the schema; empty when they agree. */
async function compare(url) {
  const { SchemaEngine } = await loadEngine();
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => undefined);
  try {
    const factory = bindMigrationAwareSqlAdapterFactory(new DescribingAdapterFactory(pool));
    const datamodels = schema.files.map((file) => [file.path, file.content]);
    const engine = await SchemaEngine.new({ datamodels }, () => undefined, factory);
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', configDir: root, ...schema },
      to: { tag: 'schemaDatamodel', ...schema },
      filters: { externalTables: [], externalEnums: [] },
      script: true,
      exitCode: true,
    });
    return exitCode === 0 ? '' : stdout;
  } finally {
    await pool.end();
  }
}

/** The package's own entry point imports the .wasm file as a module, which Node does not do without a flag. */
async function loadEngine() {
  const folder = dirname(fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm')));
  const bindings = await import(join(folder, 'schema_engine_bg.js'));
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      throw new Error(`The schema engine failed: ${message}`);
    },
  };
  const { instance } = await WebAssembly.instantiate(readFileSync(join(folder, 'schema_engine_bg.wasm')), {
    './schema_engine_bg.js': bindings,
  });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** The engine reads pg_catalog's one-byte "char" type, which the adapter does not know: shown as text, typed as character. */
class DescribingAdapterFactory extends PrismaPg {
  async connect() {
    return describing(await super.connect());
  }
}

function describing(adapter) {
  const charType = 18;
  const textType = 25;
  const charColumns = new WeakMap();
  const { performIO, queryRaw, startTransaction } = adapter;
  adapter.performIO = async function (query) {
    const result = await performIO.call(this, query);
    const columns = [...(result.fields ?? []).keys()].filter((index) => result.fields[index].dataTypeID === charType);
    for (const index of columns) result.fields[index].dataTypeID = textType;
    if (result.rows) charColumns.set(result.rows, columns);
    return result;
  };
  adapter.queryRaw = async function (query) {
    const result = await queryRaw.call(this, query);
    for (const index of charColumns.get(result.rows)) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  if (startTransaction) {
    adapter.startTransaction = async (...options) => describing(await startTransaction.apply(adapter, options));
  }
  return adapter;
}

const difference = await withScratchDatabase(async (url) => {
  await migrate(url);
  return compare(url);
});

if (difference === '') console.log('The migrations give what the schema says.');
else if (command === 'check') fail(`The migrations do not give what prisma/schema.prisma says:\n${difference}`);
else writeMigration(difference);
