import type { OrganizationId, ProfileId } from '#contracts';
import { LeaseLost } from '#engine';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import type { DesiredState } from './profiles.js';

/**
 * The right to act for a profile: held by one host, void once another has a higher epoch. Whoever writes for the owner
 * presents it, and PostgreSQL compares (`holdLease`, or the same condition inside a statement).
 */
export interface Lease {
  profileId: ProfileId;
  organizationId: OrganizationId;
  hostId: string;
  epoch: number;
}

/** What a host learns about a profile that it holds, with each renewal. */
export interface RenewedLease {
  profileId: ProfileId;
  desiredState: DesiredState;
  /** Of its connection settings; 0: none were ever set. */
  settingsRevision: number;
}

/**
 * The profiles that some engine should hold: those that shall be connected, and those whose measured state is behind what
 * is wanted, because their engine died before it could close them, or because WhatsApp has to be told of a logout. A
 * number that the phone itself removed has the state `logged_out` and needs nobody.
 */
const wanted = `(p.desired_state = 'connected'
     or (p.desired_state = 'logged_out' and c.state is distinct from 'logged_out')
     or (p.desired_state = 'disconnected' and c.state in ('connecting', 'pairing', 'connected', 'reconnecting')))`;

export interface ClaimOptions {
  hostId: string;
  limit: number;
  leaseSeconds: number;
  /** What this host really holds. Others that are written to it (it let go in need) are free for it to take anew. */
  held: string[];
  /** Only profiles that have been free for so long. */
  freeForSeconds: number;
  /** Nothing that ran out under another host: that one may be about to take its own again. */
  leavesOthers?: boolean;
}

/**
 * Takes up to `limit` profiles that nobody holds: its own first, then the longest unattended. The epoch rises, which shuts out the former
 * owner: a write of its that began before waits for us or makes us skip the row, one that begins after is refused.
 */
export function claimLeases(db: Database, options: ClaimOptions): Promise<Lease[]> {
  return db.query<Lease>(
    `with free as (
       select l.profile_id
         from profile_leases l
         join profiles p on p.id = l.profile_id
         left join profile_connections c on c.profile_id = l.profile_id
        where ${wanted}
          and (l.host_id is null or l.expires_at < now() or (l.host_id = $1 and l.profile_id <> all($4::uuid[])))
          and (l.host_id = $1 or l.expires_at <= now() - make_interval(secs => $5))
          and (not $6::boolean or l.host_id is null or l.host_id = $1)
        order by l.host_id is not distinct from $1 desc, l.expires_at
        limit $2
          for update of l skip locked
     )
     update profile_leases l
        set host_id = $1, epoch = l.epoch + 1, expires_at = now() + make_interval(secs => $3)
       from free
      where l.profile_id = free.profile_id
     returning l.profile_id as "profileId", l.organization_id as "organizationId", l.host_id as "hostId", l.epoch`,
    [
      options.hostId,
      options.limit,
      options.leaseSeconds,
      options.held,
      options.freeForSeconds,
      options.leavesOthers ?? false,
    ],
    { name: 'leases_claim' },
  );
}

/**
 * Prolongs the given leases in one statement and tells what is wanted of each profile. A lease that is missing from the
 * answer is lost. One that ran out but that nobody took is still ours: the epoch decides, not the time.
 */
export function renewLeases(db: Database, leases: Lease[], leaseSeconds: number): Promise<RenewedLease[]> {
  return db.query<RenewedLease>(
    `update profile_leases l
        set expires_at = now() + make_interval(secs => $4)
       from unnest($2::uuid[], $3::int8[]) as held (profile_id, epoch), profiles p
      where l.profile_id = held.profile_id and l.host_id = $1 and l.epoch = held.epoch and p.id = l.profile_id
     returning l.profile_id as "profileId", p.desired_state as "desiredState",
               coalesce((select s.revision from connection_settings s where s.profile_id = l.profile_id), 0) as "settingsRevision"`,
    [
      leases[0]?.hostId ?? null,
      leases.map((lease) => lease.profileId),
      leases.map((lease) => lease.epoch),
      leaseSeconds,
    ],
    { name: 'leases_renew' },
  );
}

/** Gives leases back, so that another host may take over at once. Those that were lost meanwhile are left alone. */
export async function releaseLeases(db: Database, leases: Lease[]): Promise<void> {
  if (leases.length === 0) return;
  await db.query(
    `update profile_leases l
        set host_id = null, expires_at = now()
       from unnest($2::uuid[], $3::int8[]) as held (profile_id, epoch)
      where l.profile_id = held.profile_id and l.host_id = $1 and l.epoch = held.epoch`,
    [leases[0]!.hostId, leases.map((lease) => lease.profileId), leases.map((lease) => lease.epoch)],
    { name: 'leases_release' },
  );
}

/**
 * Proves inside a transaction that the lease still holds, and keeps any claim of another host waiting until the end of
 * it. The first statement of every transaction that writes for an owner. The key-share lock holds up claims, because the
 * epoch is part of a unique index, and never a renewal.
 * @throws LeaseLost when the profile has another owner.
 */
export async function holdLease(tx: Tx, lease: Lease): Promise<void> {
  const rows = await tx.query(
    'select 1 from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share',
    [lease.profileId, lease.hostId, lease.epoch],
    { name: 'lease_hold' },
  );
  if (rows.length === 0) throw new LeaseLost(lease.profileId);
}

/**
 * The same for several profiles. It waits for nobody: a lease that somebody has locked at the moment is left out like a
 * lost one; `holdLease` tells which it is. Planned once, as `readPartiesOf`.
 */
export async function holdLeases(tx: Tx, leases: Lease[]): Promise<Set<Lease>> {
  const rows = await tx.query<{ profileId: string; epoch: number }>(
    `select l.profile_id as "profileId", l.epoch
       from unnest((select $1::uuid[]), (select $2::uuid[]), (select $3::int8[])) as held (profile_id, host_id, epoch)
       join profile_leases l using (profile_id, host_id, epoch)
        for key share of l skip locked`,
    [leases.map((lease) => lease.profileId), leases.map((lease) => lease.hostId), leases.map((lease) => lease.epoch)],
    { name: 'leases_hold' },
  );
  const epochs = new Map(rows.map((row) => [row.profileId, row.epoch]));
  return new Set(leases.filter((lease) => epochs.get(lease.profileId) === lease.epoch));
}

/** Whether a lease still holds, and what is wanted of its profile. Null when it is lost. */
export async function readLease(db: Database, lease: Lease): Promise<RenewedLease | null> {
  const [row] = await db.query<RenewedLease>(
    `select l.profile_id as "profileId", p.desired_state as "desiredState",
            coalesce((select s.revision from connection_settings s where s.profile_id = l.profile_id), 0) as "settingsRevision"
       from profile_leases l join profiles p on p.id = l.profile_id
      where l.profile_id = $1 and l.host_id = $2 and l.epoch = $3`,
    [lease.profileId, lease.hostId, lease.epoch],
    { name: 'lease_read' },
  );
  return row ?? null;
}

/** How many profiles want an owner, for the fair share of each host. */
export async function countWantedProfiles(db: Database): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) as count from profiles p left join profile_connections c on c.profile_id = p.id where ${wanted}`,
    [],
    { name: 'leases_wanted' },
  );
  return row!.count;
}

/** Who holds a profile, read for a person's request: locks the lease, so that no claim happens meanwhile. */
export async function lockLease(tx: Tx, profileId: string): Promise<{ epoch: number; isHeld: boolean } | null> {
  const [row] = await tx.query<{ epoch: number; isHeld: boolean }>(
    `select epoch, host_id is not null and expires_at >= now() as "isHeld"
       from profile_leases where profile_id = $1 for update`,
    [profileId],
  );
  return row ?? null;
}

/**
 * Takes the lease away from whoever has it and leaves it free. The former owner's writes are refused from here on; it
 * notices with the next one and closes its socket. @returns the new epoch.
 */
export async function revokeLease(tx: Tx, profileId: string): Promise<number> {
  const [row] = await tx.query<{ epoch: number }>(
    `update profile_leases set host_id = null, epoch = epoch + 1, expires_at = now()
      where profile_id = $1 returning epoch`,
    [profileId],
  );
  return row!.epoch;
}
