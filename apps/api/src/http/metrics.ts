import { timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { hashSecret } from '#domain';

/**
 * What Prometheus reads at `GET /metrics`. Figures tell strangers how busy an installation is, so they are not public:
 * with a token it is asked for, without one only the machine itself is answered, and not through a proxy.
 */
export class Metrics {
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'waypost_http_request_seconds',
    help: 'Time from the arrival of a request to the end of its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });

  constructor(private readonly token: string | undefined) {
    collectDefaultMetrics({ register: this.registry });
  }

  readonly middleware = (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    response.once('close', () => {
      // The pattern, not the path: ids would make a series each.
      const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
      this.durations.observe(
        { method: request.method, route, status: response.statusCode },
        (performance.now() - startedAt) / 1000,
      );
    });
    next();
  };

  readonly handler = async (request: Request, response: Response): Promise<void> => {
    if (!this.mayRead(request)) {
      response.status(403).type('text').send('Metrics are for holders of METRICS_TOKEN, or for this machine.\n');
      return;
    }
    response.type(this.registry.contentType).send(await this.registry.metrics());
  };

  private mayRead(request: Request): boolean {
    if (this.token !== undefined) {
      const shown = request.headers.authorization ?? '';
      // Compared as hashes, so that the time taken says nothing of length or content.
      return timingSafeEqual(hashSecret(shown), hashSecret(`Bearer ${this.token}`));
    }
    const isProxied = request.headers['x-forwarded-for'] !== undefined || request.headers.forwarded !== undefined;
    return !isProxied && /^(127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '');
  }
}
