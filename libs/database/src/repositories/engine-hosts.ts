import type { Database } from '../database.js';

/** Rows of hosts that died without a word go after this time; they count as dead long before. */
const FORGET_AFTER_SECONDS = 3600;

/** Announces an engine process, or says that it is still there. Removes the rows of hosts that died long ago. */
export async function announceHost(
  db: Database,
  host: { id: string; address: string; isDraining: boolean; capacity: number },
): Promise<void> {
  await db.query(
    `with gone as (delete from engine_hosts where seen_at < now() - make_interval(secs => $4) and id <> $1)
     insert into engine_hosts (id, address, is_draining, capacity) values ($1, $2, $3, $5)
     on conflict (id) do update
       set address = excluded.address, is_draining = excluded.is_draining, capacity = excluded.capacity, seen_at = now()`,
    [host.id, host.address, host.isDraining, FORGET_AFTER_SECONDS, host.capacity],
    { name: 'host_announce' },
  );
}

/** An engine process that is there. */
export interface LiveHost {
  id: string;
  /** Most profiles that it holds, by its setting and by the memory it has left. */
  capacity: number;
  /** It stops, and hands over what it has. */
  isDraining: boolean;
}

/** The hosts that were seen within `withinSeconds`. */
export function listLiveHosts(db: Database, withinSeconds: number): Promise<LiveHost[]> {
  return db.query<LiveHost>(
    `select id, capacity, is_draining as "isDraining" from engine_hosts
      where seen_at >= now() - make_interval(secs => $1)`,
    [withinSeconds],
    { name: 'hosts_live' },
  );
}

/** Removes a host that has stopped. */
export async function forgetHost(db: Database, hostId: string): Promise<void> {
  await db.query('delete from engine_hosts where id = $1', [hostId]);
}

/** Where the owner of a profile is reached now; null when nobody holds it. */
export async function findOwnerAddress(db: Database, profileId: string): Promise<string | null> {
  const [row] = await db.query<{ address: string }>(
    `select h.address from profile_leases l join engine_hosts h on h.id = l.host_id
      where l.profile_id = $1 and l.expires_at >= now()`,
    [profileId],
    { name: 'host_of_profile' },
  );
  return row?.address ?? null;
}
