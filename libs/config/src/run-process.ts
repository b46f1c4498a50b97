import { loadConfig } from './config.js';
import { InvalidSetting } from './setting.js';
import type { Config } from './settings.js';

/** A started part of the product. */
interface Running {
  /** Where it listens, told to the launcher. */
  port?: number;
  stop(): Promise<void>;
}

/**
 * Runs one part of the product (api, worker, engine) as this process: reads the settings, starts, tells the launcher,
 * and stops on SIGTERM, SIGINT or when the launcher is gone. What an operator can mend is told in a sentence on standard
 * error, with exit code 1.
 */
export async function runProcess(name: string, start: (config: Config) => Promise<Running>): Promise<void> {
  let config: Config | undefined;
  try {
    config = loadConfig();
    if (config.database.url === '') {
      throw new InvalidSetting('DATABASE_URL', 'is not set. Only `npm start` brings its own PostgreSQL.');
    }
    const running = await start(config);
    stopOnRequest(running);
    process.send?.({ ready: true, port: running.port });
  } catch (problem) {
    const sentence = sentenceFor(problem as Problem, config);
    console.error(sentence === undefined ? problem : `The ${name} cannot start. ${sentence}`);
    process.exit(1);
  }
}

function stopOnRequest(running: Running): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) return;
    isStopping = true;
    await running.stop();
    process.exit(0);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}

type Problem = Error & { code?: string; errors?: Problem[]; port?: number };

/** Not reached, refused by password or role, and no such database. */
const databaseCodes = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|28P01|28000|3D000)$/;

function sentenceFor(problem: Problem, config: Config | undefined): string | undefined {
  if (problem instanceof InvalidSetting) return problem.message;
  // A host with several addresses fails with an error for each.
  const first = problem.errors?.[0] ?? problem;
  if (first.code === 'EADDRINUSE') return `Port ${first.port} is in use. Choose another, or end what uses it.`;
  if (config !== undefined && databaseCodes.test(first.code ?? '')) {
    return `The database of DATABASE_URL at ${new URL(config.database.url).host} cannot be used: ${first.message}.`;
  }
  return undefined;
}
