import { EngineError } from '../engine.js';
import { StoreFailure } from './durable-store.js';

/** Codes of refusals by the WhatsApp server, by its HTTP-like number. */
const refusals: Record<number, { code: string; message: string; retryable: boolean }> = {
  400: { code: 'refused_as_invalid', message: 'WhatsApp refused the request as invalid.', retryable: false },
  401: { code: 'not_allowed', message: 'This account is not allowed to do that.', retryable: false },
  403: { code: 'not_allowed', message: 'This account is not allowed to do that.', retryable: false },
  404: { code: 'not_found', message: 'WhatsApp does not know it.', retryable: false },
  405: { code: 'not_allowed', message: 'WhatsApp does not allow that.', retryable: false },
  406: { code: 'refused_as_invalid', message: 'WhatsApp refused the request as invalid.', retryable: false },
  409: { code: 'conflict', message: 'It is so already, or changed meanwhile.', retryable: false },
  410: { code: 'gone', message: 'It is no longer there, or no longer valid.', retryable: false },
  419: { code: 'full', message: 'A limit of WhatsApp is reached.', retryable: false },
  429: { code: 'rate_limited', message: 'WhatsApp asks for fewer requests. Wait some minutes.', retryable: true },
  500: { code: 'server_error', message: 'WhatsApp could not do it just now.', retryable: true },
  503: { code: 'server_error', message: 'WhatsApp could not do it just now.', retryable: true },
};

/** Ends that Baileys reports when the socket closed under a request: nobody knows whether it was done. */
const interrupted = new Set([408, 428, 440, 515]);

/**
 * Asks WhatsApp something by `work` and turns its failures into errors of the port.
 * @throws EngineError `not_allowed`, `not_found`, `refused_as_invalid`, `conflict`, `gone`, `full`, `rate_limited`,
 * `server_error`, `no_answer` (unknown whether it was done), or what `work` itself throws of that class
 */
export async function ask<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(what, error);
  }
}

/** As `ask`, with null for what WhatsApp does not know or does not show. */
export async function askOrNull<T>(what: string, work: () => Promise<T>): Promise<T | null> {
  try {
    return await ask(what, work);
  } catch (error) {
    if (error instanceof EngineError && (error.code === 'not_found' || error.code === 'not_allowed')) return null;
    throw error;
  }
}

function refusalOf(what: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof StoreFailure) {
    return new EngineError('not_connected', 'The profile is not connected to WhatsApp.', {
      retryable: true,
      outcome: 'unknown',
      cause: error,
    });
  }
  const status = statusOf(error);
  const known = status === null ? undefined : refusals[status];
  if (known && !interrupted.has(status!)) {
    const { code, message, retryable } = known;
    return new EngineError(code, `${message} (${what})`, { retryable, outcome: 'not_sent', cause: error });
  }
  return new EngineError('no_answer', `WhatsApp did not answer in time. (${what})`, {
    retryable: true,
    outcome: 'unknown',
    cause: error,
  });
}

/** The number in a Boom error, or in the `data` of one that Baileys made of an `error` node. */
export function statusOf(error: unknown): number | null {
  const { output, data } = (error ?? {}) as { output?: { statusCode?: number }; data?: unknown };
  if (typeof data === 'number') return data;
  return output?.statusCode ?? null;
}

/** The error for a refusal by this number of the server. */
export function refusedWith(what: string, status: number): EngineError {
  return refusalOf(what, { data: status });
}

/** For what WhatsApp or the library does not give. The sentence says why. */
export function notSupported(why: string): EngineError {
  return new EngineError('not_supported', why, { retryable: false, outcome: 'not_sent' });
}
