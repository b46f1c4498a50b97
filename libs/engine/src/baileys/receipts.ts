import { setTimeout as delay } from 'node:timers/promises';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ReadElsewhereFact, ReceiptFact } from '../content.js';
import type { InboundSink } from '../store.js';
import type { AddressBook } from './address-book.js';
import type { Me } from './journal.js';
import type { Persistence } from './persistence.js';
import { receiptFacts } from './receipt-stanza.js';

/**
 * Nobody waits for a receipt, and those of many messages come close together, often on the heels of the acknowledgement
 * of the send: after this pause they share a transaction and find the send recorded.
 */
const gatherMs = 15;

/**
 * Stores receipts before WhatsApp is told that they arrived: `stored` goes in front of the library's own handling, whose
 * end is the acknowledgement. Receipts that come in meanwhile are stored together.
 */
export class ReceiptRecorder {
  private receipts: ReceiptFact[] = [];
  private readElsewhere: ReadElsewhereFact[] = [];
  private running: Promise<void> | null = null;

  constructor(
    private readonly sink: InboundSink,
    private readonly book: AddressBook,
    private readonly persistence: Persistence,
    private readonly ignores: (jid: string | undefined) => boolean = () => false,
  ) {}

  /** Takes a `receipt` stanza in, before Baileys handles it. */
  take(node: BinaryNode, me: Me): void {
    if (this.ignores(node.attrs.from)) return;
    const facts = receiptFacts(node, me);
    this.receipts.push(...facts.receipts);
    this.readElsewhere.push(...facts.readElsewhere);
    this.run();
  }

  /** Resolves when everything taken in until now is stored, or the connection has ended. Never rejects. */
  async stored(): Promise<void> {
    while (this.running) await this.running;
  }

  private run(): void {
    if (this.receipts.length + this.readElsewhere.length === 0 || this.persistence.hasEnded) return;
    this.running ??= this.drain().finally(() => {
      this.running = null;
      this.run();
    });
  }

  private async drain(): Promise<void> {
    while (!this.persistence.hasEnded && this.receipts.length + this.readElsewhere.length > 0) {
      await delay(gatherMs);
      const receipts = this.receipts;
      const readElsewhere = this.readElsewhere;
      this.receipts = [];
      this.readElsewhere = [];
      await this.persistence.insist('recording receipts', async () => {
        if (receipts.length > 0)
          await this.sink.receipts(await Promise.all(perPerson(receipts).map((fact) => this.known(fact))));
      });
      await this.persistence.insist('recording what was read elsewhere', async () => {
        if (readElsewhere.length > 0) {
          await this.sink.readElsewhere(await Promise.all(readElsewhere.map((fact) => this.known(fact))));
        }
      });
    }
  }

  /** With every form of the addresses that is known. */
  private async known<T extends ReceiptFact | ReadElsewhereFact>(fact: T): Promise<T> {
    const chat = await this.book.completeChat(fact.chat);
    return 'by' in fact ? { ...fact, chat, by: await this.book.complete(fact.by) } : { ...fact, chat };
  }
}

/** Each device of a person sends a receipt of its own; together they say it once. */
function perPerson(receipts: ReceiptFact[]): ReceiptFact[] {
  const told = new Map<string, ReceiptFact>();
  for (const fact of receipts) {
    const key = JSON.stringify([fact.chat, fact.by, fact.state, fact.waMessageIds]);
    if (!told.has(key)) told.set(key, fact);
  }
  return [...told.values()];
}
