import { Injectable } from '@nestjs/common';
import { type Actor, type ApiKeyId, errors, newId } from '#contracts';
import { type ApiKeyRow, appendEvents, Database, findUser, insertApiKey, listApiKeys, revokeApiKey } from '#database';
import type { Once } from '../platform/once.js';
import { makeApiKey } from './api-key-format.js';
import { organizationEvent } from './organization-event.js';
import { ALL, parseScopes, rightsOfRole } from './scopes.js';

export interface ApiKeyDraft {
  name: string;
  /** From the permission catalogue, the older names of it, or `*`. */
  permissions: readonly string[];
  expiresInDays?: number;
}

/** Keys for programs. They act as the user who made them, within their scopes. */
@Injectable()
export class ApiKeys {
  constructor(private readonly db: Database) {}

  /**
   * @returns the row and the key itself, which nobody can read again
   * @throws validation; forbidden when the caller asks for more than it has
   */
  async create(
    actor: Actor,
    draft: ApiKeyDraft,
    once?: Once<{ row: ApiKeyRow; key: string }>,
  ): Promise<{ row: ApiKeyRow; key: string }> {
    const scopes = parseScopes(draft.permissions);
    const made = makeApiKey();
    return this.db.tenant(actor, async (tx) => {
      const user = await findUser(tx, actor.userId);
      assertHolds(actor, scopes, user?.role ?? '');
      const row = await insertApiKey(tx, {
        id: newId<ApiKeyId>(),
        organizationId: actor.organizationId,
        userId: actor.userId,
        name: draft.name,
        prefix: made.prefix,
        keyHash: made.hash,
        permissions: scopes,
        expiresAt: draft.expiresInDays === undefined ? null : new Date(Date.now() + draft.expiresInDays * 86_400_000),
      });
      const created = { row, key: made.key };
      await once?.(tx, created);
      await appendEvents(tx, [organizationEvent(actor, 'api_key.created', changeOf(row))]);
      return created;
    });
  }

  /** Newest first, `limit` keys older than `before`. */
  list(actor: Actor, page: { before?: string; limit: number }): Promise<ApiKeyRow[]> {
    return this.db.tenant(actor, (tx) => listApiKeys(tx, { organizationId: actor.organizationId, ...page }));
  }

  /** The key is refused from the next request on. @throws notFound */
  async revoke(actor: Actor, id: ApiKeyId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await revokeApiKey(tx, actor.organizationId, id);
      if (!row) throw errors.notFound({ details: { id } });
      await appendEvents(tx, [organizationEvent(actor, 'api_key.revoked', changeOf(row))]);
    });
  }
}

/** A key that makes keys can only pass on what it holds itself; `*` would follow the user's rights instead. */
function assertHolds(actor: Actor, scopes: readonly string[], role: string): void {
  const missing = scopes.filter((scope) =>
    scope === ALL
      ? [...rightsOfRole(role)].some((right) => !actor.permissions.has(right))
      : !actor.permissions.has(scope as never),
  );
  if (missing.length === 0) return;
  throw errors.forbidden({ message: 'A key cannot hold more than the caller does.', details: { missing } });
}

function changeOf(row: ApiKeyRow) {
  return { apiKeyId: row.id, name: row.name, prefix: row.prefix };
}
