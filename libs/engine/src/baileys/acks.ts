import type { BinaryNode } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';

/** Told how long acknowledgements took, and of those that did not come. */
export interface AckTimes {
  acknowledged(ms: number): void;
  ackMissed(): void;
}

interface Waiting {
  since: number;
  resolve(acknowledgedAt: Date): void;
  reject(error: EngineError): void;
}

/**
 * The server's acknowledgements of our messages. Baileys says nothing about a good one; only the `ack` stanza does, and
 * it can arrive before the send call returns.
 */
export class Acknowledgements {
  private readonly waiting = new Map<string, Set<Waiting>>();

  constructor(
    private readonly timeoutMs = 20_000,
    private readonly times?: AckTimes,
  ) {}

  /**
   * Starts to listen; call before the message goes out. The time begins to run with `wentOut`; `stop` ends it, whatever
   * became of it.
   */
  expect(waMessageId: string): { acknowledged: Promise<Date>; wentOut(): void; stop(): void } {
    let entry: Waiting;
    let timer: NodeJS.Timeout | undefined;
    const acknowledged = new Promise<Date>((resolve, reject) => {
      entry = { resolve, reject, since: performance.now() };
    });
    const entries = this.waiting.get(waMessageId) ?? new Set();
    this.waiting.set(waMessageId, entries.add(entry!));
    return {
      acknowledged,
      wentOut: () => {
        timer = setTimeout(() => {
          this.times?.ackMissed();
          entry.reject(this.timedOut());
        }, this.timeoutMs);
      },
      stop: () => {
        clearTimeout(timer);
        entries.delete(entry);
        if (entries.size === 0 && this.waiting.get(waMessageId) === entries) this.waiting.delete(waMessageId);
      },
    };
  }

  /** Takes an `ack` stanza of class message. */
  take(node: BinaryNode): void {
    const { id, error, t } = node.attrs;
    for (const entry of this.waiting.get(id ?? '') ?? []) {
      this.times?.acknowledged(performance.now() - entry.since);
      if (error) entry.reject(rejected(error));
      else entry.resolve(t ? new Date(Number(t) * 1000) : new Date());
    }
  }

  /** The socket closed: whatever was on its way has an unknown fate. */
  connectionClosed(): void {
    for (const entries of this.waiting.values()) {
      for (const entry of entries) {
        entry.reject(unknownOutcome('connection_closed', 'The connection closed before WhatsApp acknowledged.'));
      }
    }
  }

  private timedOut(): EngineError {
    return unknownOutcome('ack_timeout', `WhatsApp did not acknowledge within ${this.timeoutMs} ms.`);
  }
}

/** The server's own refusal: certain, and a repeat would be refused again (463 even counts against the account). */
function rejected(code: string): EngineError {
  return new EngineError(`rejected_${code}`, `WhatsApp refused the message with code ${code}.`, {
    retryable: false,
    outcome: 'not_sent',
  });
}

export function unknownOutcome(code: string, message: string, cause?: unknown): EngineError {
  return new EngineError(code, message, { retryable: true, outcome: 'unknown', cause });
}
