import type { WebSocket } from 'ws';
import type { BinaryNode, proto } from '../baileys.js';
import { type Timer, wallClock } from '../time/clock.js';
import type { NoiseAuthority } from './certificates.js';
import { NoiseServer } from './noise.js';

const HANDSHAKE_TIMEOUT_MS = 20_000;
const CLOSE_GRACE_MS = 1_000;

/** Who is on the other end of a connection once it has shown what it wants. */
export interface ConnectionOwner {
  take(node: BinaryNode): void;
  /** The socket is gone, whoever closed it. */
  closed(): void;
}

export type Violation = 'bad-handshake' | 'bad-frame' | 'flood';

export interface ConnectionEvents {
  /** The client has proved its key: returns the owner that handles everything further. */
  onHandshake(connection: WireConnection, payload: proto.ClientPayload, noiseKey: Buffer): ConnectionOwner;
  /** The client broke the protocol. The connection is closed already; no other connection is touched. */
  onViolation(connection: WireConnection, kind: Violation, error: Error): void;
  /** How many stanzas a client may send in one second; one more is a flood. */
  readonly stanzasPerSecond: number;
  onStanza(connection: WireConnection, direction: 'in' | 'out', node: BinaryNode): void;
}

/** A connection as a session uses it. */
export interface SessionConnection {
  /** Who this is, for logs: set by the owner. */
  label: string;
  /** The port that it comes from; absent for a device within the process. */
  readonly port?: number;
  /** Writes a node, or keeps it while the connection is stalled. A closed connection swallows it. */
  send(node: BinaryNode): void;
  /** Says goodbye properly. */
  close(): void;
  /** Ends it without a word, as a lost network does. */
  cut(): void;
  /** Forgets the client, who holds the connection open. */
  abandon(): void;
  /** Goes silent in both directions, until `resume`. */
  stall(): void;
  resume(): void;
}

/** A client sent more than anybody needs to. */
class Flood extends Error {}

/** One websocket of a client, from its first byte to its end. */
export class WireConnection implements SessionConnection {
  private readonly noise: NoiseServer;
  private owner?: ConnectionOwner;
  private feeding: Promise<void> = Promise.resolve();
  private held?: BinaryNode[];
  private isClosed = false;
  private second = 0;
  private stanzas = 0;
  private readonly handshakeTimer: Timer;
  /** Who this is, for logs: set by the owner. */
  label = 'unknown';

  constructor(
    private readonly socket: WebSocket,
    authority: NoiseAuthority,
    private readonly events: ConnectionEvents,
    readonly port?: number,
  ) {
    this.noise = new NoiseServer(authority, (frame) => this.socket.send(frame), {
      onHandshake: (payload, noiseKey) => {
        this.handshakeTimer.cancel();
        this.owner = this.events.onHandshake(this, payload, noiseKey);
      },
      onNode: (node) => {
        if (this.isClosed) return;
        if (this.isFlood()) throw new Flood(`more than ${this.events.stanzasPerSecond} stanzas in a second`);
        this.events.onStanza(this, 'in', node);
        if (!this.isClosed) this.owner?.take(node);
      },
    });
    this.handshakeTimer = wallClock.after(HANDSHAKE_TIMEOUT_MS, () => this.violate(new Error('handshake timed out')));
    socket.on('message', (data, isBinary) => {
      this.feeding = this.feeding
        .then(() => {
          if (this.isClosed) return;
          if (!isBinary) throw new Error('a text frame where only binary is spoken');
          return this.noise.feed(data as Buffer);
        })
        .catch((error: Error) => this.violate(error));
    });
    socket.on('close', () => {
      this.feeding = this.feeding.then(() => {
        if (this.noise.isMidFrame) this.violate(new Error('the connection ended in the middle of a frame'));
        else this.end();
      });
    });
    // Among them: a message larger than any frame can be.
    socket.on('error', (error) => this.violate(error));
  }

  get isOpen(): boolean {
    return !this.isClosed && this.noise.isOpen;
  }

  /** Writes a node, or keeps it while the connection is stalled. A closed connection swallows it. */
  send(node: BinaryNode): void {
    if (this.held) {
      this.held.push(node);
      return;
    }
    if (!this.isOpen || this.socket.readyState !== this.socket.OPEN) return;
    this.events.onStanza(this, 'out', node);
    this.noise.send(node);
  }

  /** Says goodbye properly, and cuts if the client does not answer within a second. */
  close(): void {
    this.end();
    this.socket.close();
    wallClock.after(CLOSE_GRACE_MS, () => this.socket.terminate());
  }

  /** Cuts the socket without a word, as a lost network does. */
  cut(): void {
    this.end();
    this.socket.terminate();
  }

  /** Forgets the client, who holds the socket open: what it sends is lost, and it hears nothing more. */
  abandon(): void {
    this.end();
  }

  /** Goes silent in both directions, with the socket open, until `resume`. */
  stall(): void {
    this.held ??= [];
    this.socket.pause();
  }

  resume(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const node of held) this.send(node);
    this.socket.resume();
  }

  private isFlood(): boolean {
    const second = Math.floor(wallClock.now() / 1_000);
    if (second !== this.second) {
      this.second = second;
      this.stanzas = 0;
    }
    this.stanzas += 1;
    return this.stanzas > this.events.stanzasPerSecond;
  }

  private violate(error: Error): void {
    if (this.isClosed) return;
    const kind = error instanceof Flood ? 'flood' : this.noise.isOpen ? 'bad-frame' : 'bad-handshake';
    this.cut();
    this.events.onViolation(this, kind, error);
  }

  private end(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handshakeTimer.cancel();
    this.owner?.closed();
  }
}
