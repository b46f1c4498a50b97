import type { ApiKeyId, SessionId, UserId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** How many active members there are besides a user, and how many of them own the whole organization. */
export async function countMembersBeside(
  tx: Reads,
  organizationId: string,
  userId: string,
): Promise<{ members: number; owners: number }> {
  const [row] = await tx.query<{ members: number; owners: number }>(
    `select count(*) as members,
            count(*) filter (where exists (
              select 1 from role_assignments a
               where a.user_id = u.id and a.system_role = 'owner' and a.workspace_id is null and a.profile_id is null
            )) as owners
       from users u where u.organization_id = $1 and u.id <> $2 and u.is_active`,
    [organizationId, userId],
  );
  return row!;
}

/** Keeps members and their roles as they are until the end of the transaction. */
export async function lockMembers(tx: Tx, organizationId: string): Promise<void> {
  await tx.query('select 1 from organizations where id = $1 for update', [organizationId]);
  await tx.query('select 1 from users where organization_id = $1 order by id for update', [organizationId]);
}

export async function listMemberIds(tx: Reads, organizationId: string): Promise<UserId[]> {
  const rows = await tx.query<{ id: UserId }>('select id from users where organization_id = $1 order by id', [
    organizationId,
  ]);
  return rows.map((row) => row.id);
}

/** What ended with accounts that nobody can use any more. */
export interface EndedAccess {
  sessions: { sessionId: SessionId; userId: UserId }[];
  keys: { apiKeyId: ApiKeyId; name: string; prefix: string }[];
}

/** Deactivates the users and ends their sessions and API keys. */
export async function deactivateUsers(
  tx: Tx,
  organizationId: string,
  userIds: readonly string[],
): Promise<EndedAccess> {
  const whose = [organizationId, userIds];
  await tx.query('update users set is_active = false where organization_id = $1 and id = any($2::uuid[])', whose);
  const sessions = await tx.query<EndedAccess['sessions'][number]>(
    `update sessions set ended_at = now(), end_reason = 'revoked'
      where organization_id = $1 and user_id = any($2::uuid[]) and ended_at is null
     returning id as "sessionId", user_id as "userId"`,
    whose,
  );
  const keys = await tx.query<EndedAccess['keys'][number]>(
    `update api_keys set revoked_at = now()
      where organization_id = $1 and user_id = any($2::uuid[]) and revoked_at is null
     returning id as "apiKeyId", name, prefix`,
    whose,
  );
  return { sessions, keys };
}

/** What names a member. */
export interface UserTraces {
  userId: string;
  email: string;
  name: string;
}

export async function findUserTraces(db: Reads, organizationId: string, userId: string): Promise<UserTraces | null> {
  const [row] = await db.query<UserTraces>(
    'select id as "userId", email, name from users where organization_id = $1 and id = $2',
    [organizationId, userId],
  );
  return row ?? null;
}

/** Ends the exports of a person. @returns the files of them */
export async function expireExportsOf(tx: Tx, organizationId: string, userId: string): Promise<string[]> {
  const rows = await tx.query<{ key: string | null }>(
    'delete from data_exports where organization_id = $1 and user_id = $2 returning storage_key as key',
    [organizationId, userId],
  );
  return rows.flatMap((row) => row.key ?? []);
}

/** Removes an account with what hangs on it (sessions, keys, factors, roles by cascade) and what names its address. */
export async function eraseUser(tx: Tx, organizationId: string, user: UserTraces): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const remove = async (table: string, where: string, values: unknown[]) => {
    const rows = await tx.query(`delete from ${table} where ${where} returning 1`, values);
    if (rows.length > 0) counts[table] = rows.length;
  };
  await remove('mails', 'recipient = $1', [user.email]);
  await remove('mail_requests', 'email = $1', [user.email]);
  await remove('pending_registrations', 'email = $1', [user.email]);
  await remove('invitations', 'organization_id = $1 and (email = $2 or user_id = $3)', [
    organizationId,
    user.email,
    user.userId,
  ]);
  await remove('passkey_challenges', 'user_id = $1', [user.userId]);
  await remove('oidc_logins', '$1 in (user_id, link_user_id)', [user.userId]);
  await remove(
    'idempotency_keys',
    `organization_id = $1 and (strpos(scope, $2) > 0
        or exists (select 1 from api_keys k where k.user_id = $2::uuid and strpos(scope, k.id::text) > 0))`,
    [organizationId, user.userId],
  );
  for (const table of ['sessions', 'api_keys', 'role_assignments']) {
    await remove(table, 'organization_id = $1 and user_id = $2', [organizationId, user.userId]);
  }
  await remove('users', 'organization_id = $1 and id = $2', [organizationId, user.userId]);
  return counts;
}

export async function listOrganizationProfiles(
  db: Reads,
  organizationId: string,
): Promise<{ id: string; isLinked: boolean }[]> {
  return db.query(
    `select p.id, exists (select 1 from engine_credentials c where c.profile_id = p.id) as "isLinked"
       from profiles p where p.organization_id = $1 order by p.id`,
    [organizationId],
  );
}

/**
 * Removes a profile in steps: up to `limit` rows of each table at a time, the profile itself with the last. The caller
 * holds the lease against any owner.
 */
export async function deleteProfileSlowly(
  tx: Tx,
  profileId: string,
  limit: number,
): Promise<{ isGone: boolean; removed: Record<string, number> }> {
  const removed: Record<string, number> = {};
  let isGone = true;
  const step = async (table: string, sql: string) => {
    const rows = await tx.query(`${sql} returning 1`, [profileId, limit]);
    if (rows.length > 0) removed[table] = rows.length;
    if (rows.length >= limit) isGone = false;
  };
  const hooks = 'select id from webhooks where profile_id = $1';
  for (const table of ['webhook_queue', 'webhook_lanes', 'webhook_redeliveries', 'webhook_hours']) {
    await step(
      table,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where webhook_id in (${hooks}) limit $2))`,
    );
  }
  await step(
    'webhook_attempts',
    `delete from webhook_attempts where (delivery_id, id) in (
       select a.delivery_id, a.id from webhook_deliveries d join webhook_attempts a on a.delivery_id = d.id
        where d.webhook_id in (${hooks}) limit $2)`,
  );
  if (!isGone) return { isGone, removed };
  await step(
    'webhook_deliveries',
    `delete from webhook_deliveries where id in (
       select id from webhook_deliveries where webhook_id in (${hooks}) limit $2)`,
  );
  for (const table of [
    'outbox',
    'media_downloads',
    'media_uploads',
    'message_keys',
    'sent_protos',
    'inbox_journal',
    'engine_keys',
    'waiting_actions',
    'contact_import_rows',
    'scheduled_messages',
  ]) {
    await step(
      table,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where profile_id = $1 limit $2))`,
    );
  }
  // What hangs on the very messages that go with the next statement.
  for (const table of ['message_answers', 'message_edits', 'message_receipts', 'status_audiences']) {
    await step(
      table,
      `delete from ${table} where message_id in (
         select id from messages where profile_id = $1 order by id limit $2)`,
    );
  }
  await step(
    'messages',
    'delete from messages where id in (select id from messages where profile_id = $1 order by id limit $2)',
  );
  if (isGone) {
    await tx.query('delete from profiles where id = $1', [profileId]);
    removed.profiles = 1;
  }
  return { isGone, removed };
}

/** Up to `limit` events of a stream. */
export async function eraseStream(tx: Tx, streamId: string, limit: number): Promise<number> {
  const rows = await tx.query(
    'delete from events where id in (select id from events where stream_id = $1 order by seq limit $2) returning 1',
    [streamId, limit],
  );
  return rows.length;
}

/** Removes up to `limit` rows of media. @returns their places in storage */
export async function takeMediaOf(tx: Tx, organizationId: string, limit: number): Promise<string[]> {
  const rows = await tx.query<{ key: string }>(
    `delete from media_objects where id in (select id from media_objects where organization_id = $1 limit $2)
     returning storage_key as key`,
    [organizationId, limit],
  );
  const exports = await tx.query<{ key: string | null }>(
    `delete from data_exports where id in (select id from data_exports where organization_id = $1 limit $2)
     returning storage_key as key`,
    [organizationId, limit],
  );
  const parts = await tx.query<{ key: string }>(
    `delete from upload_parts where ctid = any(array(select ctid from upload_parts where organization_id = $1 limit $2))
     returning storage_key as key`,
    [organizationId, limit],
  );
  const imports = await tx.query<{ key: string | null }>(
    `delete from contact_imports where id in (select id from contact_imports where organization_id = $1 limit $2)
     returning storage_key as key`,
    [organizationId, limit],
  );
  return [...rows, ...exports, ...parts, ...imports].flatMap((row) => row.key ?? []);
}

/** What proves that an organization was erased outlives it. */
const outliving = ['erasures'];

/** Tables with rows of tenants, partitions instead of what is partitioned. */
async function tenantTables(db: Reads): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
      where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> all($1::text[])
      order by 1`,
    [outliving],
  );
  return rows.map((row) => row.name);
}

/** Whether anything of an organization is left. */
export async function hasTenantRows(db: Database, organizationId: string): Promise<boolean> {
  const parts = (await tenantTables(db)).map((table) => `exists (select 1 from ${table} where organization_id = $1)`);
  const [row] = await db.query<{ any: boolean }>(
    `select ${parts.join(' or ')} or exists (select 1 from organizations where id = $1) as any`,
    [organizationId],
  );
  return row!.any;
}

/** Up to `limit` rows of each table; those that others still point at stay for the next round. */
export async function eraseOrganizationRows(
  db: Database,
  organizationId: string,
  limit: number,
): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  const step = async (table: string, sql: string, values: unknown[]) => {
    try {
      const count = await db.system(async (tx) => {
        await tx.query("set local waypost.audit_removal = 'on'");
        return (await tx.query(`${sql} returning 1`, values)).length;
      });
      if (count > 0) removed[table] = count;
    } catch (error) {
      // Something still points at these rows: it goes first.
      if (!['23503', '23001'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  };
  for (const table of await tenantTables(db)) {
    await step(
      table,
      `delete from ${table} where ctid = any(array(select ctid from ${table} where organization_id = $1 limit $2))`,
      [organizationId, limit],
    );
  }
  await step('organizations', 'delete from organizations where id = $1', [organizationId]);
  return removed;
}
