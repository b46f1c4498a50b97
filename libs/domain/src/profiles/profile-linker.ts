import { Injectable } from '@nestjs/common';
import {
  type Actor,
  type AuditAction,
  CatalogueError,
  type ConnectionCode,
  errors,
  eventActor,
  type NewEvent,
  type ProfileId,
} from '#contracts';
import {
  appendEvents,
  Database,
  type DesiredState,
  findProfile,
  hasCredentials,
  lockLease,
  type ProfileRow,
  removeLink,
  revokeLease,
  Sealer,
  setDesiredState,
  type Tx,
  writeConnection,
} from '#database';
import { hasRecentAudit, recordAudit } from '../platform/audit-trail.js';
import { EngineGateway } from './engine-gateway.js';
import { connectionEvent, qrSeal } from './profile-events.js';
import { type ProfileStatus, statusOf } from './profile-status.js';
import { noProfile, type ProfileScope, profileResource } from './profiles.service.js';

const QR_READ_MINUTES = 10;

/** The QR code that waits to be scanned; `text` is null when none does, and the status says why. */
export interface WaitingQr {
  text: string | null;
  expiresAt: Date | null;
  status: ProfileStatus;
}

/**
 * Connects, pairs, disconnects and logs out profiles. A request is a wanted state in the database with its event, and a
 * wake-up; the engine that holds the profile, or takes it then, makes it so and reports the measured state. So a request
 * survives every crash, and asking twice is asking once.
 */
@Injectable()
export class ProfileLinker {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
    private readonly gateway: EngineGateway,
  ) {}

  /**
   * Wants the profile connected. A profile that is being connected, or is, is left as it is. From any other state an
   * engine opens it anew; after a logout its old credentials are removed first, and a QR code will wait to be scanned.
   * @throws notFound
   */
  connect(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileStatus> {
    return this.request(actor, id, scope, 'connected', 'profile.connect', async (tx, row) => {
      if (!['disconnected', 'logged_out', 'error'].includes(row.state)) return null;
      // Whoever holds it has ended with it; a fresh owner begins. The same transaction removes a dead link, so that no
      // crash can leave the profile with the credentials of a device that the phone has removed.
      const epoch = await revokeLease(tx, id);
      if (row.state === 'logged_out') await removeLink(tx, id);
      return { code: 'waiting_for_engine', epoch };
    });
  }

  /** Wants the profile disconnected; the link stays, so that connecting again needs no scan. @throws notFound */
  disconnect(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileStatus> {
    return this.request(actor, id, scope, 'disconnected', 'profile.disconnect', async (tx, row, lease) => {
      // A living owner closes in good order and says so itself.
      if (lease.isHeld || ['disconnected', 'logged_out'].includes(row.state)) return null;
      return { code: 'disconnected_by_user', epoch: await revokeLease(tx, id) };
    });
  }

  /**
   * Wants the profile unlinked. With credentials an engine has to tell WhatsApp, now or when one runs again; without
   * any there is nothing to tell.
   * @throws notFound
   */
  logout(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileStatus> {
    return this.request(actor, id, scope, 'logged_out', 'profile.logout', async (tx, row, lease) => {
      if (lease.isHeld || row.state === 'logged_out') return null;
      const isLinked = await hasCredentials(tx, id);
      return { code: isLinked ? 'logging_out' : 'logged_out_by_user', epoch: await revokeLease(tx, id) };
    });
  }

  /** Opens the connection of a held profile anew, with the same link. @throws notFound, engineUnavailable */
  async restart(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileStatus> {
    const row = await this.find(actor, id, scope);
    if (row.desiredState !== 'connected') throw errors.profileNotConnected();
    await this.db.tenant(actor, (tx) =>
      recordAudit(tx, actor, { action: 'profile.restart', resource: profileResource(row) }),
    );
    await this.gateway.restart(id);
    return statusOf(await this.find(actor, id, scope), null);
  }

  /** The measured state as it is recorded, without asking the owner. @throws notFound */
  async recorded(actor: Actor, id: ProfileId): Promise<ProfileStatus> {
    return statusOf(await this.find(actor, id, {}), null);
  }

  /** The measured state, with what the owner measured when it can be reached. @throws notFound */
  async status(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<ProfileStatus> {
    const row = await this.find(actor, id, scope);
    const health = await this.gateway.health(id).catch((error) => {
      if (error instanceof CatalogueError) return null;
      throw error;
    });
    return statusOf(row, health);
  }

  /** The present QR code, or none and the reason in the status. @throws notFound */
  async qr(actor: Actor, id: ProfileId, scope: ProfileScope = {}): Promise<WaitingQr> {
    const row = await this.find(actor, id, scope);
    const status = statusOf(row, null);
    const isWaiting =
      row.isHeld && row.state === 'pairing' && row.qrSealed && row.qrExpiresAt && row.qrExpiresAt > new Date();
    if (!isWaiting) return { text: null, expiresAt: null, status };
    await this.recordQrRead(actor, row);
    const sealer = await this.sealer.forOrganization(row.organizationId);
    return { text: sealer.open(row.qrSealed!, qrSeal(id)).toString('utf8'), expiresAt: row.qrExpiresAt, status };
  }

  /**
   * An eight-character code to type into WhatsApp on the phone instead of scanning. Connects the profile when that was
   * not wanted yet, and waits until WhatsApp is ready for pairing.
   * @param phone digits with country code
   * @throws notFound, profileAlreadyLinked, profileNotPairing, engineUnavailable
   */
  async pairingCode(actor: Actor, id: ProfileId, phone: string, scope: ProfileScope = {}): Promise<string> {
    const row = await this.find(actor, id, scope);
    if (row.phoneNumber !== null && row.phoneNumber !== phone) {
      throw errors.validation({
        fields: [{ path: 'phoneNumber', message: 'is not the number that this profile belongs to' }],
      });
    }
    await this.connect(actor, id, scope);
    const code = await this.gateway.requestPairingCode(id, phone);
    await this.db.tenant(actor, (tx) =>
      recordAudit(tx, actor, {
        action: 'profile.pairing_code',
        resource: profileResource(row),
        after: { phoneNumber: phone },
      }),
    );
    return code;
  }

  private async request(
    actor: Actor,
    id: ProfileId,
    scope: ProfileScope,
    wanted: DesiredState,
    action: AuditAction,
    change: (
      tx: Tx,
      row: ProfileRow,
      lease: { isHeld: boolean },
    ) => Promise<{ code: ConnectionCode; epoch: number } | null>,
  ): Promise<ProfileStatus> {
    const { organizationId } = actor;
    const row = await this.db.tenant(actor, async (tx) => {
      // The lease first: no owner writes and no engine claims until this has committed.
      const lease = await lockLease(tx, id);
      const before = await findProfile(tx, { organizationId, ...scope }, id, 'lock');
      if (!lease || !before) throw noProfile(id);
      const events: NewEvent[] = [];
      if (await setDesiredState(tx, id, wanted)) {
        events.push({
          organizationId,
          profileId: id,
          name: 'profile.desired_state_changed',
          actor: eventActor(actor),
          payload: { id, name: before.name, desiredState: wanted },
        });
      }
      const next = await change(tx, before, lease);
      if (next && (await writeConnection(tx, { id, organizationId, epoch: next.epoch }, next.code))) {
        events.push(connectionEvent(before, next.code, eventActor(actor)));
      }
      const after = (await findProfile(tx, { organizationId }, id))!;
      await recordAudit(tx, actor, {
        action,
        resource: profileResource(before),
        before: { desiredState: before.desiredState },
        after: { desiredState: after.desiredState },
      });
      await appendEvents(tx, events);
      tx.wake('profiles', id);
      return after;
    });
    return statusOf(row, null);
  }

  /** A page that shows the code asks again and again: one entry for each person and QR_READ_MINUTES is enough. */
  private async recordQrRead(actor: Actor, row: ProfileRow): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const record = { action: 'profile.qr_read', resource: profileResource(row) } as const;
      if (!(await hasRecentAudit(tx, actor, record, QR_READ_MINUTES))) await recordAudit(tx, actor, record);
    });
  }

  private async find(actor: Actor, id: ProfileId, scope: ProfileScope): Promise<ProfileRow> {
    const { organizationId } = actor;
    const row = await this.db.tenant(actor, (tx) => findProfile(tx, { organizationId, ...scope }, id));
    if (!row) throw noProfile(id);
    return row;
  }
}
