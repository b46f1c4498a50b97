import { randomBytes, timingSafeEqual } from 'node:crypto';
import { type Actor, errors, newId, type OrganizationId, type SystemRole, type UserId } from '#contracts';
import {
  appendEvents,
  type Database,
  deleteExternalLogin,
  type ExternalLoginRow,
  findExternalLogin,
  findOrganizationBySlug,
  findUser,
  findUserByEmail,
  insertAssignments,
  insertExternalLogin,
  insertOidcLogin,
  insertOidcResult,
  insertUser,
  listExternalLogins,
  noteExternalLogin,
  secondFactorsOf,
  type Tx,
  takeOidcResult,
  takeOidcState,
  type UserByEmail,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { hashSecret } from './api-key-format.js';
import { type ClientInfo, originOf } from './client-info.js';
import type { AskedForSecondFactor, LoginChallenges } from './login-challenges.js';
import { assertCanLogIn } from './login-ways.js';
import type { OidcPerson, OidcProvider } from './oidc-provider.js';
import { organizationEvent } from './organization-event.js';
import type { ReAuthentication, ReauthenticationProof } from './re-authentication.js';
import type { LoggedIn, SignIn } from './sign-in.js';

/** How long somebody may take at the provider. */
const BEGUN_MS = 10 * 60_000;
/** How long the page has to fetch its tokens. */
const CODE_MS = 60_000;

/** Who may come in through the provider. */
export interface OidcAdmission {
  /** Link a person to the account with the same address, when both sides have verified it. */
  linkByEmail: boolean;
  /** Make an account for who has none, in the organization with this slug; null: nobody new. */
  createIn: { organizationSlug: string; role: SystemRole } | null;
}

/** A log-in under way: the address to send the browser to, and the secret to leave in it. */
export interface OidcStart {
  url: string;
  browserToken: string;
}

/** What the provider's answer came to: a code to exchange, or an account that is linked now. */
export type OidcReturn = { kind: 'login'; code: string; returnTo: string } | { kind: 'linked'; returnTo: string };

/** Logs people in through the identity provider. */
export class OidcLogins {
  constructor(
    private readonly parts: {
      db: Database;
      provider: OidcProvider | null;
      admission: OidcAdmission;
      signIn: SignIn;
      challenges: LoginChallenges;
      reauthentication: ReAuthentication;
    },
  ) {}

  /** @throws oidcNotConfigured, oidcUnavailable */
  start(returnTo: string): Promise<OidcStart> {
    return this.begin(returnTo, null);
  }

  /** Begins to link the actor's account to a person at the provider. @throws reauthenticationFailed, oidcNotConfigured */
  async startLink(actor: Actor, returnTo: string, proof: ReauthenticationProof): Promise<OidcStart> {
    this.requireProvider();
    await this.parts.reauthentication.confirmOrFresh(actor, proof);
    return this.begin(returnTo, actor.userId);
  }

  /**
   * Takes the answer that a browser brings back from the provider. The browser must be the one that began, so that nobody
   * is logged in to somebody else's account by a link.
   * @throws oidcLoginFailed, oidcNoAccount, oidcUnavailable, oidcNotConfigured
   */
  async returned(query: URLSearchParams, browserToken: string | null, client: ClientInfo): Promise<OidcReturn> {
    const provider = this.requireProvider();
    const state = query.get('state') ?? '';
    const begun = await takeOidcState(this.parts.db, hashSecret(state));
    if (!begun || !isSame(begun.browserHash, browserToken)) throw errors.oidcLoginFailed();
    const person = await provider.redeem(query, state, begun.secrets);
    const { returnTo, browserHash } = begun;
    if (begun.linkUserId !== null) {
      await this.link(begun.linkUserId, person, client);
      return { kind: 'linked', returnTo };
    }
    const code = randomBytes(32).toString('base64url');
    const expiresAt = new Date(Date.now() + CODE_MS);
    await this.parts.db.system(async (tx) => {
      const { userId, after } = await this.admit(tx, person, client);
      await insertOidcResult(tx, { id: newId(), browserHash, codeHash: hashSecret(code), userId, expiresAt });
      await after?.();
    });
    return { kind: 'login', code, returnTo };
  }

  /**
   * Exchanges the code of the browser that began for a session; an account with a second factor is asked for it.
   * @throws oidcLoginFailed
   */
  async exchange(
    code: string,
    browserToken: string | null,
    client: ClientInfo,
  ): Promise<LoggedIn | AskedForSecondFactor> {
    const { db, signIn, challenges } = this.parts;
    const result = await takeOidcResult(db, hashSecret(code));
    if (!result || !isSame(result.browserHash, browserToken)) throw errors.oidcLoginFailed();
    const user = await db.system((tx) => findUser(tx, result.userId));
    if (!user?.isActive) throw errors.oidcLoginFailed();
    const factors = await secondFactorsOf(db, user.id);
    if (factors.totp || factors.passkeys > 0) return challenges.open(user, 'oidc', factors);
    return db.system((tx) => signIn.complete(tx, user, client, { method: 'oidc' }));
  }

  list(actor: Actor): Promise<ExternalLoginRow[]> {
    return this.parts.db.tenant(actor, (tx) => listExternalLogins(tx, actor.userId));
  }

  /** @throws notFound, reauthenticationFailed, tooManyAttempts, loginMethodNeeded */
  async unlink(actor: Actor, id: string, proof: ReauthenticationProof): Promise<void> {
    if (!(await this.list(actor)).some((login) => login.id === id)) throw errors.notFound({ details: { id } });
    await this.parts.reauthentication.confirm(actor, proof);
    await this.parts.db.tenant(actor, async (tx) => {
      const row = await deleteExternalLogin(tx, actor.userId, id);
      if (!row) throw errors.notFound({ details: { id } });
      await assertCanLogIn(tx, actor.userId);
      await recordAudit(tx, actor, {
        action: 'auth.identity_unlink',
        resource: { type: 'user', id: actor.userId },
        before: { issuer: row.issuer, email: row.email },
      });
      await appendEvents(tx, [organizationEvent(actor, 'user.identity_unlinked', { userId: actor.userId })]);
    });
  }

  /** Where to end the session at the provider too; null without one. */
  logoutUrl(returnTo: string): Promise<string | null> {
    return this.parts.provider?.logoutUrl(returnTo) ?? Promise.resolve(null);
  }

  /** Ends the connections to the provider. */
  close(): Promise<void> {
    return this.parts.provider?.close() ?? Promise.resolve();
  }

  private async begin(returnTo: string, linkUserId: UserId | null): Promise<OidcStart> {
    const state = randomBytes(32).toString('base64url');
    const browserToken = randomBytes(32).toString('base64url');
    const { url, secrets } = await this.requireProvider().begin(state);
    await insertOidcLogin(this.parts.db, {
      id: newId(),
      stateHash: hashSecret(state),
      browserHash: hashSecret(browserToken),
      secrets,
      returnTo,
      linkUserId,
      expiresAt: new Date(Date.now() + BEGUN_MS),
    });
    return { url, browserToken };
  }

  /** Whose account this is: linked before, or linked now by its address, or made now. */
  private async admit(
    tx: Tx,
    person: OidcPerson,
    client: ClientInfo,
  ): Promise<{ userId: UserId; after?: () => Promise<void> }> {
    const linked = await findExternalLogin(tx, person.issuer, person.subject);
    if (linked) {
      await noteExternalLogin(tx, linked.id, person.email);
      return { userId: linked.userId };
    }
    // An address that the provider does not vouch for could be anybody's.
    if (person.email === null || !person.isEmailVerified) throw errors.oidcNoAccount();
    const found = await findUserByEmail(tx, person.email);
    return found ? this.linkByEmail(tx, found, person, client) : this.createFor(tx, person, client);
  }

  /**
   * Both sides must have verified the address. Otherwise somebody could register another's address here and wait until
   * its owner comes in through the provider, or claim one at the provider.
   */
  private async linkByEmail(tx: Tx, found: UserByEmail, person: OidcPerson, client: ClientInfo) {
    if (!found.isActive || !this.parts.admission.linkByEmail || found.emailVerifiedAt === null) {
      throw errors.oidcNoAccount({
        message: 'There is an account with this address that is not linked. Log in to it and link it in your settings.',
      });
    }
    const { id: userId, organizationId } = found;
    return { userId, after: await this.insertLink(tx, { userId, organizationId }, person, client) };
  }

  private async createFor(tx: Tx, person: OidcPerson, client: ClientInfo) {
    const { createIn } = this.parts.admission;
    const organizationId = createIn && (await findOrganizationBySlug(tx, createIn.organizationSlug));
    if (!createIn) throw errors.oidcNoAccount();
    if (!organizationId) {
      // For the operator, in the log.
      const cause = new Error(
        `OIDC_ORGANIZATION: there is no organization with the slug ${createIn.organizationSlug}.`,
      );
      throw errors.oidcNoAccount({ cause });
    }
    const userId = newId<UserId>();
    const email = person.email!;
    const name = person.name ?? email;
    const isNew = await insertUser(tx, {
      ...{ id: userId, organizationId, email, name },
      ...{ passwordHash: null, isEmailVerified: true },
    });
    if (!isNew) throw errors.oidcLoginFailed();
    await insertAssignments(tx, organizationId, userId, { systemRole: createIn.role, roleId: null }, [
      { id: newId(), workspaceId: null, profileId: null },
    ]);
    const finishLink = await this.insertLink(tx, { userId, organizationId }, person, client);
    await recordAudit(tx, anonymous(organizationId, client), {
      action: 'auth.register',
      resource: { type: 'user', id: userId, name: email },
      after: { method: 'oidc', role: createIn.role },
    });
    return {
      userId,
      after: async () => {
        await appendEvents(tx, [
          {
            ...{ organizationId, profileId: null, name: 'user.registered' as const },
            actor: { kind: 'user' as const, id: userId },
            payload: { id: userId, name },
          },
        ]);
        await finishLink();
      },
    };
  }

  private async link(userId: UserId, person: OidcPerson, client: ClientInfo): Promise<void> {
    await this.parts.db.system(async (tx) => {
      const user = await findUser(tx, userId);
      if (!user?.isActive) throw errors.oidcLoginFailed();
      const before = await findExternalLogin(tx, person.issuer, person.subject);
      if (before?.userId === userId) return;
      const finish = await this.insertLink(tx, { userId, organizationId: user.organizationId }, person, client);
      await finish();
    });
  }

  /** @returns what has to be done last in the transaction */
  private async insertLink(
    tx: Tx,
    who: { userId: UserId; organizationId: OrganizationId },
    person: OidcPerson,
    client: ClientInfo,
  ): Promise<() => Promise<void>> {
    const { issuer, subject, email } = person;
    if (!(await insertExternalLogin(tx, { ...who, id: newId(), issuer, subject, email }))) {
      throw errors.oidcLoginFailed({ message: 'This person of the identity provider is linked to another account.' });
    }
    await recordAudit(tx, anonymous(who.organizationId, client), {
      action: 'auth.identity_link',
      resource: { type: 'user', id: who.userId },
      after: { issuer, email },
    });
    return async () => {
      await appendEvents(tx, [
        {
          ...{ organizationId: who.organizationId, profileId: null, name: 'user.identity_linked' as const },
          actor: { kind: 'user' as const, id: who.userId },
          payload: { userId: who.userId },
        },
      ]);
    };
  }

  private requireProvider(): OidcProvider {
    if (this.parts.provider === null) throw errors.oidcNotConfigured();
    return this.parts.provider;
  }
}

function anonymous(organizationId: OrganizationId, client: ClientInfo) {
  return { kind: 'anonymous' as const, organizationId, origin: originOf(client) };
}

function isSame(hash: Buffer, token: string | null): boolean {
  return token !== null && timingSafeEqual(hash, hashSecret(token));
}
