import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { generateSync } from 'otplib/functional';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { pages } from '#contracts';
import { ApiClient, findBrowser, type Registered, startBrowser, until } from '#testing';
import { IdentityProvider } from './identity-provider.js';
import { SignInSite } from './sign-in-site.js';

/** The pages that mails and sign-in lead to, in a real browser: real api, worker, database, mail server and provider. */

const publicUrl = 'http://waypost.localhost';
const folder = resolve('dist/pages/dashboard');
const PASSWORD = 'four blue teapots';

// In CI a missing browser is a failure; elsewhere the specs are skipped, and say so.
const hasBrowser = findBrowser(process.env) !== undefined || process.env.CI !== undefined;
if (!hasBrowser) console.warn('The dashboard is NOT tested: there is no Chromium. Install it, or set CHROMIUM.');

let provider: IdentityProvider;
let site: SignInSite;
let nobody: ApiClient;
let admin: Registered;

beforeAll(async () => {
  if (!existsSync(resolve(folder, 'index.html'))) throw new Error('The page is not built: run `npm run build`.');
  provider = await IdentityProvider.start(`${publicUrl}/api/v1/auth/oidc/callback`);
  site = await SignInSite.start(
    {
      http: { publicUrl },
      auth: { emailVerification: 'required' },
      oidc: {
        issuer: provider.issuer,
        clientId: 'waypost',
        clientSecret: 'the secret of the client',
        name: 'Kettle ID',
        linkByEmail: true,
      },
    },
    { dashboard: folder },
  );
  nobody = new ApiClient(site.url);
  admin = await ApiClient.register(site.url, { organizationName: 'Kettle & Sons' });
}, 60_000);
afterAll(async () => {
  await site?.stop();
  await provider?.stop();
}, 60_000);

let names = 0;
const newAddress = () => `person${++names}@example.com`;

/** The link of the newest of `count` mails to an address. */
async function linkMailedTo(address: string, count = 1): Promise<string> {
  const text = await site.mail(address, count);
  const link = /http:\/\/waypost\.localhost\/\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`No link in: ${text}`);
  return link;
}

/** Somebody of the admin's organization with an account and a password, by an invitation. */
async function person(): Promise<{ email: string; client: ApiClient }> {
  const email = newAddress();
  await admin.client.post('/organizations/invitations', { email, name: 'Bo Example', role: 'manager' });
  const token = new URL(await linkMailedTo(email)).hash.replace('#token=', '');
  const { body } = await nobody.post('/invitations/accept', { token, password: PASSWORD });
  return { email, client: ApiClient.bearer(site.url, body.data.accessToken) };
}

describe('what the api serves', () => {
  it('gives every page of the catalogue, and nothing else', async () => {
    for (const path of Object.values(pages)) {
      const page = await fetch(site.url + path);
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-cache');
      const policy = page.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain('unsafe');
    }
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['GET', '/login/nowhere'],
      ['GET', '/api/v1/login'],
      ['GET', '/assets/nowhere.js'],
      ['GET', '/assets/'],
      ['POST', '/login'],
    ] as const) {
      const answer = await fetch(site.url + path, { method });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.text()).not.toContain('id="root"');
    }
  });

  it('lets browsers keep what never changes', async () => {
    const html = await (await fetch(`${site.url}/login`)).text();
    const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(assets.length).toBeGreaterThanOrEqual(3);
    for (const path of assets) {
      const asset = await fetch(site.url + path);
      expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
  });
});

(hasBrowser ? describe : describe.skip)('in a browser', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let mistakes: string[];
  let asked: string[];

  beforeAll(async () => {
    const port = new URL(site.url).port;
    browser = await startBrowser(process.env, [`--host-resolver-rules=MAP waypost.localhost:80 127.0.0.1:${port}`]);
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    mistakes = [];
    asked = [];
    page.on('pageerror', (error) => mistakes.push(error.message));
    page.on('console', (line) => {
      // The browser notes every refusal by itself; the page shows those to people.
      if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) mistakes.push(line.text());
    });
    page.on('request', (request) => asked.push(`${request.url()} ${request.headers().referer ?? ''}`));
  });

  afterEach(async () => {
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    await context.close();
    expect(mistakes).toEqual([]);
    expect(width).toBeLessThanOrEqual(360);
  });

  const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const alert = (text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor();

  /** Opens a link of a mail. Its secret leaves the address bar, and no address that is asked for has it. */
  async function follow(link: string): Promise<void> {
    await page.goto(link);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const { pathname, hash } = new URL(link);
    expect(page.url()).toBe(publicUrl + pathname);
    const secret = hash.split('=').at(-1)!;
    expect(asked.filter((line) => line.includes(secret))).toEqual([]);
  }

  async function signIn(email: string, password = PASSWORD): Promise<void> {
    await page.goto(`${publicUrl}/login`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await click('Sign in');
  }

  it('finishes a registration with the password that was chosen, and shows who is signed in', async () => {
    const email = newAddress();
    await nobody.post('/auth/register', { email, password: PASSWORD, name: 'Ana Prado', organizationName: 'Teapots' });
    const link = await linkMailedTo(email);
    await follow(link);
    await heading('Finish your registration');
    await page.getByLabel('Password', { exact: true }).fill('three green kettles');
    await click('Finish registration');
    await alert('This is not the password that was chosen at registration.');
    // A reload finds the secret again, though it is not in the address.
    await page.reload();
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await click('Finish registration');
    await heading('Ana Prado');
    await page.getByText(`${email} · owner of Teapots`).waitFor();
    await page.getByText('this session').waitFor();

    await follow(link);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await click('Finish registration');
    await heading('This link does not work');
  });

  it('confirms an address, whose link the log-in page sends again', async () => {
    const { email } = await person();
    await site.db.query('update users set email_verified_at = null where email = $1', [email]);
    await signIn(email);
    await alert('not verified yet');
    await click('Send a new link');
    await page.getByRole('status').filter({ hasText: email }).waitFor();
    const link = await linkMailedTo(email, 2);
    await follow(link);
    await click('Confirm my address');
    await heading('Your address is confirmed');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await heading('Sign in');
    await follow(link);
    await click('Confirm my address');
    await heading('This link does not work');
    await signIn(email);
    await heading('Bo Example');
  });

  it('sets a new password by a mailed link, with which one signs in', async () => {
    const { email } = await person();
    await page.goto(`${publicUrl}/login`);
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await heading('Set a new password');
    await page.getByLabel('E-mail address').fill(email);
    await click('Send the link');
    await page.getByRole('status').filter({ hasText: email }).waitFor();
    const link = await linkMailedTo(email, 2);
    await follow(link);
    await page.getByLabel('New password', { exact: true }).fill('too short');
    await click('Set the password');
    await page.getByText('It must have at least 12 characters.').waitFor();
    await page.getByLabel('New password', { exact: true }).fill('nine amber signposts');
    await click('Set the password');
    await heading('Your new password is set');

    await signIn(email);
    await alert('wrong');
    await page.getByLabel('Password', { exact: true }).fill('nine amber signposts');
    await click('Sign in');
    await heading('Bo Example');
    await follow(link);
    await page.getByLabel('New password', { exact: true }).fill('ten amber signposts');
    await click('Set the password');
    await heading('This link does not work');
    await page.getByRole('link', { name: 'Get a new link' }).click();
    await heading('Set a new password');
  });

  it('accepts an invitation', async () => {
    const email = newAddress();
    await admin.client.post('/organizations/invitations', { email, role: 'manager' });
    const link = await linkMailedTo(email);
    await follow(link);
    await heading('Join Kettle & Sons');
    await page.getByText(`invites ${email} as manager`).waitFor();
    await page.getByLabel('Your name').fill('Cleo Example');
    await page.getByLabel('New password', { exact: true }).fill(email);
    await click('Join');
    await page.getByText('It must not be the e-mail address.').waitFor();
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await click('Join');
    await heading('Cleo Example');
    await page.getByText('manager of Kettle & Sons').waitFor();
    await follow(link);
    await heading('This invitation is not open');
  });

  it('confirms a new address', async () => {
    const { client } = await person();
    const email = newAddress();
    expect((await client.post('/auth/change-email', { email, password: PASSWORD })).status).toBe(202);
    const link = await linkMailedTo(email);
    await follow(link);
    await click('Use this address');
    await heading('Your address is changed');
    await signIn(email);
    await heading('Bo Example');
    await follow(link);
    await click('Use this address');
    await heading('This link does not work');
  });

  it('asks for a code of the app, or a backup code', async () => {
    const { email, client } = await person();
    const { secret } = (await client.post('/auth/2fa/setup', {})).body.data;
    const { backupCodes } = (await client.post('/auth/2fa/enable', { token: generateSync({ secret }) })).body.data;
    // As if the last code had been taken long ago: the clock of the codes is the wall's.
    await site.db.query('update totp_secrets set last_step = 0');
    await signIn(email);
    await heading('One more step');
    await page.getByLabel('Code of your authenticator app').fill('000000');
    await click('Sign in');
    await alert('The code is wrong');
    await page.getByLabel('Code of your authenticator app').fill(generateSync({ secret }));
    await click('Sign in');
    await heading('Bo Example');
    await click('Sign out');
    await heading('Sign in');

    await signIn(email);
    await click('Use a backup code');
    await page.getByLabel('Backup code').fill(backupCodes[0]);
    await click('Sign in');
    await heading('Bo Example');
  });

  it('signs in with a passkey alone', async () => {
    const { email } = await person();
    await signIn(email);
    await heading('Bo Example');
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await page.evaluate(addPasskey);
    await click('Sign out');
    await click('Sign in with a passkey');
    await heading('Bo Example');
    // After a password it is the second step.
    await click('Sign out');
    await signIn(email);
    await heading('One more step');
    await click('Use a passkey');
    await heading('Bo Example');
  });

  it('signs in through the identity provider, and tells why it could not', async () => {
    const { email } = await person();
    provider.people.set('bo', { email, emailVerified: true, name: 'Bo Example' });
    provider.signInAs = 'bo';
    await page.goto(`${publicUrl}/login`);
    await click('Kettle ID');
    await heading('Bo Example');
    expect(page.url()).toBe(`${publicUrl}/`);

    await context.clearCookies();
    await page.evaluate('sessionStorage.clear()');
    provider.people.set('stranger', { email: newAddress(), emailVerified: true });
    provider.signInAs = 'stranger';
    await page.goto(`${publicUrl}/login`);
    await click('Kettle ID');
    await alert('No account here belongs to this person');
    await page.getByRole('link', { name: 'Back to sign in' }).click();
    await heading('Sign in');
  });

  it('lists where one is signed in, ends sessions, and renews its own', async () => {
    const { email, client } = await person();
    await signIn(email);
    await heading('Bo Example');
    const sessions = page.getByRole('region', { name: 'Where you are signed in' }).getByRole('listitem');
    await until(async () => (await sessions.count()) === 2, { what: 'two sessions' });
    await sessions.getByRole('button', { name: /^End the session on/ }).click();
    await page.getByText('Nowhere else.').waitFor();
    expect((await client.get('/auth/me')).status).toBe(401);

    // An access token that has run out is renewed unnoticed.
    await page.evaluate(wearOutToken);
    await page.reload();
    await heading('Bo Example');
    await page.getByText('Nowhere else.').waitFor();

    // A session that was ended elsewhere leads to the log-in page.
    await site.db.query(
      `update sessions set ended_at = now() where user_id = (select id from users where email = $1)`,
      [email],
    );
    await page.reload();
    await heading('Sign in');
  });

  it('says when nothing answers, and goes on when it does again', async () => {
    const { email } = await person();
    await page.goto(`${publicUrl}/login`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await context.setOffline(true);
    await page.keyboard.press('Enter');
    await alert('Waypost does not answer.');
    await context.setOffline(false);
    await page.keyboard.press('Enter');
    await heading('Bo Example');
  });
});

// What runs in the page is text: nothing here has the types of a browser.

const wearOutToken = `{
  const kept = JSON.parse(sessionStorage.getItem('waypost.session'));
  sessionStorage.setItem('waypost.session', JSON.stringify({ ...kept, expiresAt: 0, accessToken: 'worn out' }));
}`;

/** Adds a passkey to the account that is signed in. */
const addPasskey = `(async () => {
  const { accessToken } = JSON.parse(sessionStorage.getItem('waypost.session'));
  const post = async (path, body) => {
    const answer = await fetch('/api/v1' + path, {
      method: 'POST',
      headers: { authorization: 'Bearer ' + accessToken, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const content = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(content));
    return content.data;
  };
  const { challengeId, options } = await post('/auth/passkeys/options', {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey });
  await post('/auth/passkeys', { challengeId, response: made.toJSON() });
})()`;
