import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import { type Database, Sealer } from '#database';
import { EngineGateway, MediaPlaces, OutboundClient, SmtpSettings, StorageSettings } from '#domain';
import { MediaStorage } from '#storage';
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
    private readonly media: MediaStorage,
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
      {
        provide: MediaStorage,
        inject: [OutboundClient, Sealer],
        useFactory: (outbound: OutboundClient, sealer: Sealer) =>
          MediaPlaces.open({ db, sealer, outbound }, config.storage.dataDir),
      },
      {
        provide: StorageSettings,
        inject: [OutboundClient, Sealer],
        useFactory: (outbound: OutboundClient, sealer: Sealer) => new StorageSettings({ db, sealer, outbound }),
      },
      {
        provide: SmtpSettings,
        inject: [OutboundClient, Sealer],
        useFactory: (outbound: OutboundClient, sealer: Sealer) =>
          new SmtpSettings({ db, sealer, outbound, environment: { url: config.mail.smtpUrl, from: config.mail.from } }),
      },
      EventTail,
    ];
    return { module: EdgesModule, providers, exports: providers.map((one) => ('provide' in one ? one.provide : one)) };
  }

  async onApplicationShutdown(): Promise<void> {
    (this.media as MediaPlaces).close();
    await Promise.all([this.outbound.close(), this.engines.close()]);
  }
}
