import { eventCatalogue, type LoggedEvent, type NewEvent, newId } from '#contracts';
import type { Tx } from './transaction.js';

/** A transaction, or the Database itself where one read needs no transaction around it. */
type Reads = Pick<Tx, 'query'>;

/**
 * Writes facts into the log, in the transaction of the change they tell of, in the given order, and wakes the readers
 * after the commit. An event with a profile goes to the profile's stream, others to the organization's.
 *
 * Positions are 1, 2, 3 … without gaps, and a reader that sees n has seen all before it: the stream's row is locked from
 * here to the end of the transaction. So append last, once, and commit soon. Streams are locked in the order of their
 * ids, which keeps several writers of several streams from waiting for each other in a circle.
 */
export function appendEvents(tx: Tx, events: NewEvent[]): Promise<LoggedEvent[]> {
  return append(tx, events, tx.query.bind(tx));
}

/**
 * As `appendEvents`, as the last statement of the transaction (`Tx.finish`): the stream stays locked for the commit and
 * for no round trip besides. The events are certain when the transaction has resolved.
 */
export function appendEventsLast(tx: Tx, events: NewEvent[]): Promise<LoggedEvent[]> {
  const logged = append(tx, events, tx.finish.bind(tx));
  logged.catch(() => undefined);
  return logged;
}

async function append(tx: Tx, events: NewEvent[], send: Tx['query']): Promise<LoggedEvent[]> {
  if (events.length === 0) return [];
  const drafts = events.map((event) => ({
    ...event,
    id: newId<string>(),
    conversationId: event.conversationId ?? null,
    streamId: event.profileId ?? event.organizationId,
    version: eventCatalogue[event.name].version,
  }));
  for (const streamId of new Set(drafts.map((draft) => draft.streamId))) tx.wake('events', streamId);
  const placed = await send<{ id: string; seq: number; occurredAt: Date }>(
    appendSql,
    [
      drafts.map((draft) => draft.id),
      drafts.map((draft) => draft.organizationId),
      drafts.map((draft) => draft.profileId),
      drafts.map((draft) => draft.conversationId),
      drafts.map((draft) => draft.streamId),
      drafts.map((draft) => draft.name),
      drafts.map((draft) => draft.version),
      drafts.map((draft) => JSON.stringify(draft.actor)),
      drafts.map((draft) => JSON.stringify(draft.payload)),
    ],
    { name: 'append_events' },
  );
  const places = new Map(placed.map((row) => [row.id, row]));
  return drafts.map((draft) => {
    const { seq, occurredAt } = places.get(draft.id)!;
    return { ...draft, seq, occurredAt } as LoggedEvent;
  });
}

/** Events of a stream after position `after`, in order. A stream that does not exist is empty. */
export async function readEvents(tx: Reads, streamId: string, after: number, limit: number): Promise<LoggedEvent[]> {
  return tx.query<LoggedEvent>(readSql, [streamId, after, limit], { name: 'read_events' });
}

/** What is asked for of a stream; all of it has to fit. */
export interface EventFilter {
  names?: readonly string[];
  conversationId?: string;
  /** Times of writing: from this moment on, and before that one. */
  from?: Date;
  to?: Date;
}

/**
 * Events of a stream between two positions (`above` and `below` are not among them) that fit, the oldest or the newest
 * first. What it costs is bounded by the number of positions between, so ask for a few thousand at a time.
 */
export function searchEvents(
  tx: Reads,
  streamId: string,
  filter: EventFilter,
  page: { above: number; below: number; newestFirst: boolean; limit: number },
): Promise<LoggedEvent[]> {
  const { names = null, conversationId = null, from = null, to = null } = filter;
  return tx.query<LoggedEvent>(
    `${selectSql} where stream_id = $1 and seq > $2 and seq < $3
        and ($4::text[] is null or name = any($4)) and ($5::uuid is null or conversation_id = $5)
        and ($6::timestamptz is null or occurred_at >= $6) and ($7::timestamptz is null or occurred_at < $7)
      order by seq ${page.newestFirst ? 'desc' : ''} limit $8`,
    [streamId, page.above, page.below, names, conversationId, from, to, page.limit],
  );
}

/** The first position of a stream that was written at that moment or later, found by halving; times rise with positions. */
export async function positionAt(tx: Reads, streamId: string, head: number, at: Date): Promise<number> {
  const [row] = await tx.query<{ seq: number }>(
    `with recursive halved (low, high) as (
       select 1::bigint, $2::bigint + 1
        union all
       select case when is_before then middle + 1 else low end, case when is_before then high else middle end
         from halved, lateral (select (low + high) / 2 as middle) m,
              lateral (select coalesce((select occurred_at < $3 from events where stream_id = $1 and seq >= middle
                                         order by seq limit 1), false) as is_before) found
        where low < high
     ) select low as seq from halved where low >= high`,
    [streamId, head, at],
  );
  return row!.seq;
}

/** The last position of a stream, 0 when nothing has been written to it. */
export async function streamHead(tx: Reads, streamId: string): Promise<number> {
  const [stream] = await tx.query<{ seq: number }>(
    'select last_seq as seq from event_streams where stream_id = $1',
    [streamId],
    { name: 'stream_head' },
  );
  return stream?.seq ?? 0;
}

/**
 * One statement, so that the lock is held for one round trip and the commit. The insert into event_streams takes the
 * locks in its order by; the clock is read after that, so that times rise with positions.
 */
const appendSql = `
  with draft as (
    select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::smallint[],
                         $8::jsonb[], $9::jsonb[]) with ordinality
      as draft (id, organization_id, profile_id, conversation_id, stream_id, name, version, actor, payload, position)
  ), head as (
    insert into event_streams (stream_id, organization_id, last_seq)
    select stream_id, organization_id, count(*) from draft group by stream_id, organization_id order by stream_id
    on conflict (stream_id) do update set last_seq = event_streams.last_seq + excluded.last_seq
    returning stream_id, last_seq
  )
  insert into events (id, organization_id, profile_id, conversation_id, stream_id, seq, name, version, actor,
                      occurred_at, payload)
  select draft.id, draft.organization_id, draft.profile_id, draft.conversation_id, draft.stream_id,
         head.last_seq - count(*) over (partition by draft.stream_id)
           + row_number() over (partition by draft.stream_id order by draft.position),
         draft.name, draft.version, draft.actor, clock_timestamp(), draft.payload
    from draft join head using (stream_id)
  returning id, seq, occurred_at as "occurredAt"`;

const selectSql = `
  select id, organization_id as "organizationId", profile_id as "profileId", conversation_id as "conversationId",
         stream_id as "streamId", seq, name, version, actor, occurred_at as "occurredAt", payload
    from events`;

/** The position in a sub-select: knowing how close to the end it is, PostgreSQL would plan each read anew. */
const readSql = `${selectSql} where stream_id = $1 and seq > (select $2::int8) order by seq limit (select $3::int8)`;
