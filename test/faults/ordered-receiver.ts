import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SeededRandom } from './random.js';

/** What a receiver saw that must not be. */
export interface ReceiverFaults {
  /** An event came before one of its conversation that happened earlier. */
  outOfOrder: string[];
  /** One event under two ids. */
  doubled: string[];
}

/**
 * A customer's endpoint that behaves badly now and then: it refuses, hangs, cuts the line or answers late, each delivery
 * at most once, and is away for a while. What it accepts it checks: events of a conversation come in their order and a
 * repeat comes under the id that it had.
 */
export class OrderedReceiver {
  readonly faults: ReceiverFaults = { outOfOrder: [], doubled: [] };
  /** Calls that it accepted although it had accepted them before. */
  repeats = 0;
  /** Calls that it did not accept. */
  refused = 0;
  private readonly server: Server;
  private readonly last = new Map<string, number>();
  private readonly idOf = new Map<string, string>();
  private readonly failed = new Set<string>();
  private isAway = false;
  private port = 0;

  private constructor(
    private readonly random: SeededRandom,
    /** Share of deliveries that are not accepted at first. */
    private readonly badShare: number,
  ) {
    this.server = createServer((request, response) => void this.take(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(random: SeededRandom, badShare: number): Promise<OrderedReceiver> {
    const receiver = new OrderedReceiver(random, badShare);
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Events that it accepted. */
  get accepted(): number {
    return this.idOf.size;
  }

  /** From now on every call is cut off. */
  leave(): void {
    this.isAway = true;
  }

  comeBack(): void {
    this.isAway = false;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async listen(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    this.port = (this.server.address() as AddressInfo).port;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let raw: string;
    try {
      raw = await text(request);
    } catch {
      return; // The caller was killed.
    }
    const id = String(request.headers['webhook-id']);
    if (this.isAway) {
      this.refused++;
      request.socket.destroy();
      return;
    }
    if (!this.failed.has(id) && this.random.next() < this.badShare) {
      this.failed.add(id);
      this.refused++;
      this.misbehave(request, response);
      return;
    }
    this.accept(id, JSON.parse(raw).data.body);
    response.writeHead(204).end();
  }

  private misbehave(request: IncomingMessage, response: ServerResponse): void {
    const how = this.random.pick([
      ['error', 4],
      ['cut', 3],
      ['hang', 1],
      ['busy', 1],
    ] as const);
    if (how === 'error') response.writeHead(500).end('broken');
    else if (how === 'busy') response.writeHead(503, { 'retry-after': '1' }).end();
    else if (how === 'cut') request.socket.destroy();
    // A hanging one is cut by the caller's time-out.
  }

  /** @param said `<conversation> <number>`, the numbers of a conversation being 1, 2, 3 … */
  private accept(id: string, said: string): void {
    const [conversation = '', number = ''] = said.split(' ');
    const known = this.idOf.get(said);
    if (known !== undefined) {
      if (known === id) this.repeats++;
      else this.faults.doubled.push(said);
      return;
    }
    this.idOf.set(said, id);
    if (Number(number) !== (this.last.get(conversation) ?? 0) + 1) this.faults.outOfOrder.push(said);
    this.last.set(conversation, Number(number));
  }
}
