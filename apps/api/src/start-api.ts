import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Config } from '#config';
import { Database, migrate } from '#database';
import { createLogger, type Logger, nestLogger, startTracing } from '#domain';
import { apiModule } from './api.module.js';
import { serveDashboard } from './dashboard/serve-dashboard.js';
import { configureHttp } from './http/configure-http.js';
import { serveDocs } from './openapi/docs-page.js';
import { SocketAdapter } from './realtime/socket-adapter.js';

/** Longer than load balancers keep theirs (mostly 60 s), so that they never use one that we are just closing. */
const KEEP_ALIVE_MS = 65_000;
/** How long open requests may take to end when the api stops. */
const DRAIN_MS = 5_000;

/** For the headers of a request. */
const HEADERS_TIMEOUT_MS = 15_000;
/** How often connections are held against the limits; Node's own 30 s would let the slow have twice their time. */
const CHECK_CONNECTIONS_MS = 2_000;
const MAX_HEADERS = 100;
/** Connections that wait to be taken up. Node's own 511 would reset a burst of clients instead of answering it. */
const BACKLOG = 4096;

export interface RunningApi {
  port: number;
  /** Base address, without the prefix: `http://127.0.0.1:3000`. */
  url: string;
  app: NestExpressApplication;
  /** Lets open requests end, then closes everything. */
  stop(): Promise<void>;
}

/**
 * Migrates, then serves. Returns when it listens.
 * @param options.dashboard folder of the built dashboard; default: beside the compiled code
 */
export async function startApi(
  config: Config,
  options: { port?: number; dashboard?: string } = {},
): Promise<RunningApi> {
  const log = createLogger(config.log, 'api');
  const tracing = startTracing(config.tracing, 'api');
  await migrate(config.database.url);
  const db = await Database.open(config.database, 'waypost api', { warn: (line) => log.warn({}, line) });
  const app = await create(config, db, log).catch(async (error) => {
    await db.close();
    throw error;
  });
  try {
    configureHttp(app, config);
    serveDocs(app, config.http.publicUrl);
    const hasPages = await serveDashboard(app, options.dashboard);
    if (!hasPages) log.warn({}, 'the dashboard is not built, so links of mails lead nowhere; run `npm run build`');
    app.useWebSocketAdapter(new SocketAdapter(app, config.http.corsOrigins));
    limitSlowness(app.getHttpServer() as Server, config.http.requestTimeoutSeconds * 1000);
    const listen = app.listen.bind(app) as unknown as (port: number, host: string, backlog: number) => Promise<unknown>;
    await listen(options.port ?? config.http.port, config.http.host, BACKLOG);
  } catch (error) {
    await app.close();
    throw error;
  }
  const server = app.getHttpServer() as Server;
  const { port, address, family } = server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  log.info({ port }, 'api listens');
  return { port, url, app, stop: () => stop(app, server).finally(() => tracing.stop()) };
}

/** Clients that send, or read, a byte now and then must not hold connections for ever. */
function limitSlowness(server: Server, requestTimeoutMs: number): void {
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs);
  server.requestTimeout = requestTimeoutMs;
  server.timeout = requestTimeoutMs;
  server.maxHeadersCount = MAX_HEADERS;
  Object.assign(server, { connectionsCheckingInterval: CHECK_CONNECTIONS_MS });
}

function create(config: Config, db: Database, log: Logger): Promise<NestExpressApplication> {
  return NestFactory.create<NestExpressApplication>(apiModule(config, db, log), {
    logger: nestLogger(log),
    bodyParser: false,
    abortOnError: false,
  });
}

/** Clients that go on over connections they hold open are answered, and told to close them. */
async function stop(app: NestExpressApplication, server: Server): Promise<void> {
  server.prependListener('request', (_request, response) => response.setHeader('connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweep);
    clearTimeout(cut);
  }
}
