import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import type { Config } from '#config';
import { Logger } from '#domain';
import { tellTus, tusHeaders } from '../uploads/tus.js';
import { jsonBody } from './json-body.js';
import { Metrics } from './metrics.js';
import { olderPaths } from './older-paths.js';
import { Overload } from './overload.js';
import { exceptHooks } from './receiver-body.js';
import { requestId } from './request-id.js';
import { requestLog } from './request-log.js';
import { API_PREFIX, RouteTable } from './route-table.js';
import { traceRequest } from './trace-request.js';

/** Headers that browsers of other origins may read. */
const EXPOSED = [
  'x-request-id',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Idempotency-Replayed',
  ...tusHeaders,
];

/** Everything that happens to a request before it reaches Nest. */
export function configureHttp(app: NestExpressApplication, config: Config): void {
  const { corsOrigins, trustedProxies, bodyLimitBytes } = config.http;
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', trustedProxies.length > 0 ? trustedProxies : false);
  app.set('query parser', 'simple');
  app.setGlobalPrefix(API_PREFIX);
  app.use(requestId);
  app.use(olderPaths);
  app.use(traceRequest);
  app.use(requestLog(app.get(Logger)));
  app.use(app.get(Metrics).middleware);
  app.use(
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
      frameguard: { action: 'deny' },
      // Other hosts of the domain are not ours to decide about.
      hsts: { includeSubDomains: false },
    }),
  );
  app.use(tellTus);
  if (corsOrigins.length > 0) {
    app.enableCors({ origin: originsOf(corsOrigins), exposedHeaders: EXPOSED, maxAge: 600 });
  }
  app.use('/metrics', app.get(Metrics).handler);
  app.use(app.get(Overload).middleware);
  app.use(probes);
  const routes = app.get(RouteTable);
  app.use(...exceptHooks(jsonBody(bodyLimitBytes, ({ method, path }) => routes.takesForm(method, path))));
}

/** Credentials travel in headers that scripts set, not in cookies, so that letting every origin in gives none away. */
export function originsOf(corsOrigins: string[]): string | string[] {
  return corsOrigins.includes('*') ? '*' : corsOrigins;
}

/** Containers and load balancers ask at the root, whatever the version of the API. */
function probes(request: Request, _response: Response, next: NextFunction): void {
  if (/^\/health(\/ready)?(\?|$)/.test(request.url)) request.url = API_PREFIX + request.url;
  next();
}

/**
 * For every answer that has no stricter one (dashboard/serve-dashboard.ts): everything from here, nothing inline but styles,
 * which Swagger UI sets on elements. No upgrade-insecure-requests: an installation on plain http must work.
 */
const contentPolicy = {
  defaultSrc: ["'self'"],
  baseUri: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  mediaSrc: ["'self'", 'blob:'],
  objectSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
};
