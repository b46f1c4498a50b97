import {
  type AccountFact,
  type Address,
  type InboundAction,
  type InboundFact,
  type InboundMessage,
  type InboundSink,
  isGroupFact,
  type PresenceFact,
  type ReadElsewhereFact,
  type ReceiptFact,
  type TypingFact,
} from '#engine';
import type { MemoryProfileStore } from './memory-profile-store.js';

/** Keeps what an engine reports. One message per id and author, as the database does. */
export class MemoryInboundSink implements InboundSink {
  /** In the order of their first arrival. */
  readonly stored = new Map<string, InboundMessage>();
  /** How many times messages were handed over, repeats included. */
  handed = 0;
  readonly receiptFacts: ReceiptFact[] = [];
  readonly readFacts: ReadElsewhereFact[] = [];
  readonly typingFacts: TypingFact[] = [];
  readonly identities: Address[] = [];
  /** What was done to messages, without repeats. */
  readonly actions = new Map<string, InboundAction>();
  readonly accountFacts: AccountFact[] = [];
  readonly presences: PresenceFact[] = [];
  /** Called before each call takes effect; may wait or throw. */
  before: (call: keyof InboundSink) => Promise<void> | void = () => undefined;

  constructor(private readonly store: MemoryProfileStore) {}

  get texts(): string[] {
    return [...this.stored.values()].map(({ content }) => (content.kind === 'text' ? content.text : content.kind));
  }

  async messages(facts: InboundFact[]): Promise<void> {
    await this.before('messages');
    for (const fact of facts) {
      this.handed += 1;
      if (fact.journalId) this.store.markRecorded(fact.journalId);
      if (fact.type === 'action') {
        this.actions.set(fact.waMessageId, fact);
        continue;
      }
      const known = this.stored.get(fact.waMessageId);
      const { secret, author, content } = fact;
      if (secret) this.store.secrets.set(fact.waMessageId, { secret, author, content });
      const completes = known?.content.kind === 'undecryptable' && fact.content.kind !== 'undecryptable';
      if (!known || completes) this.stored.set(fact.waMessageId, fact);
    }
  }

  async settled(journalIds: string[]): Promise<void> {
    await this.before('settled');
    for (const id of journalIds) this.store.markRecorded(id);
  }

  async receipts(facts: ReceiptFact[]): Promise<void> {
    await this.before('receipts');
    this.receiptFacts.push(...facts);
  }

  async readElsewhere(facts: ReadElsewhereFact[]): Promise<void> {
    await this.before('readElsewhere');
    this.readFacts.push(...facts);
  }

  async typing(fact: TypingFact): Promise<void> {
    await this.before('typing');
    this.typingFacts.push(fact);
  }

  async identity(addresses: Address[]): Promise<void> {
    await this.before('identity');
    this.identities.push(...addresses);
  }

  async presence(fact: PresenceFact): Promise<void> {
    await this.before('presence');
    this.presences.push(fact);
  }

  async account(facts: AccountFact[]): Promise<void> {
    await this.before('account');
    this.accountFacts.push(...facts);
    for (const fact of facts) if (isGroupFact(fact)) this.store.takeGroupFact(fact);
  }
}
