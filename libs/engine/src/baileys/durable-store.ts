import { LeaseLost, type ProfileStore } from '../store.js';
import { backoffDelay } from './backoff.js';

/** The store could not do it: it is closed to this connection, or failed for longer than we wait. */
export class StoreFailure extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`The profile's store cannot be used: ${reason}.`, { cause });
    this.name = 'StoreFailure';
  }
}

export interface StoreTrouble {
  /** Another host owns the profile. The socket must stop now; nothing more is written. */
  leaseLost(): void;
  /** The store failed for longer than we wait. The socket must stop before the failure becomes an answer to WhatsApp. */
  unavailable(error: unknown): void;
}

export interface Patience {
  /** How long a failing store is tried again before the connection gives up. */
  totalMs: number;
  firstDelayMs: number;
  maxDelayMs: number;
}

const defaultPatience: Patience = { totalMs: 30_000, firstDelayMs: 50, maxDelayMs: 2_000 };

/**
 * The profile's store as the Signal layer sees it: a short outage is waited for, a long one ends the socket before the
 * error is seen by Baileys (which would answer "cannot decrypt" and lose the message), and a lost lease closes it for
 * good.
 */
export class DurableStore {
  private closed: StoreFailure | null = null;
  private readonly running = new Set<Promise<unknown>>();

  constructor(
    private readonly store: ProfileStore,
    private readonly trouble: StoreTrouble,
    private readonly patience: Patience = { ...defaultPatience },
  ) {}

  get isClosed(): boolean {
    return this.closed !== null;
  }

  /** Nothing reaches the store any more. What is already on its way is not cut off; see `settled`. */
  close(reason: string): void {
    this.closed ??= new StoreFailure(reason);
  }

  /** Resolves when every operation under way has ended. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.allSettled(this.running);
  }

  /** Runs one operation on the store, again while it fails. */
  run<T>(operation: (store: ProfileStore) => Promise<T>): Promise<T> {
    const attempt = this.attempt(operation);
    const tracked = attempt.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
    return tracked;
  }

  private async attempt<T>(operation: (store: ProfileStore) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.patience.totalMs;
    for (let failures = 0; ; failures += 1) {
      if (this.closed) throw this.closed;
      try {
        return await operation(this.store);
      } catch (error) {
        if (error instanceof LeaseLost) {
          const isNews = this.closed === null;
          this.closed ??= new StoreFailure('the lease was lost', error);
          if (isNews) this.trouble.leaseLost();
          throw this.closed;
        }
        const delayMs = backoffDelay(failures, this.patience.firstDelayMs, this.patience.maxDelayMs);
        if (Date.now() + delayMs > deadline) {
          this.trouble.unavailable(error);
          throw new StoreFailure('it failed for too long', error);
        }
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }
}
