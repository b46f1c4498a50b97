import { Injectable } from '@nestjs/common';
import { type AccountId, type Actor, errors, eventActor, newId, type ProfileId, type WorkspaceId } from '#contracts';
import {
  appendEvents,
  Database,
  deleteProfile,
  findAccount,
  findProfile,
  insertProfile,
  listAccounts,
  listProfiles,
  lockLease,
  type ProfileRow,
  revokeLease,
  type Tx,
  updateProfile,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';

export interface ProfileDraft {
  name: string;
  /** Default: the oldest account of the workspace. */
  accountId?: AccountId;
  /** Default: the workspace of the account, or else the one with the oldest account. */
  workspaceId?: WorkspaceId;
  settings?: Record<string, unknown>;
}

/** Changes of a profile; what is undefined stays. */
export interface ProfileChanges {
  name?: string;
  /** Moves it, with the workspace that the account belongs to. */
  accountId?: AccountId;
  settings?: Record<string, unknown>;
}

/** Where a profile is looked for: in the actor's organization, or only in one account of it. */
export interface ProfileScope {
  accountId?: AccountId;
}

/** The numbers of an organization, connected or not. */
@Injectable()
export class Profiles {
  constructor(private readonly db: Database) {}

  /** A profile that has no number yet: connect it and scan. @throws notFound (account or workspace) */
  async create(actor: Actor, draft: ProfileDraft, once?: Once<ProfileRow>): Promise<ProfileRow> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const account = await this.accountFor(tx, actor, draft);
      const id = newId<ProfileId>();
      const { workspaceId, id: accountId } = account;
      await insertProfile(tx, {
        id,
        organizationId,
        workspaceId,
        accountId,
        name: draft.name,
        settings: draft.settings ?? {},
      });
      const row = (await findProfile(tx, { organizationId }, id))!;
      await recordAudit(tx, actor, { action: 'profile.create', resource: profileResource(row), after: factsOf(row) });
      await once?.(tx, row);
      await appendEvents(tx, [event(actor, 'profile.created', row)]);
      return row;
    });
  }

  /** Oldest first, `limit` profiles after `after`. @throws notFound when the account is not the organization's */
  async list(
    actor: Actor,
    page: ProfileScope & { workspaceId?: WorkspaceId; after?: string; limit: number },
  ): Promise<ProfileRow[]> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      if (page.accountId && !(await findAccount(tx, organizationId, page.accountId))) throw noAccount(page.accountId);
      return listProfiles(tx, { organizationId, ...page });
    });
  }

  /** @throws notFound */
  async get(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileRow> {
    const { organizationId } = actor;
    const row = await this.db.tenant(actor, (tx) => findProfile(tx, { organizationId, ...scope }, id));
    if (!row) throw noProfile(id);
    return row;
  }

  /** @throws notFound (profile or account) */
  async update(actor: Actor, id: ProfileId, changes: ProfileChanges): Promise<ProfileRow> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const before = await findProfile(tx, { organizationId }, id, 'lock');
      if (!before) throw noProfile(id);
      const account = changes.accountId && (await findAccount(tx, organizationId, changes.accountId, 'share'));
      if (changes.accountId && !account) throw noAccount(changes.accountId);
      await updateProfile(tx, organizationId, id, { ...changes, workspaceId: account?.workspaceId });
      const row = (await findProfile(tx, { organizationId }, id))!;
      await recordAudit(tx, actor, {
        action: 'profile.update',
        resource: profileResource(row),
        before: factsOf(before),
        after: factsOf(row),
      });
      await appendEvents(tx, [event(actor, 'profile.updated', row)]);
      return row;
    });
  }

  /**
   * Deletes a profile with its conversations, messages and webhooks. Only one that is not linked any more or never was,
   * or that is disconnected: what is live is logged out or disconnected first, so that nobody cuts off a number in use
   * by mistake, and the phone does not keep a dead device in its list. An engine that still holds it is shut out by the
   * lease, which goes in the same transaction.
   * @throws notFound, profileConnected
   */
  async delete(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<void> {
    const { organizationId } = actor;
    await this.db.tenant(actor, async (tx) => {
      // The lease first: every transaction of an owner begins with it.
      const lease = await lockLease(tx, id);
      const row = await findProfile(tx, { organizationId, ...scope }, id, 'lock');
      if (!lease || !row) throw noProfile(id);
      if (row.desiredState === 'connected' || row.state === 'connected') throw errors.profileConnected();
      await revokeLease(tx, id);
      await deleteProfile(tx, id);
      const before = { ...factsOf(row), phoneNumber: row.phoneNumber };
      await recordAudit(tx, actor, { action: 'profile.delete', resource: profileResource(row), before });
      await appendEvents(tx, [event(actor, 'profile.deleted', row)]);
      tx.wake('profiles', id);
    });
  }

  private async accountFor(tx: Tx, actor: Actor, { accountId, workspaceId }: ProfileDraft) {
    const { organizationId } = actor;
    if (accountId) {
      const account = await findAccount(tx, organizationId, accountId, 'share');
      if (!account || (workspaceId && account.workspaceId !== workspaceId)) throw noAccount(accountId);
      return account;
    }
    const [oldest] = await listAccounts(tx, { organizationId, workspaceId, limit: 1 });
    // Locked, so that it is not deleted as empty meanwhile.
    const account = oldest && (await findAccount(tx, organizationId, oldest.id, 'share'));
    if (!account) {
      throw errors.notFound({
        message: workspaceId
          ? 'There is no such workspace, or it has no account. Create an account in it first.'
          : 'The organization has no account. Create one first.',
        details: workspaceId ? { workspaceId } : {},
      });
    }
    return account;
  }
}

/** How the audit trail names a profile. */
export function profileResource({ id, name }: Pick<ProfileRow, 'id' | 'name'>) {
  return { type: 'profile', id, name };
}

function factsOf({ name, workspaceId, accountId, settings }: ProfileRow) {
  return { name, workspaceId, accountId, settings };
}

export function noProfile(profileId: string) {
  return errors.notFound({ message: 'There is no such profile.', details: { profileId } });
}

function noAccount(accountId: string) {
  return errors.notFound({ message: 'There is no such account.', details: { accountId } });
}

function event(actor: Actor, name: 'profile.created' | 'profile.updated' | 'profile.deleted', row: ProfileRow) {
  return {
    organizationId: row.organizationId,
    profileId: row.id,
    name,
    actor: eventActor(actor),
    payload: { id: row.id, name: row.name },
  } as const;
}
