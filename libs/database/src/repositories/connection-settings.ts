import type { OrganizationId, ProfileId } from '#contracts';
import type { HistoryWish, Listening } from '#engine';
import type { Tx } from '../transaction.js';

/** How the connection of a profile is made; what is null is as the installation has it. */
export interface ConnectionSettingsRow {
  deviceName: string | null;
  devicePlatform: string | null;
  listening: Listening;
  history: HistoryWish;
  /** Every call that begins is refused. */
  rejectsCalls: boolean;
  /** Sealed JSON of the proxy; null: none. */
  proxySealed: Buffer | null;
  /** 0: nothing was ever set. */
  revision: number;
}

const untouched: ConnectionSettingsRow = {
  deviceName: null,
  devicePlatform: null,
  listening: {},
  history: 'none',
  rejectsCalls: false,
  proxySealed: null,
  revision: 0,
};

export async function findConnectionSettings(tx: Tx, profileId: ProfileId): Promise<ConnectionSettingsRow> {
  const [row] = await tx.query<ConnectionSettingsRow>(
    `select device_name as "deviceName", device_platform as "devicePlatform", listening, history,
            rejects_calls as "rejectsCalls", proxy_sealed as "proxySealed", revision
       from connection_settings where profile_id = $1`,
    [profileId],
    { name: 'connection_settings' },
  );
  return row ?? untouched;
}

/** Replaces all of them and raises the revision, by which an owner sees that its connection was made with older ones. */
export async function saveConnectionSettings(
  tx: Tx,
  { organizationId, profileId }: { organizationId: OrganizationId; profileId: ProfileId },
  settings: Omit<ConnectionSettingsRow, 'revision'>,
): Promise<void> {
  await tx.query(
    `insert into connection_settings
       (profile_id, organization_id, device_name, device_platform, listening, history, proxy_sealed, rejects_calls)
     values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
     on conflict (profile_id) do update
       set device_name = excluded.device_name, device_platform = excluded.device_platform,
           listening = excluded.listening, history = excluded.history, proxy_sealed = excluded.proxy_sealed,
           rejects_calls = excluded.rejects_calls,
           revision = connection_settings.revision + 1, updated_at = now()`,
    [
      profileId,
      organizationId,
      settings.deviceName,
      settings.devicePlatform,
      JSON.stringify(settings.listening),
      settings.history,
      settings.proxySealed,
      settings.rejectsCalls,
    ],
  );
}
