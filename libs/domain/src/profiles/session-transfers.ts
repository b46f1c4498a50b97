import { type Actor, errors, eventActor, type NewEvent, type ProfileId } from '#contracts';
import {
  appendEvents,
  type Database,
  findLinkedElsewhere,
  findProfile,
  hasCredentials,
  lockLease,
  type ProfileRow,
  readSession,
  removeLink,
  revokeLease,
  type Sealer,
  setLinkedNumber,
  type Tx,
  writeConnection,
  writeSession,
} from '#database';
import {
  EngineError,
  isTakenAlong,
  readBaileysFolder,
  type SessionContent,
  type SessionOwner,
  sessionOwner,
} from '#engine';
import { recordAudit } from '../platform/audit-trail.js';
import { connectionEvent } from './profile-events.js';
import { type ProfileStatus, statusOf } from './profile-status.js';
import { noProfile, profileResource } from './profiles.service.js';
import { ArchiveUnreadable, readSessionArchive } from './session-archive.js';
import {
  isSessionFile,
  MAX_SESSION_BYTES,
  readSessionFile,
  SessionFileError,
  writeSessionFile,
} from './session-file.js';

/**
 * Takes linked sessions out of an installation and into it, without a new scan. A session has one place: two that use
 * it at a time spoil its keys. So only what is disconnected leaves, and afterwards stays so until a person says otherwise.
 */
export class SessionTransfers {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /**
   * The session as an encrypted file. Whoever has file and passphrase is the number.
   * @throws notFound, profileConnected, profileNotLinked, sessionTooLarge
   */
  async export(actor: Actor, id: ProfileId, passphrase: string): Promise<{ file: Buffer; phoneNumber: string | null }> {
    const at = new Date();
    const sealer = await this.sealer.forOrganization(actor.organizationId);
    const { content, row } = await this.db.tenant(actor, async (tx) => {
      const { row, epoch } = await this.takeFree(tx, actor, id);
      const content = await readSession(tx, id, sealer, MAX_SESSION_BYTES);
      if (content === null) throw errors.profileNotLinked();
      if (content === 'too large') throw errors.sessionUnreadable({ message: 'The session is larger than 64 MiB.' });
      const events = await told(tx, actor, row, { code: 'session_exported', epoch });
      await recordAudit(tx, actor, { action: 'profile.session_export', resource: profileResource(row) });
      await appendEvents(tx, events);
      return { content, row };
    });
    return { file: await writeSessionFile(content, passphrase, at), phoneNumber: row.phoneNumber };
  }

  /**
   * Makes the session in a file that of a profile without one: our own, or a zip of a folder that Baileys wrote.
   * @throws notFound, profileConnected, profileAlreadyLinked, sessionUnreadable, validation (another number's)
   */
  async import(actor: Actor, id: ProfileId, file: Buffer, passphrase: string | undefined): Promise<ProfileStatus> {
    const known = await this.db.tenant(actor, (tx) => findProfile(tx, { organizationId: actor.organizationId }, id));
    if (!known) throw noProfile(id);
    const { content, owner } = await read(file, passphrase);
    const sealer = await this.sealer.forOrganization(actor.organizationId);
    const { organizationId } = actor;
    const { phone, lid } = owner.address;
    return this.db.tenant(actor, async (tx) => {
      const { row, epoch } = await this.takeFree(tx, actor, id);
      if (await hasCredentials(tx, id)) {
        if (row.state !== 'logged_out') throw errors.profileAlreadyLinked();
        await removeLink(tx, id);
      }
      if (row.phoneNumber !== null && row.phoneNumber !== phone) {
        const message = 'is the session of another number than the one that this profile belongs to';
        throw errors.validation({ fields: [{ path: 'data', message }] });
      }
      if (phone && (await findLinkedElsewhere(tx, organizationId, id, phone))) {
        const message = 'Another profile of your organization is linked to this number. Log it out or delete it first.';
        throw errors.profileAlreadyLinked({ message });
      }
      const { credentials, keys } = content;
      const session = { credentials, keys: keys.filter(isTakenAlong) };
      await writeSession(tx, { organizationId, profileId: id }, sealer, session);
      await setLinkedNumber(tx, id, { phoneNumber: phone, lid, pushName: owner.pushName });
      const linked = (await findProfile(tx, { organizationId }, id))!;
      const events = await told(tx, actor, linked, { code: 'session_imported', epoch });
      if (row.phoneNumber === null) events.unshift(linkedEvent(actor, id, owner));
      await recordAudit(tx, actor, {
        action: 'profile.session_import',
        resource: profileResource(row),
        after: { phoneNumber: phone, keys: content.keys.length },
      });
      await appendEvents(tx, events);
      return statusOf((await findProfile(tx, { organizationId }, id))!, null);
    });
  }

  /** Nobody holds it, nobody wants it connected, and nobody takes it until this transaction has ended. */
  private async takeFree(tx: Tx, actor: Actor, id: ProfileId): Promise<{ row: ProfileRow; epoch: number }> {
    const lease = await lockLease(tx, id);
    const row = await findProfile(tx, { organizationId: actor.organizationId }, id, 'lock');
    if (!lease || !row) throw noProfile(id);
    if (lease.isHeld || row.desiredState === 'connected') {
      throw errors.profileConnected({ message: 'The profile is connected, or shall be. Disconnect it first.' });
    }
    return { row, epoch: await revokeLease(tx, id) };
  }
}

async function read(
  file: Buffer,
  passphrase: string | undefined,
): Promise<{ content: SessionContent; owner: SessionOwner }> {
  try {
    if (isSessionFile(file)) {
      if (passphrase === undefined) {
        throw errors.validation({
          fields: [{ path: 'passphrase', message: 'is needed for a session file of Waypost' }],
        });
      }
      const { content } = await readSessionFile(file, passphrase);
      return { content, owner: sessionOwner(content.credentials) };
    }
    const content = readBaileysFolder(await readSessionArchive(file));
    return { content, owner: sessionOwner(content.credentials) };
  } catch (error) {
    throw unreadable(error);
  }
}

const fileProblems: Record<SessionFileError['reason'], string> = {
  not_a_session: 'The file is not a session of Waypost, or it was cut off.',
  newer_version: 'The file was written by a newer version of Waypost. Update this one first.',
  wrong_passphrase_or_damaged: 'The passphrase is wrong, or the file is damaged.',
  too_large: 'The file unfolds to more than a session can be.',
};

function unreadable(error: unknown): unknown {
  if (error instanceof SessionFileError) {
    return errors.sessionUnreadable({ message: fileProblems[error.reason], details: { reason: error.reason } });
  }
  if (error instanceof ArchiveUnreadable) {
    return errors.sessionUnreadable({ message: `The session cannot be read: ${error.message}.` });
  }
  if (error instanceof EngineError) return errors.sessionUnreadable({ message: error.message });
  return error;
}

async function told(
  tx: Tx,
  actor: Actor,
  row: ProfileRow,
  next: { code: 'session_exported' | 'session_imported'; epoch: number },
): Promise<NewEvent[]> {
  const { id, organizationId } = row;
  const written = await writeConnection(tx, { id, organizationId, epoch: next.epoch }, next.code);
  return written ? [connectionEvent(row, next.code, eventActor(actor))] : [];
}

function linkedEvent(actor: Actor, profileId: ProfileId, { address, pushName }: SessionOwner): NewEvent {
  return {
    organizationId: actor.organizationId,
    profileId,
    name: 'profile.linked',
    actor: eventActor(actor),
    payload: { phoneNumber: address.phone!, lid: address.lid, pushName },
  };
}
