import { type Actor, errors, type OrganizationId, type Reach, type WakeChannel } from '#contracts';
import { withByteArrays } from './byte-arrays.js';
import { WakeListener } from './listener.js';
import { openPool, type PoolLoad, type PoolScope, type TimedPool } from './pools.js';
import { type QueryOptions, runTransaction, type Tx } from './transaction.js';
import { WakeSender } from './wakes.js';

/** Where the database says what an operator should know. pino, Nest's logger and the console all fit. */
export interface DatabaseLog {
  warn(line: string): void;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** SQLSTATE of a row that a policy does not let in. */
const ROW_REFUSED = '42501';

/** Whose rows, and which of them. */
export type Scope = Pick<Actor, 'organizationId' | 'reach'>;

/** The statement that opens a transaction in a scope: a single round trip, with nothing in it but UUIDs. */
function beginAs({ organizationId, reach }: Scope): string {
  const begin = `begin; set local waypost.organization_id = '${checked(organizationId)}'`;
  if (reach === 'everywhere') return begin;
  return `${begin}; set local waypost.reach = 'limited'; ${placesSql(reach)}`;
}

function placesSql({ workspaceIds, profileIds }: Exclude<Reach, 'everywhere'>): string {
  const list = (ids: readonly string[]) => `'{${ids.map(checked).join(',')}}'`;
  return [
    `set local waypost.workspaces = ${list(workspaceIds)}`,
    `set local waypost.profiles = ${list(profileIds)}`,
    // The policy of profiles keeps to the two before; those of all other tables to this.
    "select set_config('waypost.seen', coalesce((select array_agg(id)::text from profiles), '{}'), true)",
  ].join('; ');
}

function checked(id: string): string {
  if (!uuid.test(id)) throw new TypeError('An id in the scope of a transaction is not a UUID.');
  return id;
}

/**
 * The one way to PostgreSQL; one per process. Two pools: the tenant pool, whose transactions see one organization
 * (row-level security), and the system pool, which sees all. A lost server never ends the process: statements under way
 * fail with an error for which `isTransient` is true, later ones find new connections.
 */
export class Database {
  private readonly sender: WakeSender;
  private readonly listener: WakeListener;

  private constructor(
    private readonly systemPool: TimedPool,
    private readonly tenantPool: TimedPool,
    url: string,
    name: string,
    private readonly log: DatabaseLog,
  ) {
    this.sender = new WakeSender((text, values, name) => this.query(text, values, { name }));
    this.listener = new WakeListener(url, `${name} listener`, (line) => log.warn(line));
  }

  /** Connects once to see that the server answers. `name` is what pg_stat_activity shows. */
  static async open(
    config: { url: string; poolSize: number },
    name: string,
    log: DatabaseLog = console,
  ): Promise<Database> {
    const warn = (line: string) => log.warn(line);
    const system = openPool(config, { scope: 'system', name, warn });
    const tenant = openPool(config, { scope: 'tenant', name: `${name} tenant`, warn });
    const database = new Database(system, tenant, config.url, name, log);
    try {
      await database.warnWhenRoleIgnoresRowSecurity();
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  /**
   * One transaction that sees and writes only the actor's organization, and of it only the actor's reach. Filters by
   * organization are still written, this is the second lock; the reach is enforced here alone. Do not open another
   * transaction inside: it takes a second connection, and enough of those wait for each other.
   * @throws errors.forbidden when the work writes beyond a limited reach
   */
  async tenant<T>(actor: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
    try {
      return await this.run(this.tenantPool, beginAs(actor), work);
    } catch (error) {
      if (actor.reach !== 'everywhere' && (error as { code?: string }).code === ROW_REFUSED) {
        throw errors.forbidden({
          message: 'Your permission is limited to some workspaces or profiles, and this is outside of them.',
          cause: error,
        });
      }
      throw error;
    }
  }

  /**
   * One transaction that sees and writes one organization, on behalf of nobody whose rights could limit it: before it is
   * known who asks, or for work of the system. With an actor at hand use `tenant`.
   */
  async organization<T>(organizationId: OrganizationId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.run(this.tenantPool, beginAs({ organizationId, reach: 'everywhere' }), work);
  }

  /** One transaction without tenant scope: for engine and worker, and the api before it knows who asks. */
  system<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.run(this.systemPool, 'begin', work);
  }

  /** One statement on the system pool, in its own transaction. */
  async query<R>(text: string, values?: unknown[], options?: QueryOptions): Promise<R[]> {
    const result = await this.systemPool.query({ text, values: withByteArrays(values), name: options?.name });
    return result.rows as R[];
  }

  /** A wake-up outside transactions; several for one id within about 12 ms become one. May be lost. */
  wake(channel: WakeChannel, id: string): void {
    this.sender.wake(channel, id);
  }

  /**
   * Calls `handler` with the id of each wake-up, and with null ("look at everything") whenever listening began or began
   * again after a loss, since wake-ups may have been missed until then.
   * @returns a function that ends it.
   */
  listen(channel: WakeChannel, handler: (id: string | null) => void): () => void {
    return this.listener.listen(channel, handler);
  }

  /** How busy the connections are, by pool. */
  get load(): Record<PoolScope, PoolLoad> {
    return { system: this.systemPool.load, tenant: this.tenantPool.load };
  }

  /** Sends pending wake-ups, waits for running statements and closes all connections. */
  async close(): Promise<void> {
    await this.sender.flush();
    await Promise.all([this.listener.close(), this.systemPool.end(), this.tenantPool.end()]);
  }

  private run<T>(pool: TimedPool, begin: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    return runTransaction(
      { pool, begin, wake: (channel, id) => this.wake(channel, id), warn: (line) => this.log.warn(line) },
      work,
    );
  }

  private async warnWhenRoleIgnoresRowSecurity(): Promise<void> {
    const [role] = await this.query<{ name: string; ignores: boolean }>(
      'select rolname as name, rolsuper or rolbypassrls as ignores from pg_roles where rolname = current_user',
    );
    if (role?.ignores) {
      this.log.warn(
        `The database role "${role.name}" ignores row-level security (superuser or BYPASSRLS), so the second lock between organizations is open. Use an ordinary role that owns the database.`,
      );
    }
  }
}
