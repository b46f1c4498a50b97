import type {
  DeliveryState,
  EventActor,
  MessageContent,
  OrganizationId,
  ProfileId,
  ScheduledMessageId,
} from '#contracts';
import type { Address, ChatAddress } from '#engine';
import type { Tx } from '../transaction.js';

export type ScheduleState = 'pending' | 'done' | 'cancelled' | 'expired' | 'failed';

/** A message that is to be sent later, once or again and again. */
export interface ScheduledMessageRow {
  id: ScheduledMessageId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  state: ScheduleState;
  failure: { code: string; message: string } | null;
  /** The recipient as the caller wrote it. */
  recipient: string;
  chat: ChatAddress;
  content: MessageContent;
  /** The kind as the caller named it. */
  type: string;
  quoted: string | null;
  audience: Address[] | null;
  startsAt: Date;
  timeZone: string;
  /** RFC 5545; null: once. */
  rule: string | null;
  lateWindowSeconds: number;
  /** Null when nothing is to come. */
  dueAt: Date | null;
  queuedCount: number;
  missedCount: number;
  lastMessageId: string | null;
  lastQueuedAt: Date | null;
  createdBy: EventActor;
  createdAt: Date;
  updatedAt: Date;
  endedAt: Date | null;
}

/** The same with how its last message stands; null when it made none, or that is gone. */
export interface ScheduledMessageShown extends ScheduledMessageRow {
  lastMessageState: DeliveryState | null;
  lastMessageReason: string | null;
}

/** What callers choose. */
export type ScheduleWishes = Pick<
  ScheduledMessageRow,
  | 'recipient'
  | 'chat'
  | 'content'
  | 'type'
  | 'quoted'
  | 'audience'
  | 'startsAt'
  | 'timeZone'
  | 'rule'
  | 'lateWindowSeconds'
  | 'dueAt'
>;

const columns = `s.id, s.organization_id as "organizationId", s.profile_id as "profileId", s.state, s.failure, s.recipient, s.chat,
  s.content, s.type, s.quoted, s.audience, s.starts_at as "startsAt", s.time_zone as "timeZone", s.rule,
  s.late_window_seconds as "lateWindowSeconds", s.due_at as "dueAt", s.queued_count as "queuedCount",
  s.missed_count as "missedCount", s.last_message_id as "lastMessageId", s.last_queued_at as "lastQueuedAt",
  s.created_by as "createdBy", s.created_at as "createdAt", s.updated_at as "updatedAt", s.ended_at as "endedAt"`;

const selectShown = `select ${columns}, m.state as "lastMessageState", m.state_reason as "lastMessageReason"
  from scheduled_messages s left join messages m on m.id = s.last_message_id`;

/**
 * SQL for how one stands, as callers see it: while it only waits its own state; when its one message has been made, how
 * that has come along.
 */
export const shownStatusSql = `case when s.state <> 'done' then s.state
  when s.rule is not null or m.state is null or m.state in ('sent', 'delivered', 'read', 'played') then 'sent'
  when m.state = 'sending' then 'queued' else m.state end`;

export async function insertScheduledMessage(
  tx: Tx,
  made: ScheduleWishes & Pick<ScheduledMessageRow, 'id' | 'organizationId' | 'profileId' | 'createdBy'>,
): Promise<void> {
  await tx.query(
    `insert into scheduled_messages (id, organization_id, profile_id, state, created_by, ${wishColumns})
     values ($1, $2, $3, 'pending', $4::jsonb, $5, $6::jsonb, $7, $8, $9::jsonb, $10, $11, $12::jsonb, $13, $14, $15,
             $16, $17)`,
    [made.id, made.organizationId, made.profileId, JSON.stringify(made.createdBy), ...valuesOf(made)],
  );
}

/** Puts other wishes in the place of the former ones. */
export async function updateScheduledMessage(tx: Tx, id: ScheduledMessageId, wishes: ScheduleWishes): Promise<void> {
  await tx.query(
    `update scheduled_messages set (${wishColumns}, updated_at)
       = ($2, $3::jsonb, $4, $5, $6::jsonb, $7, $8, $9::jsonb, $10, $11, $12, $13, $14, now())
      where id = $1`,
    [id, ...valuesOf(wishes)],
  );
}

const wishColumns = `recipient, chat, phone, lid, content, type, quoted, audience, starts_at, time_zone, rule,
  late_window_seconds, due_at`;

function valuesOf({ chat, ...wishes }: ScheduleWishes): unknown[] {
  const person = chat.kind === 'user' ? chat : { phone: null, lid: null };
  return [
    wishes.recipient,
    JSON.stringify(chat),
    person.phone,
    person.lid,
    JSON.stringify(wishes.content),
    wishes.type,
    wishes.quoted,
    wishes.audience && JSON.stringify(wishes.audience),
    wishes.startsAt,
    wishes.timeZone,
    wishes.rule,
    wishes.lateWindowSeconds,
    wishes.dueAt,
  ];
}

export async function findScheduledMessage(
  tx: Tx,
  organizationId: OrganizationId,
  id: ScheduledMessageId,
  lock?: 'lock',
): Promise<ScheduledMessageShown | null> {
  const [row] = await tx.query<ScheduledMessageShown>(
    `${selectShown} where s.organization_id = $1 and s.id = $2 ${lock ? 'for update of s' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** A profile's, newest first. `status` is what `shownStatusSql` says. */
export async function listScheduledMessages(
  tx: Tx,
  organizationId: OrganizationId,
  profileId: ProfileId,
  page: { status?: string; before?: string; offset?: number; limit: number },
): Promise<ScheduledMessageShown[]> {
  return tx.query<ScheduledMessageShown>(
    `${selectShown}
      where s.organization_id = $1 and s.profile_id = $2 and ($3::uuid is null or s.id < $3)
        and ($4::text is null or ${shownStatusSql} = $4)
      order by s.id desc limit $5 offset $6`,
    [organizationId, profileId, page.before ?? null, page.status ?? null, page.limit, page.offset ?? 0],
  );
}

/** How many of a profile's are still to come. */
export async function countPendingSchedules(tx: Tx, profileId: ProfileId): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*) from scheduled_messages where profile_id = $1 and due_at is not null`,
    [profileId],
  );
  return row!.count;
}

export async function cancelScheduledMessage(tx: Tx, id: ScheduledMessageId): Promise<void> {
  await tx.query(
    `update scheduled_messages set state = 'cancelled', due_at = null, ended_at = now(), updated_at = now() where id = $1`,
    [id],
  );
}

/** Due ones, locked until the end of the transaction, and the clock by which they are due. */
export interface DueSchedules {
  now: Date;
  rows: ScheduledMessageRow[];
}

/** Up to `limit` due ones of one profile, the longest due one's. Those that another worker has are passed over. */
export async function claimDueSchedules(tx: Tx, limit: number): Promise<DueSchedules> {
  return due(
    await tx.query(
      `with first as (
         select profile_id from scheduled_messages where due_at <= now() order by due_at limit 1 for update skip locked
       )
       select ${columns}, now() as now from scheduled_messages s
        where s.due_at <= now() and s.profile_id = (select profile_id from first)
        order by s.due_at, s.id limit $1 for update of s skip locked`,
      [limit],
      { name: 'schedules_claim' },
    ),
  );
}

/** One of them, if it is still due and nobody else has it. */
export async function claimDueSchedule(tx: Tx, id: ScheduledMessageId): Promise<DueSchedules> {
  return due(
    await tx.query(
      `select ${columns}, now() as now from scheduled_messages s
        where s.id = $1 and s.due_at <= now() for update of s skip locked`,
      [id],
    ),
  );
}

function due(rows: (ScheduledMessageRow & { now: Date })[]): DueSchedules {
  return { now: rows[0]?.now ?? new Date(), rows };
}

/** What came of an occurrence, and what comes next. */
export interface ScheduleStep {
  id: ScheduledMessageId;
  state: ScheduleState;
  dueAt: Date | null;
  /** Of an occurrence that was queued. */
  messageId: string | null;
  isMissed: boolean;
  failure: ScheduledMessageRow['failure'];
}

/** Moves schedules on, in one statement. */
export async function advanceSchedules(tx: Tx, steps: ScheduleStep[]): Promise<void> {
  await tx.query(
    `update scheduled_messages s
        set state = step.state, due_at = step.due_at, failure = step.failure,
            queued_count = s.queued_count + case when step.message_id is null then 0 else 1 end,
            missed_count = s.missed_count + step.missed::int,
            last_message_id = coalesce(step.message_id, s.last_message_id),
            last_queued_at = case when step.message_id is null then s.last_queued_at else now() end,
            ended_at = case when step.due_at is null then now() end, updated_at = now()
       from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::uuid[], $5::boolean[], $6::jsonb[])
         as step (id, state, due_at, message_id, missed, failure)
      where s.id = step.id`,
    [
      steps.map((step) => step.id),
      steps.map((step) => step.state),
      steps.map((step) => step.dueAt),
      steps.map((step) => step.messageId),
      steps.map((step) => step.isMissed),
      steps.map((step) => step.failure && JSON.stringify(step.failure)),
    ],
    { name: 'schedules_advance' },
  );
}

/** When the next one is due, and the clock by which; null when none is. */
export async function nextDueSchedule(tx: Pick<Tx, 'query'>): Promise<{ dueAt: Date | null; now: Date }> {
  const [row] = await tx.query<{ dueAt: Date | null; now: Date }>(
    'select (select min(due_at) from scheduled_messages where due_at is not null) as "dueAt", clock_timestamp() as now',
  );
  return row!;
}

/** Removes up to `limit` of a profile's that ended before a moment. */
export async function removeEndedSchedules(tx: Tx, profileId: string, before: Date, limit: number): Promise<number> {
  const rows = await tx.query(
    `delete from scheduled_messages where id in (
       select id from scheduled_messages where profile_id = $1 and ended_at < $2 limit $3) returning 1`,
    [profileId, before, limit],
  );
  return rows.length;
}

/** Removes those to a person; what comes of it is that nothing more is sent. */
export async function eraseSchedulesTo(tx: Tx, organizationId: string, digits: string[]): Promise<number> {
  const rows = await tx.query(
    `delete from scheduled_messages
      where organization_id = $1 and (phone = any($2::text[]) or lid = any($2::text[])) returning 1`,
    [organizationId, digits],
  );
  return rows.length;
}
