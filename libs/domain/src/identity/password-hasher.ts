import { hash, verify } from '@node-rs/argon2';
import { errors } from '#contracts';

/**
 * OWASP's argon2id minimum (19 MiB, 2 passes). The library's default algorithm is argon2id; its enum is const and cannot
 * be imported under isolatedModules.
 */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes at once. They run on libuv's threads, of which file access and name resolution need some too. */
const MAX_RUNNING = 2;
/** Callers that may wait for their turn; each takes some 20 ms. */
const MAX_WAITING = 100;

/** Hashes and checks passwords, off the event loop and never so many at once that the process stands still. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, cost));
  }

  /** Whether the password belongs to the hash, whatever its parameters. Without a hash it does the same work and says no. */
  async verify(stored: string | null, password: string): Promise<boolean> {
    if (stored !== null) return this.inTurn(() => verify(stored, password));
    this.decoy ??= this.hash('a password that nobody has');
    const decoy = await this.decoy;
    await this.inTurn(() => verify(decoy, password));
    return false;
  }

  /** Whether the hash was made with other parameters than are used now. */
  isOutdated(stored: string): boolean {
    return !stored.startsWith(`$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$`);
  }

  /** Makes the decoy, so that the first unknown address takes no longer than later ones. */
  async prepare(): Promise<void> {
    await this.verify(null, '');
  }

  /** @throws overloaded when too many wait already */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= MAX_RUNNING) {
      if (this.waiting.length >= MAX_WAITING) throw errors.overloaded({ retryAfterSeconds: 2 });
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running++;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running--;
    }
  }
}
