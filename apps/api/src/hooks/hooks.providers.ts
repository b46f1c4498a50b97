import type { Provider } from '@nestjs/common';
import { Database, Sealer } from '#database';
import { HookLog, HookReceiver, Hooks } from '#domain';
import { HookAddresses } from './hooks.controller.js';

/** What the controllers of incoming hooks ask for. */
export const hookProviders: Provider[] = [
  HookAddresses,
  {
    provide: Hooks,
    inject: [Database, Sealer],
    useFactory: (db: Database, sealer: Sealer) => new Hooks(db, sealer),
  },
  {
    provide: HookLog,
    inject: [Database, Sealer],
    useFactory: (db: Database, sealer: Sealer) => new HookLog(db, sealer),
  },
  {
    provide: HookReceiver,
    inject: [Database, Sealer],
    useFactory: (db: Database, sealer: Sealer) => new HookReceiver(db, sealer),
  },
];
