import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { LeaseLost } from '../store.js';
import { backoffDelay } from './backoff.js';

const firstDelayMs = 100;
const maxDelayMs = 5_000;

/**
 * Repeats calls to the sink until they succeed. A database that restarts costs time, nothing else; only the end of the
 * connection ends the attempts, and then the fact is still in the journal, or WhatsApp still holds it.
 */
export class Persistence {
  private readonly ending = new AbortController();
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly events: {
      leaseLost(): void;
      failed(what: string, error: unknown, failures: number): void;
    },
  ) {
    setMaxListeners(0, this.ending.signal);
  }

  get hasEnded(): boolean {
    return this.ending.signal.aborted;
  }

  /** No attempt begins any more. */
  end(): void {
    this.ending.abort();
  }

  /** Resolves when no attempt is under way. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  /** False when the connection ended before it succeeded. */
  async insist(what: string, call: () => Promise<void>): Promise<boolean> {
    for (let failures = 0; !this.hasEnded; failures += 1) {
      if (await this.tryOnce(what, call, failures)) return true;
      await this.pause(failures);
    }
    return false;
  }

  /** One attempt. False when it failed. */
  tryOnce(what: string, call: () => Promise<void>, failures: number): Promise<boolean> {
    const attempt = this.attempt(what, call, failures);
    const tracked = attempt.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
    return tracked;
  }

  /** Waits before the next attempt, not beyond the end. */
  async pause(failures: number): Promise<void> {
    const ms = backoffDelay(failures, firstDelayMs, maxDelayMs);
    await delay(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  private async attempt(what: string, call: () => Promise<void>, failures: number): Promise<boolean> {
    if (this.hasEnded) return false;
    try {
      await call();
      return true;
    } catch (error) {
      if (error instanceof LeaseLost) {
        this.end();
        this.events.leaseLost();
      } else if (!this.hasEnded) {
        this.events.failed(what, error, failures);
      }
      return false;
    }
  }
}
