import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from '#config';

/** A part of the product as a process of its own, to be stopped and killed. Needs a build, like the tests of the launcher. */
export interface PartProcess {
  process: ChildProcess;
  port: number;
}

/** Resolves when it works. @param more settings beside those that all parts need */
export async function startPart(
  part: 'api' | 'engine',
  config: Config,
  more: Record<string, string | undefined>,
): Promise<PartProcess> {
  const { NODE_OPTIONS: _own, ...env } = process.env;
  const child = fork(join(process.cwd(), `dist/apps/${part}/src/main.js`), [], {
    execArgv: ['--no-warnings'],
    silent: true,
    env: {
      ...env,
      DATABASE_URL: config.database.url,
      JWT_SECRET: config.auth.jwtSecret,
      ENCRYPTION_KEY: config.secrets.encryptionKey,
      INTERNAL_SECRET: config.secrets.internalSecret,
      DATA_DIR: config.storage.dataDir,
      LOG_LEVEL: 'warn',
      ...more,
    },
  });
  return new Promise((resolve, reject) => {
    child.once('message', (ready: { port: number }) => resolve({ process: child, port: ready.port }));
    child.once('exit', (code) => reject(new Error(`the ${part} ended with ${code}`)));
  });
}
