import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import type { Config } from '#config';
import { Database } from '#database';
import { Logger, OutOfReach } from '#domain';
import { AccessGuard } from './access.guard.js';
import { BearerStrategy } from './bearer.strategy.js';
import { CONFIG } from './config.js';
import { EnvelopeInterceptor } from './envelope.interceptor.js';
import { ErrorFilter } from './error.filter.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { Limits } from './limits.js';
import { Metrics } from './metrics.js';
import { OutOfReachInterceptor } from './out-of-reach.interceptor.js';
import { Overload } from './overload.js';
import { RouteTable } from './route-table.js';
import { validationPipe } from './validation.js';

/** What every route shares. Order matters: the envelope is outside the idempotent answer. */
@Module({
  imports: [DiscoveryModule],
  providers: [
    {
      provide: Metrics,
      inject: [CONFIG, Database],
      useFactory: ({ http }: Config, db: Database) => new Metrics(http.metricsToken, db),
    },
    {
      provide: Limits,
      inject: [CONFIG, Database, Metrics],
      useFactory: ({ http }: Config, db: Database, metrics: Metrics) => new Limits(http, db, metrics),
    },
    {
      provide: Overload,
      inject: [CONFIG, Database, Metrics, Logger],
      useFactory: ({ http }: Config, db: Database, metrics: Metrics, log: Logger) =>
        new Overload(http, db, metrics, log),
    },
    RouteTable,
    BearerStrategy,
    OutOfReach,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_INTERCEPTOR, useClass: EnvelopeInterceptor },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: OutOfReachInterceptor },
    { provide: APP_PIPE, useFactory: validationPipe },
  ],
  exports: [RouteTable, Limits, Metrics, OutOfReach],
})
export class HttpModule {}
