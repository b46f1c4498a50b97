import { Database } from '#database';
import { type ApiAnswer, ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { People } from './access-people.js';

/** Administrators of the installation: who is one, who makes one, and that there is always one. */

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let first: Registered;
let other: Registered;

beforeEach(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'administrators spec');
  api = await startApi(database.config);
  first = await ApiClient.register(api.url);
  other = await ApiClient.register(api.url);
});
afterEach(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const code = ({ status, body }: ApiAnswer) => [status, body?.error?.code ?? 'none'];
const emails = async ({ client }: Registered) =>
  (await client.get('/platform/administrators')).body.data.map(({ email }: { email: string }) => email);

it('make others administrators, who are from their next request on, and no longer when it is taken away', async () => {
  expect(code(await other.client.get('/platform/administrators'))).toEqual([403, 'FORBIDDEN']);
  expect(code(await other.client.post('/platform/administrators', { email: other.email }))).toEqual([403, 'FORBIDDEN']);
  const added = await first.client.post('/platform/administrators', { email: other.email.toUpperCase() });
  expect(added.body.data).toMatchObject({ userId: other.userId, email: other.email, isActive: true });
  expect(await emails(other)).toEqual([first.email, other.email]);
  const removed = await other.client.delete(`/platform/administrators/${first.userId}`);
  expect(removed.body.data).toEqual({ userId: first.userId, removed: true });
  expect(code(await first.client.get('/platform/administrators'))).toEqual([403, 'FORBIDDEN']);
  const { body } = await first.client.get('/audit/logs?action=platform.admin_add');
  expect(body.data).toMatchObject([{ action: 'platform.admin_add', resourceId: other.userId }]);
});

it('answer 404 for who is not here, and 400 for what is no address', async () => {
  expect(code(await first.client.post('/platform/administrators', { email: 'nobody@example.com' }))[0]).toBe(404);
  expect(code(await first.client.post('/platform/administrators', { email: 'nobody' }))[0]).toBe(400);
  expect(code(await first.client.delete(`/platform/administrators/${other.userId}`))[0]).toBe(404);
});

it('leave one, whichever way the last would go', async () => {
  const last = [409, 'LAST_PLATFORM_ADMIN'];
  expect(code(await first.client.delete(`/platform/administrators/${first.userId}`))).toEqual(last);
  expect(code(await first.client.send('DELETE', '/auth/account', { password: first.password }))).toEqual(last);
  const people = new People(db, api, first);
  const owner = await people.with([{ role: 'owner', in: 'organization' }]);
  // Another owner of the organization is no administrator of the installation, and cannot remove one.
  expect(
    code(await ApiClient.bearer(api.url, owner.accessToken).delete(`/organizations/members/${first.userId}`)),
  ).toEqual([403, 'FORBIDDEN']);
  // Two who let each other go at the same moment.
  await first.client.post('/platform/administrators', { email: other.email });
  const answers = await Promise.all([
    first.client.delete(`/platform/administrators/${other.userId}`),
    other.client.delete(`/platform/administrators/${first.userId}`),
    first.client.delete(`/platform/administrators/${first.userId}`),
    other.client.delete(`/platform/administrators/${other.userId}`),
  ]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const [left] = await db.query<{ n: number }>('select count(*)::int as n from users where is_platform_admin');
  expect(left!.n).toBe(1);
});
