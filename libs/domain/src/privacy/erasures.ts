import { createHash, randomBytes } from 'node:crypto';
import { type Actor, errors, eventActor, newId } from '#contracts';
import {
  appendEvents,
  cancelErasure,
  countMembersBeside,
  type Database,
  type ErasureRow,
  findErasure,
  findErasureByReceipt,
  findOpenErasure,
  findPersonBy,
  insertErasure,
  listErasures,
  listMemberIds,
  lockMembers,
  type Tx,
} from '#database';
import { assertAdministeredWithout } from '../identity/platform-admins.service.js';
import type { ReAuthentication, ReauthenticationProof } from '../identity/re-authentication.js';
import { recordAudit } from '../platform/audit-trail.js';
import { closeAccounts } from './close-accounts.js';
import { erasureEvent } from './erasure-facts.js';

/** How long an erasure waits, so that what was a mistake, or somebody else's doing, can be cancelled. */
export const GRACE_DAYS = 7;
export const MAX_GRACE_DAYS = 30;

/** Who is meant; where several are given, all must be of one person. */
export interface ContactRef {
  personId?: string;
  contactId?: string;
  /** Digits with country code. */
  phone?: string;
  lid?: string;
}

export interface ScheduledErasure {
  erasure: ErasureRow;
  /** Reads the report later without an account; shown once. */
  receipt: string;
}

/** Requests to erase personal data. The worker carries them out when they are due (erasure-runner.ts). */
export class Erasures {
  constructor(
    private readonly db: Database,
    private readonly reauthentication: ReAuthentication,
  ) {}

  /**
   * Erases the person who asks: with other members in the organization only their account, as the only member the whole
   * organization.
   * @param graceDays 0: at once; nobody can log in to the account from now on
   * @throws reauthenticationFailed, tooManyAttempts; forbidden for an API key; lastOwner while other members have no
   * other owner; lastPlatformAdmin; erasureOpen
   */
  async eraseSelf(actor: Actor, proof: ReauthenticationProof, graceDays: number): Promise<ScheduledErasure> {
    await this.reauthentication.confirm(actor, proof);
    const { organizationId, userId } = actor;
    return this.db.tenant(actor, async (tx) => {
      // Nobody joins, leaves or changes roles until it is decided what is erased.
      await lockMembers(tx, organizationId);
      const { members, owners } = await countMembersBeside(tx, organizationId, userId);
      if (members > 0 && owners === 0) {
        throw errors.lastOwner({ message: 'Make another member owner of the organization first.' });
      }
      await assertAdministeredWithout(tx, userId);
      await this.supersede(tx, actor, { userId }, graceDays);
      const kind = members === 0 ? 'organization' : 'user';
      const scheduled = await this.schedule(tx, actor, { kind, userId, personId: null, graceDays });
      const events = [erasureEvent('erasure.scheduled', scheduled.erasure, eventActor(actor))];
      if (graceDays === 0) {
        const who = kind === 'user' ? [userId] : await listMemberIds(tx, organizationId);
        await closeAccounts(tx, organizationId, who, events);
      } else await appendEvents(tx, events);
      return scheduled;
    });
  }

  /**
   * Erases a contact everywhere in the organization.
   * @throws notFound, erasureOpen, reauthenticationFailed, tooManyAttempts; forbidden for an API key
   */
  async eraseContact(
    actor: Actor,
    contact: ContactRef,
    proof: ReauthenticationProof,
    graceDays: number,
  ): Promise<ScheduledErasure> {
    const { organizationId } = actor;
    // Before the proof is used up.
    const personId = await this.db.tenant(actor, (tx) => findPersonBy(tx, organizationId, contact));
    if (!personId) throw noContact();
    await this.reauthentication.confirm(actor, proof);
    return this.db.tenant(actor, async (tx) => {
      if (!(await findPersonBy(tx, organizationId, { personId }))) throw noContact();
      await this.supersede(tx, actor, { personId }, graceDays);
      const scheduled = await this.schedule(tx, actor, { kind: 'contact', userId: null, personId, graceDays });
      await appendEvents(tx, [erasureEvent('erasure.scheduled', scheduled.erasure, eventActor(actor))]);
      return scheduled;
    });
  }

  /** The one that waits for the person who asks, or is under way; null when there is none. */
  openOfSelf(actor: Actor): Promise<ErasureRow | null> {
    return this.db.tenant(actor, (tx) => findOpenErasure(tx, actor.organizationId, { userId: actor.userId }));
  }

  /** @throws notFound when none waits, erasureClosed when it has begun */
  async cancelOfSelf(actor: Actor): Promise<ErasureRow> {
    return this.db.tenant(actor, async (tx) => {
      const erasure = await findOpenErasure(tx, actor.organizationId, { userId: actor.userId });
      if (!erasure) throw errors.notFound({ message: 'No erasure of your account waits.' });
      return this.cancelWithin(tx, actor, erasure);
    });
  }

  /** Erasures of contacts, newest first; `limit` of them older than `before`. */
  listOfContacts(actor: Actor, page: { before?: string; limit: number }): Promise<ErasureRow[]> {
    return this.db.tenant(actor, (tx) => listErasures(tx, actor.organizationId, { kind: 'contact', ...page }));
  }

  /** @throws notFound */
  async getOfContact(actor: Actor, id: string): Promise<ErasureRow> {
    return this.db.tenant(actor, (tx) => this.contactErasure(tx, actor, id));
  }

  /** @throws notFound, erasureClosed */
  async cancelOfContact(actor: Actor, id: string): Promise<ErasureRow> {
    return this.db.tenant(actor, async (tx) =>
      this.cancelWithin(tx, actor, await this.contactErasure(tx, actor, id, 'update')),
    );
  }

  /** The report, for whoever holds the receipt; it needs no account, because that may be gone. @throws notFound */
  async byReceipt(receipt: string): Promise<ErasureRow> {
    const erasure = await findErasureByReceipt(this.db, hashOf(receipt));
    if (!erasure) throw errors.notFound({ message: 'There is no erasure with this receipt.' });
    return erasure;
  }

  private async contactErasure(tx: Tx, actor: Actor, id: string, lock?: 'update'): Promise<ErasureRow> {
    const erasure = await findErasure(tx, actor.organizationId, id, lock);
    if (erasure?.kind !== 'contact') throw errors.notFound({ message: 'There is no such erasure.', details: { id } });
    return erasure;
  }

  /** An immediate request takes the place of one that waits; otherwise nothing is asked for twice. */
  private async supersede(
    tx: Tx,
    actor: Actor,
    subject: { userId: string } | { personId: string },
    graceDays: number,
  ): Promise<void> {
    const open = await findOpenErasure(tx, actor.organizationId, subject);
    if (!open) return;
    if (graceDays > 0 || open.state !== 'scheduled') throw errors.erasureOpen({ details: { id: open.id } });
    await cancelErasure(tx, open.id);
  }

  private async schedule(
    tx: Tx,
    actor: Actor,
    what: Pick<ErasureRow, 'kind' | 'userId' | 'personId'> & { graceDays: number },
  ): Promise<ScheduledErasure> {
    const receipt = `wpe_${randomBytes(32).toString('base64url')}`;
    const { kind, userId, personId, graceDays } = what;
    const erasure = await insertErasure(tx, {
      id: newId(),
      organizationId: actor.organizationId,
      kind,
      requestedBy: actor.userId,
      userId,
      personId,
      dueAt: new Date(Date.now() + graceDays * 86_400_000),
      receiptHash: hashOf(receipt),
    });
    await recordAudit(tx, actor, {
      action: kind === 'organization' ? 'org.delete' : 'privacy.erasure_request',
      resource: resourceOf(erasure),
      after: { kind, erasureId: erasure.id, dueAt: erasure.dueAt },
    });
    return { erasure, receipt };
  }

  private async cancelWithin(tx: Tx, actor: Actor, erasure: ErasureRow): Promise<ErasureRow> {
    const cancelled = await cancelErasure(tx, erasure.id);
    if (!cancelled) throw errors.erasureClosed({ details: { state: erasure.state } });
    await recordAudit(tx, actor, {
      action: 'privacy.erasure_cancel',
      resource: resourceOf(erasure),
      after: { kind: erasure.kind, erasureId: erasure.id },
    });
    await appendEvents(tx, [erasureEvent('erasure.cancelled', cancelled, eventActor(actor))]);
    return cancelled;
  }
}

function resourceOf({ kind, organizationId, userId, personId }: ErasureRow) {
  if (kind === 'organization') return { type: 'organization', id: organizationId };
  return kind === 'user' ? { type: 'user', id: userId } : { type: 'person', id: personId };
}

function noContact() {
  return errors.notFound({ message: 'There is no such contact.' });
}

function hashOf(receipt: string): Buffer {
  return createHash('sha256').update(receipt).digest();
}
