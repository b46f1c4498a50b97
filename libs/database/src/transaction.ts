import type { Pool, PoolClient } from 'pg';
import type { WakeChannel } from '#contracts';
import { PrismaSession, type PrismaTx } from './prisma-on-connection.js';

export interface QueryOptions {
  /** Prepares the statement once per connection under this name. One name, one text: PostgreSQL refuses another. */
  name?: string;
}

/** One open transaction. Unusable after its `work` has ended: keeping it longer is an error and throws. */
export interface Tx {
  /** Runs one statement. `int8` columns are numbers; JSON parameters are passed as text and cast with `$n::jsonb`. */
  query<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]>;
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

/** Commits when `work` resolves, rolls back when it throws. The connection is dropped when its state is in doubt. */
export async function runTransaction<T>(around: Surroundings, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await around.pool.connect();
  const tx = new OpenTransaction(client, around.wake);
  let broken: Error | undefined;
  let result: T;
  try {
    await client.query(around.begin);
    result = await work(tx);
    tx.end();
    await commit(client);
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

async function commit(client: PoolClient): Promise<void> {
  let command: string;
  try {
    command = (await client.query('commit')).command;
  } catch (error) {
    // A deferred constraint is refused with a severity; without one the connection broke and the outcome is open.
    if (
      typeof (error as { severity?: string }).severity === 'string' &&
      (error as { code?: string }).code?.[0] !== '5'
    ) {
      throw error;
    }
    throw new CommitOutcomeUnknown(error);
  }
  // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK and no error: a swallowed error in `work` ends so.
  if (command !== 'COMMIT') {
    throw new Error('The transaction was rolled back: a statement in it failed and the failure was not passed on.');
  }
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
  private session: PrismaSession | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly sendWake: (channel: WakeChannel, id: string) => void,
  ) {}

  async query<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]> {
    this.assertOpen();
    const result = await this.client.query({ text, values, name: options?.name });
    return result.rows as R[];
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
