import type { Provider } from '@nestjs/common';
import type { Config } from '#config';
import { Database } from '#database';
import { DataExports, Erasures, ExportLinks, ReAuthentication, Retention } from '#domain';
import { MediaStorage } from '#storage';
import { CONFIG } from '../http/config.js';

/** What the controllers of privacy ask for. */
export const privacyProviders: Provider[] = [
  {
    provide: DataExports,
    inject: [Database, MediaStorage, CONFIG],
    useFactory: (db: Database, storage: MediaStorage, config: Config) =>
      new DataExports(db, storage, new ExportLinks(config.secrets.encryptionKey)),
  },
  {
    provide: Erasures,
    inject: [Database, ReAuthentication],
    useFactory: (db: Database, reauthentication: ReAuthentication) => new Erasures(db, reauthentication),
  },
  { provide: Retention, inject: [Database], useFactory: (db: Database) => new Retention(db) },
];
