import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from '#config';

/** An engine as a process of its own, to be stopped and killed. Needs a build, like the tests that start the launcher. */
export interface EngineProcess {
  process: ChildProcess;
  port: number;
}

/** Resolves when it holds what there is to hold. */
export async function startEngineProcess(config: Config): Promise<EngineProcess> {
  const { NODE_OPTIONS: _own, ...env } = process.env;
  const child = fork(join(process.cwd(), 'dist/apps/engine/src/main.js'), [], {
    execArgv: ['--no-warnings'],
    silent: true,
    env: {
      ...env,
      DATABASE_URL: config.database.url,
      JWT_SECRET: config.auth.jwtSecret,
      ENCRYPTION_KEY: config.secrets.encryptionKey,
      INTERNAL_SECRET: config.secrets.internalSecret,
      DATA_DIR: config.storage.dataDir,
      WA_SANDBOX_URL: config.sandbox.url,
      WA_SANDBOX_ROOT_KEY: config.sandbox.rootKey,
      WA_SANDBOX_CA_FILE: config.sandbox.caFile,
      LOG_LEVEL: 'warn',
    },
  });
  return new Promise((resolve, reject) => {
    child.once('message', (ready: { port: number }) => resolve({ process: child, port: ready.port }));
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)));
  });
}
