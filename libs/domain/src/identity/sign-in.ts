import { type Actor, errors, type NewEvent, type OrganizationId, type SessionId, type UserId } from '#contracts';
import { appendEvents, findUser, noteLogin, type Tx, type UserRow } from '#database';
import { type AuditRecord, recordAudit } from '../platform/audit-trail.js';
import { type ClientInfo, originOf } from './client-info.js';
import type { DeviceTokens } from './device-tokens.js';
import type { Sessions, SessionTokens } from './sessions.js';

/** How a person showed who they are. */
export type LoginMethod = 'password' | 'passkey' | 'oidc' | 'registration' | 'invitation';

export interface LoggedIn extends SessionTokens {
  user: UserRow;
  /** For the browser to keep (device-tokens.ts). */
  deviceToken: string;
}

interface Completion {
  method: LoginMethod;
  /** What asked for a second factor has one here: `totp`, `backup_code` or `passkey`. */
  secondFactor?: string;
  /** What happened in the same transaction and goes into the log before the session. */
  events?: NewEvent[];
  /** Instead of `auth.login`. */
  record?: Pick<AuditRecord, 'action' | 'after'>;
}

/** The last step of every way in: the session. */
export class SignIn {
  constructor(
    private readonly sessions: Sessions,
    private readonly devices: DeviceTokens,
  ) {}

  /**
   * Starts the session within the caller's transaction, with its record and events; to be called last, because the log is
   * locked from then on. Whoever calls it has shown that it is this person.
   */
  async complete(
    tx: Tx,
    who: { id: UserId; organizationId: OrganizationId },
    client: ClientInfo,
    done: Completion,
  ): Promise<LoggedIn> {
    const { sessionId, refreshToken, event } = await this.sessions.start(tx, who, client, done.method);
    await noteLogin(tx, who.id);
    const user = await findUser(tx, who.id);
    if (!user) throw errors.notFound();
    await recordAudit(tx, sessionActor(who, sessionId, client), {
      action: 'auth.login',
      after: { method: done.method, ...(done.secondFactor !== undefined && { secondFactor: done.secondFactor }) },
      ...done.record,
      resource: { type: 'user', id: who.id, name: user.email },
    });
    await appendEvents(tx, [...(done.events ?? []), event]);
    return {
      ...(await this.sessions.tokensFor({ userId: who.id, sessionId }, refreshToken)),
      user,
      deviceToken: this.devices.issue(who.id, client.deviceToken),
    };
  }
}

/** How records name a person whose session begins here. */
function sessionActor(
  who: { id: UserId; organizationId: OrganizationId },
  sessionId: SessionId,
  client: ClientInfo,
): Pick<Actor, 'organizationId' | 'userId' | 'credential' | 'origin'> {
  return {
    organizationId: who.organizationId,
    userId: who.id,
    credential: { kind: 'session', id: sessionId },
    origin: originOf(client),
  };
}
