import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { Config } from '#config';
import { jsonBody } from './json-body.js';
import { requestId } from './request-id.js';
import { API_PREFIX } from './route-table.js';

/** Headers that browsers of other origins may read. */
const EXPOSED = [
  'x-request-id',
  'Retry-After',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Idempotency-Replayed',
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
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: contentPolicy } }));
  if (corsOrigins.length > 0) {
    app.enableCors({ origin: corsOrigins, exposedHeaders: EXPOSED, maxAge: 600 });
  }
  app.use(...jsonBody(bodyLimitBytes));
}

/**
 * For our own pages (Swagger UI, later the dashboard): everything from here, nothing inline but styles, which Swagger UI
 * sets on elements. No upgrade-insecure-requests: an installation on plain http must work.
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
