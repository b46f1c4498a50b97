import type { BinaryNode } from '../baileys.js';
import type { Clock } from '../time/clock.js';
import type { Random } from '../time/random.js';
import type { ConnectionOwner, SessionConnection } from '../wire/connection.js';

/** The client's end. */
export interface LocalPeer {
  take(node: BinaryNode): void;
  closed(): void;
}

const LATENCY_MS: readonly [number, number] = [5, 60];

/**
 * A connection within the process: no socket, no encryption, a latency that the seed decides. Stanzas keep their order in
 * each direction, as on a wire.
 */
export class LocalConnection implements SessionConnection {
  label = 'local';
  owner?: ConnectionOwner;
  private isClosed = false;
  private held?: (() => void)[];
  private readonly arrival = { 'to-client': 0, 'from-client': 0 };

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly peer: LocalPeer,
    private readonly onStanza: (label: string, direction: 'in' | 'out', node: BinaryNode) => void,
  ) {}

  get isOpen(): boolean {
    return !this.isClosed;
  }

  /** From the server to the client. */
  send(node: BinaryNode): void {
    if (this.isClosed) return;
    this.onStanza(this.label, 'out', node);
    this.travel('to-client', () => this.peer.take(node));
  }

  /** From the client to the server. */
  sendFromClient(node: BinaryNode): void {
    if (this.isClosed) return;
    this.travel('from-client', () => {
      this.onStanza(this.label, 'in', node);
      this.owner?.take(node);
    });
  }

  /** What was sent before still arrives at the client. */
  close(): void {
    if (this.isClosed) return;
    this.travel('to-client', () => this.peer.closed());
    this.end();
  }

  cut(): void {
    if (this.isClosed) return;
    this.end();
    this.peer.closed();
  }

  abandon(): void {
    this.end();
  }

  stall(): void {
    this.held ??= [];
  }

  resume(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const arrive of held) arrive();
  }

  private travel(direction: 'to-client' | 'from-client', arrive: () => void): void {
    const { clock, random } = this;
    const at = Math.max(this.arrival[direction], clock.now() + random.int(...LATENCY_MS));
    this.arrival[direction] = at;
    clock.after(at - clock.now(), () => {
      if (this.held) this.held.push(arrive);
      else if (!this.isClosed || direction === 'to-client') arrive();
    });
  }

  private end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.owner?.closed();
  }
}
