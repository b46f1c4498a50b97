import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request as it came over the wire. */
export interface ReceivedCall {
  at: number;
  path: string;
  headers: IncomingHttpHeaders;
  /** The bytes of the body as text, for signatures. */
  rawBody: string;
  /** The parsed body. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies are whatever the product sent
  body: any;
}

export interface ReceiverAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

type Answering = (call: ReceivedCall, number: number) => ReceiverAnswer | Promise<ReceiverAnswer>;

/** A real HTTP endpoint that keeps every request and answers as it is told. */
export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  private answering: Answering = () => ({ status: 200 });
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly server: Server,
    /** Base address, without a path. */
    readonly url: string,
  ) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', async (request, response) => {
      const rawBody = (await buffer(request)).toString('utf8');
      const call: ReceivedCall = {
        at: Date.now(),
        path: request.url ?? '/',
        headers: request.headers,
        rawBody,
        body: parsed(rawBody),
      };
      receiver.calls.push(call);
      const number = receiver.calls.length;
      for (const look of receiver.waiting) look();
      const { status, headers, body } = await receiver.answering(call, number);
      response.writeHead(status, headers).end(body);
    });
    return receiver;
  }

  /** How calls are answered from now on; a promise that stays open is an endpoint that hangs. Default: 200. */
  answer(answering: Answering | ReceiverAnswer): void {
    this.answering = typeof answering === 'function' ? answering : () => answering;
  }

  /** The first `count` calls that fit, as soon as there are so many. @throws when the time is over. */
  async expect(
    count: number,
    { fits = () => true, withinMs = 10_000 }: { fits?: (call: ReceivedCall) => boolean; withinMs?: number } = {},
  ): Promise<ReceivedCall[]> {
    const found = () => this.calls.filter(fits);
    if (found().length < count) {
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (found().length < count) return;
          end();
          resolve();
        };
        const timer = setTimeout(() => {
          end();
          reject(new Error(`Waited ${withinMs} ms for ${count} webhook calls; ${found().length} came.`));
        }, withinMs);
        const end = () => {
          clearTimeout(timer);
          this.waiting.delete(look);
        };
        this.waiting.add(look);
      });
    }
    return found().slice(0, count);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

function parsed(rawBody: string): unknown {
  try {
    return JSON.parse(rawBody);
  } catch {
    return undefined;
  }
}
