import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from './generated/client.js';

/** The Prisma client as a transaction sees it: models and raw queries, no connection or transaction control. */
export type PrismaTx = Prisma.TransactionClient;

/**
 * Prisma inside a transaction that we opened: whatever it runs goes over our connection, so one transaction can mix
 * Prisma and SQL. Prisma believes that it has a transaction of its own, whose connection is ours and whose BEGIN and
 * COMMIT do nothing. There is one Prisma client in the process; one for each connection would cost 7 MB each.
 */
export class PrismaSession {
  readonly client: PrismaTx;
  private finish: () => void = () => undefined;

  constructor(connection: pg.PoolClient) {
    const base = sharedClient();
    const finished = new Promise<void>((resolve) => {
      this.finish = resolve;
    });
    const opened = new Promise<PrismaTx>((resolve, reject) => {
      const open = () =>
        new Promise<void>((next) => {
          offered = connection;
          const work = (client: PrismaTx) => {
            next();
            resolve(client);
            return finished;
          };
          base.$transaction(work, { maxWait: 60_000, timeout: neverMs }).catch((error) => {
            next();
            reject(error);
          });
        });
      turn = turn.then(open);
    });
    opened.catch(() => undefined);
    this.client = whenOpened(base, opened);
  }

  /** Lets Prisma forget the transaction. What it sends because of that does not reach the connection. */
  end(): void {
    this.finish();
  }
}

/** The longest that a timer can run. The transaction's end is ours to decide. */
const neverMs = 2 ** 31 - 1;

/**
 * The connection for the transaction that Prisma is opening now. They are opened one after another, which takes no
 * round trip, because nothing else says for which of our transactions Prisma asks. (AsyncLocalStorage would, and would
 * make every promise of the process dearer.)
 */
let offered: pg.PoolClient | undefined;
let turn: Promise<void> = Promise.resolve();

let shared: PrismaClient | undefined;

function sharedClient(): PrismaClient {
  shared ??= new PrismaClient({ adapter: new PrismaPg(connectionSource()) });
  return shared;
}

/** What the adapter takes for a pool (it must be `instanceof pg.Pool`): hands out the connection that is offered. */
function connectionSource(): pg.Pool {
  return Object.create(pg.Pool.prototype, {
    options: { value: {} },
    connect: { value: async () => withoutControl(offered!) },
    on: { value: () => undefined },
    removeListener: { value: () => undefined },
  });
}

function withoutControl(connection: pg.PoolClient): pg.PoolClient {
  const done = { rows: [], fields: [], rowCount: 0 };
  return {
    query: async (query: pg.QueryConfig) =>
      /^(begin|commit|rollback)$/i.test(query.text) ? done : connection.query(query),
    on: () => undefined,
    removeListener: () => undefined,
    release: () => undefined,
  } as unknown as pg.PoolClient;
}

/**
 * The client of a transaction that is still being opened: calls wait for it. They return plain promises, so Prisma's
 * chained reads (`user.findUnique(…).sessions()`) are not there; use `include`.
 */
function whenOpened(base: PrismaClient, opened: Promise<PrismaTx>): PrismaTx {
  type Calls = Record<string | symbol, (...args: unknown[]) => unknown>;
  return new Proxy(base, {
    get(_, property) {
      const member: unknown = Reflect.get(base, property);
      if (typeof member === 'function') {
        return async (...args: unknown[]) => ((await opened) as unknown as Calls)[property]!(...args);
      }
      if (typeof member !== 'object' || member === null) return member;
      return new Proxy(member, {
        get(model, operation) {
          const value: unknown = Reflect.get(model, operation);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) =>
            (Reflect.get(await opened, property) as unknown as Calls)[operation]!(...args);
        },
      });
    },
  });
}
