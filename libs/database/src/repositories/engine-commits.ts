import { LeaseLost } from '#engine';
import type { Database } from '../database.js';
import { Gatherer } from '../gatherer.js';
import { isTransient } from '../transient.js';
import type { Lease } from './leases.js';

/** What one profile's engine writes in one go, sealed. */
export interface EngineCommit {
  lease: Lease;
  credentials: Buffer | null;
  stored: [type: string, id: string, sealed: Buffer][];
  removed: [type: string, id: string][];
  journal: [id: string, waMessageId: string, sealed: Buffer][];
}

/** A key that is read. */
export interface EngineKeyName {
  profileId: string;
  type: string;
  id: string;
}

/** Most profiles in one statement. */
const PROFILES_AT_ONCE = 64;
/** Most keys in one look-up, when several are joined. */
const READS_AT_ONCE = 64;
/**
 * Look-ups under way at once. A profile always takes the same one. Of writes there is one: two would each wait for the disk
 * with half of what the other could have taken along.
 */
const READ_LANES = 2;

/**
 * The way of all engine stores of a process to the database. What several profiles write at the same moment is one
 * statement, one round trip and one flush of the write-ahead log; so is what they read.
 */
export class EngineCommits {
  private static readonly ofDatabase = new WeakMap<Database, EngineCommits>();
  private readonly writes = new Gatherer<EngineCommit, { isHeld: Promise<boolean> }>({
    run: (commits) => this.writeTogether(commits),
    atOnce: PROFILES_AT_ONCE,
    // One that cannot be written, because its profile was deleted, must not fail the others.
    mayRepeat: (failure) => !isTransient(failure),
  });
  private readonly reads = new Gatherer<EngineKeyName[], Map<string, Buffer>>({
    run: (asked) => this.readTogether(asked),
    atOnce: READS_AT_ONCE,
    mayRepeat: () => false,
  });

  /** By profile, those that wait by themselves because somebody has locked its lease. */
  private readonly late = new Map<string, Promise<boolean>>();

  private constructor(private readonly db: Database) {}

  static of(db: Database): EngineCommits {
    const commits = EngineCommits.ofDatabase.get(db) ?? new EngineCommits(db);
    EngineCommits.ofDatabase.set(db, commits);
    return commits;
  }

  /** Everything or nothing. Resolves after the commit. @throws LeaseLost; then nothing was written */
  async write(commit: EngineCommit): Promise<void> {
    const { isHeld } = await this.writes.add('', commit);
    if (!(await isHeld)) throw new LeaseLost(commit.lease.profileId);
  }

  /** Sealed values by id; those that are not there are left out. */
  read(profileId: string, type: string, ids: string[]): Promise<Map<string, Buffer>> {
    return this.reads.add(
      laneOf(profileId),
      ids.map((id) => ({ profileId, type, id })),
    );
  }

  /**
   * A lease that somebody has locked (its profile is being deleted, say) must not hold up the other profiles, so it is
   * passed over and then waited for by itself.
   */
  private async writeTogether(commits: EngineCommit[]): Promise<{ isHeld: Promise<boolean> }[]> {
    const held = new Map<EngineCommit, Promise<boolean>>();
    for (const round of inRounds(commits)) {
      const ready = round.filter(({ lease }) => !this.late.has(lease.profileId));
      const written = ready.length > 0 ? await this.statement(ready, 'skip') : new Set();
      for (const commit of round) {
        held.set(commit, written.has(commit.lease.profileId) ? Promise.resolve(true) : this.writeLate(commit));
      }
    }
    return commits.map((commit) => ({ isHeld: held.get(commit)! }));
  }

  /** After what of the same profile is late already. */
  private writeLate(commit: EngineCommit): Promise<boolean> {
    const { profileId } = commit.lease;
    const before = this.late.get(profileId)?.catch(() => undefined) ?? Promise.resolve();
    const isHeld = before.then(async () => (await this.statement([commit], 'wait')).size === 1);
    this.late.set(profileId, isHeld);
    const over = () => {
      if (this.late.get(profileId) === isHeld) this.late.delete(profileId);
    };
    isHeld.then(over, over);
    return isHeld;
  }

  private async statement(commits: EngineCommit[], locked: 'wait' | 'skip'): Promise<Set<string>> {
    const values: unknown[] = [];
    const column = (cells: unknown[]) => `$${values.push(cells)}`;
    const rows = <T extends unknown[]>(of: (commit: EngineCommit) => T[]) =>
      commits.flatMap((commit) => of(commit).map((row) => [commit.lease.profileId, ...row] as const));
    const leases = commits.map(({ lease }) => lease);
    const asked = [
      `${column(leases.map((lease) => lease.profileId))}::uuid[]`,
      `${column(leases.map((lease) => lease.hostId))}::uuid[]`,
      `${column(leases.map((lease) => lease.epoch))}::int8[]`,
      `${column(leases.map((lease) => lease.organizationId))}::uuid[]`,
    ];
    const names: string[] = [];
    const changes: string[] = [];
    for (const { name, types, of, sql } of parts) {
      const found = rows(of);
      if (found.length === 0) continue;
      const columns = ['uuid', ...types].map((type, index) => `${column(found.map((row) => row[index]))}::${type}[]`);
      names.push(name);
      changes.push(`, ${name} as (${sql(`unnest(${columns.join(', ')})`)})`);
    }
    const held = await this.db.query<{ profileId: string }>(
      `with asked as (
         select * from unnest(${asked.join(', ')}) as asked (profile_id, host_id, epoch, organization_id)
       ), held as (
         select l.profile_id, asked.organization_id
           from asked join profile_leases l
             on l.profile_id = asked.profile_id and l.host_id = asked.host_id and l.epoch = asked.epoch
            for key share of l ${locked === 'skip' ? 'skip locked' : ''}
       ) ${changes.join('')}
       select profile_id as "profileId" from held`,
      values,
      { name: `engine_commit ${locked} ${names.join(' ')}` },
    );
    return new Set(held.map((row) => row.profileId));
  }

  private async readTogether(asked: EngineKeyName[][]): Promise<Map<string, Buffer>[]> {
    const names = asked.flatMap((keys, index) => keys.map((key) => ({ ...key, index })));
    const rows = await this.db.query<{ index: number; id: string; sealed: Buffer }>(
      `select asked.index, k.key_id as id, k.sealed
         from unnest($1::uuid[], $2::text[], $3::text[], $4::int[]) as asked (profile_id, type, key_id, index)
         join engine_keys k using (profile_id, type, key_id)`,
      [
        names.map((name) => name.profileId),
        names.map((name) => name.type),
        names.map((name) => name.id),
        names.map((name) => name.index),
      ],
      { name: 'engine_keys_read' },
    );
    const found = asked.map(() => new Map<string, Buffer>());
    for (const { index, id, sealed } of rows) found[index]!.set(id, sealed);
    return found;
  }
}

/** Each profile once in a round, its commits in their order: a statement must not meet a row twice, nor a former lease. */
function inRounds(commits: EngineCommit[]): EngineCommit[][] {
  const rounds: EngineCommit[][] = [];
  const seen = new Map<string, number>();
  for (const commit of commits) {
    const turn = seen.get(commit.lease.profileId) ?? 0;
    seen.set(commit.lease.profileId, turn + 1);
    rounds[turn] ??= [];
    rounds[turn].push(commit);
  }
  return rounds;
}

const laneOf = (profileId: string) => String(Number.parseInt(profileId.slice(-2), 16) % READ_LANES);

/** One kind of change: a data-modifying CTE over its rows, of which those of profiles that are held count. */
interface Part {
  name: string;
  /** Of the columns after the profile's id. */
  types: string[];
  of(commit: EngineCommit): unknown[][];
  sql(rows: string): string;
}

const parts: Part[] = [
  {
    name: 'credentials',
    types: ['bytea'],
    of: ({ credentials }) => (credentials ? [[credentials]] : []),
    sql: (rows) => `
      insert into engine_credentials (profile_id, organization_id, sealed, updated_at)
      select held.profile_id, held.organization_id, new.sealed, now()
        from ${rows} as new (profile_id, sealed) join held using (profile_id)
      on conflict (profile_id) do update set sealed = excluded.sealed, updated_at = excluded.updated_at`,
  },
  {
    name: 'removed',
    types: ['text', 'text'],
    of: ({ removed }) => removed,
    sql: (rows) => `
      delete from engine_keys k using ${rows} as gone (profile_id, type, key_id), held
       where held.profile_id = gone.profile_id and k.profile_id = gone.profile_id
         and k.type = gone.type and k.key_id = gone.key_id`,
  },
  {
    name: 'stored',
    types: ['text', 'text', 'bytea'],
    of: ({ stored }) => stored,
    sql: (rows) => `
      insert into engine_keys (profile_id, organization_id, type, key_id, sealed)
      select held.profile_id, held.organization_id, new.type, new.key_id, new.sealed
        from ${rows} as new (profile_id, type, key_id, sealed) join held using (profile_id)
      on conflict (profile_id, type, key_id) do update set sealed = excluded.sealed`,
  },
  {
    name: 'journalled',
    types: ['text', 'text', 'bytea'],
    of: ({ journal }) => journal,
    // Replayed in the order of created_at. Those of one statement have it from their places, a microsecond each; they take
    // longer than that to write, so the next statement is later.
    sql: (rows) => `
      insert into inbox_journal (profile_id, journal_id, organization_id, wa_message_id, sealed, created_at)
      select held.profile_id, new.journal_id, held.organization_id, new.wa_message_id, new.sealed,
             now() + new.position * interval '1 microsecond'
        from ${rows} with ordinality as new (profile_id, journal_id, wa_message_id, sealed, position)
        join held using (profile_id)
      on conflict (profile_id, journal_id) do nothing`,
  },
];
