import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Simulation } from '../simulation.js';
import { closeServer, listen, type PortWish, portOf } from '../wire/listen.js';
import { bodyOf } from './body.js';
import { docsPage } from './docs-page.js';
import { openApiDocument } from './document.js';
import { BrowserGuard } from './guard.js';
import { ControlError, ControlInput } from './input.js';
import type { FileAnswer, StreamAnswer } from './operation.js';
import { controlTopics } from './operations.js';
import { PAGE_HEADERS } from './page-headers.js';
import { Routes } from './routes.js';
import { isRefusal } from './scope.js';
import { StaticPage } from './static-page.js';

/** One word for each status that is answered. */
const CODES: Record<number, string> = {
  400: 'invalid',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'timeout',
  409: 'conflict',
  413: 'too_large',
  422: 'refused',
  500: 'simulator_error',
};

export interface ControlServerOptions {
  /** Names besides those of this machine under which requests are answered. */
  allowedHosts?: readonly string[];
  /** Folder of a built web page that is served at `/`. */
  pageFolder?: string;
}

/** The control interface over HTTP and JSON, for scripts in other processes and for the page. Without a password. */
export class ControlServer {
  private readonly server: Server;
  private readonly topics;
  private readonly routes: Routes;
  private readonly guard: BrowserGuard;
  private readonly page?: StaticPage;
  /** By which others reach it. */
  private name = '127.0.0.1';

  constructor(
    private readonly simulation: Simulation,
    { allowedHosts = [], pageFolder }: ControlServerOptions = {},
  ) {
    this.topics = controlTopics(simulation);
    this.routes = new Routes(this.topics);
    this.guard = new BrowserGuard(allowedHosts);
    if (pageFolder) this.page = new StaticPage(pageFolder);
    this.server = createServer((request, response) => {
      this.respond(request, response).catch((error: Error) => this.fail(response, error));
    });
    this.server.requestTimeout = 0;
  }

  get url(): string {
    return `http://${this.name}:${portOf(this.server)}`;
  }

  listen(wish: PortWish): Promise<number> {
    this.name = wish.name ?? this.name;
    return listen(this.server, wish);
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.guard.check(request);
    const { method = 'GET' } = request;
    const url = new URL(request.url ?? '/', 'http://control');
    if (method === 'GET' && (await this.respondWithPage(url.pathname, request, response))) return;
    const { operation, params } = this.routes.find(method, url.pathname);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = this.routes.checkedBody(operation, await bodyOf(request));
    const query = this.routes.checkedQuery(operation, url.searchParams);
    const answer = await operation.run(new ControlInput(params, query, body, gone.signal));
    if (isStream(answer)) await sendStream(response, answer);
    else if (isFile(answer)) sendFile(response, answer);
    else sendJson(response, 200, answer ?? {});
  }

  /** The pages for people and the document. True when the request was one of them. */
  private async respondWithPage(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const self = `http://${request.headers.host}`;
    if (path === '/openapi.json') {
      sendJson(response, 200, openApiDocument(this.topics, self));
      return true;
    }
    if (path === '/docs' || (path === '/' && !this.page)) {
      response
        .writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...PAGE_HEADERS })
        .end(docsPage(this.topics, self, this.page !== undefined));
      return true;
    }
    return this.page !== undefined && (await this.page.respond(path, response));
  }

  private fail(response: ServerResponse, error: Error): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (error instanceof ControlError) {
      if (error.allow) response.setHeader('allow', error.allow);
      sendError(response, error.status, error.message);
      return;
    }
    if (isRefusal(error)) {
      sendError(response, 422, error.message);
      return;
    }
    this.simulation.report(`the control interface failed: ${error.stack}`);
    sendError(response, 500, `the simulator has a mistake here: ${error.message}`);
  }
}

const isFile = (answer: unknown): answer is FileAnswer =>
  typeof answer === 'object' && answer !== null && 'file' in answer && Buffer.isBuffer(answer.file);

const isStream = (answer: unknown): answer is StreamAnswer =>
  typeof answer === 'object' && answer !== null && 'stream' in answer;

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(value));
}

const sendError = (response: ServerResponse, status: number, error: string): void =>
  sendJson(response, status, { error, code: CODES[status] ?? 'refused' });

/** A file comes from a stranger: the browser must not take it for a page of ours, whatever its type says. */
function sendFile(response: ServerResponse, { file, mimetype }: FileAnswer): void {
  response
    .writeHead(200, {
      'content-type': /^[\w.+-]+\/[\w.+-]+(;[\x20-\x7e]*)?$/.test(mimetype) ? mimetype : 'application/octet-stream',
      'content-length': file.length,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    .end(file);
}

async function sendStream(response: ServerResponse, { stream }: StreamAnswer): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // The caller goes when it likes; that is how every stream ends.
  await pipeline(Readable.from(stream), response).catch(() => undefined);
}
