import { type DynamicModule, Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Config } from '#config';
import { Database, Sealer } from '#database';
import {
  AccessTokens,
  ApiKeyRecord,
  Authenticator,
  IdempotencyKeys,
  LastUse,
  Logger,
  MailDesk,
  OidcLogins,
} from '#domain';
import { loginProviders } from './auth/login.providers.js';
import { CONFIG } from './http/config.js';

/**
 * What any part of the api may ask for in its constructor: `Database`, `Sealer`, `Logger`, the settings (`@InjectConfig()`),
 * and the parts of the domain that carry logins.
 */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(
    private readonly lastUse: LastUse,
    private readonly oidc: OidcLogins,
    private readonly apiKeyRecord: ApiKeyRecord,
    private readonly db: Database,
  ) {}

  static with(config: Config, db: Database, log: Logger): DynamicModule {
    const sealer = new Sealer(db, {
      current: config.secrets.encryptionKey,
      previous: config.secrets.previousEncryptionKeys,
    });
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: Database, useValue: db },
      { provide: Logger, useValue: log },
      { provide: Sealer, useValue: sealer },
      { provide: MailDesk, useValue: new MailDesk(db, sealer) },
      { provide: IdempotencyKeys, useValue: new IdempotencyKeys(db, sealer) },
      { provide: LastUse, useValue: new LastUse(db, log) },
      { provide: ApiKeyRecord, useValue: new ApiKeyRecord(db, log) },
      {
        provide: Authenticator,
        inject: [AccessTokens, LastUse],
        useFactory: (tokens: AccessTokens, lastUse: LastUse) => new Authenticator(db, tokens, lastUse),
      },
      ...loginProviders(config, db, sealer, log),
    ];
    return { module: PlatformModule, providers, exports: providers.map(({ provide }) => provide) };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.lastUse.stop(), this.apiKeyRecord.stop(), this.oidc.close()]);
    await this.db.close();
  }
}
