import { hash } from '@node-rs/argon2';
import { generateSync } from 'otplib/functional';
import { io } from 'socket.io-client';
import { Database } from '#database';
import { PasswordHasher } from '#domain';
import { ApiClient, createTestDatabase, type Registered, until } from '#testing';
import { startApi } from '../apps/api/src/start-api.js';
import { SignInSite } from './sign-in-site.js';

/** Signing in as people, their mailboxes and strangers see it: a real api, worker, database and mail server. */

let site: SignInSite;
let nobody: ApiClient;

beforeAll(async () => {
  site = await SignInSite.start();
  nobody = new ApiClient(site.url);
  // The first is the administrator; the others are ordinary.
  await ApiClient.register(site.url);
}, 60_000);
afterAll(() => site?.stop(), 60_000);

const auth = (name: string, body?: unknown, headers?: Record<string, string>) =>
  nobody.post(`/auth/${name}`, body, headers);
const login = (user: { email: string; password: string }, headers?: Record<string, string>) =>
  auth('login', { email: user.email, password: user.password }, headers);
const patch = (client: ApiClient, path: string, body: unknown) => client.send('PATCH', path, body);
const codeOf = (secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * steps });
/** As if the last code had been taken long ago: the clock of the codes is the wall's. */
const restTotp = (userId: string) =>
  site.db.query('update totp_secrets set last_step = 0 where user_id = $1', [userId]);
const deviceOf = (headers: Headers) => /waypost_device=([^;]+)/.exec(headers.get('set-cookie') ?? '')?.[1];
const auditOf = (userId: string, action: string) =>
  site.db.query<{ outcome: string }>('select outcome from audit_entries where resource_id = $1 and action = $2', [
    userId,
    action,
  ]);

/** Records what the api does with the database and with hashes for a request; what it does all the time is left out. */
async function watched() {
  const seen: string[] = [];
  const [db, passwords] = [site.api.app.get(Database), site.api.app.get(PasswordHasher)];
  // biome-ignore lint/suspicious/noExplicitAny: wraps methods of several shapes
  const watch = (of: any, method: string, nameOf: (first: unknown) => string) => {
    const original = of[method].bind(of);
    of[method] = (first: unknown, ...rest: unknown[]) => {
      seen.push(nameOf(first));
      return original(first, ...rest);
    };
  };
  watch(db, 'query', (text) => String(text).replaceAll(/\s+/g, ' '));
  watch(db, 'system', () => 'a transaction');
  watch(passwords, 'verify', () => 'verify a hash');
  return async (request: () => Promise<unknown>) => {
    seen.length = 0;
    await request();
    return seen.filter((each) => !/event_streams|pg_notify|rate_buckets|note_use|set last_|api_key_/.test(each));
  };
}

/** Somebody with an authenticator app. */
async function withTotp(): Promise<Registered & { secret: string; backupCodes: string[] }> {
  const user = await ApiClient.register(site.url);
  const { secret } = (await user.client.post('/auth/2fa/setup', {})).body.data;
  const { backupCodes } = (await user.client.post('/auth/2fa/enable', { token: codeOf(secret) })).body.data;
  await restTotp(user.userId);
  return { ...user, secret, backupCodes };
}

describe('registration', () => {
  const registration = (email: string) => ({
    email,
    password: 'three green kettles',
    name: 'Ana',
    organizationName: 'Kettle & Sons',
  });

  it('makes the first of many who ask at once the administrator, in every mode', async () => {
    for (const mode of [
      { registration: 'closed' },
      { registration: 'invitation' },
      { registration: 'open', emailVerification: 'required' },
      { registration: 'open' },
    ] as const) {
      const database = await createTestDatabase({});
      const api = await startApi({ ...database.config, auth: { ...database.config.auth, ...mode } });
      const answers = await Promise.all(
        [1, 2, 3, 4].map((n) => new ApiClient(api.url).post('/auth/register', registration(`p${n}@example.com`))),
      );
      const admitted = answers.filter(({ status }) => status === 201);
      const admins = await Promise.all(
        admitted.map(async ({ body }) => {
          const me = await ApiClient.bearer(api.url, body.data.accessToken).get('/auth/me');
          return me.body.data.isPlatformAdmin as boolean;
        }),
      );
      expect(admins.filter(Boolean)).toHaveLength(1);
      if (mode.registration !== 'open') expect(admitted).toHaveLength(1);
      const late = await new ApiClient(api.url).post('/auth/register', registration('late@example.com'));
      expect(late.status).toBe(mode.registration !== 'open' ? 403 : 'emailVerification' in mode ? 202 : 201);
      await api.stop();
      await database.drop();
    }
  }, 60_000);

  describe('with verified addresses', () => {
    let strict: SignInSite;
    beforeAll(async () => {
      strict = await SignInSite.start({ auth: { emailVerification: 'required' } });
      await ApiClient.register(strict.url);
    }, 60_000);
    afterAll(() => strict?.stop(), 60_000);
    const ask = (name: string, body: unknown) => new ApiClient(strict.url).post(`/auth/${name}`, body);

    it('makes nothing before the link, and answers the same for an address that has an account', async () => {
      const first = await ask('register', registration('new@example.com'));
      expect([first.status, first.body.data]).toEqual([202, { verificationRequired: true }]);
      expect(await strict.db.query(`select 1 from users where email = 'new@example.com'`)).toEqual([]);
      const token = await strict.tokenMailedTo('new@example.com');

      const wrong = await ask('register/confirm', { token, password: 'not my password' });
      expect([wrong.status, wrong.body.error.code]).toEqual([401, 'INVALID_CREDENTIALS']);
      const done = await ask('register/confirm', { token, password: 'three green kettles' });
      expect([done.status, done.body.data.user.email]).toEqual([201, 'new@example.com']);
      const me = await ApiClient.bearer(strict.url, done.body.data.accessToken).get('/auth/me');
      expect(me.body.data).toMatchObject({ emailVerified: true, isPlatformAdmin: false });
      expect((await ask('register/confirm', { token, password: 'three green kettles' })).body.error.code).toBe(
        'LINK_INVALID',
      );

      const again = await ask('register', registration('NEW@example.com'));
      expect([again.status, again.body.data]).toEqual([202, { verificationRequired: true }]);
      expect(await strict.mail('new@example.com', 2)).toContain('has an account already');
    });

    it('lets nobody take an address by registering it first', async () => {
      await ask('register', { ...registration('victim@example.com'), password: 'of the attacker now' });
      const token = await strict.tokenMailedTo('victim@example.com');
      // The victim follows the link, and does not know the password.
      expect((await ask('register/confirm', { token, password: 'three green kettles' })).status).toBe(401);
      await ask('register', registration('victim@example.com'));
      const own = await strict.tokenMailedTo('victim@example.com', 2);
      expect((await ask('register/confirm', { token: own, password: 'three green kettles' })).status).toBe(201);
      expect((await ask('register/confirm', { token, password: 'of the attacker now' })).status).toBe(400);
      const old = await ask('login', { email: 'victim@example.com', password: 'of the attacker now' });
      expect(old.status).toBe(401);
    });

    it('says that the address is not verified only to who knows the password', async () => {
      await strict.db.query(`update users set email_verified_at = null where email = 'new@example.com'`);
      const right = await ask('login', { email: 'new@example.com', password: 'three green kettles' });
      expect([right.status, right.body.error.code]).toEqual([403, 'EMAIL_NOT_VERIFIED']);
      const wrong = await ask('login', { email: 'new@example.com', password: 'something else' });
      expect(wrong.body.error.code).toBe('INVALID_CREDENTIALS');

      const before = strict.mails.to('new@example.com').length;
      expect((await ask('verify-email/resend', { email: 'new@example.com' })).status).toBe(202);
      const token = await strict.tokenMailedTo('new@example.com', before + 1);
      expect((await ask('verify-email', { token })).body.data).toEqual({ success: true });
      expect((await ask('verify-email', { token })).body.error.code).toBe('LINK_INVALID');
      expect((await ask('login', { email: 'new@example.com', password: 'three green kettles' })).status).toBe(200);
    });
  });
});

describe('a forgotten password', () => {
  it('is set anew by a mailed link, once; all sessions end and the person is told', async () => {
    const user = await ApiClient.register(site.url);
    const asked = await auth('forgot-password', { email: user.email.toUpperCase() });
    expect([asked.status, asked.body.data]).toEqual([202, { accepted: true }]);
    const token = await site.tokenMailedTo(user.email);
    const [stored] = await site.db.query<{ row: string }>(
      'select email_tokens::text as row from email_tokens where user_id = $1',
      [user.userId],
    );
    expect(stored!.row).not.toContain(token);

    const weak = await auth('reset-password', { token, password: 'password1234' });
    expect([weak.status, weak.body.error.fields[0].path]).toEqual([400, 'password']);
    const answers = await Promise.all(
      [1, 2, 3].map(() => auth('reset-password', { token, password: 'four blue teapots' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
    expect((await user.client.get('/auth/me')).body.error.code).toBe('SESSION_REVOKED');
    expect((await auth('refresh', { refreshToken: user.refreshToken })).body.error.code).toBe('SESSION_REVOKED');
    expect((await login(user)).status).toBe(401);
    expect((await login({ ...user, password: 'four blue teapots' })).status).toBe(200);
    expect(await site.mail(user.email, 2)).toContain('was set anew');
    expect(await auditOf(user.userId, 'auth.password_reset')).toHaveLength(1);
  });

  it('is asked for in the same way at an address that nobody has', async () => {
    const user = await ApiClient.register(site.url);
    const stranger = `${Math.random().toString(36).slice(2)}@example.com`;
    const shape = async (email: string) => {
      const { status, body } = await auth('forgot-password', { email });
      return [status, body.data];
    };
    expect(await shape(user.email)).toEqual(await shape(stranger));
    await site.mailRequestsDone();
    await site.mail(user.email);
    expect(site.mails.to(stranger)).toEqual([]);
  });

  it('needs a link of its own: expired, superseded and foreign ones are refused', async () => {
    const user = await ApiClient.register(site.url);
    await auth('forgot-password', { email: user.email });
    const first = await site.tokenMailedTo(user.email);
    await auth('forgot-password', { email: user.email });
    const second = await site.tokenMailedTo(user.email, 2);
    const refused = async (token: string) =>
      expect((await auth('reset-password', { token, password: 'four blue teapots' })).body.error.code).toBe(
        'LINK_INVALID',
      );
    await refused(first);
    await refused('unknown');
    await site.db.query(`update email_tokens set expires_at = now() - interval '1 s' where user_id = $1`, [
      user.userId,
    ]);
    await refused(second);
    // A link to verify an address does not set passwords.
    await auth('verify-email/resend', { email: user.email });
    await refused(await site.tokenMailedTo(user.email, 3));
  });

  it('does not fill a mailbox: four mails an hour', async () => {
    const user = await ApiClient.register(site.url);
    for (let n = 0; n < 8; n++) expect((await auth('forgot-password', { email: user.email })).status).toBe(202);
    await site.mailRequestsDone();
    await until(async () => (await site.db.query(`select 1 from mails where state = 'queued'`)).length === 0);
    expect(site.mails.to(user.email)).toHaveLength(4);
  });
});

describe('guessing a password', () => {
  const guess = (email: string, headers?: Record<string, string>) => login({ email, password: 'wrong guess' }, headers);

  it('makes one wait, whether the account exists or not, and says how long', async () => {
    const user = await ApiClient.register(site.url);
    await site.db.query('delete from sessions where user_id = $1', [user.userId]);
    const stranger = 'nobody-there@example.com';
    const answers = async (email: string) => {
      const all = [];
      for (let n = 0; n < 12; n++) all.push(await guess(email));
      return all.map(({ status, body, headers }) => [status, body.error, headers.get('retry-after')]);
    };
    const known = await answers(user.email);
    expect(known.slice(0, 10).every(([status]) => status === 401)).toBe(true);
    expect(known.slice(10).map(([status]) => status)).toEqual([429, 429]);
    expect(Number(known[11]![2])).toBeGreaterThan(20);
    const unknown = await answers(stranger);
    expect(unknown.map(([status, error]) => [status, error])).toEqual(known.map(([status, error]) => [status, error]));
    // The right password is not looked at either.
    expect((await login(user)).body.error.code).toBe('TOO_MANY_ATTEMPTS');
    await until(async () => (await auditOf(user.userId, 'auth.login_failed')).length === 10);
    expect(await auditOf(user.userId, 'auth.lockout')).toHaveLength(1);
  });

  it('counts guesses that come at once one by one, in both of two processes', async () => {
    const second = await startApi(site.database.config);
    const user = await ApiClient.register(site.url);
    await site.db.query('delete from sessions where user_id = $1', [user.userId]);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        new ApiClient(n % 2 ? second.url : site.url).post('/auth/login', {
          email: user.email,
          password: 'wrong guess',
        }),
      ),
    );
    await second.stop();
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(30);
  });

  it('does not shut out the owner: a browser that logged in before goes on, and so do sessions', async () => {
    const user = await ApiClient.register(site.url);
    const device = deviceOf((await login(user)).headers)!;
    await site.db.query('update sessions set ip_address = $2 where user_id = $1', [user.userId, '198.51.100.9']);
    for (let n = 0; n < 12; n++) await guess(user.email);
    expect((await login(user)).status).toBe(429);
    expect((await login(user, { cookie: `waypost_device=${device}` })).status).toBe(200);
    expect((await user.client.get('/auth/me')).status).toBe(200);
    expect((await auth('refresh', { refreshToken: user.refreshToken })).status).toBe(200);
    // Somebody else's mark, and one that was altered, are no help.
    const other = await ApiClient.register(site.url);
    const foreign = deviceOf((await login(other)).headers)!;
    for (const mark of [foreign, device.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 'x.y.z.w']) {
      expect((await login(user, { cookie: `waypost_device=${mark}` })).status).toBe(429);
    }
  });

  it('is no way to keep the owner out: setting a new password opens the account', async () => {
    const user = await ApiClient.register(site.url);
    await site.db.query('update sessions set ip_address = $2 where user_id = $1', [user.userId, '198.51.100.9']);
    for (let n = 0; n < 12; n++) await guess(user.email);
    await auth('forgot-password', { email: user.email });
    const token = await site.tokenMailedTo(user.email);
    const reset = await auth('reset-password', { token, password: 'four blue teapots' });
    const device = deviceOf(reset.headers)!;
    const back = await login({ ...user, password: 'four blue teapots' }, { cookie: `waypost_device=${device}` });
    expect(back.status).toBe(200);
  });

  it('is forgotten after a right one, and when the wait is over', async () => {
    const user = await ApiClient.register(site.url);
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 8; n++) expect((await guess(user.email)).status).toBe(401);
      expect((await login(user)).status).toBe(200);
    }
    for (let n = 0; n < 10; n++) await guess(user.email);
    expect((await login(user)).status).toBe(429);
    await site.db.query(
      `update guess_counters set blocked_until = now() - interval '1 s' where blocked_until is not null`,
    );
    expect((await login(user)).status).toBe(200);
  });

  it('does the same work for an address that nobody has: the same statements, and a hash', async () => {
    const user = await ApiClient.register(site.url);
    await site.db.query('delete from sessions where user_id = $1', [user.userId]);
    const work = await watched();
    const known = await work(() => guess(user.email));
    const unknown = await work(() => guess('unknown-to-all@example.com'));
    expect(unknown).toContain('verify a hash');
    // What follows is the record in the account's audit trail, after the answer.
    expect(known.slice(0, unknown.length)).toEqual(unknown);
    const asked = await work(() => auth('forgot-password', { email: user.email }));
    expect(await work(() => auth('forgot-password', { email: 'unknown-to-all@example.com' }))).toEqual(asked);
    await site.mailRequestsDone();
  });

  it('renews a hash whose parameters are of an earlier day', async () => {
    const user = await ApiClient.register(site.url);
    const old = await hash(user.password, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    await site.db.query('update users set password_hash = $2 where id = $1', [user.userId, old]);
    expect((await login(user)).status).toBe(200);
    const [row] = await site.db.query<{ hash: string }>('select password_hash as hash from users where id = $1', [
      user.userId,
    ]);
    expect(row!.hash).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
    expect((await login(user)).status).toBe(200);
  });
});

describe('the authenticator app', () => {
  it('is set up with a QR code, confirmed with a code, and kept sealed', async () => {
    const user = await ApiClient.register(site.url);
    const early = await user.client.post('/auth/2fa/enable', { token: '123456' });
    expect(early.body.error.code).toBe('TWO_FACTOR_SETUP_MISSING');
    const { status, body } = await user.client.post('/auth/2fa/setup', {});
    expect(status).toBe(200);
    expect(body.data.otpauthUrl).toContain(`secret=${body.data.secret}`);
    expect(body.data.qrCodeDataUrl).toMatch(/^data:image\/png;base64,/);
    // Not asked for before it is confirmed.
    expect((await login(user)).body.data.requires2FA).toBe(false);
    const wrong = await user.client.post('/auth/2fa/enable', { token: '000000' });
    expect([wrong.status, wrong.body.error.code]).toEqual([401, 'TWO_FACTOR_CODE_INVALID']);
    const enabled = await user.client.post('/auth/2fa/enable', { token: codeOf(body.data.secret) });
    expect(enabled.body.data).toMatchObject({ enabled: true });
    expect(new Set(enabled.body.data.backupCodes).size).toBe(10);
    expect((await user.client.get('/auth/me')).body.data).toMatchObject({
      twoFactorEnabled: true,
      totpEnabled: true,
      backupCodesRemaining: 10,
    });
    expect((await user.client.post('/auth/2fa/setup', {})).body.error.code).toBe('TWO_FACTOR_ALREADY_ON');
    const rows = await site.db.query<{ row: string }>(
      `select t::text as row from totp_secrets t where user_id = $1
        union all select b::text from backup_codes b where user_id = $1`,
      [user.userId],
    );
    const kept = rows.map(({ row }) => row).join();
    for (const secret of [body.data.secret, ...enabled.body.data.backupCodes]) expect(kept).not.toContain(secret);
    expect(await auditOf(user.userId, 'auth.mfa_enable')).toHaveLength(1);
    expect(await site.mail(user.email)).toContain('authenticator app was set up');
  });

  it('is asked for after the password; the second step is bound to the first', async () => {
    const user = await withTotp();
    const first = await login(user);
    expect(first.body.data).toEqual({
      requires2FA: true,
      challenge: expect.stringMatching(/^wpc_/),
      userId: first.body.data.challenge,
      methods: ['totp', 'backup_code'],
      expiresIn: 600,
    });
    const { challenge } = first.body.data;
    const token = codeOf(user.secret);
    // The user's id and a right code are not enough.
    for (const claimed of [user.userId, 'wpc_guessed', user.refreshToken]) {
      const refused = await auth('2fa/verify', { userId: claimed, token });
      expect([refused.status, refused.body.error.code]).toEqual([401, 'LOGIN_CHALLENGE_INVALID']);
    }
    const done = await auth('2fa/verify', { userId: challenge, token });
    expect([done.status, done.body.data.user.id]).toEqual([200, user.userId]);
    expect((await ApiClient.bearer(site.url, done.body.data.accessToken).get('/auth/me')).status).toBe(200);
    await restTotp(user.userId);
    const again = await auth('2fa/verify', { challenge, token });
    expect(again.body.error.code).toBe('LOGIN_CHALLENGE_INVALID');
    expect(await auditOf(user.userId, 'auth.login')).toHaveLength(1);
  });

  it('takes a code once, however many ask at once', async () => {
    const user = await withTotp();
    const challenges = await Promise.all([1, 2, 3, 4].map(async () => (await login(user)).body.data.challenge));
    const token = codeOf(user.secret);
    const answers = await Promise.all(challenges.map((challenge) => auth('2fa/verify', { challenge, token })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    // An older code of the window is not taken either, the next one is.
    const next = (await login(user)).body.data.challenge;
    expect((await auth('2fa/verify', { challenge: next, token: codeOf(user.secret, -1) })).status).toBe(401);
    expect((await auth('2fa/verify', { challenge: next, token: codeOf(user.secret, 1) })).status).toBe(200);
  });

  it('lets a challenge be tried five times, and expire', async () => {
    const user = await withTotp();
    const { challenge } = (await login(user)).body.data;
    for (let n = 0; n < 5; n++) {
      expect((await auth('2fa/verify', { challenge, token: '000000' })).body.error.code).toBe(
        'TWO_FACTOR_CODE_INVALID',
      );
    }
    const spent = await auth('2fa/verify', { challenge, token: codeOf(user.secret) });
    expect(spent.body.error.code).toBe('LOGIN_CHALLENGE_INVALID');
    expect(await auditOf(user.userId, 'auth.login_failed')).toHaveLength(5);
    const late = (await login(user)).body.data.challenge;
    await site.db.query(`update login_challenges set expires_at = now() - interval '1 s' where user_id = $1`, [
      user.userId,
    ]);
    expect((await auth('2fa/verify', { challenge: late, token: codeOf(user.secret) })).status).toBe(401);
  });

  it('is guessed no faster by beginning again', async () => {
    const user = await withTotp();
    const statuses: number[] = [];
    for (let round = 0; round < 4; round++) {
      const { challenge } = (await login(user)).body.data;
      for (let n = 0; n < 4; n++) statuses.push((await auth('2fa/verify', { challenge, token: '000000' })).status);
    }
    expect(statuses.slice(0, 10).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(10).every((status) => status === 429)).toBe(true);
  });

  it('has backup codes that work once, however they are written', async () => {
    const user = await withTotp();
    const [one] = user.backupCodes;
    const { challenge } = (await login(user)).body.data;
    const written = one!.toUpperCase().replaceAll('-', ' ');
    expect((await auth('2fa/verify', { challenge, token: written })).status).toBe(200);
    const second = (await login(user)).body.data.challenge;
    expect((await auth('2fa/verify', { challenge: second, token: one })).status).toBe(401);
    expect((await user.client.get('/auth/me')).body.data.backupCodesRemaining).toBe(9);
  });

  it('is removed, and backup codes are made anew, only after a confirmation', async () => {
    const user = await withTotp();
    for (const path of ['/auth/2fa/disable', '/auth/2fa/backup-codes']) {
      const bare = await user.client.post(path, {});
      expect([bare.status, bare.body.error.code]).toEqual([403, 'REAUTHENTICATION_FAILED']);
      expect(bare.body.error.details.methods).toEqual(['password', 'totp', 'backup_code']);
      const wrong = await user.client.post(path, { password: 'not my password' });
      expect([wrong.status, wrong.body.error.code]).toEqual([403, 'REAUTHENTICATION_FAILED']);
    }
    const renewed = await user.client.post('/auth/2fa/backup-codes', { code: codeOf(user.secret) });
    expect(renewed.body.data.backupCodes).toHaveLength(10);
    const replay = await user.client.post('/auth/2fa/backup-codes', { code: codeOf(user.secret) });
    expect(replay.body.error.code).toBe('REAUTHENTICATION_FAILED');
    const old = await user.client.post('/auth/2fa/disable', { code: user.backupCodes[0] });
    expect(old.body.error.code).toBe('REAUTHENTICATION_FAILED');
    expect((await user.client.post('/auth/2fa/disable', { password: user.password })).body.data.enabled).toBe(false);
    expect((await login(user)).body.data.requires2FA).toBe(false);
    expect((await user.client.post('/auth/2fa/disable', { password: user.password })).body.error.code).toBe(
      'TWO_FACTOR_NOT_ON',
    );
    expect((await user.client.get('/auth/me')).body.data.backupCodesRemaining).toBe(0);
  });

  it('cannot be set up with a session that is older, without a confirmation; nor with an API key', async () => {
    const user = await ApiClient.register(site.url);
    await site.db.query(`update sessions set created_at = now() - interval '11 minutes' where user_id = $1`, [
      user.userId,
    ]);
    expect((await user.client.post('/auth/2fa/setup', {})).body.error.code).toBe('REAUTHENTICATION_FAILED');
    expect((await user.client.post('/auth/2fa/setup', { password: user.password })).status).toBe(200);
    const key = await user.client.withKey();
    for (const path of ['/auth/2fa/setup', '/auth/2fa/disable', '/auth/change-password', '/auth/sessions']) {
      const { status } = path.endsWith('sessions')
        ? await key.get(path)
        : await key.post(path, { password: user.password, newPassword: 'four blue teapots' });
      expect([path, status]).toEqual([path, 403]);
    }
  });
});

describe('confirming who one is', () => {
  it('is slowed down like a log-in, for the session that guesses', async () => {
    const user = await ApiClient.register(site.url);
    const other = ApiClient.bearer(site.url, (await login(user)).body.data.accessToken);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      statuses.push(
        (await user.client.post('/auth/change-email', { email: 'x@example.com', password: 'wrong' })).status,
      );
    }
    expect(statuses).toEqual([...Array(10).fill(403), 429, 429]);
    // The owner's other session is not shut out by it.
    const fine = await other.post('/auth/change-email', { email: `new-${user.email}`, password: user.password });
    expect(fine.status).toBe(202);
  });
});

describe('the password', () => {
  it('is changed with the present one; other sessions end at once, on HTTP and on sockets, this one goes on', async () => {
    const user = await ApiClient.register(site.url);
    const second = (await login(user)).body.data;
    const phone = ApiClient.bearer(site.url, second.accessToken);
    const socket = io(`${site.url}/ws`, {
      transports: ['websocket'],
      reconnection: false,
      auth: { token: second.accessToken },
    });
    await until(() => socket.connected);
    const told = new Promise((resolve) => socket.on('credential:ended', resolve));

    const change = (body: object) => user.client.post('/auth/change-password', body);
    const wrong = await change({ currentPassword: 'not it', newPassword: 'four blue teapots' });
    expect([wrong.status, wrong.body.error.code]).toEqual([403, 'REAUTHENTICATION_FAILED']);
    const weak = await change({ currentPassword: user.password, newPassword: 'qwerty123456' });
    expect([weak.status, weak.body.error.fields[0].path]).toEqual([400, 'newPassword']);
    const same = await change({ currentPassword: user.password, newPassword: user.password });
    expect(same.status).toBe(400);

    const done = await change({ currentPassword: user.password, newPassword: 'four blue teapots' });
    expect(done.body.data).toEqual({ success: true, revokedCount: 1 });
    expect((await phone.get('/auth/me')).body.error.code).toBe('SESSION_REVOKED');
    expect(await told).toMatchObject({ code: 'SESSION_REVOKED' });
    await until(() => socket.disconnected);
    expect((await user.client.get('/auth/me')).status).toBe(200);
    expect((await auth('refresh', { refreshToken: user.refreshToken })).status).toBe(200);
    expect((await login(user)).status).toBe(401);
    expect((await login({ ...user, password: 'four blue teapots' })).status).toBe(200);
    expect(await site.mail(user.email)).toContain('Your password was changed');
  });

  it('of old opens no log-in that waits for its second factor', async () => {
    const user = await withTotp();
    const { challenge } = (await login(user)).body.data;
    await user.client.post('/auth/change-password', {
      currentPassword: user.password,
      newPassword: 'four blue teapots',
    });
    const late = await auth('2fa/verify', { challenge, token: codeOf(user.secret) });
    expect(late.body.error.code).toBe('LOGIN_CHALLENGE_INVALID');
  });
});

describe('the address', () => {
  it('is changed by a link to the new one; the old one is told and does not log in any more', async () => {
    const user = await ApiClient.register(site.url);
    const email = `new-${user.email}`;
    const bare = await user.client.post('/auth/change-email', { email });
    expect(bare.body.error.code).toBe('REAUTHENTICATION_FAILED');
    const asked = await user.client.post('/auth/change-email', { email, password: user.password });
    expect(asked.status).toBe(202);
    expect((await user.client.get('/auth/me')).body.data.email).toBe(user.email);
    const token = await site.tokenMailedTo(email);
    expect((await auth('change-email/confirm', { token })).body.data).toEqual({ success: true });
    expect((await auth('change-email/confirm', { token })).status).toBe(400);
    expect((await user.client.get('/auth/me')).body.data).toMatchObject({ email, emailVerified: true });
    expect((await login(user)).status).toBe(401);
    expect((await login({ ...user, email })).status).toBe(200);
    expect(await site.mail(user.email)).toContain(`changed from ${user.email} to ${email}`);
  });

  it("that is somebody else's is answered the same; only its owner hears of it", async () => {
    const [user, other] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
    const asked = await user.client.post('/auth/change-email', { email: other.email, password: user.password });
    expect([asked.status, asked.body.data]).toEqual([202, { accepted: true }]);
    expect(await site.mail(other.email)).toContain('wants to use');
    expect((await user.client.get('/auth/me')).body.data.email).toBe(user.email);
  });

  it('taken by somebody else while the link was under way is refused', async () => {
    const user = await ApiClient.register(site.url);
    const email = `wanted-${user.email}`;
    await user.client.post('/auth/change-email', { email, password: user.password });
    const token = await site.tokenMailedTo(email);
    await ApiClient.register(site.url, { email });
    const refused = await auth('change-email/confirm', { token });
    expect([refused.status, refused.body.error.code]).toEqual([409, 'EMAIL_TAKEN']);
  });
});

describe('sessions', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

  it('are listed with device and place, the present one marked, page by page', async () => {
    const user = await ApiClient.register(site.url);
    await login(user, { 'user-agent': firefox });
    await login(user, { 'user-agent': 'curl/8.5.0' });
    await site.db.query(`update sessions set ip_address = '8.8.8.8' where user_id = $1 and user_agent = $2`, [
      user.userId,
      firefox,
    ]);
    const { data, meta } = (await user.client.get('/auth/sessions')).body;
    expect(data).toHaveLength(3);
    expect(meta.nextCursor).toBeNull();
    expect(data.filter(({ current }: { current: boolean }) => current)).toMatchObject([{ method: 'registration' }]);
    expect(data.map(({ device }: { device: string }) => device).sort()).toEqual(
      expect.arrayContaining(['Firefox on Linux', 'curl']),
    );
    const browser = data.find(({ device }: { device: string }) => device === 'Firefox on Linux');
    expect(browser).toMatchObject({
      ipAddress: '8.8.8.8',
      place: { countryCode: 'US', country: 'United States' },
      deviceDetails: { browser: 'Firefox', os: 'Linux', type: 'desktop' },
      method: 'password',
      current: false,
    });
    expect(data.find(({ device }: { device: string }) => device === 'curl').place).toBeNull();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: { body: { data: { id: string }[]; meta: { nextCursor: string | null } } } = await user.client.get(
        `/auth/sessions?limit=1&cursor=${cursor}`,
      );
      seen.push(...page.body.data.map(({ id }) => id));
      cursor = page.body.meta.nextCursor;
    }
    expect(seen).toEqual(data.map(({ id }: { id: string }) => id));
  });

  it('are ended one by one, only by their person, and act at once', async () => {
    const [user, stranger] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
    const phone = ApiClient.bearer(site.url, (await login(user)).body.data.accessToken);
    const { data } = (await user.client.get('/auth/sessions')).body;
    const { id } = data.find(({ current }: { current: boolean }) => !current);
    expect((await stranger.client.delete(`/auth/sessions/${id}`)).status).toBe(404);
    expect((await phone.get('/auth/me')).status).toBe(200);
    expect((await user.client.delete(`/auth/sessions/${id}`)).body.data).toEqual({ success: true });
    expect((await phone.get('/auth/me')).body.error.code).toBe('SESSION_REVOKED');
    expect((await user.client.delete(`/auth/sessions/${id}`)).status).toBe(404);
    expect((await user.client.delete('/auth/sessions/none')).status).toBe(400);
  });

  it('are ended all but one', async () => {
    const user = await ApiClient.register(site.url);
    const others = await Promise.all([1, 2, 3].map(async () => (await login(user)).body.data));
    const { data } = (await user.client.delete('/auth/sessions')).body;
    expect(data).toEqual({ success: true, revokedCount: 3 });
    for (const { accessToken, refreshToken } of others) {
      expect((await ApiClient.bearer(site.url, accessToken).get('/auth/me')).status).toBe(401);
      expect((await auth('refresh', { refreshToken })).body.error.code).toBe('SESSION_REVOKED');
    }
    expect((await user.client.get('/auth/me')).status).toBe(200);
  });
});

describe('preferences', () => {
  it('have defaults, merge, and refuse what is unknown or of another type', async () => {
    const [user, other] = [await ApiClient.register(site.url), await ApiClient.register(site.url)];
    const defaults = {
      notifyOnMessage: true,
      notifyOnConnect: true,
      notifyOnDisconnect: true,
      emailNotifications: false,
      pushNotifications: true,
    };
    expect((await user.client.get('/auth/preferences')).body.data).toEqual(defaults);
    await patch(user.client, '/auth/preferences', { notifyOnMessage: false });
    const merged = await patch(user.client, '/auth/preferences', { emailNotifications: true });
    expect(merged.body.data).toEqual({ ...defaults, notifyOnMessage: false, emailNotifications: true });
    expect((await patch(user.client, '/auth/preferences', {})).body.data).toEqual(merged.body.data);
    for (const [body, path] of [
      [{ theme: 'dark' }, 'theme'],
      [{ notifyOnMessage: 'yes' }, 'notifyOnMessage'],
      [{ notifyOnMessage: null }, 'notifyOnMessage'],
      [{ isAdmin: true, notifyOnConnect: false }, 'isAdmin'],
    ] as const) {
      const refused = await patch(user.client, '/auth/preferences', body);
      expect([refused.status, refused.body.error.fields[0].path]).toEqual([400, path]);
    }
    expect((await user.client.get('/auth/preferences')).body.data).toEqual(merged.body.data);
    expect((await other.client.get('/auth/preferences')).body.data).toEqual(defaults);
    expect((await nobody.get('/auth/preferences')).status).toBe(401);
  });
});

it('says how people sign in here', async () => {
  expect((await nobody.get('/auth/options')).body.data).toEqual({
    registration: 'open',
    emailVerification: false,
    oidc: null,
  });
  for (const [path, body] of [
    ['oidc/start', {}],
    ['oidc/exchange', { code: 'x' }],
  ] as const) {
    const { status, body: answer } = await auth(path, body);
    expect([path, [404, 401].includes(status), answer.error.code.startsWith('OIDC_')]).toEqual([path, true, true]);
  }
});
