import { setTimeout as sleep } from 'node:timers/promises';
import { CommitOutcomeUnknown } from './transaction.js';

/** Errors of the network and of pg itself that mean "no connection", by code and by text (pg gives no codes). */
const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
/** The same of a Unix socket: the server has none now, or cannot take more connections at this moment. */
const unixSocketCodes = new Set(['ENOENT', 'EAGAIN']);
const lostConnection =
  /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|Query read timeout|Client was closed|Connection ended unexpectedly/;
/** Shutdown and start-up (57P0x), too many connections, serialization failure, deadlock, lock timeout, idle too long, class 08. */
const transientStates = /^(57P0[1-5]|25P03|53300|40001|40P01|55P03|08...)$/;
/** What Prisma makes of the same. */
const prismaCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2034', 'P2037']);

/** Whether the same work may succeed when it is done again a little later: the server was away, busy or undid it. */
export function isTransient(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof CommitOutcomeUnknown) return true;
  const { code, originalCode, syscall, message, cause, errors, meta } = error as ErrorShape;
  if (syscall === 'connect' && unixSocketCodes.has(code as string)) return true;
  if ([code, originalCode].some((value) => typeof value === 'string' && isTransientCode(value))) return true;
  if (typeof message === 'string' && lostConnection.test(message)) return true;
  if (Array.isArray(errors)) return errors.some(isTransient);
  return isTransient(cause) || isTransient(meta?.driverAdapterError);
}

/** Of pg, of Node, and of Prisma, which hides what its driver said in `meta`. */
type ErrorShape = { [Key in 'code' | 'originalCode' | 'syscall' | 'message' | 'cause' | 'errors']?: unknown } & {
  meta?: { driverAdapterError?: unknown };
};

function isTransientCode(code: string): boolean {
  return networkCodes.has(code) || transientStates.test(code) || prismaCodes.has(code);
}

export interface RetryOptions {
  /** Give up at this moment … */
  until?: Date;
  /** … or after so many tries. Without both it goes on until `signal` aborts. */
  attempts?: number;
  /** Ends the waiting; the last error is thrown. */
  signal?: AbortSignal;
}

const firstDelayMs = 50;
const longestDelayMs = 5_000;

/**
 * Does `work` again while it fails transiently, with jittered back-off from 50 ms to 5 s. The work must bear being done
 * twice: after a connection lost during COMMIT nobody knows whether it took place.
 */
export async function retryTransient<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delay = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 10)) * (0.5 + Math.random() / 2);
      const over =
        !isTransient(error) ||
        options.signal?.aborted ||
        (options.attempts !== undefined && attempt >= options.attempts) ||
        (options.until !== undefined && Date.now() + delay > options.until.getTime());
      if (over) throw error;
      await sleep(delay, undefined, { signal: options.signal }).catch(() => {
        throw error;
      });
    }
  }
}
