export { Database, type DatabaseLog } from './database.js';
export { appendEvents, readEvents, streamHead } from './event-log.js';
export { migrate } from './migrate.js';
export type { PrismaTx } from './prisma-on-connection.js';
export { type OrganizationSealer, Sealer, SealUnreadable } from './sealer.js';
export { CommitOutcomeUnknown, type QueryOptions, type Tx } from './transaction.js';
export { isTransient, type RetryOptions, retryTransient } from './transient.js';
