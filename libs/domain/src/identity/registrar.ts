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
  appendEvents,
  type Database,
  hasOrganizations,
  insertOrganization,
  lockRegistration,
  type NewOrganization,
  type Tx,
} from '#database';
import type { LoggedIn } from './logins.js';
import type { PasswordHasher } from './password-hasher.js';
import { passwordProblem } from './password-rules.js';
import type { ClientInfo, Sessions } from './sessions.js';
import { uniqueSlugOf } from './slug.js';

export interface RegistrationRequest {
  email: string;
  password: string;
  name: string;
  organizationName: string;
}

/** Registers people who bring an organization with them. */
export class Registrar {
  constructor(
    private readonly db: Database,
    private readonly passwords: PasswordHasher,
    private readonly sessions: Sessions,
    /** When false only the first registration of the installation is possible. */
    private readonly isOpen: boolean,
  ) {}

  /**
   * Makes an organization with its workspace "Default", its account "Default Account" and its owner, and logs the owner
   * in: all of it or nothing.
   * @throws validation, emailTaken, registrationClosed
   */
  async register(request: RegistrationRequest, client: ClientInfo): Promise<LoggedIn> {
    const email = request.email.trim().toLowerCase();
    const problem = passwordProblem(request.password, email);
    if (problem) throw errors.validation({ fields: [problem] });
    // Closed is said before the costly hash, and decided within the transaction.
    if (!this.isOpen) await this.db.system((tx) => this.assertFirst(tx));
    const made = newOrganization(request, email, await this.passwords.hash(request.password));

    return this.db.system(async (tx) => {
      if (!this.isOpen) await this.assertFirst(tx);
      if (!(await insertOrganization(tx, made))) throw errors.emailTaken({ fields: [emailField] });
      const user = { ...made.user, organizationId: made.organization.id };
      const { sessionId, refreshToken, event } = await this.sessions.start(tx, user, client);
      await appendEvents(tx, [...eventsOf(made), event]);
      return {
        ...(await this.sessions.tokensFor({ userId: user.id, sessionId }, refreshToken)),
        user: { ...user, organizationName: made.organization.name },
      };
    });
  }

  private async assertFirst(tx: Tx): Promise<void> {
    await lockRegistration(tx);
    if (await hasOrganizations(tx)) throw errors.registrationClosed();
  }
}

const emailField = { path: 'email', message: 'is registered already' };

function newOrganization(request: RegistrationRequest, email: string, passwordHash: string): NewOrganization {
  return {
    organization: {
      id: newId<OrganizationId>(),
      name: request.organizationName,
      slug: uniqueSlugOf(request.organizationName),
    },
    workspace: { id: newId<WorkspaceId>(), name: 'Default', slug: 'default' },
    account: { id: newId<AccountId>(), name: 'Default Account' },
    user: { id: newId<UserId>(), email, name: request.name, passwordHash, role: 'owner' },
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
