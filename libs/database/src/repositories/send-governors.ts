import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';
import type { Lease } from './leases.js';

/** What the send governor of a profile keeps; `state` is domain/governor's. */
export interface GovernorRow {
  /** YYYY-MM-DD of the profile's zone: what the next three are of. */
  day: string;
  sent: number;
  unsolicited: number;
  newContacts: number;
  minuteAt: Date;
  minuteCounts: number[];
  hourAt: Date;
  hourCounts: number[];
  lastSentAt: Date | null;
  nextSlotAt: Date | null;
  state: Record<string, unknown>;
}

/** The rules that a profile's people chose; revision 0 and nothing while they chose none. */
export interface PolicyRow {
  revision: number;
  policy: Record<string, unknown>;
}

const governorColumns = `g.day, g.sent, g.unsolicited, g.new_contacts as "newContacts", g.minute_at as "minuteAt",
  g.minute_counts as "minuteCounts", g.hour_at as "hourAt", g.hour_counts as "hourCounts",
  g.last_sent_at as "lastSentAt", g.next_slot_at as "nextSlotAt", g.state`;
const policyColumns = `coalesce(p.revision, 0) as revision, coalesce(p.policy, '{}') as policy`;

/** What an owner begins with. */
export interface OpenedGovernor {
  policy: PolicyRow;
  /** Null when the profile never had one. */
  governor: GovernorRow | null;
  /** The database's clock. */
  at: Date;
}

/** Reads policy and governor for the owner. Null when the lease is lost. */
export async function openGovernor(db: Database, lease: Lease): Promise<OpenedGovernor | null> {
  const [row] = await db.query<GovernorRow & PolicyRow & { at: Date; day: string | null }>(
    `select ${policyColumns}, ${governorColumns}, clock_timestamp() as at
       from profile_leases l
       left join send_policies p on p.profile_id = l.profile_id
       left join send_governors g on g.profile_id = l.profile_id
      where l.profile_id = $1 and l.host_id = $2 and l.epoch = $3`,
    [lease.profileId, lease.hostId, lease.epoch],
    { name: 'governor_open' },
  );
  if (!row) return null;
  const { revision, policy, at, ...governor } = row;
  return { policy: { revision, policy }, governor: row.day === null ? null : governor, at };
}

/** Writes everything the governor keeps. The caller holds the lease. */
export async function saveGovernor(tx: Tx, lease: Lease, row: GovernorRow): Promise<void> {
  await tx.query(
    `insert into send_governors (profile_id, organization_id, day, sent, unsolicited, new_contacts, minute_at,
                                 minute_counts, hour_at, hour_counts, last_sent_at, next_slot_at, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb)
     on conflict (profile_id) do update
        set day = excluded.day, sent = excluded.sent, unsolicited = excluded.unsolicited,
            new_contacts = excluded.new_contacts, minute_at = excluded.minute_at,
            minute_counts = excluded.minute_counts, hour_at = excluded.hour_at, hour_counts = excluded.hour_counts,
            last_sent_at = excluded.last_sent_at, next_slot_at = excluded.next_slot_at, state = excluded.state`,
    [
      lease.profileId,
      lease.organizationId,
      row.day,
      row.sent,
      row.unsolicited,
      row.newContacts,
      row.minuteAt,
      row.minuteCounts,
      row.hourAt,
      row.hourCounts,
      row.lastSentAt,
      row.nextSlotAt,
      JSON.stringify(row.state),
    ],
    { name: 'governor_save' },
  );
}

/** What a profile's people chose, for reading or, locked, for changing it. Null when there is no such profile. */
export async function findSendPolicy(
  tx: Tx,
  organizationId: string,
  profileId: string,
  lock?: 'lock',
): Promise<(PolicyRow & { governor: GovernorRow | null; at: Date }) | null> {
  const [row] = await tx.query<GovernorRow & PolicyRow & { at: Date; day: string | null }>(
    `select ${policyColumns}, ${governorColumns}, clock_timestamp() as at
       from profiles f
       left join send_policies p on p.profile_id = f.id
       left join send_governors g on g.profile_id = f.id
      where f.id = $2 and f.organization_id = $1 ${lock ? 'for no key update of f' : ''}`,
    [organizationId, profileId],
  );
  if (!row) return null;
  const { revision, policy, at, ...governor } = row;
  return { revision, policy, at, governor: row.day === null ? null : governor };
}

/** Chooses rules. The next claim of the owner is refused, and it reads them. */
export async function writeSendPolicy(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  row: PolicyRow,
): Promise<void> {
  await tx.query(
    `insert into send_policies (profile_id, organization_id, revision, policy) values ($1, $2, $3, $4::jsonb)
     on conflict (profile_id) do update
        set revision = excluded.revision, policy = excluded.policy, updated_at = now()`,
    [owner.profileId, owner.organizationId, row.revision, JSON.stringify(row.policy)],
  );
}

/** A longer service window makes conversations service again whose window was over by the shorter one. */
export async function widenService(tx: Tx, profileId: string, hours: number): Promise<void> {
  await tx.query(
    `update outbox o set standing = 0
       from conversations v
      where v.id = o.conversation_id and o.profile_id = $1 and o.standing = 1
        and v.last_inbound_at >= now() - make_interval(hours => $2)`,
    [profileId, hours],
  );
}

/** A send that nobody has taken on, with what decides when it goes. */
export interface WaitingRow extends PolicyRow {
  messageId: string;
  lane: number;
  standing: number;
  notBefore: Date;
  lastInboundAt: Date | null;
  isConnected: boolean;
  governor: GovernorRow | null;
  /** The database's clock. */
  at: Date;
}

/** Those of the messages that wait. */
export async function findWaiting(tx: Pick<Tx, 'query'>, messageIds: string[]): Promise<WaitingRow[]> {
  const rows = await tx.query<Omit<WaitingRow, 'governor'> & GovernorRow & { day: string | null }>(
    `select o.message_id as "messageId", o.lane, o.standing, o.not_before as "notBefore",
            v.last_inbound_at as "lastInboundAt", c.state = 'connected' as "isConnected", ${policyColumns},
            ${governorColumns}, clock_timestamp() as at
       from outbox o
       join conversations v on v.id = o.conversation_id
       join profile_connections c on c.profile_id = o.profile_id
       left join send_policies p on p.profile_id = o.profile_id
       left join send_governors g on g.profile_id = o.profile_id
      where o.message_id = any($1::uuid[]) and o.claimed_epoch is null`,
    [messageIds],
    { name: 'governor_waiting' },
  );
  return rows.map((row) => ({ ...row, governor: row.day === null ? null : row }));
}

/** Texts that went to these conversations since then, or wait to. Locks the conversations against others of the kind. */
export async function findRecentTexts(
  tx: Tx,
  conversationIds: string[],
  since: Date,
): Promise<{ conversationId: string; text: string; at: Date }[]> {
  await tx.query('select 1 from conversations where id = any($1::uuid[]) order by id for update', [conversationIds]);
  return tx.query(
    `select m.conversation_id as "conversationId", m.content ->> 'text' as text, m.created_at as at
       from messages m
      where m.conversation_id = any($1::uuid[]) and m.id >= $2::uuid and m.direction = 'outgoing' and m.kind = 'text'
        and m.state not in ('failed', 'cancelled', 'expired') and m.created_at >= $3`,
    [conversationIds, firstIdAt(since), since],
    { name: 'governor_recent_texts' },
  );
}

/** How conversations stand with us; for what is not in the outbox yet. */
export async function findStandings(
  tx: Tx,
  conversationIds: string[],
): Promise<Map<string, { lastInboundAt: Date | null; isUser: boolean }>> {
  const rows = await tx.query<{ id: string; lastInboundAt: Date | null; isUser: boolean }>(
    `select id, last_inbound_at as "lastInboundAt", kind = 'user' as "isUser"
       from conversations where id = any($1::uuid[])`,
    [conversationIds],
    { name: 'governor_standings' },
  );
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}

/** The least id (UUIDv7) of a moment. */
function firstIdAt(moment: Date): string {
  const hex = Math.max(0, moment.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
