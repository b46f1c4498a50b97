import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.js';
import { installationSecrets } from './secrets.js';

describe('installationSecrets', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes them once, keeps them, and lets only the owner read them', () => {
    const first = installationSecrets(folder, {});
    expect(installationSecrets(folder, {})).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(3);
    for (const secret of Object.values(first)) expect(secret.length).toBeGreaterThanOrEqual(32);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('prefers those of the environment and does not write them down', () => {
    const given = 'given by the environment, 32 and more';
    expect(installationSecrets(folder, { ENCRYPTION_KEY: given }).ENCRYPTION_KEY).toBe(given);
    expect(readFileSync(join(folder, 'secrets.json'), 'utf8')).not.toContain(given);
  });

  it('stops instead of making new ones when the file is damaged', () => {
    writeFileSync(join(folder, 'secrets.json'), '{"JWT_SECRET":');
    expect(() => installationSecrets(folder, {})).toThrow(CannotStart);
  });
});
