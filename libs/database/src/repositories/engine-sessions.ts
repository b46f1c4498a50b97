import type { OrganizationId, ProfileId } from '#contracts';
import type { SessionContent, SessionKey } from '#engine';
import type { OrganizationSealer } from '../sealer.js';
import type { Tx } from '../transaction.js';
import { engineSealPlace } from './engine-store.js';

/** Most keys in one statement. */
const atOnce = 2_000;

/**
 * The whole session of a profile, opened; null when it has none. The caller holds the lease row, so that no owner
 * changes it meanwhile.
 * @param maxBytes the caller's limit: a session beyond it is not read to its end
 * @throws SealUnreadable
 */
export async function readSession(
  tx: Tx,
  profileId: ProfileId,
  sealer: OrganizationSealer,
  maxBytes: number,
): Promise<SessionContent | 'too large' | null> {
  const [row] = await tx.query<{ sealed: Buffer }>('select sealed from engine_credentials where profile_id = $1', [
    profileId,
  ]);
  if (!row) return null;
  const credentials = sealer.open(row.sealed, engineSealPlace(profileId, 'credentials'));
  const keys: SessionKey[] = [];
  let bytes = credentials.length;
  for (let after = ['', '']; ; ) {
    const rows = await tx.query<{ type: string; id: string; sealed: Buffer }>(
      `select type, key_id as id, sealed from engine_keys
        where profile_id = $1 and (type, key_id) > ($2, $3) order by type, key_id limit $4`,
      [profileId, after[0], after[1], atOnce],
    );
    for (const { type, id, sealed } of rows) {
      const value = sealer.open(sealed, engineSealPlace(profileId, 'key', type, id));
      bytes += value.length + id.length;
      keys.push({ type, id, value });
    }
    if (bytes > maxBytes) return 'too large';
    const last = rows.at(-1);
    if (!last || rows.length < atOnce) return { credentials, keys };
    after = [last.type, last.id];
  }
}

/** Writes a session for a profile that has none. The caller holds the lease row. */
export async function writeSession(
  tx: Tx,
  { organizationId, profileId }: { organizationId: OrganizationId; profileId: ProfileId },
  sealer: OrganizationSealer,
  { credentials, keys }: SessionContent,
): Promise<void> {
  await tx.query(
    `insert into engine_credentials (profile_id, organization_id, sealed, updated_at) values ($1, $2, $3, now())`,
    [profileId, organizationId, sealer.seal(credentials, engineSealPlace(profileId, 'credentials'))],
  );
  for (let start = 0; start < keys.length; start += atOnce) {
    const part = keys.slice(start, start + atOnce);
    await tx.query(
      `insert into engine_keys (profile_id, organization_id, type, key_id, sealed)
       select $1, $2, new.type, new.key_id, new.sealed
         from unnest($3::text[], $4::text[], $5::bytea[]) as new (type, key_id, sealed)
       on conflict (profile_id, type, key_id) do update set sealed = excluded.sealed`,
      [
        profileId,
        organizationId,
        part.map((key) => key.type),
        part.map((key) => key.id),
        part.map((key) => sealer.seal(key.value, engineSealPlace(profileId, 'key', key.type, key.id))),
      ],
    );
  }
}
