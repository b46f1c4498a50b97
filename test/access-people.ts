import { newId, type Permission, type SystemRole } from '#contracts';
import type { Database } from '#database';
import { AccessTokens, makeApiKey } from '#domain';
import { ApiClient, type Registered } from '#testing';
import type { RunningApi } from '../apps/api/src/start-api.js';

/** A role in one place of the fixture, or in the whole organization. */
export interface Held {
  role: SystemRole | Permission[];
  in: 'organization' | { workspaceId: string } | { profileId: string };
}

/** A member made straight in the database, with a login session and a key that has all the member's rights. */
export interface Person {
  userId: string;
  accessToken: string;
  apiKey: string;
  session: ApiClient;
  key: ApiClient;
}

/** Makes members with any roles, without asking anybody's permission. */
export class People {
  constructor(
    private readonly db: Database,
    private readonly api: RunningApi,
    private readonly owner: Pick<Registered, 'organizationId'>,
  ) {}

  async with(
    held: readonly Held[],
    keyLimits: { profileIds?: string[]; permissions?: string[] } = {},
  ): Promise<Person> {
    const { organizationId } = this.owner;
    const [userId, sessionId] = [newId<never>(), newId<never>()];
    await this.db.query(
      `insert into users (id, organization_id, email, name, password_hash) values ($1, $2, $3, 'Member', 'none')`,
      [userId, organizationId, `${userId}@example.com`],
    );
    for (const one of held) await this.give(userId, one);
    await this.db.query(
      `insert into sessions (id, organization_id, user_id, expires_at) values ($1, $2, $3, now() + interval '1 day')`,
      [sessionId, organizationId, userId],
    );
    const made = makeApiKey();
    await this.db.query(
      `insert into api_keys (id, organization_id, user_id, name, prefix, key_hash, permissions, profile_ids)
       values ($1, $2, $3, 'all', $4, $5, $6, $7)`,
      [
        newId(),
        organizationId,
        userId,
        made.prefix,
        made.hash,
        keyLimits.permissions ?? ['*'],
        keyLimits.profileIds ?? [],
      ],
    );
    const accessToken = await this.api.app.get(AccessTokens).issue({ userId, sessionId });
    const session = ApiClient.bearer(this.api.url, accessToken);
    return { userId, accessToken, apiKey: made.key, session, key: ApiClient.apiKey(this.api.url, made.key) };
  }

  private async give(userId: string, { role, in: place }: Held): Promise<void> {
    const { organizationId } = this.owner;
    const isSystem = typeof role === 'string';
    const roleId = isSystem ? null : newId<string>();
    if (!isSystem) {
      await this.db.query('insert into roles (id, organization_id, name, permissions) values ($1, $2, $3, $4)', [
        roleId,
        organizationId,
        roleId,
        role,
      ]);
    }
    await this.db.query(
      `insert into role_assignments (id, organization_id, user_id, system_role, role_id, workspace_id, profile_id)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        newId(),
        organizationId,
        userId,
        isSystem ? role : null,
        roleId,
        typeof place === 'object' && 'workspaceId' in place ? place.workspaceId : null,
        typeof place === 'object' && 'profileId' in place ? place.profileId : null,
      ],
    );
  }
}
