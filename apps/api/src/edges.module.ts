import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import type { Database } from '#database';
import { EngineGateway, OutboundClient } from '#domain';
import { DiskStorage, MediaStorage } from '#storage';
import { EventTail } from './realtime/event-tail.js';

/**
 * The ways out of this process, for any part of the api: `OutboundClient` (URLs of users), `EngineGateway` (the engine
 * that holds a profile), `MediaStorage` (files) and `EventTail` (what happens in the log).
 */
@Global()
@Module({})
export class EdgesModule implements OnApplicationShutdown {
  constructor(
    private readonly outbound: OutboundClient,
    private readonly engines: EngineGateway,
  ) {}

  static with(config: Config, db: Database): DynamicModule {
    const providers = [
      {
        provide: OutboundClient,
        useFactory: () => OutboundClient.open({ allowedRanges: config.outbound.allowedRanges }),
      },
      {
        provide: EngineGateway,
        useFactory: () => new EngineGateway(db, { internalSecret: config.secrets.internalSecret }),
      },
      { provide: MediaStorage, useFactory: () => DiskStorage.open(config.storage.dataDir) },
      EventTail,
    ];
    return { module: EdgesModule, providers, exports: [OutboundClient, EngineGateway, MediaStorage, EventTail] };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.outbound.close(), this.engines.close()]);
  }
}
