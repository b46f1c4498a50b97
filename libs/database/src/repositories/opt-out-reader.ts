import type { Tx } from '../transaction.js';
import type { ClaimedCursor } from './webhook-plan.js';

type Reads = Pick<Tx, 'query'>;

/** The name among the durable readers of the log. */
const reader = 'opt_outs';

/** Longest message that can be a keyword. */
const MOST_CHARACTERS = 60;

/**
 * Streams of profiles with events that were not looked at yet, and which of them have no cursor yet.
 * @param among only these, or null for any
 */
export function findUnheardStreams(
  db: Reads,
  among: string[] | null,
  limit: number,
): Promise<{ id: string; isNew: boolean }[]> {
  return db.query<{ id: string; isNew: boolean }>(
    `select s.stream_id as id, c.seq is null as "isNew"
       from event_streams s join profiles p on p.id = s.stream_id
       left join event_cursors c on c.reader = '${reader}' and c.stream_id = s.stream_id
      where ($1::uuid[] is null or s.stream_id = any($1)) and s.last_seq > coalesce(c.seq, 0)
      limit $2`,
    [among, limit],
    { name: 'opt_outs_lagging' },
  );
}

/** Makes the cursors of streams that are read for the first time. */
export async function ensureOptOutCursors(db: Reads, streamIds: string[]): Promise<void> {
  await db.query(
    `insert into event_cursors (reader, stream_id, organization_id, seq)
     select '${reader}', stream_id, organization_id, 0 from event_streams where stream_id = any($1::uuid[])
      order by stream_id
     on conflict (reader, stream_id) do nothing`,
    [streamIds],
    { name: 'opt_outs_cursors' },
  );
}

/** Cursors that are behind and that nobody else holds, locked until the end of the transaction. */
export function claimOptOutCursors(tx: Tx, streamIds: string[]): Promise<ClaimedCursor[]> {
  return tx.query<ClaimedCursor>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq, s.last_seq as head
       from event_cursors c join event_streams s using (stream_id)
      where c.reader = '${reader}' and c.stream_id = any($1::uuid[]) and s.last_seq > c.seq
      order by c.stream_id for update of c skip locked`,
    [streamIds],
    { name: 'opt_outs_claim' },
  );
}

export async function advanceOptOutCursors(tx: Tx, reached: { streamId: string; seq: number }[]): Promise<void> {
  await tx.query(
    `update event_cursors c set seq = reached.seq
       from unnest($1::uuid[], $2::int8[]) as reached (stream_id, seq)
      where c.reader = '${reader}' and c.stream_id = reached.stream_id`,
    [reached.map(({ streamId }) => streamId), reached.map(({ seq }) => seq)],
    { name: 'opt_outs_advance' },
  );
}

/** Something short that a person wrote in a chat of two, or a change that came of it. */
export interface HeardEvent {
  streamId: string;
  seq: number;
  name: 'message.received' | 'contact.opted_out' | 'contact.opted_in';
  /** Of messages; null of changes. */
  text: string | null;
  phone: string | null;
  lid: string | null;
  /** Of changes: how it came. */
  source: string | null;
}

/** What there is to hear behind each cursor, at most `limit` of each, in the order of its stream. */
export function readHeard(tx: Tx, cursors: ClaimedCursor[], limit: number): Promise<HeardEvent[]> {
  return tx.query<HeardEvent>(
    `select behind.stream_id as "streamId", heard.*
       from unnest($1::uuid[], $2::int8[], $3::int8[]) as behind (stream_id, seq, head), lateral (
         select seq, name, payload #>> '{content,text}' as text,
                coalesce(payload #>> '{from,phone}', payload #>> '{person,phone}') as phone,
                coalesce(payload #>> '{from,lid}', payload #>> '{person,lid}') as lid, payload ->> 'source' as source
           from events
          where stream_id = behind.stream_id and seq > behind.seq and seq <= behind.head
            and (name in ('contact.opted_out', 'contact.opted_in')
                 or (name = 'message.received' and payload #>> '{chat,kind}' = 'user'
                     and payload #>> '{content,kind}' = 'text'
                     and length(payload #>> '{content,text}') <= ${MOST_CHARACTERS}))
          order by seq limit $4) heard
      order by behind.stream_id, heard.seq`,
    [
      cursors.map((cursor) => cursor.streamId),
      cursors.map((cursor) => cursor.seq),
      cursors.map((cursor) => cursor.head),
      limit,
    ],
    { name: 'opt_outs_heard' },
  );
}
