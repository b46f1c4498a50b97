import type { InboundMessage } from '../content.js';
import type { InboundSink, JournalEntry } from '../store.js';
import type { AccountFacts } from './account-facts.js';
import type { DurableStore } from './durable-store.js';
import type { InboundReader, Item, StanzaItem } from './inbound-reader.js';
import type { HistoryNotice } from './inbound-translation.js';
import { readEntry } from './journal.js';
import { LateAnswers } from './late-answers.js';
import type { Persistence } from './persistence.js';

/** Most that goes to the sink at once. */
const batchSize = 100;
/** More than this stays in the journal only, and is read from there when there is room. */
const queueLimit = 5_000;
/** After so many failures of a batch its parts are tried one by one, so that one bad message does not hold the others. */
const failuresBeforeSplitting = 3;

/**
 * Brings inbound messages from the journal to the sink: what a former process left there first, then the live ones in
 * the order of their arrival. Everything here is in the journal already, so it may stop at any moment.
 */
export class InboundRecorder {
  private readonly queue: Item[] = [];
  /** What the sink did not take, for another attempt when the others are through. */
  private parked: Item[] = [];
  /** The journal may hold entries that are not in the queue. */
  private journalAhead = true;
  /** Read from the journal while they were also in the queue. */
  private readonly replayed = new Set<string>();
  private running: Promise<void> | null = null;
  private parkedRounds = 0;
  private readonly late = new LateAnswers<StanzaItem>((items) => {
    for (const item of items) this.add({ ...item, again: true });
  });

  /** @param onHistory takes parts of the phone's history over, and settles their entries when they are through */
  constructor(
    private readonly sink: InboundSink,
    private readonly store: DurableStore,
    private readonly reader: Pick<InboundReader, 'read'>,
    private readonly persistence: Persistence,
    private readonly facts: Pick<AccountFacts, 'tell'>,
    private readonly onHistory: (notice: HistoryNotice) => void,
  ) {}

  /** Begins with what an earlier process left. */
  start(): void {
    this.journalAhead = true;
    this.run();
  }

  add(item: Item): void {
    if (this.queue.length < queueLimit || !('stanza' in item)) this.queue.push(item);
    else this.journalAhead = true;
    this.run();
  }

  /**
   * Adds a message that is in no journal, because nothing of it could be decrypted. Resolves when there is room for
   * more: whoever produces thousands of them has to wait, or they would fill the memory.
   */
  async addUnjournalled(message: InboundMessage): Promise<void> {
    this.add({ message });
    while (this.queue.length > queueLimit && !this.persistence.hasEnded) await this.persistence.pause(0);
  }

  /** Resolves when the queue is empty, or the connection has ended. */
  async idle(): Promise<void> {
    if (this.persistence.hasEnded) this.late.stop();
    while (this.running) await this.running;
  }

  private run(): void {
    this.running ??= this.drain().finally(() => {
      this.running = null;
      if ((this.queue.length > 0 || this.journalAhead) && !this.persistence.hasEnded) this.run();
    });
  }

  private async drain(): Promise<void> {
    // Gathers what arrives in the same turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.persistence.hasEnded) {
      if (this.journalAhead) await this.replay();
      else if (this.queue.length > 0) await this.record(this.nextBatch());
      else if (this.parked.length > 0) await this.recordParked();
      else return;
    }
  }

  private nextBatch(): Item[] {
    const batch = this.queue.splice(0, batchSize);
    if (this.replayed.size === 0) return batch;
    const fresh = batch.filter(
      (item) => !('stanza' in item) || item.again || !this.replayed.has(item.stanza.journalId),
    );
    if (this.queue.length === 0) this.replayed.clear();
    return fresh;
  }

  private async replay(): Promise<void> {
    let fresh: JournalEntry[];
    do {
      // Before the look: what comes after it has to be looked for again.
      this.journalAhead = false;
      const entries = await this.unrecorded();
      // What is still listed after it was handed over is parked.
      fresh = entries.filter(({ id }) => !this.replayed.has(id));
      for (const { id } of fresh) this.replayed.add(id);
      await this.record(fresh.map(itemOf));
    } while (fresh.length > 0 && !this.persistence.hasEnded);
  }

  private async unrecorded(): Promise<JournalEntry[]> {
    let entries: JournalEntry[] = [];
    await this.persistence.insist('reading the journal', async () => {
      entries = await this.store.run((store) => store.listUnrecorded(batchSize));
    });
    return entries;
  }

  private async record(batch: Item[]): Promise<void> {
    for (let failures = 0; failures < failuresBeforeSplitting; failures += 1) {
      if (batch.length === 0 || (await this.hand(batch, failures)) || this.persistence.hasEnded) return;
      await this.persistence.pause(failures);
    }
    for (const item of batch) {
      if (!(await this.hand([item], failuresBeforeSplitting))) this.parked.push(item);
    }
  }

  private async recordParked(): Promise<void> {
    await this.persistence.pause(this.parkedRounds);
    const batch = this.parked;
    this.parked = [];
    await this.record(batch);
    this.parkedRounds = this.parked.length > 0 ? this.parkedRounds + 1 : 0;
  }

  private hand(batch: Item[], failures: number): Promise<boolean> {
    return this.persistence.tryOnce(
      'recording messages',
      async () => {
        const { messages, account, history, settled, late } = await this.reader.read(batch);
        if (account.length > 0) await this.facts.tell(account);
        if (messages.length > 0) await this.sink.messages(messages);
        for (const fact of messages) if (fact.journalId) this.late.done(fact.journalId);
        const givenUp = late.filter(({ journalId, item }) => !this.late.keep(journalId, item));
        const done = [...settled, ...givenUp.map(({ journalId }) => journalId)];
        if (done.length > 0) await this.sink.settled(done);
        for (const notice of history) this.onHistory(notice);
      },
      failures,
    );
  }
}

function itemOf(entry: JournalEntry): Item {
  try {
    return { stanza: readEntry(entry) };
  } catch {
    return { damaged: entry.id };
  }
}
