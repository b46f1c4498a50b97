import type { LoggerService } from '@nestjs/common';
import pino from 'pino';

/**
 * The log of a process: JSON lines on standard output. Injected as `Logger`. Never message texts, secrets or, above
 * debug, whole phone numbers: fields carry ids.
 */
export abstract class Logger {
  abstract debug(fields: object, line: string): void;
  abstract info(fields: object, line: string): void;
  abstract warn(fields: object, line: string): void;
  abstract error(fields: object, line: string): void;
  /** A logger whose lines all carry these fields. */
  abstract child(fields: object): Logger;
}

/** Fields that are blotted out wherever a logged object happens to carry them, three levels deep. */
const secretFields = [
  'authorization',
  'cookie',
  'x-api-key',
  'password',
  'passwordHash',
  'accessToken',
  'refreshToken',
  'token',
  'secret',
  'apiKey',
  // PostgreSQL quotes the offending row here, which may hold a message.
  'detail',
];

/**
 * @param name of the process: api, worker, engine
 * @param destination standard output, unless a test reads along
 */
export function createLogger(config: { level: string }, name: string, destination?: pino.DestinationStream): Logger {
  const paths = secretFields.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);
  return pino(
    {
      name,
      level: config.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: '[redacted]' },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** Nest's own lines (start, unhandled trouble of the framework) in the same log. */
export function nestLogger(log: Logger): LoggerService {
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (line: unknown, context?: unknown) =>
    log[level](line instanceof Error ? { err: line, context } : { context }, String(line));
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('debug'),
    warn: write('warn'),
    error: (line: unknown, ...rest: unknown[]) => log.error({ context: rest.at(-1), stack: rest[0] }, String(line)),
    fatal: write('error'),
  };
}
