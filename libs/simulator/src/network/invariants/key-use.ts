import type { BinaryNode } from '../../baileys.js';
import { signalEnvelope } from '../../wire/signal-envelope.js';
import { bytes, child, children } from '../../wire/stanza.js';

/** How many chains are remembered; the longest unused is forgotten first. */
const KEPT_CHAINS = 50_000;
/** Signal lets a sender skip at most so many keys (libsignal `MAX_FORWARD_JUMPS`). */
const MAX_SKIPPED = 2_000;

/** The message keys of one chain that were seen. */
class Chain {
  private readonly skipped = new Set<number>();

  /** Keys before the first that is seen may still be on their way: a network reorders. */
  constructor(private newest: number) {
    for (let earlier = Math.max(0, newest - MAX_SKIPPED); earlier < newest; earlier += 1) this.skipped.add(earlier);
  }

  /** False when the key was used before. */
  use(counter: number): boolean {
    if (counter <= this.newest) return this.skipped.delete(counter);
    if (counter - this.newest <= MAX_SKIPPED) {
      for (let skipped = this.newest + 1; skipped < counter; skipped += 1) this.skipped.add(skipped);
    }
    this.newest = counter;
    return true;
  }
}

/**
 * No message key is used twice: not for two messages, and not for the same one again. A sender that begins where it was
 * before a crash gives itself away here, as its second message can be read by nobody.
 */
export class KeyUse {
  private readonly chains = new Map<string, Chain>();

  /** What is wrong with the keys of a message, in words. */
  check(sender: string, message: BinaryNode): string[] {
    const { to, id } = message.attrs;
    const direct = child(message, 'enc');
    const parts = children(child(message, 'participants'), 'to').map(
      (part) => [part.attrs.jid, child(part, 'enc')] as const,
    );
    const found: string[] = [];
    for (const [recipient, enc] of [[to, direct] as const, ...parts]) {
      const envelope = enc && signalEnvelope(enc.attrs.type, bytes(enc));
      if (!envelope) continue;
      const name = enc.attrs.type === 'skmsg' ? `${sender}|${to}|${envelope.chain}` : envelope.chain;
      if (!this.use(name, envelope.counter)) {
        found.push(`message ${id} to ${recipient} was encrypted with a key that was used before (${envelope.counter})`);
      }
    }
    return found;
  }

  private use(name: string, counter: number): boolean {
    const chain = this.chains.get(name);
    this.chains.delete(name);
    this.chains.set(name, chain ?? new Chain(counter));
    if (this.chains.size > KEPT_CHAINS) this.chains.delete(this.chains.keys().next().value as string);
    return chain ? chain.use(counter) : true;
  }
}
