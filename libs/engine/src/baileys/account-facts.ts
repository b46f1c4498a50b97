import type { AccountFact } from '../account-fact.js';
import { joinAddresses } from '../address.js';
import type { InboundSink } from '../store.js';
import type { AddressBook } from './address-book.js';
import type { Persistence } from './persistence.js';

/** Most facts that go to the sink at once. */
const batchSize = 500;

/**
 * Brings facts about the account to the sink, in the order in which they were learnt. A notification is acknowledged to
 * WhatsApp after `stored` (see SocketSession), so what it told is not lost by a crash.
 */
export class AccountFacts {
  private waiting: AccountFact[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly sink: InboundSink,
    private readonly book: AddressBook,
    private readonly persistence: Persistence,
  ) {}

  add(...facts: AccountFact[]): void {
    this.waiting.push(...facts);
    this.run();
  }

  /** Resolves when everything that was added until now is stored, or the connection has ended. Never rejects. */
  async stored(): Promise<void> {
    while (this.running) await this.running;
  }

  private run(): void {
    if (this.waiting.length === 0 || this.persistence.hasEnded) return;
    this.running ??= this.drain().finally(() => {
      this.running = null;
      this.run();
    });
  }

  private async drain(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0 && !this.persistence.hasEnded) {
      const batch = this.waiting.splice(0, batchSize);
      await this.persistence.insist('recording what became known', async () => {
        await this.sink.account(await Promise.all(batch.map((fact) => this.completed(fact))));
      });
    }
  }

  /** With every form of every address in it that is known here. */
  private async completed<T>(value: T): Promise<T> {
    if (Array.isArray(value)) return (await Promise.all(value.map((each) => this.completed(each)))) as T;
    if (value === null || typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array)
      return value;
    const entries = Object.entries(value);
    const inner = Object.fromEntries(
      await Promise.all(entries.map(async ([name, each]) => [name, await this.completed(each)] as const)),
    );
    if (!('phone' in inner && 'lid' in inner)) return inner as T;
    const { phone, lid } = inner as { phone: string | null; lid: string | null };
    return { ...inner, ...joinAddresses({ phone, lid }, await this.book.complete({ phone, lid })) } as T;
  }
}
