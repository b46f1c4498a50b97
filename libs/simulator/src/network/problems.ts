import type { Clock } from '../time/clock.js';

/** What can be wrong with a client, as seen from the network. */
export type ProblemKind =
  | 'bad-handshake'
  | 'bad-frame'
  | 'unknown-stanza'
  | 'unknown-iq'
  | 'unsupported'
  | 'needless-receipt'
  | 'forged-receipt'
  | 'replayed-pairing'
  | 'flood'
  | 'key-reuse'
  | 'out-of-order'
  | 'plaintext'
  | 'bad-upload'
  | 'bad-patch'
  | 'undelivered'
  | 'simulator-error';

export interface Problem {
  kind: ProblemKind;
  /** Whose connection it was: number and device, or "unknown". */
  who: string;
  detail: string;
  /** Milliseconds since 1970. */
  at: number;
}

const KEPT = 1_000;

/** The complaints of the network about its clients. The newest thousand are kept, all are counted. */
export class Problems {
  private list: Problem[] = [];
  private count = 0;
  /** Called with each new one. */
  onAdd?: (problem: Problem) => void;

  constructor(private readonly clock: Clock) {}

  add(kind: ProblemKind, who: string, detail: string): void {
    this.count += 1;
    const problem = { kind, who, detail, at: this.clock.now() };
    this.list.push(problem);
    if (this.list.length > KEPT) this.list.shift();
    this.onAdd?.(problem);
  }

  get all(): readonly Problem[] {
    return this.list;
  }

  get total(): number {
    return this.count;
  }

  clear(): void {
    this.list = [];
    this.count = 0;
  }
}
