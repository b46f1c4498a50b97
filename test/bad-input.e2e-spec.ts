import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { errorCatalogue } from '#contracts';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type ValueSchema, withWrong, wrongBodies, wrongQueries } from './bad-input.js';
import { fullName, type Owner, samples } from './route-samples.js';

/**
 * Bad input on every operation of the OpenAPI document, one wrong thing at a time in a request that is right otherwise:
 * each is refused with an error of the catalogue, and the database is afterwards what it was before.
 */
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;
let operations: Operation[];
let schemas: Record<string, ValueSchema>;
const ids: Record<string, string> = {};

interface Document {
  components: { schemas: Record<string, ValueSchema> };
  paths: Record<string, Record<string, DocumentedOperation>>;
}

interface DocumentedOperation {
  security: unknown[];
  requestBody?: {
    content: { 'application/json': { schema: ValueSchema; example: Record<string, unknown> } };
  };
  parameters?: { in: string; name: string; required?: boolean; schema: ValueSchema }[];
}

interface Operation {
  method: string;
  path: string;
  needsCredentials: boolean;
  body?: { schema: ValueSchema; example: Record<string, unknown> };
  query: { name: string; required?: boolean; schema: ValueSchema }[];
}

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'bad input spec');
  api = await startApi(database.config);
  owner = await ApiClient.register(api.url);
  // The innermost things bring those around them along; so deliveryId names the webhook, and messageId the conversation.
  const own = ['organizationId', 'sessionId', 'passkeyId', 'identityId', 'memberId', 'invitationId', 'roleId'];
  for (const name of [
    ...own,
    'groupId',
    'templateId',
    'broadcastId',
    'uploadId',
    'apiKeyId',
    'batchId',
    'redeliveryId',
    'deliveryId',
    'scheduledId',
    'messageId',
  ]) {
    Object.assign(ids, await samples[name]!(db, owner as unknown as Owner));
  }
  const inProfile = [
    'contactId',
    'contactFieldId',
    'segmentId',
    'phone',
    'noteId',
    'labelId',
    'hookId',
    'contactImportId',
  ];
  for (const name of inProfile) {
    const { [name]: id } = await samples[name]!(db, owner as unknown as Owner);
    ids[name] = id!;
  }
  for (const table of ['contacts', 'contact_fields', 'segments', 'labels', 'hooks', 'contact_imports']) {
    await db.query(`update ${table} set profile_id = $1`, [ids.profileId]);
  }
  await db.query('update conversation_notes set profile_id = $1, conversation_id = $2', [
    ids.profileId,
    ids.conversationId,
  ]);
  await db.query('update batches set profile_id = $1', [ids.profileId]);
  await db.query('update scheduled_messages set profile_id = $1', [ids.profileId]);
  await db.query('update groups set profile_id = $1', [ids.profileId]);
  await db.query('update templates set profile_id = $1', [ids.profileId]);
  await db.query('update webhooks set profile_id = $1', [ids.profileId]);
  await db.query('update webhook_redeliveries set webhook_id = $1', [ids.webhookId]);
  const document = (await (await fetch(`${api.url}/api/docs-json`)).json()) as Document;
  schemas = document.components.schemas;
  operations = operationsOf(document);
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const withBody = () => operations.filter(({ body }) => body !== undefined);
const guarded = () => operations.filter(({ needsCredentials }) => needsCredentials);

it('the document says of each property what it may be', () => {
  const silent = Object.entries(schemas).flatMap(([name, schema]) =>
    Object.entries(schema.properties ?? {})
      .filter(([, property]) => property.type === 'object' && !property.properties && !property.additionalProperties)
      .map(([property]) => `${name}.${property}`),
  );
  const vague = operations.flatMap(({ path, query }) =>
    query.filter(({ schema }) => schema.type === undefined).map(({ name }) => `${path}?${name}`),
  );
  expect([...silent, ...vague]).toEqual([]);
});

it('the documented examples are right requests', async () => {
  const other = await ApiClient.register(api.url);
  const problems: string[] = [];
  for (const { method, path, body } of withBody()) {
    const answer = await other.client.send(method, path, body!.example);
    if (answer.body?.error?.code === 'VALIDATION_ERROR') {
      problems.push(`${method} ${path}: ${JSON.stringify(answer.body.error.fields)}`);
    }
  }
  expect(problems).toEqual([]);
});

it('every property of every body: missing, null, wrong types, empty, out of range, 100 kB', async () => {
  let tried = 0;
  const inside = new Set<string>();
  await nothingStored(withBody(), async ({ method, path, body }, problem) => {
    for (const wrong of wrongBodies(body!.schema, body!.example, schemas, inside)) {
      tried += 1;
      const answer = await owner.client.send(method, path, withWrong(body!.example, wrong));
      const complaint = refusalProblem(answer, wrong.path);
      if (complaint) problem(`${wrong.path} ${wrong.name}: ${complaint}`);
    }
  });
  expect(tried).toBeGreaterThan(400);
}, 240_000);

it('every query parameter: out of range, of the wrong type, twice, garbage as a cursor', async () => {
  let tried = 0;
  await nothingStored(
    operations.filter(({ query }) => query.length > 0),
    async ({ method, path, query }, problem) => {
      for (const { name, schema } of query) {
        const others = query.filter((each) => each.required && each.name !== name);
        const rest = others.map((each) => `&${each.name}=${ids[each.name]}`).join('');
        for (const wrong of wrongQueries(name, schema)) {
          tried += 1;
          const complaint = refusalProblem(await owner.client.send(method, `${path}?${wrong}${rest}`), name);
          if (complaint) problem(`${wrong.slice(0, 60)}: ${complaint}`);
        }
      }
    },
  );
  expect(tried).toBeGreaterThan(200);
});

it('malformed JSON, a bare value, no body at all, another encoding', async () => {
  const bodies = ['{', '{"a":1', 'nothing', "{'a':1}", '"text"', '7', 'null', '[]', '[{}]', '\u0000', '{}x', undefined];
  await nothingStored(withBody(), async ({ method, path, body }, problem) => {
    const hasRequired = (body!.schema.required?.length ?? 0) > 0;
    for (const text of bodies) {
      if (text === undefined && !hasRequired) continue;
      const complaint = refusalProblem(
        await owner.client.send(method, path, text, { 'content-type': 'application/json' }),
      );
      if (complaint) problem(`${text}: ${complaint}`);
    }
    const packed = await owner.client.send(method, path, 'not gzip', { 'content-encoding': 'gzip' });
    const complaint = refusalProblem(packed);
    if (complaint) problem(`said to be gzip: ${complaint}`);
  });
});

it('50 MB: refused when announced, before it is sent, and when it comes unannounced', async () => {
  await nothingStored(withBody(), async ({ method, path }, problem) => {
    const { status, code } = await announce(method, path, 50_000_000);
    if (status !== 413 || code !== 'BODY_TOO_LARGE') problem(`answered ${status} ${code}`);
  });
  const piece = new TextEncoder().encode('x'.repeat(1_000_000));
  let sent = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (sent++ < 50) controller.enqueue(piece);
      else controller.close();
    },
  });
  const headers = { authorization: `Bearer ${owner.accessToken}`, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit;
  // The server may close the connection while we still send; that is a refusal too.
  const status = await fetch(`${api.url}/api/v1/workspaces`, init).then(
    (response) => response.status,
    () => 'closed',
  );
  expect([413, 'closed']).toContain(status);
  expect((await owner.client.get('/auth/me')).status).toBe(200);
});

it('expired, forged and revoked credentials, on every operation', async () => {
  const secret = database.config.auth.jwtSecret;
  const [head, claims] = owner.accessToken.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  const past = Math.floor(Date.now() / 1000) - 3600;
  const expired = token({ ...JSON.parse(claims!), iat: past - 900, exp: past }, JSON.parse(head!), secret);
  const { data: key } = (await owner.client.post('/api-keys', { name: 'revoked' })).body;
  await owner.client.delete(`/api-keys/${key.id}`);
  // The first operation of each method is tried by all of them, any other by two, others each time.
  const callers: [string, ApiClient, string][] = [
    ['expired', ApiClient.bearer(api.url, expired), 'TOKEN_EXPIRED'],
    ['unsigned', bearer(token(JSON.parse(claims!), { alg: 'none', typ: 'JWT' }, null)), 'UNAUTHENTICATED'],
    ['signed by another', bearer(token(JSON.parse(claims!), JSON.parse(head!), 'x'.repeat(48))), 'UNAUTHENTICATED'],
    ['a revoked key', ApiClient.apiKey(api.url, key.key), 'UNAUTHENTICATED'],
    ['a session as key', ApiClient.apiKey(api.url, owner.accessToken), 'UNAUTHENTICATED'],
    ['8 kB', bearer('x'.repeat(8000)), 'UNAUTHENTICATED'],
  ];
  const methods = new Set<string>();
  let turn = 0;
  await nothingStored(guarded(), async ({ method, path, body }, problem) => {
    const isFirst = !methods.has(method);
    methods.add(method);
    turn += 2;
    const chosen = isFirst ? callers : [callers[turn % callers.length]!, callers[(turn + 1) % callers.length]!];
    for (const [name, client, expected] of chosen) {
      const answer = await client.send(method, path, body?.example);
      const code = answer.body?.error?.code;
      if (answer.status !== 401 || code !== expected) problem(`${name} answered ${answer.status} ${code}`);
    }
  });
});

it('private, local, reserved, unreachable and senseless URLs, wherever a URL is taken', async () => {
  const urls = [
    ...['127.0.0.1', 'localhost', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['[::1]', '[fd00::1]', '[fe80::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '017700000001'],
  ].map((host) => `http://${host}/x`);
  urls.push('http://nobody.invalid/x', 'file:///etc/passwd', 'gopher://example.com', 'http://', 'none', 'javascript:1');
  const { profileId, webhookId } = ids;
  const to = '4915112345678';
  const takers: [string, string, (url: string) => unknown][] = [
    ['POST', '/webhooks', (url) => ({ profileId, url, events: ['*'] })],
    ['PUT', `/webhooks/${webhookId}`, (url) => ({ url })],
    ...['image', 'video', 'audio', 'document'].map((kind): [string, string, (url: string) => unknown] => [
      'POST',
      `/messages/${kind}`,
      (url) => ({ profileId, to, url, wait: 0 }),
    ]),
    ['POST', '/bulk/send', (url) => ({ profileId, messages: [{ chatId: to, type: 'document', content: { url } }] })],
  ];
  const before = await fingerprint();
  const problems: string[] = [];
  for (const [method, path, body] of takers) {
    for (const url of urls) {
      const answer = await owner.client.send(method, path, body(url));
      const complaint = refusalProblem(answer);
      if (complaint) problems.push(`${method} ${path} ${url}: ${complaint}`);
    }
  }
  expect(problems).toEqual([]);
  expect(await fingerprint()).toEqual(before);
});

it('keys for repeats that are none', async () => {
  const keys = ['', ' ', 'x'.repeat(300)];
  let turn = 0;
  await nothingStored(withBody(), async ({ method, path, body }, problem) => {
    if (method !== 'POST' || path.startsWith('/auth')) return;
    turn += 1;
    // The first operation is asked with each of them, any other with one.
    for (const key of turn === 1 ? keys : [keys[turn % keys.length]!]) {
      const wrong = withWrong(body!.example, { path: Object.keys(body!.example)[0]!, name: '', value: [{ $: 1 }] });
      const complaint = refusalProblem(await owner.client.send(method, path, wrong, { 'idempotency-key': key }));
      if (complaint) problem(`${key.slice(0, 10)}: ${complaint}`);
    }
  });
});

/** Undefined when the answer is a refusal as promised; otherwise what is wrong with it. */
function refusalProblem(
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  { status, body }: { status: number; body: any },
  field?: string,
): string | undefined {
  if (status < 400 || status > 499) return `answered ${status}`;
  const { code, message, fields } = body?.error ?? {};
  const entry = Object.values(errorCatalogue).find((each) => each.code === code);
  if (!entry || entry.status !== status || body.success !== false) return `${status} with ${JSON.stringify(body)}`;
  if (!message || !body.meta?.requestId || !body.meta.timestamp) return `${code} lacks message or meta`;
  if (code !== 'VALIDATION_ERROR' || field === undefined) return undefined;
  const named = (fields as { path: string; message: string }[] | undefined) ?? [];
  const isNamed = named.some(({ path, message: why }) => why && (path.startsWith(field) || field.startsWith(path)));
  return isNamed ? undefined : `does not name it: ${JSON.stringify(fields)}`;
}

/** Operations between two looks at the whole database, which take longer than an operation's requests. */
const OPERATIONS_PER_LOOK = 10;

/** Runs a check for each operation, tells all problems at once, and compares the database before and after. */
async function nothingStored(
  chosen: Operation[],
  check: (operation: Operation, problem: (text: string) => void) => Promise<void>,
): Promise<void> {
  const problems: string[] = [];
  let before = await fingerprint();
  for (let from = 0; from < chosen.length; from += OPERATIONS_PER_LOOK) {
    const names: string[] = [];
    for (const operation of chosen.slice(from, from + OPERATIONS_PER_LOOK)) {
      const name = `${operation.method} ${operation.path}`;
      names.push(name);
      await check(operation, (text) => problems.push(`${name} ${text}`));
    }
    const after = await fingerprint();
    const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
    if (changed.length > 0) problems.push(`one of ${names.join(', ')} changed ${changed}`);
    before = after;
  }
  expect(problems).toEqual([]);
}

/** What every table holds, but for the bookkeeping of requests themselves. */
async function fingerprint(): Promise<Record<string, string>> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'
        and table_name not in ('sessions', 'idempotency_keys', 'rate_buckets') order by 1`,
  );
  const one = ({ name }: { name: string }) =>
    `select '${name}' as name, md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) as hash from "${name}" t`;
  const rows = await db.query<{ name: string; hash: string }>(tables.map(one).join(' union all '));
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]));
}

function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = operation.requestBody?.content['application/json'];
      return {
        method: method.toUpperCase(),
        path: withIds(method.toUpperCase(), path.slice('/api/v1'.length)),
        needsCredentials: operation.security.length > 0,
        ...(content && { body: { schema: dereferenced(content.schema, document), example: real(content.example) } }),
        query: (operation.parameters ?? []).filter((each) => each.in === 'query'),
      };
    }),
  );
}

function dereferenced(schema: ValueSchema, document: Document): ValueSchema {
  return schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)!]! : schema;
}

function withIds(method: string, path: string): string {
  return path.replaceAll(/\{([^}]+)\}/g, (_, name) => ids[fullName({ method, path }, name)]!);
}

/** The example with our own ids in it; it need not wait, for there is no engine. */
function real(example: Record<string, unknown>): Record<string, unknown> {
  const own = Object.fromEntries(Object.entries(example).map(([name, value]) => [name, ids[name] ?? value]));
  if ('wait' in own) own.wait = 0;
  return own;
}

function bearer(accessToken: string): ApiClient {
  return ApiClient.bearer(api.url, accessToken);
}

function token(claims: unknown, header: { alg: string; typ?: string }, secret: string | null): string {
  const encoded = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const hash = `sha${header.alg.slice(2)}`;
  return `${encoded}.${secret === null ? '' : createHmac(hash, secret).update(encoded).digest('base64url')}`;
}

/** Announces a body, sends none of it, and takes the answer. */
function announce(method: string, path: string, bytes: number): Promise<{ status?: number; code?: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${owner.accessToken}`,
      'content-type': 'application/json',
      'content-length': bytes,
    };
    const sending = request(`${api.url}/api/v1${path}`, { method, headers, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => {
        sending.destroy();
        resolve({ status: response.statusCode, code: JSON.parse(text).error?.code });
      });
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer')));
    sending.on('error', reject);
    sending.flushHeaders();
  });
}
