import type { Tx } from '../transaction.js';
import type { ClaimedCursor } from './webhook-plan.js';

type Reads = Pick<Tx, 'query'>;

/** The name among the durable readers of the log. */
const reader = 'opt_outs';

/** Longest message that can be a keyword. */
const MOST_CHARACTERS = 60;

/** Streams of profiles with events that were not looked at yet. @param among only these, or null for any */
export async function findUnheardStreams(db: Reads, among: string[] | null, limit: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select s.stream_id as id
       from event_streams s join profiles p on p.id = s.stream_id
       left join event_cursors c on c.reader = '${reader}' and c.stream_id = s.stream_id
      where ($1::uuid[] is null or s.stream_id = any($1)) and s.last_seq > coalesce(c.seq, 0)
      limit $2`,
    [among, limit],
    { name: 'opt_outs_lagging' },
  );
  return rows.map((row) => row.id);
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

/** A cursor that is behind and that nobody else holds, locked until the end of the transaction. */
export async function claimOptOutCursor(tx: Tx, streamId: string): Promise<ClaimedCursor | null> {
  const [row] = await tx.query<ClaimedCursor>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq, s.last_seq as head
       from event_cursors c join event_streams s using (stream_id)
      where c.reader = '${reader}' and c.stream_id = $1 and s.last_seq > c.seq for update of c skip locked`,
    [streamId],
    { name: 'opt_outs_claim' },
  );
  return row ?? null;
}

export async function advanceOptOutCursor(tx: Tx, streamId: string, seq: number): Promise<void> {
  await tx.query(`update event_cursors set seq = $2 where reader = '${reader}' and stream_id = $1`, [streamId, seq], {
    name: 'opt_outs_advance',
  });
}

/** Something short that a person wrote in a chat of two, or a change that came of it. */
export interface HeardEvent {
  seq: number;
  name: 'message.received' | 'contact.opted_out' | 'contact.opted_in';
  /** Of messages; null of changes. */
  text: string | null;
  phone: string | null;
  lid: string | null;
  /** Of changes: how it came. */
  source: string | null;
}

/** What there is to hear in (after, head], at most `limit` of it. */
export function readHeard(
  tx: Tx,
  range: { streamId: string; after: number; head: number },
  limit: number,
): Promise<HeardEvent[]> {
  return tx.query<HeardEvent>(
    `select seq, name, payload #>> '{content,text}' as text,
            coalesce(payload #>> '{from,phone}', payload #>> '{person,phone}') as phone,
            coalesce(payload #>> '{from,lid}', payload #>> '{person,lid}') as lid, payload ->> 'source' as source
       from events
      where stream_id = $1 and seq > $2 and seq <= $3
        and (name in ('contact.opted_out', 'contact.opted_in')
             or (name = 'message.received' and payload #>> '{chat,kind}' = 'user'
                 and payload #>> '{content,kind}' = 'text'
                 and length(payload #>> '{content,text}') <= ${MOST_CHARACTERS}))
      order by seq limit $4`,
    [range.streamId, range.after, range.head, limit],
    { name: 'opt_outs_heard' },
  );
}
