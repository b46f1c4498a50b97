import type { BinaryNode } from '../../baileys.js';
import { signalEnvelope } from '../../wire/signal-envelope.js';
import { bytes, child, children } from '../../wire/stanza.js';

/** How many chains are remembered; the longest unused is forgotten first. */
const KEPT_CHAINS = 50_000;
/** Signal lets a sender skip at most so many keys (libsignal `MAX_FORWARD_JUMPS`). */
const MAX_SKIPPED = 2_000;

/** The message keys of one chain that were seen. */
class Chain {
  /** Keys that were passed over, as ranges: the first and the last of each, in order. */
  private readonly skipped: [number, number][] = [];

  /** Keys before the first that is seen may still be on their way: a network reorders. */
  constructor(private newest: number) {
    if (newest > 0) this.skipped.push([Math.max(0, newest - MAX_SKIPPED), newest - 1]);
  }

  /** False when the key was used before. */
  use(counter: number): boolean {
    if (counter <= this.newest) return this.fill(counter);
    if (counter > this.newest + 1 && counter - this.newest <= MAX_SKIPPED) {
      this.skipped.push([this.newest + 1, counter - 1]);
      // Of more keys than these a receiver keeps the newest, so that the oldest open nothing any more.
      if (this.skipped.length > MAX_SKIPPED) this.skipped.shift();
    }
    this.newest = counter;
    return true;
  }

  private fill(counter: number): boolean {
    const at = this.skipped.findLastIndex(([first]) => first <= counter);
    const [first, last] = this.skipped[at] ?? [0, -1];
    if (counter > last) return false;
    const rest: [number, number][] = [
      [first, counter - 1],
      [counter + 1, last],
    ];
    this.skipped.splice(at, 1, ...rest.filter(([from, to]) => from <= to));
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
