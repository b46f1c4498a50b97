import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from './cannot-start.js';

const names = ['JWT_SECRET', 'ENCRYPTION_KEY', 'INTERNAL_SECRET'] as const;
type Secrets = Record<(typeof names)[number], string>;

/**
 * The secrets of this installation: those of the environment, else those kept in the data directory, made on the
 * first start. Without ENCRYPTION_KEY the stored WhatsApp credentials cannot be read, so the file belongs in the backup.
 */
export function installationSecrets(dataDir: string, env: NodeJS.ProcessEnv): Secrets {
  const path = join(dataDir, 'secrets.json');
  const kept = existsSync(path) ? readSecrets(path) : {};
  const missing = names.filter((name) => !env[name]?.trim() && !kept[name]);
  for (const name of missing) kept[name] = randomBytes(32).toString('base64url');
  if (missing.length > 0) writeSecrets(path, kept);
  return Object.fromEntries(names.map((name) => [name, env[name]?.trim() || kept[name]])) as Secrets;
}

function readSecrets(path: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Secrets>;
  } catch (problem) {
    throw new CannotStart(
      `${path} cannot be read (${(problem as Error).message}). It holds the key of the stored WhatsApp credentials: restore it from a backup, or move it away to begin with new secrets and link every number again.`,
    );
  }
}

/** Whole or not at all, and on the disk before anything is encrypted with it. */
function writeSecrets(path: string, secrets: Partial<Secrets>): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  writeSync(file, `${JSON.stringify(secrets, null, 2)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(draft, path);
}
