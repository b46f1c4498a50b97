import type { AccountId, ConnectionCode, ConnectionState, OrganizationId, ProfileId, WorkspaceId } from '#contracts';
import type { Tx } from '../transaction.js';
import { leaveBroadcasts } from './broadcast-senders.js';

/** What people want of a profile's connection. */
export type DesiredState = 'connected' | 'disconnected' | 'logged_out';

/** A profile with its measured connection. */
export interface ProfileRow {
  id: ProfileId;
  organizationId: OrganizationId;
  workspaceId: WorkspaceId;
  accountId: AccountId;
  name: string;
  desiredState: DesiredState;
  /** Of the number that was linked last; kept after a logout. */
  phoneNumber: string | null;
  lid: string | null;
  pushName: string | null;
  lastConnectedAt: Date | null;
  settings: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
  state: ConnectionState;
  code: ConnectionCode;
  /** When the state began. */
  since: Date;
  qrSealed: Buffer | null;
  qrExpiresAt: Date | null;
  /** Not before this moment does WhatsApp want a connection of it; null when no pause was asked for. */
  retryAt: Date | null;
  /** How often in a row such a pause was asked for. */
  throttled: number;
  /** Whether a living engine holds it. */
  isHeld: boolean;
}

/** Where a profile is, for who may do what with it; null when there is none. */
export async function findProfilePlace(
  tx: Pick<Tx, 'query'>,
  organizationId: OrganizationId,
  profileId: ProfileId,
): Promise<{ profileId: ProfileId; workspaceId: WorkspaceId } | null> {
  const [row] = await tx.query<{ profileId: ProfileId; workspaceId: WorkspaceId }>(
    'select id as "profileId", workspace_id as "workspaceId" from profiles where organization_id = $1 and id = $2',
    [organizationId, profileId],
  );
  return row ?? null;
}

const columns = `p.id, p.organization_id as "organizationId", p.workspace_id as "workspaceId",
  p.account_id as "accountId", p.name, p.desired_state as "desiredState", p.phone_number as "phoneNumber", p.lid,
  p.push_name as "pushName", p.last_connected_at as "lastConnectedAt", p.settings, p.created_at as "createdAt",
  p.updated_at as "updatedAt", c.state, c.code, c.since, c.qr_sealed as "qrSealed", c.qr_expires_at as "qrExpiresAt",
  c.retry_at as "retryAt", c.throttled,
  l.host_id is not null and l.expires_at >= now() as "isHeld"`;
const source = `profiles p join profile_connections c on c.profile_id = p.id
  join profile_leases l on l.profile_id = p.id`;

/** A new profile with its (free) lease and its connection state, which no engine has touched yet. */
export async function insertProfile(
  tx: Tx,
  made: Pick<ProfileRow, 'id' | 'organizationId' | 'workspaceId' | 'accountId' | 'name' | 'settings'>,
): Promise<void> {
  await tx.query(
    `insert into profiles (id, organization_id, workspace_id, account_id, name, settings, updated_at)
     values ($1, $2, $3, $4, $5, $6::jsonb, now())`,
    [made.id, made.organizationId, made.workspaceId, made.accountId, made.name, JSON.stringify(made.settings)],
  );
  // On its own, because the policies of these look for the profile, which one statement would not see yet.
  await tx.query(
    `with connection as (
       insert into profile_connections (profile_id, organization_id, state, code)
       values ($1, $2, 'disconnected', 'never_connected')
     )
     insert into profile_leases (profile_id, organization_id, expires_at) values ($1, $2, now())`,
    [made.id, made.organizationId],
  );
}

/** The ids of all profiles that the transaction sees, or of those among the given. */
export async function listProfileIds(tx: Tx, organizationId: string, among?: string[]): Promise<ProfileId[]> {
  const rows = await tx.query<{ id: ProfileId }>(
    'select id from profiles where organization_id = $1 and ($2::uuid[] is null or id = any($2)) order by id',
    [organizationId, among ?? null],
    { name: 'profiles_ids' },
  );
  return rows.map(({ id }) => id);
}

/** Oldest first; `limit` rows after `after`, of one workspace or account when given. */
export async function listProfiles(
  tx: Tx,
  scope: {
    organizationId: OrganizationId;
    workspaceId?: WorkspaceId;
    accountId?: AccountId;
    after?: string;
    limit: number;
  },
): Promise<ProfileRow[]> {
  return tx.query<ProfileRow>(
    `select ${columns} from ${source}
      where p.organization_id = $1 and ($2::uuid is null or p.workspace_id = $2)
        and ($3::uuid is null or p.account_id = $3) and ($4::uuid is null or p.id > $4)
      order by p.id limit $5`,
    [scope.organizationId, scope.workspaceId ?? null, scope.accountId ?? null, scope.after ?? null, scope.limit],
  );
}

/** Null when the organization (and the account, when given) has no such profile. `lock` keeps others from changing it. */
export async function findProfile(
  tx: Tx,
  scope: { organizationId: OrganizationId; accountId?: AccountId },
  id: ProfileId,
  lock?: 'lock',
): Promise<ProfileRow | null> {
  const [row] = await tx.query<ProfileRow>(
    `select ${columns} from ${source}
      where p.organization_id = $1 and p.id = $2 and ($3::uuid is null or p.account_id = $3)
      ${lock ? 'for no key update of p' : ''}`,
    [scope.organizationId, id, scope.accountId ?? null],
  );
  return row ?? null;
}

/** Fields that are undefined stay as they are. */
export async function updateProfile(
  tx: Tx,
  organizationId: OrganizationId,
  id: ProfileId,
  changes: { name?: string; accountId?: AccountId; workspaceId?: WorkspaceId; settings?: Record<string, unknown> },
): Promise<void> {
  await tx.query(
    `update profiles
        set name = coalesce($3, name), account_id = coalesce($4, account_id),
            workspace_id = coalesce($5, workspace_id), settings = coalesce($6::jsonb, settings), updated_at = now()
      where organization_id = $1 and id = $2`,
    [
      organizationId,
      id,
      changes.name ?? null,
      changes.accountId ?? null,
      changes.workspaceId ?? null,
      changes.settings === undefined ? null : JSON.stringify(changes.settings),
    ],
  );
}

/** What is wanted from now on. @returns false when it was wanted already. */
export async function setDesiredState(
  tx: Tx,
  profileId: string,
  wanted: DesiredState,
  onlyFrom?: DesiredState,
): Promise<boolean> {
  const rows = await tx.query(
    `update profiles set desired_state = $2, updated_at = now()
      where id = $1 and desired_state <> $2 and ($3::text is null or desired_state = $3) returning 1`,
    [profileId, wanted, onlyFrom ?? null],
  );
  return rows.length > 0;
}

/** Who the linked device is. Unknown parts keep what was known. */
export async function setLinkedNumber(
  tx: Tx,
  profileId: string,
  self: { phoneNumber: string | null; lid: string | null; pushName: string | null },
): Promise<void> {
  await tx.query(
    `update profiles
        set phone_number = coalesce($2, phone_number), lid = coalesce($3, lid), push_name = coalesce($4, push_name),
            updated_at = now()
      where id = $1`,
    [profileId, self.phoneNumber, self.lid, self.pushName],
  );
}

/** The last moment at which it was connected. */
export async function touchConnected(tx: Tx, profileId: string): Promise<void> {
  await tx.query('update profiles set last_connected_at = now() where id = $1', [profileId]);
}

/** Whether there are credentials of a linked device. */
export async function hasCredentials(tx: Pick<Tx, 'query'>, profileId: string): Promise<boolean> {
  const rows = await tx.query('select 1 from engine_credentials where profile_id = $1', [profileId]);
  return rows.length > 0;
}

/** Whether another profile of the organization has the credentials of this number. */
export async function findLinkedElsewhere(
  tx: Tx,
  organizationId: OrganizationId,
  profileId: ProfileId,
  phoneNumber: string,
): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from profiles p join engine_credentials c on c.profile_id = p.id
      where p.organization_id = $1 and p.phone_number = $3 and p.id <> $2 limit 1`,
    [organizationId, profileId, phoneNumber],
  );
  return rows.length > 0;
}

/**
 * Removes the link of a profile: credentials and Signal keys. Messages that were decrypted but not yet recorded stay in
 * the journal. The caller holds the lease row against any owner.
 */
export async function removeLink(tx: Tx, profileId: string): Promise<void> {
  await tx.query('delete from engine_credentials where profile_id = $1', [profileId]);
  await tx.query('delete from engine_keys where profile_id = $1', [profileId]);
  await tx.query('delete from inbox_journal where profile_id = $1 and recorded_at is not null', [profileId]);
}

/**
 * Deletes a profile and everything that belongs to it alone. Persons stay (other profiles know them), as does the event
 * log, which retention removes. Media files that no message names any more are left to the sweeper of storage.
 */
export async function deleteProfile(tx: Tx, profileId: string): Promise<void> {
  await leaveBroadcasts(tx, profileId);
  for (const table of [
    'webhook_queue q using webhooks w where w.id = q.webhook_id and w.profile_id = $1',
    'webhook_lanes l using webhooks w where w.id = l.webhook_id and w.profile_id = $1',
    'webhook_redeliveries r using webhooks w where w.id = r.webhook_id and w.profile_id = $1',
    'webhook_hours h using webhooks w where w.id = h.webhook_id and w.profile_id = $1',
    'outbox where profile_id = $1',
    'media_downloads where profile_id = $1',
    'media_uploads where profile_id = $1',
    'messages where profile_id = $1',
    'message_keys where profile_id = $1',
    'sent_protos where profile_id = $1',
    'inbox_journal where profile_id = $1',
    'engine_keys where profile_id = $1',
    "organization_settings where name = 'media:' || $1::text",
    'profiles where id = $1',
  ]) {
    await tx.query(`delete from ${table}`, [profileId]);
  }
}
