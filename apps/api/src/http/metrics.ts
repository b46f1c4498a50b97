import type { NextFunction, Request, Response } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Database } from '#database';
import { databaseMetrics, mayReadMetrics } from '#domain';

/** What Prometheus reads at `GET /metrics` of an api process. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly durations = new Histogram({
    name: 'waypost_http_request_seconds',
    help: 'Time from the arrival of a request to the end of its answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.registry],
  });
  private readonly underWay = new Gauge({
    name: 'waypost_http_requests_in_flight',
    help: 'Requests that are being answered now.',
    registers: [this.registry],
  });
  private readonly refusals = new Counter({
    name: 'waypost_rate_limit_refusals_total',
    help: 'Requests refused by a rate limit: caller (key or user), failures (wrong credentials of an address), login (tries of an address).',
    labelNames: ['limit'],
    registers: [this.registry],
  });
  private readonly shed = new Counter({
    name: 'waypost_overload_refusals_total',
    help: 'Requests answered 503 because the process was too busy.',
    registers: [this.registry],
  });
  private readonly overloaded = new Gauge({
    name: 'waypost_overloaded',
    help: '1 while the process refuses requests because it is too busy.',
    registers: [this.registry],
  });
  private readonly sockets = new Gauge({
    name: 'waypost_sockets',
    help: 'Socket.IO connections that are open.',
    registers: [this.registry],
  });

  constructor(
    private readonly token: string | undefined,
    db: Database,
  ) {
    collectDefaultMetrics({ register: this.registry });
    databaseMetrics(this.registry, db);
    for (const limit of ['caller', 'failures', 'login', 'hook', 'visitor']) this.refusals.inc({ limit }, 0);
  }

  readonly middleware = (request: Request, response: Response, next: NextFunction): void => {
    const startedAt = performance.now();
    this.underWay.inc();
    response.once('close', () => {
      this.underWay.dec();
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
    if (!mayReadMetrics(request, this.token)) {
      response.status(403).type('text').send('Metrics are for holders of METRICS_TOKEN, or for this machine.\n');
      return;
    }
    response.type(this.registry.contentType).send(await this.registry.metrics());
  };

  countRefusal(limit: 'caller' | 'failures' | 'login' | 'hook' | 'visitor'): void {
    this.refusals.inc({ limit });
  }

  countShed(): void {
    this.shed.inc();
  }

  setOverloaded(isOverloaded: boolean): void {
    this.overloaded.set(isOverloaded ? 1 : 0);
  }

  countSocket(by: 1 | -1): void {
    this.sockets.inc(by);
  }
}
