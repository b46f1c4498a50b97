import { type ConnectionCode, connectionCodes } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

/** The measured connection of a profile. */
export interface ProfileConnectionRow {
  state: string;
  code: ConnectionCode;
  since: Date;
  qrSealed: Buffer | null;
  qrExpiresAt: Date | null;
  qrAttempt: number;
}

/**
 * Writes the connection state under the epoch of the writer, who holds the lease row in this transaction. Leaves the QR
 * only while pairing. @returns the code before, or null when nothing changed or a later epoch has written.
 */
export async function writeConnection(
  tx: Tx,
  profile: { id: string; organizationId: string; epoch: number },
  code: ConnectionCode,
): Promise<{ previous: ConnectionCode } | null> {
  const state = connectionCodes[code].state;
  const [row] = await tx.query<{ previous: ConnectionCode | null }>(
    `with before as (select code from profile_connections where profile_id = $1 for update)
     insert into profile_connections (profile_id, organization_id, state, code, epoch)
     values ($1, $2, $3, $4, $5)
     on conflict (profile_id) do update
       set state = excluded.state, code = excluded.code, epoch = excluded.epoch, since = now(),
           qr_sealed = case when excluded.state = 'pairing' then profile_connections.qr_sealed end,
           qr_expires_at = case when excluded.state = 'pairing' then profile_connections.qr_expires_at end,
           qr_attempt = case when excluded.state = 'pairing' then profile_connections.qr_attempt else 0 end
       where profile_connections.epoch <= excluded.epoch and profile_connections.code <> excluded.code
     returning (select code from before) as previous`,
    [profile.id, profile.organizationId, state, code, profile.epoch],
    { name: 'connection_write' },
  );
  return row ? { previous: row.previous ?? 'never_connected' } : null;
}

/** Keeps until when WhatsApp wants no connection of the profile. Does nothing when a later epoch has written. */
export async function writeAskedPause(
  tx: Tx,
  profile: { id: string; epoch: number },
  pause: { until: Date; times: number } | null,
): Promise<void> {
  await tx.query(
    `update profile_connections set retry_at = $3, throttled = $4, epoch = $2
      where profile_id = $1 and epoch <= $2`,
    [profile.id, profile.epoch, pause?.until ?? null, pause?.times ?? 0],
    { name: 'connection_pause' },
  );
}

/** Keeps the present QR code, sealed. Does nothing when a later epoch has written. */
export async function writeQr(
  tx: Tx,
  profile: { id: string; epoch: number },
  qr: { sealed: Buffer; expiresAt: Date; attempt: number },
): Promise<void> {
  await tx.query(
    `update profile_connections set qr_sealed = $3, qr_expires_at = $4, qr_attempt = $5, epoch = $2
      where profile_id = $1 and epoch <= $2`,
    [profile.id, profile.epoch, qr.sealed, qr.expiresAt, qr.attempt],
    { name: 'connection_qr' },
  );
}

/** The connection of a profile; the caller has checked that it may be seen. */
export async function readConnection(
  db: Pick<Database, 'query'>,
  profileId: string,
): Promise<ProfileConnectionRow | null> {
  const [row] = await db.query<ProfileConnectionRow>(
    `select state, code, since, qr_sealed as "qrSealed", qr_expires_at as "qrExpiresAt", qr_attempt as "qrAttempt"
       from profile_connections where profile_id = $1`,
    [profileId],
    { name: 'connection_read' },
  );
  return row ?? null;
}
