import type { AccountFact } from '../account-fact.js';
import type { Address } from '../address.js';
import type { InboundSink } from '../store.js';
import type { AddressBook } from './address-book.js';
import type { Persistence } from './persistence.js';

/** Most facts that go to the sink at once, and about how many addresses in them: a group has a thousand. */
const batchSize = 500;
const batchAddresses = 5_000;

/**
 * Brings facts about the account to the sink, in the order in which they were learnt. A notification is acknowledged to
 * WhatsApp after `stored` (see SocketSession), so what it told is not lost by a crash.
 */
export class AccountFacts {
  private waiting: AccountFact[] = [];
  private running: Promise<void> | null = null;
  /** Work besides that a notification makes necessary. */
  private readonly held = new Set<Promise<unknown>>();

  constructor(
    private readonly sink: InboundSink,
    private readonly book: AddressBook,
    private readonly persistence: Persistence,
  ) {}

  add(...facts: AccountFact[]): void {
    this.waiting.push(...facts);
    this.run();
  }

  /** Work that must be done before the notification that asks for it is acknowledged: `stored` waits for it too. */
  holdFor(what: string, work: () => Promise<void>): void {
    const done: Promise<unknown> = this.persistence.insist(what, work).finally(() => this.held.delete(done));
    this.held.add(done);
  }

  /** Brings facts to the sink at once, beside those that wait. Rejects when the sink does not take them. */
  async tell(facts: AccountFact[]): Promise<void> {
    await this.sink.account(await this.completed(facts));
  }

  /** Resolves when everything that was added until now is stored, or the connection has ended. Never rejects. */
  async stored(): Promise<void> {
    while (this.running || this.held.size > 0) await Promise.all([this.running, ...this.held]);
  }

  /** As `stored`; false when the connection ended first, so that it is not certain. */
  async certainlyStored(): Promise<boolean> {
    await this.stored();
    return !this.persistence.hasEnded;
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
      const batch = this.nextBatch();
      await this.persistence.insist('recording what became known', async () => {
        await this.sink.account(await this.completed(batch));
      });
    }
  }

  private nextBatch(): AccountFact[] {
    let addresses = 0;
    const count = this.waiting.findIndex((fact, at) => {
      addresses += addressesIn(fact).length;
      return at > 0 && addresses > batchAddresses;
    });
    return this.waiting.splice(0, Math.min(count === -1 ? this.waiting.length : count, batchSize));
  }

  /** With every form of every address in them that is known here. */
  private async completed(facts: AccountFact[]): Promise<AccountFact[]> {
    const addresses = addressesIn(facts);
    const complete = await this.book.completeAll(addresses);
    return replaced(facts, new Map(addresses.map((address, at) => [address, complete[at]!])));
  }
}

function isPlain(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !(value instanceof Date) && !(value instanceof Uint8Array);
}

function addressesIn(value: unknown): Address[] {
  if (!isPlain(value)) return [];
  if ('phone' in value && 'lid' in value) return [value as Address];
  return Object.values(value).flatMap(addressesIn);
}

/** A copy in which these addresses have all their forms. */
function replaced<T>(value: T, complete: Map<object, Address>): T {
  if (!isPlain(value)) return value;
  if (Array.isArray(value)) return value.map((each) => replaced(each, complete)) as T;
  const address = complete.get(value);
  if (address) return { ...value, phone: address.phone, lid: address.lid };
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, complete)])) as T;
}
