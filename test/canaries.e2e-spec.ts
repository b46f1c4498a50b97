import fs from 'node:fs';
import { Database } from '#database';
import { ApiClient, createTestDatabase, type TestDatabase, until } from '#testing';
import { type Route, RouteTable } from '../apps/api/src/http/route-table.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type RunningWorker, startWorker } from '../apps/worker/src/start-worker.js';

/**
 * Secrets with a mark in them, put wherever the product takes one, and then looked for: in every line of the log at its
 * finest level, in every answer (but the one that hands a secret out, once), in every error, in the exports, in the
 * figures and in every column of every table.
 */
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let worker: RunningWorker;
const log: string[] = [];
const answers: { of: string; text: string }[] = [];
const writeSync = fs.writeSync;

beforeAll(async () => {
  // The log goes to standard output by this very function.
  fs.writeSync = ((fd: number, data: string | Uint8Array, ...rest: unknown[]) => {
    if (fd !== 1) return (writeSync as (...all: unknown[]) => number)(fd, data, ...rest);
    log.push(String(data));
    return data.length;
  }) as typeof fs.writeSync;
  database = await createTestDatabase({ log: { level: 'trace' }, outbound: { allowedRanges: ['127.0.0.0/8'] } });
  db = await Database.open(database.config.database, 'canaries spec');
  api = await startApi(database.config);
  worker = await startWorker(database.config);
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await api?.stop();
  fs.writeSync = writeSync;
  await db?.close();
  await database?.drop();
});

const secrets = new Map<string, string>();
/** A secret of ours, remembered under the name of what it is. */
function canary(name: string): string {
  const secret = `Canary-${name}-9f3a61c2`;
  secrets.set(name, secret);
  return secret;
}
/** A secret of theirs. */
function remember(name: string, secret: unknown): void {
  if (typeof secret !== 'string' || secret.length < 6) throw new Error(`There is no ${name} in the answer.`);
  secrets.set(name, secret);
}

/** Asks and keeps the answer for the search, unless it is the one that hands secrets out. */
async function ask(client: ApiClient, method: string, path: string, body?: unknown, handsOut = false) {
  const answer = await client.send(method, path, body);
  if (!handsOut) answers.push({ of: `${method} ${path}`, text: answer.text });
  return answer;
}

it('are found nowhere', async () => {
  const password = canary('password');
  const stranger = new ApiClient(api.url);
  const person = { email: 'canary@example.com', password, name: 'Canary', organizationName: 'Canaries' };
  const registered = await ask(stranger, 'POST', '/auth/register', person, true);
  const { accessToken, refreshToken } = registered.body.data;
  remember('access token', accessToken);
  remember('refresh token', refreshToken);
  const owner = ApiClient.bearer(api.url, accessToken);
  const workspaceId = (await ask(owner, 'GET', '/workspaces')).body.data[0].id;

  // Given to us.
  const smtp = {
    host: '127.0.0.1',
    port: 9,
    user: 'canary',
    pass: canary('smtp'),
    from: 'c@example.com',
    secure: true,
  };
  await ask(owner, 'PUT', '/settings/smtp', smtp);
  await ask(owner, 'PUT', '/platform/settings/smtp', { ...smtp, pass: canary('platform smtp') });
  await ask(owner, 'POST', '/settings/smtp/test', { candidate: { ...smtp, pass: canary('tested smtp') } });
  const bucket = {
    ...{ type: 's3', s3Endpoint: 'http://127.0.0.1:9', s3Bucket: 'canaries' },
    ...{ s3AccessKey: canary('access key'), s3SecretKey: canary('secret key') },
  };
  for (const path of ['/settings/storage', '/platform/settings/storage']) {
    await ask(owner, 'PUT', path, bucket);
    await ask(owner, 'POST', `${path}/test`, { candidate: bucket });
  }
  const profile = await ask(owner, 'POST', '/profiles', { workspaceId, name: 'Canary' });
  const profileId = profile.body.data.id;
  const hook = await ask(
    owner,
    'POST',
    '/webhooks',
    {
      ...{ profileId, url: 'http://127.0.0.1:9/hook', events: ['*'] },
      headers: { 'x-canary': canary('webhook header'), authorization: canary('webhook authorization') },
    },
    true,
  );
  // Made by us and handed out once.
  remember('webhook secret', hook.body.data.secret);
  await ask(owner, 'POST', `/webhooks/${hook.body.data.id}/test`);
  const key = await ask(owner, 'POST', '/api-keys', { name: 'canary', permissions: ['*'] }, true);
  remember('API key', key.body.data.key);
  const rotated = await ask(owner, 'POST', `/api-keys/${key.body.data.id}/rotate`, {}, true);
  if (rotated.status < 300) remember('rotated API key', rotated.body.data.key);
  const setup = await ask(owner, 'POST', '/auth/2fa/setup', { password }, true);
  if (setup.status < 300) remember('authenticator secret', setup.body.data.secret);
  const refreshed = await ask(stranger, 'POST', '/auth/refresh', { refreshToken }, true);
  remember('second refresh token', refreshed.body.data.refreshToken);
  remember('second access token', refreshed.body.data.accessToken);
  for (const [name, secret] of Object.entries({ ...database.config.secrets, ...database.config.auth })) {
    if (typeof secret === 'string' && secret.length > 20) remember(`setting ${name}`, secret);
  }

  // Wrong on the way: refused, mistyped, too much, not JSON.
  await ask(stranger, 'POST', '/auth/login', { email: person.email, password: canary('wrong password') });
  await ask(stranger, 'POST', '/auth/login', {
    email: [canary('odd address')],
    password: { a: canary('odd password') },
  });
  await ask(stranger, 'POST', '/auth/register', { ...person, password: canary('other password') });
  await ask(stranger, 'POST', '/auth/refresh', { refreshToken: canary('wrong refresh token') });
  await ask(stranger, 'POST', '/auth/login', `{"password":"${canary('broken body')}"`);
  await ask(ApiClient.apiKey(api.url, canary('wrong key')), 'GET', '/workspaces');
  await ask(ApiClient.bearer(api.url, canary('wrong token')), 'GET', '/workspaces');
  await ask(owner, 'PUT', '/settings/smtp', { ...smtp, port: 'none', pass: canary('refused smtp') });
  await ask(owner, 'POST', '/webhooks', { profileId, url: 'none', events: ['*'], secret: canary('refused hook') });
  await ask(owner, 'POST', '/auth/change-password', { currentPassword: canary('guess'), newPassword: canary('new') });
  await ask(owner, 'GET', `/workspaces?token=${canary('query')}`);
  await ask(stranger, 'POST', '/auth/forgot-password', { email: person.email });

  // Everything that can be read, as its owner.
  const ids: Record<string, string> = { workspaceId, profileId };
  Object.assign(ids, { webhookId: hook.body.data.id, apiKeyId: key.body.data.id });
  const byPath: Record<string, string> = { workspaces: workspaceId, profiles: profileId };
  Object.assign(byPath, { webhooks: ids.webhookId, 'api-keys': ids.apiKeyId });
  // Not the one that leads a browser on to a page.
  const isRead = ({ method, path }: Route) => method === 'GET' && !/health|callback/.test(path);
  for (const route of api.app.get(RouteTable).routes.filter(isRead)) {
    const first = route.path.split('/')[3]!;
    const path = route.path
      .slice('/api/v1'.length)
      .replaceAll(/:([^/]+)/g, (_, name) => (name === 'id' ? byPath[first] : ids[name]) ?? profileId);
    await ask(owner, 'GET', `${path}?profileId=${profileId}&format=csv`);
    await ask(owner, 'GET', path);
  }
  for (const path of ['/metrics', '/api/docs-json', '/health/ready']) {
    answers.push({ of: path, text: await (await fetch(api.url + path)).text() });
  }
  await until(() => log.join('').includes('/auth/forgot-password'), { what: 'the log to be written' });

  expect(secrets.size).toBeGreaterThan(25);
  expect(answers.length).toBeGreaterThan(80);
  const inAnswers = answers.flatMap(({ of, text }) => namesIn(text).map((name) => `${name} in ${of}`));
  expect(inAnswers).toEqual([]);
  const lines = log.join('').split('\n');
  expect(lines.length).toBeGreaterThan(100);
  expect([
    ...new Set(lines.flatMap((line) => namesIn(line).map((name) => `${name} in ${line.slice(0, 300)}`))),
  ]).toEqual([]);
  expect(await inTables()).toEqual([]);
  // The search finds what is there.
  secrets.clear();
  secrets.set('name of the organization', person.organizationName);
  expect(await inTables()).toContain('name of the organization in public.organizations');
  expect(answers.some(({ text }) => namesIn(text).length > 0)).toBe(true);
}, 180_000);

/** Which secrets a text holds, as they are or as bytes in hexadecimal or base64. */
function namesIn(text: string): string[] {
  return [...secrets].flatMap(([name, secret]) => {
    const bytes = Buffer.from(secret);
    // Cut so that the beginning does not depend on what comes before.
    const forms = [
      secret,
      bytes.toString('hex'),
      bytes.toString('base64').slice(0, -4),
      JSON.stringify(secret).slice(1, -1),
    ];
    return forms.some((form) => text.includes(form)) ? [name] : [];
  });
}

async function inTables(): Promise<string[]> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const found: string[] = [];
  for (const { name } of tables) {
    const rows = await db.query<{ row: string }>(`select t::text as row from ${name} t`);
    found.push(...rows.flatMap(({ row }) => namesIn(row).map((secret) => `${secret} in ${name}`)));
  }
  return [...new Set(found)];
}
