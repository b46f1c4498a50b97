import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Logger, mayReadMetrics } from '#domain';
import type { WorkerMetrics } from './worker-metrics.js';

/** `GET /health` and `GET /metrics` of a worker process, on an address of its own. */
export class ProbesServer {
  private constructor(private readonly server: Server) {}

  /** @throws what listening throws, such as EADDRINUSE */
  static async listen(
    at: { port: number; host: string; metricsToken: string | undefined },
    metrics: WorkerMetrics,
    log: Logger,
  ): Promise<ProbesServer> {
    const server = createServer((request, response) => {
      answer(request, response, metrics, at.metricsToken).catch((err) => {
        log.warn({ err }, 'a probe could not be answered');
        if (!response.headersSent) send(response, 503, 'The database or the job queue did not answer.\n');
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(at.port, at.host, resolve);
    });
    return new ProbesServer(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: WorkerMetrics,
  token: string | undefined,
): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  if (path === '/health') return send(response, 200, '{"status":"ok"}', 'application/json');
  if (path !== '/metrics') return send(response, 404, 'There is /health and /metrics.\n');
  if (!mayReadMetrics(request, token)) {
    return send(response, 403, 'Metrics are for holders of METRICS_TOKEN, or for this machine.\n');
  }
  send(response, 200, await metrics.read(), metrics.contentType);
}

function send(response: ServerResponse, status: number, body: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
