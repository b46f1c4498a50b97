import { AsyncResource } from 'node:async_hooks';
import { libsignal } from './library.js';

const bound = Symbol.for('waypost.libsignal.job-context');

/**
 * Makes libsignal run each job in the asynchronous context of its caller.
 *
 * libsignal 6.0.0 queues jobs per address, process-wide, and a running queue executes the jobs of later callers in the
 * context of the first. Two profiles that talk to the same contact share an address: without this, reads and writes of
 * one would leave its transaction (they find their context by AsyncLocalStorage), and a ratchet would be stored apart
 * from the message that stepped it.
 */
export function installJobContext(): void {
  const cipher = libsignal.SessionCipher.prototype as typeof libsignal.SessionCipher.prototype & { [bound]?: true };
  if (cipher[bound]) return;
  cipher[bound] = true;
  const queueJob = cipher.queueJob;
  cipher.queueJob = function <T>(this: unknown, job: () => Promise<T>): Promise<T> {
    return queueJob.call(this, AsyncResource.bind(job)) as Promise<T>;
  };
  const builder = libsignal.SessionBuilder.prototype;
  const initOutgoing = builder.initOutgoing;
  // The builder queues by itself, so its storage is bound instead of its job.
  builder.initOutgoing = function (this: typeof builder, device: unknown): Promise<void> {
    return initOutgoing.call(Object.create(this, { storage: { value: boundStorage(this.storage) } }), device);
  };
}

function boundStorage(storage: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(storage)) {
    result[name] =
      typeof member === 'function' ? AsyncResource.bind(member as (...args: unknown[]) => unknown) : member;
  }
  return result;
}
