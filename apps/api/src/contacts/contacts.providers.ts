import type { Provider } from '@nestjs/common';
import { Database } from '#database';
import {
  AddressBooks,
  Blocking,
  ContactActivities,
  ContactFields,
  ContactPictures,
  Contacts,
  Duplicates,
  EngineGateway,
  NumberChecks,
  Segments,
  Tags,
} from '#domain';

const overDatabase = [Contacts, Tags, ContactFields, Segments, Duplicates, ContactActivities];
const overEngine = [Blocking, ContactPictures, NumberChecks, AddressBooks];

/** What the controllers of contacts and segments ask for. */
export const contactProviders: Provider[] = [
  ...overDatabase.map((part) => ({ provide: part, inject: [Database], useFactory: (db: Database) => new part(db) })),
  ...overEngine.map((part) => ({
    provide: part,
    inject: [Database, EngineGateway],
    useFactory: (db: Database, gateway: EngineGateway) => new part(db, gateway),
  })),
];
