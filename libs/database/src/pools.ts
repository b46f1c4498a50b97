import pg from 'pg';

/** Scope of the connections: `system` sees every organization, `tenant` only the one that its transaction names. */
export type PoolScope = 'system' | 'tenant';

/** How long a caller waits for a free connection before it gets a transient error. */
const waitForConnectionMs = 15_000;

/**
 * Ends what hangs: a transaction whose process is stuck holds its row locks, on the lease and on the event stream, and
 * with them everyone who wants to take the profile over or write to it. Shorter than a lease, for that reason.
 */
const sessionSettings = { statement_timeout: '60s', idle_in_transaction_session_timeout: '4s' };

/** Longer than any statement may run: then the server, or the way to it, is gone without a word. */
const answerLimitMs = 75_000;

/** How busy a pool is now, and what it has done since the start. */
export interface PoolLoad {
  total: number;
  idle: number;
  /** Callers that wait for a connection. */
  waiting: number;
  /** How long the first of those has waited; 0 when nobody waits. */
  oldestWaitMs: number;
  /** Connections handed out, and how long that took in all. */
  taken: number;
  waitedSeconds: number;
}

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** Knows how long its callers wait. */
export class TimedPool extends pg.Pool {
  /** When those who wait began, the first first. */
  private readonly waits = new Set<{ since: number }>();
  private taken = 0;
  private waitedMs = 0;

  get load(): PoolLoad {
    const [first] = this.waits;
    return {
      total: this.totalCount,
      idle: this.idleCount,
      waiting: this.waitingCount,
      oldestWaitMs: first === undefined ? 0 : performance.now() - first.since,
      taken: this.taken,
      waitedSeconds: this.waitedMs / 1000,
    };
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  // biome-ignore lint/suspicious/noConfusingVoidType: the pool has both forms
  override connect(callback?: Connected): Promise<pg.PoolClient> | void {
    const wait = { since: performance.now() };
    this.waits.add(wait);
    const done = () => {
      this.waits.delete(wait);
      this.taken += 1;
      this.waitedMs += performance.now() - wait.since;
    };
    if (callback === undefined) return super.connect().finally(done);
    // The pool's own `query` comes this way.
    super.connect((error, client, release) => {
      done();
      callback(error, client, release);
    });
  }
}

/**
 * A pool whose connections start with their scope set, without a round trip. Losing the server never throws from here:
 * idle connections are dropped, running statements fail at their caller.
 */
export function openPool(
  config: { url: string; poolSize: number },
  options: { scope: PoolScope; name: string; warn(line: string): void },
): TimedPool {
  const pool = new TimedPool({
    ...connectionOptions(config.url, options.name, {
      ...sessionSettings,
      ...(options.scope === 'system' ? { 'waypost.scope': 'system' } : {}),
    }),
    max: config.poolSize,
    // Statements that do not wait for each other leave together (transaction.ts).
    pipeline: true,
    connectionTimeoutMillis: waitForConnectionMs,
    query_timeout: answerLimitMs,
    idleTimeoutMillis: 60_000,
  });
  pool.on('error', (error) => options.warn(`A database connection was lost while idle: ${error.message}`));
  // A connection that breaks between two statements of a transaction has no listener of the pool's; the next statement
  // on it fails, which is all that the holder needs to know.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Options for one connection to `url` with session settings; options in the URL itself are kept. */
export function connectionOptions(url: string, name: string, session: Record<string, string>): pg.ClientConfig {
  const parsed = new URL(url);
  const given = parsed.searchParams.get('options');
  parsed.searchParams.delete('options');
  const settings = Object.entries(session).map(([key, value]) => `-c ${key}=${value}`);
  return {
    connectionString: parsed.href,
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: [given, ...settings].filter(Boolean).join(' '),
    types: { getTypeParser: typeParser },
  };
}

/** As pg's own, except that int8 is a number: sequences, epochs and counts stay far below 2^53, and more is refused. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === pg.types.builtins.INT8 && format !== 'binary') return parseInt8;
  return pg.types.getTypeParser(oid, format as 'text');
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The database number ${text} is larger than 2^53.`);
  return value;
}
