import type { Duplex } from 'node:stream';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import type { WakeChannel } from '#contracts';
import { withByteArrays } from './byte-arrays.js';
import { PrismaSession, type PrismaTx } from './prisma-on-connection.js';

export interface QueryOptions {
  /** Prepares the statement once per connection under this name. One name, one text: PostgreSQL refuses another. */
  name?: string;
}

/** One open transaction. Unusable after its `work` has ended: keeping it longer is an error and throws. */
export interface Tx {
  /** Runs one statement. `int8` columns are numbers; JSON parameters are passed as text and cast with `$n::jsonb`. */
  query<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]>;
  /**
   * The last statement: COMMIT travels right behind it, which saves a round trip while its locks are held. Nothing may
   * follow it, and its answer is certain only after the transaction has resolved: hand the promise out instead of waiting
   * for it here. It need not be waited for at all: a failure rolls back and is what the transaction throws.
   */
  finish<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]>;
  /** Prisma bound to this very connection, so its reads and writes are part of this transaction. For plain CRUD. */
  readonly prisma: PrismaTx;
  /** Runs after a successful commit, never after a rollback. It must not throw; if the process dies it never runs. */
  afterCommit(run: () => void): void;
  /** Sends a wake-up after the commit. */
  wake(channel: WakeChannel, id: string): void;
}

/** The connection was lost while COMMIT was under way: the change may or may not be there. `isTransient` is true. */
export class CommitOutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('The connection was lost during COMMIT; the outcome of the transaction is unknown.', { cause });
    this.name = 'CommitOutcomeUnknown';
  }
}

interface Surroundings {
  pool: Pool;
  /** The statement that opens the transaction, and sets its scope where there is one: a single round trip. */
  begin: string;
  wake(channel: WakeChannel, id: string): void;
  warn(line: string): void;
}

/**
 * Commits when `work` resolves, rolls back when it throws. The connection is dropped when its state is in doubt.
 *
 * BEGIN is not waited for: the first statements follow it in the same write. When it fails with the connection still
 * there, it has left an aborted transaction behind, in which no statement does anything.
 */
export async function runTransaction<T>(around: Surroundings, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await around.pool.connect();
  const tx = new OpenTransaction(client, around.wake);
  let broken: Error | undefined;
  let result: T;
  try {
    tx.send(around.begin).catch(() => undefined);
    result = await work(tx);
    tx.end();
    await commit(tx);
  } catch (error) {
    tx.end();
    if (error instanceof CommitOutcomeUnknown) broken = error;
    else broken = await rollback(client);
    throw error;
  } finally {
    client.release(broken);
  }
  for (const run of tx.afterwards) {
    try {
      run();
    } catch (error) {
      around.warn(`A step after a commit failed: ${(error as Error).stack ?? error}`);
    }
  }
  return result;
}

async function commit(tx: OpenTransaction): Promise<void> {
  const [committed, finished] = await Promise.allSettled([tx.send('commit'), tx.finished()]);
  if (committed.status === 'rejected') {
    const { severity, code } = committed.reason as { severity?: string; code?: string };
    // A deferred constraint is refused with a severity; without one the connection broke and the outcome is open.
    if (typeof severity === 'string' && code?.[0] !== '5') throw committed.reason;
    throw new CommitOutcomeUnknown(committed.reason);
  }
  if (committed.value.command === 'COMMIT') return;
  if (finished.status === 'rejected') throw finished.reason;
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: a swallowed error in `work` ends so.
  throw new Error('The transaction was rolled back: a statement in it failed and the failure was not passed on.');
}

async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

class OpenTransaction implements Tx {
  readonly afterwards: (() => void)[] = [];
  private open = true;
  private isCorked = false;
  private readonly last: Promise<unknown>[] = [];
  private session: PrismaSession | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly sendWake: (channel: WakeChannel, id: string) => void,
  ) {}

  async query<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]> {
    this.assertOpen();
    const result = await this.send({ text, values: withByteArrays(values), name: options?.name });
    return result.rows as R[];
  }

  finish<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]> {
    const rows = this.query<R>(text, values, options);
    this.last.push(rows);
    // Told by the commit; whoever holds the promise as well hears it twice.
    rows.catch(() => undefined);
    return rows;
  }

  /** Rejects when a last statement failed. */
  async finished(): Promise<void> {
    await Promise.all(this.last);
  }

  /** What is sent in one turn of the event loop leaves in one write. */
  send(statement: string | QueryConfig): Promise<QueryResult> {
    const { stream } = (this.client as unknown as { connection: { stream: Duplex } }).connection;
    if (!this.isCorked) {
      this.isCorked = true;
      stream.cork();
      process.nextTick(() => {
        this.isCorked = false;
        stream.uncork();
      });
    }
    return this.client.query(statement);
  }

  get prisma(): PrismaTx {
    this.assertOpen();
    this.session ??= new PrismaSession(this.client);
    return this.session.client;
  }

  afterCommit(run: () => void): void {
    this.assertOpen();
    this.afterwards.push(run);
  }

  wake(channel: WakeChannel, id: string): void {
    this.afterCommit(() => this.sendWake(channel, id));
  }

  end(): void {
    this.open = false;
    this.session?.end();
  }

  private assertOpen(): void {
    if (!this.open) throw new Error('The transaction has ended; its tx cannot be used any more.');
  }
}
