import { Injectable } from '@nestjs/common';
import { type Actor, type ApiKeyId, errors, newId, type ProfileId } from '#contracts';
import {
  type ApiKeyCall,
  type ApiKeyDay,
  type ApiKeyLimits,
  type ApiKeyRow,
  appendEvents,
  Database,
  findApiKey,
  findAssignedRoles,
  insertApiKey,
  listApiKeyCalls,
  listApiKeyDays,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
  type Tx,
  updateApiKey,
  workspacesOfProfiles,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { makeApiKey } from './api-key-format.js';
import { withinLimitsOf } from './api-key-limits.js';
import { assertHolds, assertHoldsSomewhere } from './granting.js';
import { parseIpRanges } from './ip-ranges.js';
import { organizationEvent } from './organization-event.js';
import { rightsOfKey } from './rights.js';
import { ALL, parseScopes } from './scopes.js';

export interface ApiKeyDraft {
  name: string;
  /** From the permission catalogue, the older names of it, or `*`. */
  permissions: readonly string[];
  profileIds?: readonly ProfileId[];
  /** Addresses or CIDR ranges. */
  ipRanges?: readonly string[];
  ratePerMinute?: number | null;
  expiresAt?: Date | null;
}

/** A key and the secret that nobody can read again. */
export interface ShownApiKey {
  row: ApiKeyRow;
  key: string;
}

/** Keys for programs. They act as the user who made them, within their scopes and limits. */
@Injectable()
export class ApiKeys {
  constructor(private readonly db: Database) {}

  /**
   * @throws validation; notFound (a profile); forbidden when the caller asks for more than it has. A key that makes keys
   * passes its own limits on to them.
   */
  async create(actor: Actor, draft: ApiKeyDraft, once?: Once<ShownApiKey>): Promise<ShownApiKey> {
    const asked = limitsOf(draft);
    const made = makeApiKey();
    return this.db.tenant(actor, async (tx) => {
      const limits = withinLimitsOf(await ownKey(tx, actor), asked);
      await assertMayGive(tx, actor, actor.userId, limits);
      const row = await insertApiKey(tx, {
        id: newId<ApiKeyId>(),
        organizationId: actor.organizationId,
        userId: actor.userId,
        name: draft.name,
        prefix: made.prefix,
        keyHash: made.hash,
        ...limits,
      });
      const created = { row, key: made.key };
      await once?.(tx, created);
      await recordAudit(tx, actor, { action: 'apikey.create', resource: resourceOf(row), after: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'api_key.created', changeOf(row))]);
      return created;
    });
  }

  /** Newest first, `limit` keys older than `before`. */
  list(actor: Actor, page: { before?: string; limit: number }): Promise<ApiKeyRow[]> {
    return this.db.tenant(actor, (tx) => listApiKeys(tx, { organizationId: actor.organizationId, ...page }));
  }

  /** @throws notFound */
  get(actor: Actor, id: ApiKeyId): Promise<ApiKeyRow> {
    return this.db.tenant(actor, (tx) => getKey(tx, actor, id));
  }

  /** What the key did in the last days, by day and operation, newest day first. @throws notFound */
  usage(actor: Actor, id: ApiKeyId, days: number): Promise<ApiKeyDay[]> {
    const since = new Date(Date.now() - (days - 1) * 86_400_000);
    return this.db.tenant(actor, async (tx) => {
      await getKey(tx, actor, id);
      return listApiKeyDays(tx, { organizationId: actor.organizationId, apiKeyId: id, since });
    });
  }

  /** The last calls of the key, newest first, `limit` of them older than `before`. @throws notFound */
  calls(actor: Actor, id: ApiKeyId, page: { before?: string; limit: number }): Promise<ApiKeyCall[]> {
    return this.db.tenant(actor, async (tx) => {
      await getKey(tx, actor, id);
      return listApiKeyCalls(tx, { organizationId: actor.organizationId, apiKeyId: id, ...page });
    });
  }

  /**
   * Changes name and limits; what is undefined stays. It acts with the next request, and on open sockets at once.
   * @throws validation; notFound; forbidden when the caller would give more than it has
   */
  async update(actor: Actor, id: ApiKeyId, changes: Partial<ApiKeyDraft>): Promise<ApiKeyRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await getKey(tx, actor, id, 'lock');
      const asked = limitsOf({ ...before, ...changes });
      const limits = withinLimitsOf(await ownKey(tx, actor), asked);
      await assertMayGive(tx, actor, before.userId, limits);
      const row = await updateApiKey(tx, actor.organizationId, id, { name: changes.name ?? before.name, ...limits });
      await recordAudit(tx, actor, {
        action: 'apikey.update',
        resource: resourceOf(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [organizationEvent(actor, 'api_key.updated', changeOf(row))]);
      return row;
    });
  }

  /**
   * Gives the key a new secret. The present one goes on working for the overlap, so that programs can be changed one
   * after another; one from an earlier rotation is refused from now on. Only the user whose rights the key has may do
   * it, since whoever reads the secret has those rights.
   * @throws notFound; forbidden
   */
  async rotate(actor: Actor, id: ApiKeyId, overlapSeconds: number, once?: Once<ShownApiKey>): Promise<ShownApiKey> {
    const made = makeApiKey();
    return this.db.tenant(actor, async (tx) => {
      const before = await getKey(tx, actor, id, 'lock');
      if (before.userId !== actor.userId) {
        throw errors.forbidden({ message: 'Only the user who made a key can rotate it. Revoke it, or ask that user.' });
      }
      // A key reaches no further by the new secret of another one than by its own.
      if (actor.credential.id !== id) withinLimitsOf(await ownKey(tx, actor), before);
      await assertMayGive(tx, actor, before.userId, before);
      const previousUntil = new Date(Date.now() + overlapSeconds * 1000);
      const next = { prefix: made.prefix, keyHash: made.hash, previousUntil };
      const row = await rotateApiKey(tx, actor.organizationId, id, next);
      const rotated = { row, key: made.key };
      await once?.(tx, rotated);
      await recordAudit(tx, actor, {
        action: 'apikey.rotate',
        resource: resourceOf(row),
        before: { prefix: before.prefix },
        after: { prefix: row.prefix, previousUntil },
      });
      await appendEvents(tx, [organizationEvent(actor, 'api_key.rotated', changeOf(row))]);
      return rotated;
    });
  }

  /** The key is refused from the next request on. @throws notFound */
  async revoke(actor: Actor, id: ApiKeyId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const row = await revokeApiKey(tx, actor.organizationId, id);
      if (!row) throw errors.notFound({ details: { id } });
      await recordAudit(tx, actor, { action: 'apikey.revoke', resource: resourceOf(row), before: factsOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'api_key.revoked', changeOf(row))]);
    });
  }
}

/** @throws validation */
function limitsOf(draft: Omit<ApiKeyDraft, 'name'>): ApiKeyLimits {
  if (draft.expiresAt && draft.expiresAt <= new Date()) {
    throw errors.validation({ fields: [{ path: 'expiresAt', message: 'must be in the future' }] });
  }
  return {
    permissions: parseScopes(draft.permissions),
    profileIds: [...new Set(draft.profileIds ?? [])],
    ipRanges: parseIpRanges(draft.ipRanges ?? [], 'ipRanges'),
    ratePerMinute: draft.ratePerMinute ?? null,
    expiresAt: draft.expiresAt ?? null,
  };
}

async function getKey(tx: Tx, actor: Actor, id: ApiKeyId, lock?: 'lock'): Promise<ApiKeyRow> {
  const row = await findApiKey(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ details: { id } });
  return row;
}

/** The key with which the actor came, if it is one. */
async function ownKey(tx: Tx, actor: Actor): Promise<ApiKeyRow | null> {
  return actor.credential.kind === 'api-key' ? getKey(tx, actor, actor.credential.id) : null;
}

/** `*` stands for all that the key's user holds now. @throws notFound, forbidden */
async function assertMayGive(tx: Tx, actor: Actor, userId: Actor['userId'], key: ApiKeyLimits): Promise<void> {
  const profiles = await workspacesOfProfiles(tx, actor.organizationId, key.profileIds);
  const gone = key.profileIds.find((id) => !profiles.some(({ profileId }) => profileId === id));
  if (gone) throw errors.notFound({ message: 'There is no such profile.', details: { profileId: gone } });
  if (!key.permissions.includes(ALL)) assertHoldsSomewhere(actor, key.permissions as never);
  const assignments = await findAssignedRoles(tx, userId);
  assertHolds(actor, rightsOfKey({ ...key, assignments, profiles }), profiles);
}

function changeOf(row: ApiKeyRow) {
  return { apiKeyId: row.id, name: row.name, prefix: row.prefix };
}

function resourceOf(row: ApiKeyRow) {
  return { type: 'api-key', id: row.id, name: row.name };
}

function factsOf({ name, prefix, permissions, profileIds, ipRanges, ratePerMinute, expiresAt }: ApiKeyRow) {
  return { name, prefix, permissions, profileIds, ipRanges, ratePerMinute, expiresAt };
}
