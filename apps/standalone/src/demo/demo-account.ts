import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, ApiRefusal } from './api-client.js';

/** The demo's login, kept in the data directory so that a second run finds its organization again. */
export interface DemoAccount {
  email: string;
  password: string;
  apiKey: string;
  /** Whether this run made it. */
  isNew: boolean;
}

export async function openDemoAccount(anonymous: ApiClient, dataDir: string): Promise<DemoAccount> {
  const file = join(dataDir, 'demo.json');
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoAccount) : undefined;
  if (kept && (await isValid(anonymous, kept))) return { ...kept, isNew: false };
  const email = `demo-${randomBytes(3).toString('hex')}@example.com`;
  const password = randomBytes(12).toString('base64url');
  const { accessToken } = await anonymous.post<{ accessToken: string }>('/auth/register', {
    email,
    password,
    name: 'Demo',
    organizationName: 'Demo Coffee Roasters',
  });
  const { key } = await anonymous
    .as({ authorization: `Bearer ${accessToken}` })
    .post<{ key: string }>('/api-keys', { name: 'Demo', permissions: ['*'] });
  const account = { email, password, apiKey: key };
  writeFileSync(file, `${JSON.stringify(account, null, 2)}\n`, { mode: 0o600 });
  return { ...account, isNew: true };
}

async function isValid(anonymous: ApiClient, { email, password, apiKey }: DemoAccount): Promise<boolean> {
  try {
    await anonymous.post('/auth/login', { email, password });
    await anonymous.as({ 'x-api-key': apiKey }).get('/auth/me');
    return true;
  } catch (problem) {
    // Another database than last time. Everything else is a failure of the demo.
    if (problem instanceof ApiRefusal && problem.status === 401) return false;
    throw problem;
  }
}
