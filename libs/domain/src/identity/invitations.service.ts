import { randomBytes } from 'node:crypto';
import { type Actor, errors, type InvitationId, type NewEvent, newId, type UserId } from '#contracts';
import {
  appendEvents,
  closeExpiredInvitations,
  type Database,
  existingPlaces,
  findAssignedRoles,
  findInvitation,
  findInvitationByToken,
  findMember,
  findOrganization,
  findUserByEmail,
  type InvitationRow,
  insertAssignments,
  insertInvitation,
  insertUser,
  listInvitations,
  markInvitationAccepted,
  renewInvitation,
  revokeInvitation,
  type Tx,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { MailOutbox } from '../platform/mail/mail-outbox.js';
import type { Once } from '../platform/once.js';
import { hashSecret } from './api-key-format.js';
import type { ClientInfo } from './client-info.js';
import { assertHolds } from './granting.js';
import type { LinkMails } from './link-mails.js';
import { organizationEvent } from './organization-event.js';
import type { PasswordHasher } from './password-hasher.js';
import { assertGoodPassword } from './password-rules.js';
import type { RegistrationPolicy } from './registration-policy.js';
import { rightsOfUser } from './rights.js';
import { type KnownRole, resolveRole } from './role-names.js';
import { type AskedPlaces, placesOf, rightsAt } from './role-places.js';
import type { LoggedIn, SignIn } from './sign-in.js';

export interface InvitationDraft extends AskedPlaces {
  email: string;
  name?: string;
  /** The name of a system role or the id of a role. */
  role: string;
  expiresInDays: number;
}

/** What somebody learns who has the link. */
export type OpenInvitation = InvitationRow & { organizationName: string };

/** Asks people to join an organization, and takes them in. */
export class Invitations {
  constructor(
    private readonly parts: {
      db: Database;
      outbox: MailOutbox;
      mails: LinkMails;
      passwords: PasswordHasher;
      signIn: SignIn;
      policy: RegistrationPolicy;
    },
  ) {}

  /**
   * Mails a link. Whether the address has an account elsewhere on the installation is not told.
   * @throws validation, notFound (role or place), memberExists, invitationOpen, registrationClosed; forbidden when the
   * caller does not hold what the role gives
   */
  async create(actor: Actor, draft: InvitationDraft, once?: Once<InvitationRow>): Promise<InvitationRow> {
    const { db, policy } = this.parts;
    const { organizationId } = actor;
    if (policy.mode === 'closed') throw errors.registrationClosed();
    const id = newId<InvitationId>();
    const email = draft.email.trim().toLowerCase();
    const link = await this.link(actor, { email, expiresInDays: draft.expiresInDays });
    return db.tenant(actor, async (tx) => {
      const role = await resolveRole(tx, organizationId, draft.role, 'role');
      const { given, profiles } = await rightsAt(tx, organizationId, role, draft);
      assertHolds(actor, given, profiles);
      const known = await findUserByEmail(tx, email);
      if (known?.organizationId === organizationId) throw errors.memberExists();
      await closeExpiredInvitations(tx, organizationId, email);
      const isNew = await insertInvitation(tx, organizationId, {
        ...{ id, email, name: draft.name ?? null, invitedBy: actor.userId },
        ...role.ref,
        workspaceIds: [...(draft.workspaceIds ?? [])],
        profileIds: [...(draft.profileIds ?? [])],
        ...link.renewal,
      });
      if (!isNew) throw errors.invitationOpen();
      const row = await getInvitation(tx, actor, id);
      await link.mail.queue(tx);
      await once?.(tx, row);
      await recordAudit(tx, actor, { action: 'user.invite', resource: resourceOf(row), after: factsOf(row, role) });
      await appendEvents(tx, [organizationEvent(actor, 'invitation.created', changeOf(row))]);
      return row;
    });
  }

  /** Newest first, `limit` invitations older than `before`; only those that can still be accepted when `open`. */
  list(actor: Actor, page: { open: boolean; before?: string; limit: number }): Promise<InvitationRow[]> {
    const { organizationId } = actor;
    return this.parts.db.tenant(actor, (tx) => listInvitations(tx, { organizationId, ...page }));
  }

  /**
   * Mails a new link; the old one is void. An expired invitation is open again.
   * @throws notFound, invitationClosed, registrationClosed
   */
  async resend(actor: Actor, id: InvitationId, expiresInDays: number): Promise<InvitationRow> {
    if (this.parts.policy.mode === 'closed') throw errors.registrationClosed();
    const { email } = await this.parts.db.tenant(actor, (tx) => getInvitation(tx, actor, id));
    const link = await this.link(actor, { email, expiresInDays });
    return this.parts.db.tenant(actor, async (tx) => {
      const before = await getInvitation(tx, actor, id, 'lock');
      if (before.acceptedAt || before.revokedAt) throw errors.invitationClosed();
      await renewInvitation(tx, id, link.renewal);
      await link.mail.queue(tx);
      const row = await getInvitation(tx, actor, id);
      await recordAudit(tx, actor, { action: 'user.invite_resend', resource: resourceOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'invitation.sent_again', changeOf(row))]);
      return row;
    });
  }

  /** Makes the link void. @throws notFound, invitationClosed */
  async revoke(actor: Actor, id: InvitationId): Promise<InvitationRow> {
    return this.parts.db.tenant(actor, async (tx) => {
      await getInvitation(tx, actor, id, 'lock');
      if (!(await revokeInvitation(tx, id))) throw errors.invitationClosed();
      const row = await getInvitation(tx, actor, id);
      await recordAudit(tx, actor, { action: 'user.invite_revoke', resource: resourceOf(row) });
      await appendEvents(tx, [organizationEvent(actor, 'invitation.revoked', changeOf(row))]);
      return row;
    });
  }

  /** For the person who has the link. @throws invitationInvalid */
  async lookUp(token: string): Promise<OpenInvitation> {
    const found = await findInvitationByToken(this.parts.db, hashSecret(token));
    return assertOpen(found);
  }

  /**
   * Makes the person a member with an account of their own, and logs them in. The link has shown that mail to the
   * address arrives. What the invitation promises is looked at again: it gives nothing that who invited does not hold
   * any more, and holds in no place that is gone.
   * @throws validation, invitationInvalid, registrationClosed; emailTaken when the address has an account, which is in
   * another organization
   */
  async accept(token: string, person: { name?: string; password: string }, client: ClientInfo): Promise<LoggedIn> {
    const { db, passwords, signIn, policy } = this.parts;
    if (policy.mode === 'closed') throw errors.registrationClosed();
    const invited = await this.lookUp(token);
    const name = person.name ?? invited.name;
    if (!name)
      throw errors.validation({ fields: [{ path: 'name', message: 'must be given: the invitation has none' }] });
    assertGoodPassword(person.password, invited.email);
    const passwordHash = await passwords.hash(person.password);
    const { organizationId } = invited;
    const userId = newId<UserId>();

    // The address is looked for in all organizations, which a tenant does not see.
    return db.system(async (tx) => {
      const row = await findInvitation(tx, organizationId, invited.id, 'lock');
      assertOpen(row);
      const { role, places } = await promised(tx, invited);
      const { email } = invited;
      const isNew = await insertUser(tx, {
        id: userId,
        organizationId,
        email,
        name,
        passwordHash,
        isEmailVerified: true,
      });
      if (!isNew) {
        throw errors.emailTaken({
          message: 'This address has an account in another organization. Use another address.',
        });
      }
      await insertAssignments(tx, organizationId, userId, role.ref, placesOf(places));
      await markInvitationAccepted(tx, invited.id, userId);
      return signIn.complete(tx, { id: userId, organizationId }, client, {
        method: 'invitation',
        record: { action: 'user.invite_accept', after: { name, ...factsOf(invited, role) } },
        events: [
          byNewMember(invited, userId, 'member.joined', { userId, name }),
          byNewMember(invited, userId, 'invitation.accepted', changeOf(invited)),
        ],
      });
    });
  }

  /** A new token, and the mail that brings it. */
  private async link(actor: Actor, to: { email: string; expiresInDays: number }) {
    const { db, outbox, mails } = this.parts;
    const token = `wpi_${randomBytes(32).toString('base64url')}`;
    const expiresAt = new Date(Date.now() + to.expiresInDays * 86_400_000);
    const [organization, inviter] = await db.tenant(actor, async (tx) => [
      await findOrganization(tx, actor.organizationId),
      await findMember(tx, actor.organizationId, actor.userId),
    ]);
    const by = { organizationId: actor.organizationId, organizationName: organization!.name, name: inviter!.name };
    const mail = await outbox.prepare(mails.invitation(by, to.email, token, expiresAt));
    return { mail, renewal: { tokenHash: hashSecret(token), expiresAt } };
  }
}

async function getInvitation(tx: Tx, actor: Actor, id: InvitationId, lock?: 'lock'): Promise<InvitationRow> {
  const row = await findInvitation(tx, actor.organizationId, id, lock);
  if (!row) throw errors.notFound({ message: 'There is no such invitation.', details: { invitationId: id } });
  return row;
}

/** @throws invitationInvalid */
function assertOpen<T extends InvitationRow>(row: T | null): T {
  if (row && !row.acceptedAt && !row.revokedAt && row.expiresAt > new Date()) return row;
  throw errors.invitationInvalid();
}

/** The role and the places of an invitation as far as they can be given now. @throws invitationInvalid */
async function promised(tx: Tx, invited: InvitationRow): Promise<{ role: KnownRole; places: AskedPlaces }> {
  const { organizationId, invitedBy, workspaceIds, profileIds } = invited;
  const places = await existingPlaces(tx, organizationId, { workspaceIds, profileIds });
  const isLimited = workspaceIds.length + profileIds.length > 0;
  if (isLimited && places.workspaceIds.length + places.profileIds.length === 0) throw errors.invitationInvalid();
  const inviter = await findMember(tx, organizationId, invitedBy);
  if (!inviter?.isActive) throw errors.invitationInvalid();
  try {
    const role = await resolveRole(tx, organizationId, invited.systemRole ?? invited.roleId!, 'role');
    const { given, profiles } = await rightsAt(tx, organizationId, role, places);
    assertHolds(rightsOfUser(await findAssignedRoles(tx, invitedBy)), given, profiles);
    return { role, places };
  } catch (cause) {
    throw errors.invitationInvalid({ cause });
  }
}

function byNewMember<N extends 'member.joined' | 'invitation.accepted'>(
  { organizationId }: InvitationRow,
  userId: UserId,
  name: N,
  payload: NewEvent<N>['payload'],
): NewEvent {
  return { organizationId, profileId: null, name, actor: { kind: 'user', id: userId }, payload } as NewEvent;
}

function resourceOf(row: InvitationRow) {
  return { type: 'invitation', id: row.id, name: row.email };
}

function changeOf(row: InvitationRow) {
  return { invitationId: row.id, email: row.email };
}

function factsOf({ email, workspaceIds, profileIds, expiresAt }: InvitationRow, role: KnownRole) {
  return { email, role: role.name, workspaceIds, profileIds, expiresAt };
}
