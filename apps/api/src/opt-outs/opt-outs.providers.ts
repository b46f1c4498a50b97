import type { Provider } from '@nestjs/common';
import { type Config, publicUrlOf } from '#config';
import { Database } from '#database';
import { LinkOptOuts, OptOutLinks, OptOutPolicies } from '#domain';
import { CONFIG } from '../http/config.js';

/** What the controllers of opt-outs ask for. */
export const optOutProviders: Provider[] = [
  {
    provide: OptOutLinks,
    inject: [CONFIG],
    useFactory: (config: Config) => new OptOutLinks(config.secrets.encryptionKey, publicUrlOf(config)),
  },
  {
    provide: LinkOptOuts,
    inject: [Database, OptOutLinks],
    useFactory: (db: Database, links: OptOutLinks) => new LinkOptOuts(db, links),
  },
  { provide: OptOutPolicies, inject: [Database], useFactory: (db: Database) => new OptOutPolicies(db) },
];
