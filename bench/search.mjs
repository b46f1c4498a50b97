/**
 * `node bench/search.mjs [messages]`: search over so many messages (default 1,000,000) of one number in 2,000 chats, in a
 * PostgreSQL of its own, as the api asks it. Words are as frequent as in a language: one of them is in nearly half of all
 * messages. Prints percentiles by kind of question. Filling takes some minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../scripts/build.mjs';

await build();
const { newId } = await import('#contracts');
const { Database, EmbeddedPostgres, migrate, searchMessages } = await import('#database');

const total = Number(process.argv[2] ?? 1_000_000);
const rounds = 200;
const [organizationId, profileId] = [newId(), newId()];
const chats = Array.from({ length: 2_000 }, () => newId());
const letters = 'etaoinshrdlucmfw';
const vocabulary = Array.from({ length: 50_000 }, (_, index) => {
  let word = '';
  for (let rest = index + 100; rest > 0; rest = Math.floor(rest / 16)) word += letters[rest % 16];
  return word + 'abcdefg'[index % 7];
});
const any = (list) => list[Math.floor(Math.random() * list.length)];
const word = () => vocabulary[Math.min(49_999, Math.floor(Math.exp(Math.random() * Math.log(50_000))) - 1)];
const between = (from, to) => vocabulary[from + Math.floor(Math.random() * (to - from))];

const dataDir = mkdtempSync(join(tmpdir(), 'waypost-search-'));
const server = await EmbeddedPostgres.start({ dataDir, log: () => undefined, settings: { fsync: 'off' } });
await migrate(server.url);
const db = await Database.open({ url: server.url, poolSize: 4 }, 'search bench', { warn: () => undefined });
try {
  await fill();
  const questions = {
    'very frequent': () => ({ terms: [between(0, 3)] }),
    frequent: () => ({ terms: [between(10, 60)] }),
    medium: () => ({ terms: [between(100, 1_500)] }),
    rare: () => ({ terms: [between(20_000, 49_000)] }),
    'two words': () => ({ terms: [between(0, 50), between(20, 400)] }),
    'three words': () => ({ terms: [between(0, 20), between(0, 100), between(50, 800)] }),
    phrase: () => ({ terms: [`${between(0, 20)} ${between(0, 60)}`] }),
    'beginning of a word': () => ({ terms: [between(0, 5_000).slice(0, 3)], lastIsPrefix: true }),
    'one letter': () => ({ terms: [any([...letters])], lastIsPrefix: true }),
    'in a chat': () => ({ terms: [between(0, 2_000)], conversationId: any(chats) }),
    nothing: () => ({ terms: ['xyzzyq'] }),
  };
  for (const [name, make] of Object.entries(questions)) {
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(await ask(make()));
    times.sort((one, other) => one - other);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => times[Math.floor(rounds * part)].toFixed(1));
    console.log(`${name.padEnd(20)} p50 ${p50} ms   p95 ${p95} ms   p99 ${p99} ms`);
  }
} finally {
  await db.close();
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function ask(question) {
  const started = performance.now();
  const search = { lastIsPrefix: false, profileIds: [profileId], limit: 51, ...question };
  await db.tenant({ organizationId, reach: 'everywhere' }, (tx) => searchMessages(tx, organizationId, search));
  return performance.now() - started;
}

async function fill() {
  await db.system(async (tx) => {
    const [workspaceId, accountId] = [newId(), newId()];
    await tx.query(`insert into organizations (id, name, slug, updated_at) values ($1, 'Bench', 'bench', now())`, [
      organizationId,
    ]);
    await tx.query(
      `insert into workspaces (id, organization_id, name, slug, updated_at) values ($1, $2, 'Bench', 'bench', now())`,
      [workspaceId, organizationId],
    );
    await tx.query(
      `insert into accounts (id, organization_id, workspace_id, name, updated_at) values ($1, $2, $3, 'Bench', now())`,
      [accountId, organizationId, workspaceId],
    );
    await tx.query(
      `insert into profiles (id, organization_id, workspace_id, account_id, name, updated_at)
       values ($1, $2, $3, $4, 'Bench', now())`,
      [profileId, organizationId, workspaceId, accountId],
    );
    await tx.query(
      `insert into conversations (id, organization_id, profile_id, kind, room_id)
       select id, $1, $2, 'group', id::text from unnest($3::uuid[]) as chat (id)`,
      [organizationId, profileId, chats],
    );
  });
  const started = performance.now();
  for (let done = 0; done < total; done += 500) {
    const rows = Array.from({ length: Math.min(500, total - done) }, () => ({
      id: newId(),
      chat: any(chats),
      text: Array.from({ length: 3 + Math.floor(Math.random() * 14) }, word).join(' '),
    }));
    await db.query(
      `insert into messages (id, organization_id, profile_id, conversation_id, direction, wa_message_id, kind, content,
                             state, sent_at)
       select id, $1, $2, chat, 'incoming', id::text, 'text', jsonb_build_object('kind', 'text', 'text', said), 'received',
              now()
         from unnest($3::uuid[], $4::uuid[], $5::text[]) as new (id, chat, said)`,
      [organizationId, profileId, rows.map(({ id }) => id), rows.map(({ chat }) => chat), rows.map(({ text }) => text)],
      { name: 'bench_fill' },
    );
  }
  await db.query('vacuum analyze messages').catch(() => undefined);
  await db.query('vacuum analyze message_search');
  const each = ((performance.now() - started) * 1000) / total;
  console.log(`${total} messages stored with their words, ${each.toFixed(0)} µs each`);
}
