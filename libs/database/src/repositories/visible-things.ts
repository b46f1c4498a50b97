import type { Tx } from '../transaction.js';

/**
 * Those of the ids under which the transaction sees something, of whatever kind: looked up in every table that a reach
 * limits. For the rare question why something was not found.
 */
export async function findVisible(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const tables = await tx.query<{ name: string }>(limitedTables);
  const lookups = tables.map(({ name }) => `select id from ${name} where id = any($1::uuid[])`);
  if (lookups.length === 0 || ids.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(lookups.join(' union all '), [ids]);
  return new Set(rows.map(({ id }) => id));
}

/** Tables with the policy of `waypost_limit` (migrations) and an id of their own. */
const limitedTables = `
  select p.polrelid::regclass::text as name
    from pg_policy p
    join pg_class t on t.oid = p.polrelid and not t.relispartition
    join pg_attribute a on a.attrelid = t.oid and a.attname = 'id' and a.atttypid = 'uuid'::regtype
   where p.polname = 'reach'`;
