import type { HookId, OrganizationId, ProfileId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Reads = Pick<Tx, 'query'>;

/** An address that other systems post to. What is in the JSON columns is the domain's. */
export interface HookRow {
  id: HookId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  name: string;
  verification: unknown;
  secretSealed: Buffer | null;
  actions: unknown;
  delivery: unknown;
  allowedIps: string[];
  ratePerMinute: number;
  defaultCountry: string | null;
  enabled: boolean;
  formerTokenUntil: Date | null;
  createdBy: UserId;
  createdAt: Date;
  updatedAt: Date;
}

const columns = `id, organization_id as "organizationId", profile_id as "profileId", name, verification,
  secret_sealed as "secretSealed", actions, delivery, allowed_ips as "allowedIps", rate_per_minute as "ratePerMinute",
  default_country as "defaultCountry", enabled, former_token_until as "formerTokenUntil", created_by as "createdBy",
  created_at as "createdAt", updated_at as "updatedAt"`;

/** What its owners decide. */
export type HookSettings = Pick<
  HookRow,
  | 'name'
  | 'verification'
  | 'secretSealed'
  | 'actions'
  | 'delivery'
  | 'allowedIps'
  | 'ratePerMinute'
  | 'defaultCountry'
  | 'enabled'
>;

const settingsOf = (made: HookSettings) => [
  made.name,
  JSON.stringify(made.verification),
  made.secretSealed,
  JSON.stringify(made.actions),
  made.delivery === null ? null : JSON.stringify(made.delivery),
  made.allowedIps,
  made.ratePerMinute,
  made.defaultCountry,
  made.enabled,
];

export async function insertHook(
  tx: Tx,
  made: HookSettings & Pick<HookRow, 'id' | 'organizationId' | 'profileId' | 'createdBy'> & { tokenHash: Buffer },
): Promise<HookRow> {
  const [row] = await tx.query<HookRow>(
    `insert into hooks (id, organization_id, profile_id, created_by, token_hash, name, verification, secret_sealed,
                        actions, delivery, allowed_ips, rate_per_minute, default_country, enabled)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9::jsonb, $10::jsonb, $11, $12, $13, $14) returning ${columns}`,
    [made.id, made.organizationId, made.profileId, made.createdBy, made.tokenHash, ...settingsOf(made)],
  );
  return row!;
}

/** Replaces what its owners decide. Lock the row before. */
export async function updateHook(tx: Tx, id: HookId, settings: HookSettings): Promise<HookRow> {
  const [row] = await tx.query<HookRow>(
    `update hooks set name = $2, verification = $3::jsonb, secret_sealed = $4, actions = $5::jsonb,
            delivery = $6::jsonb, allowed_ips = $7, rate_per_minute = $8, default_country = $9, enabled = $10,
            updated_at = clock_timestamp()
      where id = $1 returning ${columns}`,
    [id, ...settingsOf(settings)],
  );
  return row!;
}

/** Gives it another address; the present one works until the given moment. */
export async function rotateHookToken(tx: Tx, id: HookId, tokenHash: Buffer, formerUntil: Date): Promise<HookRow> {
  const [row] = await tx.query<HookRow>(
    `update hooks set former_token_hash = token_hash, former_token_until = $3, token_hash = $2,
            updated_at = clock_timestamp()
      where id = $1 returning ${columns}`,
    [id, tokenHash, formerUntil],
  );
  return row!;
}

export async function deleteHook(tx: Tx, id: HookId): Promise<void> {
  await tx.query('delete from hooks where id = $1', [id]);
}

export async function findHook(
  tx: Reads,
  organizationId: OrganizationId,
  id: HookId,
  lock?: 'lock',
): Promise<HookRow | null> {
  const [row] = await tx.query<HookRow>(
    `select ${columns} from hooks where organization_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Oldest first; `limit` hooks after `after`, of one profile when it is given. */
export function listHooks(
  tx: Reads,
  scope: { organizationId: OrganizationId; profileId?: ProfileId; after?: HookId; limit: number },
): Promise<HookRow[]> {
  return tx.query<HookRow>(
    `select ${columns} from hooks
      where organization_id = $1 and ($2::uuid is null or profile_id = $2) and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [scope.organizationId, scope.profileId ?? null, scope.after ?? null, scope.limit],
  );
}

export async function countHooks(tx: Reads, profileId: ProfileId): Promise<number> {
  const [row] = await tx.query<{ count: number }>('select count(*) as count from hooks where profile_id = $1', [
    profileId,
  ]);
  return row!.count;
}

/** By its address, before it is known whose it is. A hook that is switched off is not there. */
export async function findHookByToken(db: Reads, tokenHash: Buffer): Promise<HookRow | null> {
  const [row] = await db.query<HookRow>(
    `select ${columns} from hooks
      where enabled and (token_hash = $1 or (former_token_hash = $1 and former_token_until > now()))`,
    [tokenHash],
    { name: 'hook_by_token' },
  );
  return row ?? null;
}

/** For the worker: by their ids, whosever they are. */
export function findHooksById(db: Reads, ids: readonly string[]): Promise<HookRow[]> {
  return db.query<HookRow>(`select ${columns} from hooks where id = any($1::uuid[])`, [ids]);
}
