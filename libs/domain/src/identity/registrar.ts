import {
  type AccountId,
  type EventPayloads,
  errors,
  type NewEvent,
  newId,
  type OrganizationId,
  type UserId,
  type WorkspaceId,
} from '#contracts';
import {
  type Database,
  findPendingRegistration,
  hasOrganizations,
  insertOrganization,
  insertPendingRegistration,
  lockRegistration,
  type NewOrganization,
  setEmailVerified,
  type Tx,
  takePendingRegistration,
} from '#database';
import { hashSecret } from './api-key-format.js';
import type { ClientInfo } from './client-info.js';
import type { GuessGuard } from './guess-guard.js';
import { queueMailRequest } from './mail-requests.js';
import type { PasswordHasher } from './password-hasher.js';
import { assertGoodPassword } from './password-rules.js';
import type { RegistrationPolicy } from './registration-policy.js';
import type { LoggedIn, SignIn } from './sign-in.js';
import { uniqueSlugOf } from './slug.js';

export interface RegistrationRequest {
  email: string;
  password: string;
  name: string;
  organizationName: string;
}

/** How long the link of a registration works. */
const PENDING_HOURS = 24;

/** Registers people who bring an organization with them. */
export class Registrar {
  constructor(
    private readonly parts: {
      db: Database;
      passwords: PasswordHasher;
      signIn: SignIn;
      guesses: GuessGuard;
      policy: RegistrationPolicy;
    },
  ) {}

  /**
   * Makes an organization with its workspace "Default", its account "Default Account" and its owner, and logs the owner
   * in: all of it or nothing. Where addresses have to be verified nothing is made yet and a link is mailed; the answer is
   * then the same for an address that has an account. The first registration of an installation is always possible, and
   * needs no link: nobody could have set a mail server yet.
   * @returns null when a link was mailed
   * @throws validation, emailTaken, registrationClosed
   */
  async register(request: RegistrationRequest, client: ClientInfo): Promise<LoggedIn | null> {
    const { db, passwords, policy } = this.parts;
    const email = request.email.trim().toLowerCase();
    assertGoodPassword(request.password, email);
    const isFirst = !(await db.system(hasOrganizations));
    // Said before the costly hash; of many first ones at once it is decided within the transaction.
    if (!isFirst && policy.mode !== 'open') throw errors.registrationClosed();
    const passwordHash = await passwords.hash(request.password);
    if (!isFirst && policy.needsVerifiedEmail) {
      await this.keep({ ...request, email, passwordHash }, client);
      return null;
    }
    const made = newOrganization({ ...request, email, passwordHash });
    return db.system(async (tx) => {
      const wasFirst = await this.admit(tx);
      return this.create(tx, made, client, wasFirst);
    });
  }

  /**
   * Makes a registration real whose link was followed. The password is asked for again: somebody may have registered
   * another's address and hope that they follow the link.
   * @throws linkInvalid, invalidCredentials, tooManyAttempts, emailTaken, registrationClosed
   */
  async finish(token: string, password: string, client: ClientInfo): Promise<LoggedIn> {
    const { db, passwords, guesses, policy } = this.parts;
    const pending = await findPendingRegistration(db, hashSecret(token));
    if (!pending) throw errors.linkInvalid();
    if (policy.mode !== 'open') throw errors.registrationClosed();
    const guess = await guesses.count('registration', { account: pending.id, network: client.network, known: null });
    if (!(await passwords.verify(pending.passwordHash, password))) {
      throw errors.invalidCredentials({ message: 'This is not the password that was chosen at registration.' });
    }
    await guess.wasRight();
    const made = newOrganization(pending);
    return db.system(async (tx) => {
      if (!(await takePendingRegistration(tx, pending.id))) throw errors.linkInvalid();
      return this.create(tx, made, client, true);
    });
  }

  /** Keeps what was asked for until its link is followed. */
  private async keep(request: RegistrationRequest & { passwordHash: string }, client: ClientInfo): Promise<void> {
    const id = newId<string>();
    const expiresAt = new Date(Date.now() + PENDING_HOURS * 3600_000);
    await this.parts.db.system(async (tx) => {
      await insertPendingRegistration(tx, { ...request, id, expiresAt });
      await queueMailRequest(tx, { purpose: 'register', email: request.email, registrationId: id }, client);
    });
  }

  /** @returns whether it is the first of the installation @throws registrationClosed when it only might have been */
  private async admit(tx: Tx): Promise<boolean> {
    await lockRegistration(tx);
    const isFirst = !(await hasOrganizations(tx));
    if (isFirst) return true;
    const { mode, needsVerifiedEmail } = this.parts.policy;
    // Somebody else was first meanwhile.
    if (mode !== 'open') throw errors.registrationClosed();
    if (needsVerifiedEmail) throw errors.overloaded({ message: 'Somebody else registered first. Repeat the request.' });
    return false;
  }

  private async create(tx: Tx, made: NewOrganization, client: ClientInfo, isVerified: boolean): Promise<LoggedIn> {
    if (!(await insertOrganization(tx, made))) throw errors.emailTaken({ fields: [emailField] });
    const { organization, user } = made;
    if (isVerified) await setEmailVerified(tx, user.id, user.email);
    return this.parts.signIn.complete(tx, { id: user.id, organizationId: organization.id }, client, {
      method: 'registration',
      events: eventsOf(made),
      record: { action: 'auth.register', after: { name: user.name, organization: organization.name } },
    });
  }
}

const emailField = { path: 'email', message: 'is registered already' };

function newOrganization(request: {
  email: string;
  name: string;
  organizationName: string;
  passwordHash: string;
}): NewOrganization {
  const { email, name, organizationName, passwordHash } = request;
  return {
    organization: { id: newId<OrganizationId>(), name: organizationName, slug: uniqueSlugOf(organizationName) },
    workspace: { id: newId<WorkspaceId>(), name: 'Default', slug: 'default' },
    account: { id: newId<AccountId>(), name: 'Default Account' },
    user: { id: newId<UserId>(), email, name, passwordHash },
  };
}

function eventsOf({ organization, workspace, account, user }: NewOrganization): NewEvent[] {
  const event = <N extends 'user.registered' | 'workspace.created' | 'account.created'>(
    name: N,
    payload: EventPayloads[N],
  ): NewEvent => ({
    organizationId: organization.id,
    profileId: null,
    name,
    actor: { kind: 'user', id: user.id },
    payload,
  });
  return [
    event('user.registered', { id: user.id, name: user.name }),
    event('workspace.created', { id: workspace.id, name: workspace.name }),
    event('account.created', { id: account.id, name: account.name }),
  ];
}
