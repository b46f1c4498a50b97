import type {
  OrganizationId,
  ProfileId,
  TemplateCategory,
  TemplateContent,
  TemplateId,
  TemplateType,
} from '#contracts';
import type { Tx } from '../transaction.js';

export interface TemplateRow {
  id: TemplateId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  name: string;
  category: TemplateCategory | null;
  messageType: TemplateType;
  content: TemplateContent;
  variables: string[];
  version: number;
  usageCount: number;
  lastUsedAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface TemplateVersionRow {
  version: number;
  messageType: TemplateType;
  content: TemplateContent;
  createdAt: Date;
}

export type TemplateWords = Pick<TemplateRow, 'name' | 'category' | 'messageType' | 'content' | 'variables'>;

const columns = `id, organization_id as "organizationId", profile_id as "profileId", name, category,
  message_type as "messageType", content, variables, version, usage_count as "usageCount",
  last_used_at as "lastUsedAt", created_at as "createdAt", updated_at as "updatedAt"`;

/** Null when the profile has one of this name. */
export async function insertTemplate(
  tx: Tx,
  made: TemplateWords & Pick<TemplateRow, 'id' | 'organizationId' | 'profileId'>,
): Promise<TemplateRow | null> {
  const [row] = await tx.query<TemplateRow>(
    `insert into templates (id, organization_id, profile_id, name, category, message_type, content, variables)
     values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8) on conflict (profile_id, name) do nothing returning ${columns}`,
    [
      made.id,
      made.organizationId,
      made.profileId,
      made.name,
      made.category,
      made.messageType,
      JSON.stringify(made.content),
      made.variables,
    ],
  );
  return row ?? null;
}

/** Keeps what it says now as a version of it. */
export async function keepTemplateVersion(tx: Tx, row: TemplateRow): Promise<void> {
  await tx.query(
    `insert into template_versions (template_id, version, organization_id, profile_id, message_type, content)
     values ($1, $2, $3, $4, $5, $6::jsonb)`,
    [row.id, row.version, row.organizationId, row.profileId, row.messageType, JSON.stringify(row.content)],
  );
}

export async function findTemplate(
  tx: Tx,
  organizationId: OrganizationId,
  id: TemplateId,
  lock?: 'lock',
): Promise<TemplateRow | null> {
  const [row] = await tx.query<TemplateRow>(
    `select ${columns} from templates where organization_id = $1 and id = $2 ${lock ? 'for update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Those of these ids that the organization has. */
export function findTemplates(tx: Tx, organizationId: OrganizationId, ids: TemplateId[]): Promise<TemplateRow[]> {
  return tx.query<TemplateRow>(`select ${columns} from templates where organization_id = $1 and id = any($2::uuid[])`, [
    organizationId,
    ids,
  ]);
}

/** Whether the profile has another one of this name. */
export async function hasTemplateNamed(
  tx: Tx,
  profileId: ProfileId,
  name: string,
  except: TemplateId,
): Promise<boolean> {
  const rows = await tx.query('select 1 from templates where profile_id = $1 and name = $2 and id <> $3', [
    profileId,
    name,
    except,
  ]);
  return rows.length > 0;
}

export async function updateTemplate(
  tx: Tx,
  id: TemplateId,
  words: TemplateWords & { version: number },
): Promise<TemplateRow> {
  const [row] = await tx.query<TemplateRow>(
    `update templates
        set name = $2, category = $3, message_type = $4, content = $5::jsonb, variables = $6, version = $7,
            updated_at = now()
      where id = $1 returning ${columns}`,
    [id, words.name, words.category, words.messageType, JSON.stringify(words.content), words.variables, words.version],
  );
  return row!;
}

/** Oldest first; `limit` rows after `after`. `search` looks in names and texts. */
export function listTemplates(
  tx: Tx,
  scope: {
    organizationId: OrganizationId;
    profileId?: ProfileId;
    category?: TemplateCategory;
    search?: string;
    after?: TemplateId;
    limit: number;
  },
): Promise<TemplateRow[]> {
  return tx.query<TemplateRow>(
    `select ${columns} from templates
      where organization_id = $1 and ($2::uuid is null or profile_id = $2) and ($3::text is null or category = $3)
        and ($4::text is null or name ilike $4 or content ->> 'text' ilike $4 or content ->> 'caption' ilike $4)
        and ($5::uuid is null or id > $5)
      order by id limit $6`,
    [
      scope.organizationId,
      scope.profileId ?? null,
      scope.category ?? null,
      scope.search === undefined ? null : `%${scope.search.replace(/[\\%_]/g, '\\$&')}%`,
      scope.after ?? null,
      scope.limit,
    ],
  );
}

/** Newest first; `limit` versions older than `before`. */
export function listTemplateVersions(
  tx: Tx,
  id: TemplateId,
  page: { before?: number; limit: number },
): Promise<TemplateVersionRow[]> {
  return tx.query<TemplateVersionRow>(
    `select version, message_type as "messageType", content, created_at as "createdAt" from template_versions
      where template_id = $1 and ($2::int is null or version < $2) order by version desc limit $3`,
    [id, page.before ?? null, page.limit],
  );
}

export async function deleteTemplate(tx: Tx, id: TemplateId): Promise<void> {
  await tx.query('delete from templates where id = $1', [id]);
}

/** Counts messages that were made of it, in the transaction that queues them. */
export async function countTemplateUse(tx: Tx, id: TemplateId, times: number): Promise<void> {
  await tx.query('update templates set usage_count = usage_count + $2, last_used_at = now() where id = $1', [
    id,
    times,
  ]);
}

/** The same of several, each named once. */
export async function countTemplateUses(tx: Tx, uses: { id: TemplateId; times: number }[]): Promise<void> {
  if (uses.length === 0) return;
  await tx.query(
    `with locked as (select id from templates where id = any($1::uuid[]) order by id for update)
     update templates t set usage_count = t.usage_count + used.times, last_used_at = now()
       from unnest($1::uuid[], $2::int[]) as used (id, times), locked
      where t.id = used.id and locked.id = t.id`,
    [uses.map(({ id }) => id), uses.map(({ times }) => times)],
  );
}
