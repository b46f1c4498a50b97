import { ApiClient, type Registered } from '#testing';
import { SignInSite } from './sign-in-site.js';
import { SoftwareAuthenticator } from './software-authenticator.js';

/** Passkeys against an authenticator that really makes keys and signs. */

let site: SignInSite;
let nobody: ApiClient;

beforeAll(async () => {
  site = await SignInSite.start();
  nobody = new ApiClient(site.url);
}, 60_000);
afterAll(() => site?.stop(), 60_000);

const browser = () => new SoftwareAuthenticator(SignInSite.publicUrl);
const post = (path: string, body: unknown = {}) => nobody.post(`/auth/${path}`, body);

async function addPasskey(user: Registered, authenticator: SoftwareAuthenticator, name = 'Laptop') {
  const { challengeId, options } = (await user.client.post('/auth/passkeys/options', {})).body.data;
  return user.client.post('/auth/passkeys', { challengeId, response: authenticator.create(options), name });
}

async function logIn(authenticator: SoftwareAuthenticator, mischief = {}) {
  const { challengeId, options } = (await post('passkey/options')).body.data;
  return post('passkey/login', { challengeId, response: authenticator.get(options, mischief) });
}

it('is added, listed, renamed and logs in without address and password', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  const added = await addPasskey(user, authenticator);
  expect(added.status).toBe(201);
  expect(added.body.data).toMatchObject({ name: 'Laptop', synced: true, transports: ['internal'], lastUsedAt: null });
  expect(added.body.data.backupCodes).toHaveLength(10);
  const { id } = added.body.data;

  const done = await logIn(authenticator);
  expect([done.status, done.body.data.requires2FA, done.body.data.user.id]).toEqual([200, false, user.userId]);
  const client = ApiClient.bearer(site.url, done.body.data.accessToken);
  const { data } = (await client.get('/auth/passkeys')).body;
  expect(data).toMatchObject([{ id, name: 'Laptop', lastUsedAt: expect.any(String) }]);
  expect(data[0]).not.toHaveProperty('backupCodes');
  const renamed = await client.send('PATCH', `/auth/passkeys/${id}`, { name: 'Work' });
  expect(renamed.body.data).toMatchObject({ id, name: 'Work' });
  expect((await client.get('/auth/sessions')).body.data.map(({ method }: { method: string }) => method)).toContain(
    'passkey',
  );
  expect((await client.get('/auth/me')).body.data).toMatchObject({ passkeys: 1, twoFactorEnabled: true });
  expect(await site.mail(user.email)).toContain('"Laptop" was added');
});

it('is a second factor beside the password', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  const { backupCodes } = (await addPasskey(user, authenticator)).body.data;
  const first = async () => (await post('login', { email: user.email, password: user.password })).body.data;
  const { requires2FA, methods, challenge } = await first();
  expect([requires2FA, methods]).toEqual([true, ['passkey', 'backup_code']]);

  const { challengeId, options } = (await post('2fa/passkey-options', { challenge })).body.data;
  expect(options.allowCredentials).toHaveLength(1);
  // A key that only says that somebody touched it is enough beside a password.
  const passkey = { challengeId, response: authenticator.get(options, { verifiesUser: false }) };
  const done = await post('2fa/verify', { challenge, passkey });
  expect([done.status, done.body.data.user.id]).toEqual([200, user.userId]);
  const replay = await post('2fa/verify', { challenge: (await first()).challenge, passkey });
  expect([replay.status, replay.body.error.code]).toEqual([401, 'PASSKEY_INVALID']);
  const lost = await post('2fa/verify', { challenge: (await first()).challenge, token: backupCodes[0] });
  expect(lost.status).toBe(200);
  expect((await post('2fa/passkey-options', { challenge: 'wpc_unknown' })).body.error.code).toBe(
    'LOGIN_CHALLENGE_INVALID',
  );
});

it('of somebody else does not finish a log-in', async () => {
  const [user, stranger] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
  const [own, foreign] = [browser(), browser()];
  await addPasskey(user, own);
  await addPasskey(stranger, foreign);
  const { challenge } = (await post('login', { email: user.email, password: user.password })).body.data;
  const { challengeId, options } = (await post('2fa/passkey-options', { challenge })).body.data;
  const response = foreign.get({ ...options, allowCredentials: undefined });
  const refused = await post('2fa/verify', { challenge, passkey: { challengeId, response } });
  expect(refused.body.error.code).toBe('PASSKEY_INVALID');
});

it('is refused with a wrong origin, host, challenge or signature, without the person, and when copied', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  await addPasskey(user, authenticator);
  const refused = async (mischief: object) => {
    const { status, body } = await logIn(authenticator, mischief);
    expect([mischief, status, body.error?.code]).toEqual([mischief, 401, 'PASSKEY_INVALID']);
  };
  await refused({ origin: 'https://waypost.test.evil.example' });
  await refused({ rpId: 'evil.example' });
  await refused({ challenge: 'c29tZXRoaW5nIGVsc2U' });
  await refused({ verifiesUser: false });
  expect((await logIn(authenticator)).status).toBe(200);
  // The counter of a copy stands where the copy was made.
  await refused({ counter: 1 });
  expect((await logIn(authenticator, { counter: 40 })).status).toBe(200);
  await refused({ counter: 40 });

  const { challengeId, options } = (await post('passkey/options')).body.data;
  const right = authenticator.get(options, { counter: 50 }) as { response: { signature: string } };
  const forged = structuredClone(right);
  forged.response.signature = Buffer.from('no signature').toString('base64url');
  expect((await post('passkey/login', { challengeId, response: forged })).status).toBe(401);
  // The wrong answer used the challenge up.
  expect((await post('passkey/login', { challengeId, response: right })).status).toBe(401);
  for (const response of [{}, { id: 7 }, { id: 'x', response: null }, { id: [], response: {} }]) {
    const next = (await post('passkey/options')).body.data.challengeId;
    expect((await post('passkey/login', { challengeId: next, response })).body.error.code).toBe('PASSKEY_INVALID');
  }
  expect((await post('passkey/login', { challengeId: 'none', response: right })).status).toBe(400);
});

it('answers a challenge once, however many ask at once, and not when it is too old', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  await addPasskey(user, authenticator);
  const { challengeId, options } = (await post('passkey/options')).body.data;
  const body = { challengeId, response: authenticator.get(options) };
  const answers = await Promise.all([1, 2, 3, 4].map(() => post('passkey/login', body)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
  const late = (await post('passkey/options')).body.data;
  await site.db.query(`update passkey_challenges set expires_at = now() - interval '1 s'`);
  const old = { challengeId: late.challengeId, response: authenticator.get(late.options) };
  expect((await post('passkey/login', old)).status).toBe(401);
});

it('is added only by who is there: with a fresh log-in or a confirmation, to an own challenge, once', async () => {
  const [user, stranger] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
  const authenticator = browser();
  const begun = (await user.client.post('/auth/passkeys/options', {})).body.data;
  const response = authenticator.create(begun.options);
  const stolen = await stranger.client.post('/auth/passkeys', { challengeId: begun.challengeId, response });
  expect(stolen.body.error.code).toBe('PASSKEY_INVALID');
  expect((await user.client.post('/auth/passkeys', { challengeId: begun.challengeId, response })).status).toBe(201);
  expect((await user.client.post('/auth/passkeys', { challengeId: begun.challengeId, response })).status).toBe(401);
  // The same credential again, to a new challenge: browsers exclude it, and so do we.
  const next = (await user.client.post('/auth/passkeys/options', {})).body.data;
  expect(next.options.excludeCredentials).toHaveLength(1);
  const wrong = browser().create(next.options, { origin: 'https://evil.example' });
  expect((await user.client.post('/auth/passkeys', { challengeId: next.challengeId, response: wrong })).status).toBe(
    401,
  );

  await site.db.query(`update sessions set created_at = now() - interval '1 hour' where user_id = $1`, [user.userId]);
  const stale = await user.client.post('/auth/passkeys/options', {});
  expect([stale.status, stale.body.error.code]).toEqual([403, 'REAUTHENTICATION_FAILED']);
  expect((await user.client.post('/auth/passkeys/options', { password: user.password })).status).toBe(200);
  const key = await user.client.withKey();
  expect((await key.get('/auth/passkeys')).status).toBe(403);
});

it('confirms who one is, and is removed only after a confirmation', async () => {
  const [user, stranger] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
  const authenticator = browser();
  const { id } = (await addPasskey(user, authenticator)).body.data;
  const path = `/auth/passkeys/${id}`;
  expect((await stranger.client.send('DELETE', path, { password: stranger.password })).status).toBe(404);
  expect((await stranger.client.send('PATCH', path, { name: 'Mine' })).status).toBe(404);
  expect((await user.client.send('DELETE', path, {})).body.error.code).toBe('REAUTHENTICATION_FAILED');

  const question = (await user.client.post('/auth/confirm/passkey-options')).body.data;
  const passkey = { challengeId: question.challengeId, response: authenticator.get(question.options) };
  expect((await user.client.send('DELETE', path, { passkey })).body.data).toEqual({ id, deleted: true });
  expect((await user.client.send('DELETE', path, { passkey })).status).toBe(404);
  expect((await logIn(authenticator)).status).toBe(401);
  const me = (await user.client.get('/auth/me')).body.data;
  expect(me).toMatchObject({ passkeys: 0, twoFactorEnabled: false, backupCodesRemaining: 0 });
});

it('stays when it is the only way in', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  const { id } = (await addPasskey(user, authenticator)).body.data;
  await site.db.query('update users set password_hash = null where id = $1', [user.userId]);
  const question = (await user.client.post('/auth/confirm/passkey-options')).body.data;
  const passkey = { challengeId: question.challengeId, response: authenticator.get(question.options) };
  const refused = await user.client.send('DELETE', `/auth/passkeys/${id}`, { passkey });
  expect([refused.status, refused.body.error.code]).toEqual([409, 'LOGIN_METHOD_NEEDED']);
  expect((await logIn(authenticator)).status).toBe(200);
});

it('of a person who was switched off opens nothing', async () => {
  const user = await ApiClient.register(site.url);
  const authenticator = browser();
  await addPasskey(user, authenticator);
  await site.db.query('update users set is_active = false where id = $1', [user.userId]);
  expect((await logIn(authenticator)).body.error.code).toBe('PASSKEY_INVALID');
});
