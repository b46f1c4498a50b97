import type { Provider } from '@nestjs/common';
import { Database } from '#database';
import { ContactExports, ContactImports, DirectImports } from '#domain';
import { MediaStorage } from '#storage';

/** What the controllers of contacts as files ask for. */
export const contactImportProviders: Provider[] = [
  {
    provide: ContactImports,
    inject: [Database, MediaStorage],
    useFactory: (db: Database, storage: MediaStorage) => new ContactImports(db, storage),
  },
  { provide: DirectImports, inject: [Database], useFactory: (db: Database) => new DirectImports(db) },
  { provide: ContactExports, inject: [Database], useFactory: (db: Database) => new ContactExports(db) },
];
