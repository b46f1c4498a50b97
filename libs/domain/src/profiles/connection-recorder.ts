import { type ConnectionCode, connectionCodes, healthCodes, type NewEvent } from '#contracts';
import {
  appendEvents,
  type Database,
  findProfile,
  holdLease,
  retryTransient,
  type Sealer,
  setDesiredState,
  setLinkedNumber,
  type Tx,
  touchConnected,
  writeAskedPause,
  writeConnection,
  writeQr,
} from '#database';
import type { AskedPause, ConnectionHealth, Healing, StateChange } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import { connectionEvent, qrSeal } from './profile-events.js';

/** States after which a link that appears is a new one. */
const pairingCodes: readonly ConnectionCode[] = ['waiting_for_scan', 'waiting_for_code', 'pairing_accepted'];

/**
 * Writes what the engine measures about a connection: state, QR code, linked number, each with its event. Every write
 * is guarded by the lease, so that a former owner cannot overwrite the state of the present one.
 */
export class ConnectionRecorder {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Records a state. While the database is away it tries again, as long as the lease lasts. A definite end also ends
   * what is wanted, so that no engine tries again without a person: the phone removed the device, or nobody scanned.
   * @throws LeaseLost
   */
  async stateChanged(owned: OwnedProfile, change: StateChange): Promise<void> {
    await this.write(owned, async (tx, events) => {
      const { profileId: id, organizationId, epoch } = owned.lease;
      const profile = (await findProfile(tx, { organizationId }, id))!;
      const self = change.self;
      const written = await writeConnection(tx, { id, organizationId, epoch }, change.code);
      if (self) {
        const { phone, lid } = self.address;
        await setLinkedNumber(tx, id, { phoneNumber: phone, lid, pushName: self.pushName });
        const isNew = profile.phoneNumber === null || (written !== null && pairingCodes.includes(written.previous));
        if (isNew && phone) events.push(linkedEvent(owned, phone, self.address.lid, self.pushName));
      }
      const { state } = connectionCodes[change.code];
      if (state === 'connected') await touchConnected(tx, id);
      if (state === 'logged_out') await setDesiredState(tx, id, 'logged_out', 'connected');
      if (change.code === 'pairing_expired') await setDesiredState(tx, id, 'disconnected', 'connected');
      const phoneNumber = self?.address.phone ?? profile.phoneNumber;
      if (written) {
        events.unshift(connectionEvent({ id, organizationId, phoneNumber }, change.code, { kind: 'system' }));
      }
    });
  }

  /** Keeps the present QR code, sealed: whoever reads it could link the profile to a phone of his. @throws LeaseLost */
  async qrChanged(owned: OwnedProfile, qr: { text: string; expiresAt: Date; attempt: number }): Promise<void> {
    const { profileId, organizationId, epoch } = owned.lease;
    await this.write(owned, async (tx, events) => {
      const sealer = await this.sealer.forOrganization(organizationId);
      const sealed = sealer.seal(qr.text, qrSeal(profileId));
      await writeQr(tx, { id: profileId, epoch }, { sealed, expiresAt: qr.expiresAt, attempt: qr.attempt });
      events.push({
        organizationId,
        profileId,
        name: 'connection.qr_changed',
        actor: { kind: 'whatsapp' },
        payload: { expiresAt: qr.expiresAt.toISOString(), attempt: qr.attempt },
      });
    });
  }

  /** Keeps the pause that WhatsApp asked for, so that no other process connects before it is over. @throws LeaseLost */
  async pauseAsked(owned: OwnedProfile, pause: AskedPause | null): Promise<void> {
    const { profileId: id, epoch } = owned.lease;
    await this.write(owned, (tx) => writeAskedPause(tx, { id, epoch }, pause));
  }

  /** Tells that the findings about a connection have changed. @throws LeaseLost */
  async healthChanged(owned: OwnedProfile, health: ConnectionHealth): Promise<void> {
    const findings = health.findings.map((code) => ({ code, ...healthCodes[code] }));
    await this.tell(owned, { name: 'connection.health_changed', payload: { grade: health.grade, findings } });
  }

  /** Tells of a step that was taken to heal a connection. @throws LeaseLost */
  async healed(owned: OwnedProfile, { step, code, at }: Healing): Promise<void> {
    const { sentence } = healthCodes[code];
    await this.tell(owned, { name: 'connection.healed', payload: { step, code, sentence, at: at.toISOString() } });
  }

  private async tell(
    owned: OwnedProfile,
    event:
      | Pick<NewEvent<'connection.healed'>, 'name' | 'payload'>
      | Pick<NewEvent<'connection.health_changed'>, 'name' | 'payload'>,
  ): Promise<void> {
    const { profileId, organizationId } = owned.lease;
    await this.write(owned, async (_, events) => {
      events.push({ organizationId, profileId, actor: { kind: 'system' }, ...event });
    });
  }

  private write(owned: OwnedProfile, work: (tx: Tx, events: NewEvent[]) => Promise<void>): Promise<void> {
    return retryTransient(
      () =>
        this.db.system(async (tx) => {
          await holdLease(tx, owned.lease);
          const events: NewEvent[] = [];
          await work(tx, events);
          await appendEvents(tx, events);
        }),
      { signal: owned.signal },
    );
  }
}

function linkedEvent(owned: OwnedProfile, phoneNumber: string, lid: string | null, pushName: string | null): NewEvent {
  return {
    organizationId: owned.lease.organizationId,
    profileId: owned.lease.profileId,
    name: 'profile.linked',
    actor: { kind: 'whatsapp' },
    payload: { phoneNumber, lid, pushName },
  };
}
