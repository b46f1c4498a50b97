import { ApiClient, type Registered } from '#testing';
import { startApi } from '../apps/api/src/start-api.js';
import { IdentityProvider, type ProviderPerson } from './identity-provider.js';
import { SignInSite } from './sign-in-site.js';

/** Logging in through an identity provider: a real one, over HTTP. */

const callback = `${SignInSite.publicUrl}/api/v1/auth/oidc/callback`;
let provider: IdentityProvider;
let site: SignInSite;
let nobody: ApiClient;
let slug: string;

const oidc = () => ({
  issuer: provider.issuer,
  clientId: 'waypost',
  clientSecret: 'the secret of the client',
  name: 'Kettle ID',
});

beforeAll(async () => {
  provider = await IdentityProvider.start(callback);
  site = await SignInSite.start({ oidc: oidc() });
  nobody = new ApiClient(site.url);
  const admin = await ApiClient.register(site.url, { organizationName: 'House' });
  const [row] = await site.db.query<{ slug: string }>('select slug from organizations where id = $1', [
    admin.organizationId,
  ]);
  slug = row!.slug;
}, 60_000);
afterAll(async () => {
  await site?.stop();
  await provider?.stop();
}, 60_000);

const cookieOf = (headers: Headers) => /waypost_oidc=[^;]+/.exec(headers.get('set-cookie') ?? '')![0];
const word = () => Math.random().toString(36).slice(2);

function person(given: ProviderPerson): string {
  const subject = `subject-${word()}`;
  provider.people.set(subject, { name: 'Ana Prado', ...given });
  provider.signInAs = subject;
  return subject;
}

/** A browser's whole way: begin, provider, back, exchange. */
async function visit(
  client = nobody,
  url = site.url,
  begin = '/auth/oidc/start',
  body: object = { returnTo: '/inbox' },
) {
  const started = await client.post(begin, body);
  if (started.status !== 200) throw new Error(JSON.stringify(started.body));
  const cookie = cookieOf(started.headers);
  const back = await provider.visit(started.body.data.url);
  expect(`${back.origin}${back.pathname}`).toBe(callback);
  return { cookie, back, ...(await land(url, back, cookie)) };
}

/** What our callback makes of the address that the provider sent the browser to. */
async function land(url: string, back: URL, cookie: string) {
  const answer = await fetch(`${url}/api/v1/auth/oidc/callback${back.search}`, {
    redirect: 'manual',
    headers: { cookie },
  });
  const location = new URL(answer.headers.get('location')!);
  return { status: answer.status, location, fragment: new URLSearchParams(location.hash.slice(1)) };
}

const exchange = (code: string | null, cookie: string, url = site.url) =>
  new ApiClient(url).post('/auth/oidc/exchange', { code }, { cookie });

/** Somebody whose address is verified here. */
async function verified(): Promise<Registered> {
  const user = await ApiClient.register(site.url);
  await site.db.query('update users set email_verified_at = now() where id = $1', [user.userId]);
  return user;
}

it('is offered on the log-in page', async () => {
  expect((await nobody.get('/auth/options')).body.data.oidc).toEqual({ name: 'Kettle ID' });
});

it('asks with code, PKCE, state and nonce, and logs in who has the same verified address on both sides', async () => {
  const user = await verified();
  const subject = person({ email: user.email.toUpperCase(), emailVerified: true });
  const started = await nobody.post('/auth/oidc/start', {});
  const asked = new URL(started.body.data.url).searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    client_id: 'waypost',
    redirect_uri: callback,
    code_challenge_method: 'S256',
    code_challenge: expect.any(String),
    state: expect.any(String),
    nonce: expect.any(String),
  });
  expect(started.headers.get('set-cookie')).toMatch(/HttpOnly.*Secure.*SameSite=Lax/);

  const { status, location, fragment, cookie } = await visit();
  expect([status, location.origin + location.pathname]).toEqual([302, `${SignInSite.publicUrl}/login/oidc`]);
  expect(fragment.get('returnTo')).toBe('/inbox');
  const done = await exchange(fragment.get('code'), cookie);
  expect([done.status, done.body.data.user.id, done.body.data.requires2FA]).toEqual([200, user.userId, false]);
  const client = ApiClient.bearer(site.url, done.body.data.accessToken);
  expect((await client.get('/auth/identities')).body.data).toMatchObject([
    { issuer: provider.issuer, email: user.email },
  ]);
  expect((await client.get('/auth/sessions')).body.data.map(({ method }: { method: string }) => method)).toContain(
    'oidc',
  );

  // From now on the subject counts, whatever the provider says of addresses.
  provider.people.set(subject, { email: 'other@example.com', emailVerified: false });
  const again = await visit();
  expect((await exchange(again.fragment.get('code'), again.cookie)).body.data.user.id).toBe(user.userId);
  const out = await client.post('/auth/logout');
  expect(out.body.data.logoutUrl).toContain(`${provider.issuer}/session/end`);
  expect((await client.get('/auth/me')).status).toBe(401);
});

it('gives nobody an account by an address that one side has not verified', async () => {
  const [unverifiedHere, there] = [await ApiClient.register(site.url), await verified()];
  person({ email: unverifiedHere.email, emailVerified: true });
  expect((await visit()).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');
  for (const emailVerified of [false, undefined]) {
    person({ email: there.email, emailVerified });
    expect((await visit()).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');
  }
  person({});
  expect((await visit()).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');
  // Nobody new either: that is a setting.
  person({ email: `${word()}@example.com`, emailVerified: true });
  expect((await visit()).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');
  expect(
    await site.db.query('select 1 from external_logins where user_id = any($1)', [
      [unverifiedHere.userId, there.userId],
    ]),
  ).toEqual([]);
});

it('is finished only in the browser that began it, once, in time, with its own state', async () => {
  const user = await verified();
  person({ email: user.email, emailVerified: true });
  const begin = async () => {
    const started = await nobody.post('/auth/oidc/start', {});
    return { cookie: cookieOf(started.headers), back: await provider.visit(started.body.data.url) };
  };
  const failed = async (back: URL, cookie: string) =>
    expect((await land(site.url, back, cookie)).fragment.get('error')).toBe('OIDC_LOGIN_FAILED');
  const one = await begin();
  await failed(one.back, 'waypost_oidc=of-another-browser');
  // The state was used up by the wrong browser.
  await failed(one.back, one.cookie);
  const [two, three] = [await begin(), await begin()];
  const crossed = new URL(two.back);
  crossed.searchParams.set('state', three.back.searchParams.get('state')!);
  await failed(crossed, three.cookie);
  const four = await begin();
  await site.db.query(`update oidc_logins set expires_at = now() - interval '1 s'`);
  await failed(four.back, four.cookie);
  await failed(new URL(`${callback}?code=x&state=y`), four.cookie);
  const denied = await begin();
  const refusal = new URL(callback);
  refusal.search = new URLSearchParams({
    ...{ error: 'access_denied', state: denied.back.searchParams.get('state')!, iss: provider.issuer },
  }).toString();
  await failed(refusal, denied.cookie);

  const { fragment, cookie, back } = await visit();
  const code = fragment.get('code');
  await failed(back, cookie);
  expect((await exchange(code, 'waypost_oidc=other')).body.error.code).toBe('OIDC_LOGIN_FAILED');
  expect((await exchange(code, cookie)).status).toBe(401);
  const right = await visit();
  const answers = await Promise.all([1, 2, 3].map(() => exchange(right.fragment.get('code'), right.cookie)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
});

it('sends people nowhere but to pages of ours', async () => {
  for (const returnTo of ['https://evil.example', '//evil.example', '/\\evil.example', 'inbox', '/a b']) {
    expect((await nobody.post('/auth/oidc/start', { returnTo })).status).toBe(400);
  }
});

it('asks for the second factor that the account has here', async () => {
  const user = await verified();
  await site.db.query(
    `insert into passkeys (id, organization_id, user_id, name, credential_id, public_key, counter, backup_eligible, backed_up)
     values (gen_random_uuid(), $1, $2, 'Key', gen_random_uuid(), '', 0, false, false)`,
    [user.organizationId, user.userId],
  );
  person({ email: user.email, emailVerified: true });
  const { fragment, cookie } = await visit();
  const first = await exchange(fragment.get('code'), cookie);
  expect(first.body.data).toMatchObject({ requires2FA: true, methods: ['passkey'] });
  expect(first.body.data.accessToken).toBeUndefined();
});

it('is linked and unlinked by who is logged in, and never to two accounts', async () => {
  const [user, other] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
  person({ email: `${word()}@example.com`, emailVerified: false });
  const { location } = await visit(user.client, site.url, '/auth/oidc/link', { returnTo: '/settings' });
  expect(location.href).toBe(`${SignInSite.publicUrl}/settings`);
  const { fragment, cookie } = await visit();
  expect((await exchange(fragment.get('code'), cookie)).body.data.user.id).toBe(user.userId);
  const taken = await visit(other.client, site.url, '/auth/oidc/link', {});
  expect(taken.fragment.get('error')).toBe('OIDC_LOGIN_FAILED');

  const [{ id }] = (await user.client.get('/auth/identities')).body.data;
  expect((await other.client.send('DELETE', `/auth/identities/${id}`, { password: other.password })).status).toBe(404);
  expect((await user.client.send('DELETE', `/auth/identities/${id}`, {})).body.error.code).toBe(
    'REAUTHENTICATION_FAILED',
  );
  const gone = await user.client.send('DELETE', `/auth/identities/${id}`, { password: user.password });
  expect(gone.body.data).toEqual({ id, deleted: true });
  expect((await visit()).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');

  await site.db.query(`update sessions set created_at = now() - interval '1 hour' where user_id = $1`, [user.userId]);
  expect((await user.client.post('/auth/oidc/link', {})).body.error.code).toBe('REAUTHENTICATION_FAILED');
});

it('makes accounts where the settings say so: in one organization, with one role, and no password', async () => {
  const { config } = site.database;
  const create = { createUsers: true, organization: slug, role: 'operator' as const };
  const api = await startApi({ ...config, oidc: { ...config.oidc, ...create } });
  const email = `${word()}@example.com`;
  person({ email, emailVerified: false });
  expect((await visit(new ApiClient(api.url), api.url)).fragment.get('error')).toBe('OIDC_NO_ACCOUNT');
  person({ email, emailVerified: true, name: 'Ben Kettle' });
  const { fragment, cookie } = await visit(new ApiClient(api.url), api.url);
  const done = await exchange(fragment.get('code'), cookie, api.url);
  expect(done.body.data.user).toMatchObject({ email, name: 'Ben Kettle', role: 'operator', organizationName: 'House' });
  const client = ApiClient.bearer(api.url, done.body.data.accessToken);
  expect((await client.get('/auth/me')).body.data).toMatchObject({
    hasPassword: false,
    emailVerified: true,
    isPlatformAdmin: false,
  });
  // Without a password there is nothing to guess, and one way in is not taken away.
  expect((await nobody.post('/auth/login', { email, password: '' })).status).toBe(400);
  expect((await nobody.post('/auth/login', { email, password: 'null' })).body.error.code).toBe('INVALID_CREDENTIALS');
  const [{ id }] = (await client.get('/auth/identities')).body.data;
  expect((await client.get('/auth/confirm/methods')).body.data).toEqual({ methods: ['fresh_login'] });
  const only = await client.send('DELETE', `/auth/identities/${id}`, {});
  expect([only.status, only.body.error.code]).toEqual([409, 'LOGIN_METHOD_NEEDED']);
  // Having just logged in, they may set a first password.
  const set = await client.post('/auth/change-password', { newPassword: 'four blue teapots' });
  expect(set.status).toBe(200);
  expect((await nobody.post('/auth/login', { email, password: 'four blue teapots' })).status).toBe(200);
  const events = await site.db.query<{ name: string }>(
    `select name from events where payload->>'id' = $1 or payload->>'userId' = $1 order by id`,
    [done.body.data.user.id],
  );
  expect(events.map(({ name }) => name)).toEqual(expect.arrayContaining(['user.registered', 'user.identity_linked']));
  await api.stop();
});

it('says so when the provider is away', async () => {
  const { config } = site.database;
  const api = await startApi({ ...config, oidc: { ...config.oidc, issuer: 'http://127.0.0.1:9' } });
  const started = await new ApiClient(api.url).post('/auth/oidc/start', {});
  expect([started.status, started.body.error.code]).toEqual([503, 'OIDC_UNAVAILABLE']);
  expect(started.headers.get('retry-after')).toBe('30');
  await api.stop();
});
