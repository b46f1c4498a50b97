import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Simulation } from '../simulation.js';
import { closeServer, listen, type PortWish, portOf } from '../wire/listen.js';
import { htmlPage, openApiDocument } from './document.js';
import { ControlError, ControlInput, type ControlOperation, type FileAnswer } from './operation.js';
import { controlOperations } from './operations.js';

const MAX_BODY_BYTES = 256 * 1024 * 1024;

interface Route {
  operation: ControlOperation;
  pattern: RegExp;
  names: string[];
}

/** The control interface over HTTP and JSON, for scripts in other processes. On 127.0.0.1 only, without a password. */
export class ControlServer {
  private readonly server: Server;
  private readonly operations: ControlOperation[];
  private readonly routes: Route[];

  constructor(simulation: Simulation) {
    this.operations = controlOperations(simulation);
    this.routes = this.operations.map((operation) => ({
      operation,
      pattern: new RegExp(`^${operation.path.replace(/\{\w+\}/g, '([^/]+)')}$`),
      names: [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''),
    }));
    this.server = createServer((request, response) => {
      this.respond(request, response).catch((error: Error) => this.fail(response, error));
    });
    this.server.requestTimeout = 0;
  }

  get url(): string {
    return `http://127.0.0.1:${portOf(this.server)}`;
  }

  listen(wish: PortWish): Promise<number> {
    return listen(this.server, wish);
  }

  close(): Promise<void> {
    return closeServer(this.server);
  }

  private async respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (request.method === 'GET' && url.pathname === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(htmlPage(this.operations));
      return;
    }
    if (request.method === 'GET' && url.pathname === '/openapi.json') {
      json(response, 200, openApiDocument(this.operations, this.url));
      return;
    }
    const { operation, params } = this.match(request.method ?? '', url.pathname);
    const input = new ControlInput(params, url.searchParams, await bodyOf(request));
    const answer = await operation.run(input);
    if (isFile(answer)) response.writeHead(200, { 'content-type': answer.mimetype }).end(answer.file);
    else json(response, 200, answer ?? {});
  }

  private match(method: string, path: string): { operation: ControlOperation; params: Record<string, string> } {
    for (const { operation, pattern, names } of this.routes) {
      const found = operation.method === method ? pattern.exec(path) : null;
      if (!found) continue;
      const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(found[index + 1] ?? '')]));
      return { operation, params };
    }
    throw new ControlError(404, `there is no ${method} ${path}; see /openapi.json`);
  }

  private fail(response: ServerResponse, error: Error): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof ControlError) json(response, error.status, { error: error.message });
    else json(response, 422, { error: error.message });
  }
}

const isFile = (answer: unknown): answer is FileAnswer =>
  typeof answer === 'object' && answer !== null && 'file' in answer && Buffer.isBuffer(answer.file);

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of request) {
    sizeBytes += part.length;
    if (sizeBytes > MAX_BODY_BYTES) throw new ControlError(413, 'the body is larger than 256 MiB');
    parts.push(part);
  }
  if (sizeBytes === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the complaint.
  }
  throw new ControlError(400, 'the body is not a JSON object');
}
