import type { BroadcastId, OrganizationId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';
import type { BroadcastRow } from './broadcasts.js';

/** A number that sends for a broadcast. */
export interface BroadcastSenderRow {
  broadcastId: BroadcastId;
  profileId: ProfileId;
  heldFor: string | null;
  heldSince: Date | null;
}

/** Sets which numbers send, in this order. */
export async function putSenders(
  tx: Tx,
  broadcast: Pick<BroadcastRow, 'id' | 'organizationId'>,
  profileIds: readonly string[],
): Promise<void> {
  await tx.query('delete from broadcast_senders where broadcast_id = $1 and profile_id <> all($2::uuid[])', [
    broadcast.id,
    profileIds,
  ]);
  await tx.query(
    `insert into broadcast_senders (broadcast_id, profile_id, organization_id, position)
     select $1, new.id, $2, new.position from unnest($3::uuid[]) with ordinality as new (id, position)
     on conflict (broadcast_id, profile_id) do update set position = excluded.position`,
    [broadcast.id, broadcast.organizationId, profileIds],
  );
}

/** The numbers of broadcasts, in their order. */
export function listSenders(tx: Pick<Tx, 'query'>, broadcastIds: readonly string[]): Promise<BroadcastSenderRow[]> {
  return tx.query<BroadcastSenderRow>(
    `select broadcast_id as "broadcastId", profile_id as "profileId", held_for as "heldFor", held_since as "heldSince"
       from broadcast_senders where broadcast_id = any($1::uuid[]) order by broadcast_id, position`,
    [broadcastIds],
  );
}

/** Which of these profiles the organization has (and the caller may see). */
export async function holdProfiles(
  tx: Tx,
  organizationId: OrganizationId,
  profileIds: readonly string[],
): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    'select id from profiles where organization_id = $1 and id = any($2::uuid[]) order by id for key share',
    [organizationId, profileIds],
  );
  return new Set(rows.map((row) => row.id));
}

/** All numbers of a broadcast are looked at at once. */
export async function wakeSenders(tx: Tx, broadcastId: BroadcastId): Promise<void> {
  await tx.query('update broadcast_senders set feed_at = now() where broadcast_id = $1', [broadcastId]);
}

/** The pauses that its numbers are in end after at most so long: they were worked out by other settings. */
export async function shortenPauses(tx: Tx, broadcastId: BroadcastId, mostMs: number): Promise<void> {
  await tx.query(
    `update broadcast_senders
        set next_at = least(next_at, now() + make_interval(secs => $2::float8 / 1000)), feed_at = now()
      where broadcast_id = $1`,
    [broadcastId, mostMs],
  );
}

/** What waits for a number that is no sender any more is free for the others; what none of them can send to is left out. */
export async function releaseRecipients(tx: Tx, broadcastId: BroadcastId, profileId: string): Promise<void> {
  await tx.query('select waypost_release_recipients($1, $2)', [broadcastId, profileId]);
}

/**
 * A profile is about to be deleted: what it was given and has not sent is free for the other numbers, what may have been on
 * the wire is `unknown`, and what waits of its own broadcasts at other numbers runs out. Before its outbox goes.
 */
export async function leaveBroadcasts(tx: Tx, profileId: string): Promise<void> {
  await tx.query('select waypost_leave_broadcasts($1)', [profileId]);
}

/** Running broadcasts whose numbers are all gone. */
export async function findSenderless(db: Pick<Tx, 'query'>, limit: number): Promise<BroadcastId[]> {
  const rows = await db.query<{ id: BroadcastId }>(
    `select b.id from broadcasts b
      where b.state = 'running' and not exists (select from broadcast_senders s where s.broadcast_id = b.id)
      limit $1`,
    [limit],
    { name: 'broadcasts_senderless' },
  );
  return rows.map((row) => row.id);
}
