import type {
  AudiencePart,
  BroadcastCounts,
  BroadcastId,
  BroadcastSettings,
  BroadcastState,
  BroadcastVariant,
  EventActor,
  OrganizationId,
  ProfileId,
} from '#contracts';
import type { SendableContent } from '#engine';
import type { Tx } from '../transaction.js';

/** So many recipients may be counted in a second for telling how a broadcast gets on. */
const RECIPIENTS_PER_SECOND = 50_000;

/** One variant, ready to be filled in for each recipient. */
export interface PreparedVariant {
  /** Its words still have their places for variables; its files are in storage. */
  content: SendableContent;
  /** The template that the words are of, whose uses are counted. */
  templateId: string | null;
}

export interface BroadcastRow {
  id: BroadcastId;
  organizationId: OrganizationId;
  profileId: ProfileId;
  name: string;
  state: BroadcastState;
  stateReason: string | null;
  variants: BroadcastVariant[];
  prepared: PreparedVariant[] | null;
  mediaIds: string[];
  audience: AudiencePart[];
  settings: BroadcastSettings;
  scheduledAt: Date | null;
  timeZone: string;
  recurrence: string | null;
  /** From which the rule counts. */
  startsAt: Date | null;
  lateWindowSeconds: number;
  missedCount: number;
  parentId: BroadcastId | null;
  startedBy: EventActor | null;
  startedAt: Date | null;
  endedAt: Date | null;
  expandPart: number;
  expandAfter: string | null;
  expandedAt: Date | null;
  written: number;
  fileRows: number | null;
  toldAt: Date | null;
  told: BroadcastCounts | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What its author says of it. */
export type BroadcastWords = Pick<BroadcastRow, 'name' | 'variants' | 'audience' | 'settings' | 'timeZone'>;

/** Columns of a broadcast under the alias `b`, as `BroadcastRow` has them, without its audience, which may be long. */
export const broadcastColumnsButAudience = `b.id, b.organization_id as "organizationId", b.profile_id as "profileId", b.name, b.state,
  b.state_reason as "stateReason", b.variants, b.prepared, b.media_ids as "mediaIds", b.settings,
  b.scheduled_at as "scheduledAt", b.time_zone as "timeZone", b.recurrence, b.starts_at as "startsAt",
  b.late_window_seconds as "lateWindowSeconds", b.missed_count as "missedCount", b.parent_id as "parentId",
  b.started_by as "startedBy", b.started_at as "startedAt", b.ended_at as "endedAt", b.expand_part as "expandPart",
  b.expand_after as "expandAfter", b.expanded_at as "expandedAt", b.written, b.file_rows as "fileRows", b.told_at as "toldAt", b.told,
  b.created_at as "createdAt", b.updated_at as "updatedAt"`;

/** All of them. */
export const broadcastColumns = `${broadcastColumnsButAudience}, b.audience`;

/** Writes a draft. */
export async function insertBroadcast(
  tx: Tx,
  made: BroadcastWords & Pick<BroadcastRow, 'id' | 'organizationId' | 'profileId' | 'parentId' | 'mediaIds'>,
): Promise<BroadcastRow> {
  const [row] = await tx.query<BroadcastRow>(
    `insert into broadcasts as b (id, organization_id, profile_id, name, variants, audience, settings, time_zone,
                                  parent_id, media_ids, retry_attempts)
     values ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9, $10, $11) returning ${broadcastColumns}`,
    [
      made.id,
      made.organizationId,
      made.profileId,
      ...wordsOf(made),
      made.parentId,
      made.mediaIds,
      retriesOf(made.settings),
    ],
  );
  return row!;
}

/** Replaces what a broadcast says, with the files that it names and, of a scheduled one, what is ready to be sent. */
export async function updateBroadcast(
  tx: Tx,
  id: BroadcastId,
  words: BroadcastWords & Pick<BroadcastRow, 'mediaIds' | 'prepared'>,
): Promise<BroadcastRow> {
  const [row] = await tx.query<BroadcastRow>(
    `update broadcasts b
        set name = $2, variants = $3::jsonb, audience = $4::jsonb, settings = $5::jsonb, time_zone = $6, media_ids = $7,
            prepared = $8::jsonb, retry_attempts = $9, updated_at = now()
      where b.id = $1 returning ${broadcastColumns}`,
    [
      id,
      ...wordsOf(words),
      words.mediaIds,
      words.prepared && JSON.stringify(words.prepared),
      retriesOf(words.settings),
    ],
  );
  return row!;
}

function wordsOf({ name, variants, audience, settings, timeZone }: BroadcastWords): unknown[] {
  return [name, JSON.stringify(variants), JSON.stringify(audience), JSON.stringify(settings), timeZone];
}

function retriesOf({ retryFailed, retryAttempts }: BroadcastSettings): number {
  return retryFailed ? retryAttempts : 0;
}

/** @param lock keeps it as it is until the end of the transaction: whoever queues its messages waits */
export async function findBroadcast(
  tx: Tx,
  organizationId: OrganizationId,
  id: BroadcastId,
  lock?: 'lock',
): Promise<BroadcastRow | null> {
  const [row] = await tx.query<BroadcastRow>(
    `select ${broadcastColumns} from broadcasts b
      where b.organization_id = $1 and b.id = $2 ${lock ? 'for no key update' : ''}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** Newest first. */
export function listBroadcasts(
  tx: Tx,
  scope: {
    organizationId: OrganizationId;
    profileId?: ProfileId;
    state?: BroadcastState;
    parentId?: BroadcastId;
    before?: BroadcastId;
    offset?: number;
    limit: number;
  },
): Promise<BroadcastRow[]> {
  return tx.query<BroadcastRow>(
    `select ${broadcastColumns} from broadcasts b
      where b.organization_id = $1 and ($2::uuid is null or b.profile_id = $2) and ($3::text is null or b.state = $3)
        and ($4::uuid is null or b.id < $4) and ($7::uuid is null or b.parent_id = $7)
      order by b.id desc limit $5 offset $6`,
    [
      scope.organizationId,
      scope.profileId ?? null,
      scope.state ?? null,
      scope.before ?? null,
      scope.limit,
      scope.offset ?? 0,
      scope.parentId ?? null,
    ],
  );
}

/** Its recipients and senders go with it; its occurrences stay. */
export async function deleteBroadcast(tx: Tx, id: BroadcastId): Promise<void> {
  await tx.query('update broadcasts set parent_id = null where parent_id = $1', [id]);
  await tx.query('delete from broadcasts where id = $1', [id]);
}

/** What a change of state writes; what is absent stays. */
export interface BroadcastStep {
  state: BroadcastState;
  stateReason?: string | null;
  scheduledAt?: Date | null;
  /** By what rule it repeats, from when on, and how late it may begin; without a rule it is to start once. */
  series?: { recurrence: string | null; startsAt: Date | null; lateWindowSeconds: number };
  /** One more start was left out. */
  isMissed?: boolean;
  startedBy?: EventActor;
  startedAt?: Date;
  endedAt?: Date | null;
  prepared?: PreparedVariant[];
  mediaIds?: string[];
}

/** Takes a broadcast to another state. */
export async function stepBroadcast(tx: Tx, id: BroadcastId, step: BroadcastStep): Promise<BroadcastRow> {
  const [row] = await tx.query<BroadcastRow>(
    `update broadcasts b
        set state = $2, state_reason = $3, updated_at = now(),
            scheduled_at = case when $4 then $5::timestamptz else b.scheduled_at end,
            started_by = coalesce($6::jsonb, b.started_by), started_at = coalesce($7::timestamptz, b.started_at),
            ended_at = case when $8 then $9::timestamptz else b.ended_at end,
            prepared = coalesce($10::jsonb, b.prepared), media_ids = coalesce($11::uuid[], b.media_ids),
            recurrence = case when $12 then $13 else b.recurrence end,
            starts_at = case when $12 then $14::timestamptz else b.starts_at end,
            late_window_seconds = coalesce($15::int, b.late_window_seconds),
            missed_count = b.missed_count + $16::int
      where b.id = $1 returning ${broadcastColumns}`,
    [
      id,
      step.state,
      step.stateReason ?? null,
      step.scheduledAt !== undefined,
      step.scheduledAt ?? null,
      step.startedBy ? JSON.stringify(step.startedBy) : null,
      step.startedAt ?? null,
      step.endedAt !== undefined,
      step.endedAt ?? null,
      step.prepared ? JSON.stringify(step.prepared) : null,
      step.mediaIds ?? null,
      step.series !== undefined,
      step.series?.recurrence ?? null,
      step.series?.startsAt ?? null,
      step.series?.lateWindowSeconds ?? null,
      step.isMissed ? 1 : 0,
    ],
  );
  return row!;
}

/**
 * A scheduled broadcast whose time has come, and the clock by which it has, kept to this transaction; null when there is none,
 * or others are at it.
 */
export async function lockDueBroadcast(tx: Tx): Promise<(BroadcastRow & { now: Date }) | null> {
  const [row] = await tx.query<BroadcastRow & { now: Date }>(
    `select ${broadcastColumns}, now() as now from broadcasts b where b.state = 'scheduled' and b.scheduled_at <= now()
      order by b.scheduled_at limit 1 for no key update skip locked`,
    [],
    { name: 'broadcasts_due' },
  );
  return row ?? null;
}

/** Keeps a broadcast to this transaction. @returns false when others have it, or it is gone */
export async function lockBroadcast(tx: Tx, id: BroadcastId): Promise<boolean> {
  const rows = await tx.query('select 1 from broadcasts where id = $1 for no key update skip locked', [id]);
  return rows.length > 0;
}

/**
 * Broadcasts whose figures may have changed since they were told: those at work, and lately ended ones less often. Counting
 * takes longer the more recipients there are, so large ones are told less often.
 */
const pause = (times: number) =>
  `make_interval(secs => greatest($1::float8, b.written / ${RECIPIENTS_PER_SECOND}.0) * ${times})`;
const isUntold = `b.started_at is not null
  and (b.state in ('running', 'paused') and (b.told_at is null or b.told_at < now() - ${pause(1)})
       or b.ended_at > now() - interval '1 hour' and b.told_at < now() - ${pause(5)})`;

export async function findUntold(db: Pick<Tx, 'query'>, seconds: number, limit: number): Promise<BroadcastId[]> {
  const rows = await db.query<{ id: BroadcastId }>(
    `select b.id from broadcasts b where ${isUntold} order by b.told_at nulls first limit $2`,
    [seconds, limit],
    { name: 'broadcasts_untold' },
  );
  return rows.map((row) => row.id);
}

/** Keeps one of them to this transaction, unless it was told meanwhile. */
export async function lockUntold(tx: Tx, id: BroadcastId, seconds: number): Promise<BroadcastRow | null> {
  const [row] = await tx.query<BroadcastRow>(
    `select ${broadcastColumns} from broadcasts b where b.id = $2 and ${isUntold} for no key update skip locked`,
    [seconds, id],
    { name: 'broadcasts_lock_untold' },
  );
  return row ?? null;
}

/** Notes which figures were told. */
export async function noteTold(tx: Tx, id: BroadcastId, counts: BroadcastCounts): Promise<void> {
  await tx.query('update broadcasts set told_at = now(), told = $2::jsonb where id = $1', [id, JSON.stringify(counts)]);
}
