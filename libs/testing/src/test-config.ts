import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, loadConfig } from '#config';
import { runFolder } from './test-run.js';

export type ConfigOverrides = { [Group in keyof Config]?: Partial<Config[Group]> };

/** Every setting as a test wants it: random secrets, any free port, a data folder of its own, limits out of the way. */
export function testConfig(overrides: ConfigOverrides = {}): Config {
  const secret = () => randomBytes(24).toString('hex');
  const config = loadConfig({
    PORT: '0',
    JWT_SECRET: secret(),
    ENCRYPTION_KEY: secret(),
    INTERNAL_SECRET: secret(),
    DATABASE_POOL_SIZE: '5',
    DATA_DIR: mkdtempSync(join(runFolder(), 'data-')),
    RATE_LIMIT_PER_MINUTE: '10000000',
    LOGIN_LIMIT_PER_MINUTE: '100000',
    OVERLOAD_DELAY_MS: '60000',
    OVERLOAD_POOL_WAIT_MS: '60000',
    LOG_LEVEL: 'silent',
  });
  const groups = Object.keys(config) as (keyof Config)[];
  return Object.fromEntries(groups.map((group) => [group, { ...config[group], ...overrides[group] }])) as Config;
}
