import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';

/** The Prisma client as a transaction sees it: models and raw queries, no connection or transaction control. */
export type PrismaTx = Prisma.TransactionClient;

const clients = new WeakMap<pg.PoolClient, PrismaTx>();

/**
 * The Prisma client of a physical connection, made at first use and kept as long as the connection. Whatever it runs is
 * part of the transaction that is open there, so one transaction can mix Prisma and SQL.
 */
export function prismaOn(connection: pg.PoolClient): PrismaTx {
  let client = clients.get(connection);
  if (client === undefined) {
    client = new PrismaClient({ adapter: new PrismaPg(asPool(connection)) });
    clients.set(connection, client);
  }
  return client;
}

/** What the adapter asks of a pool, over one connection. It accepts only what is `instanceof pg.Pool`. */
function asPool(connection: pg.PoolClient): pg.Pool {
  return Object.create(pg.Pool.prototype, {
    options: { value: {} },
    query: { value: (query: pg.QueryConfig) => connection.query(query) },
    connect: { value: async () => nested(connection) },
    on: { value: () => undefined },
    removeListener: { value: () => undefined },
  });
}

let savepoints = 0;

/**
 * Some Prisma calls (nested writes, a few upserts) open a transaction of their own. We are in one already, so it becomes
 * a savepoint: undone alone when it fails, kept or lost with the whole.
 */
function nested(connection: pg.PoolClient): pg.PoolClient {
  const savepoint = `prisma_${++savepoints}`;
  const translated: Record<string, string> = {
    BEGIN: `savepoint ${savepoint}`,
    COMMIT: `release savepoint ${savepoint}`,
    ROLLBACK: `rollback to savepoint ${savepoint}; release savepoint ${savepoint}`,
  };
  return {
    query: (query: pg.QueryConfig) => {
      const control = translated[query.text.toUpperCase()];
      return connection.query(control === undefined ? query : { text: control });
    },
    on: () => undefined,
    removeListener: () => undefined,
    release: () => undefined,
  } as unknown as pg.PoolClient;
}
