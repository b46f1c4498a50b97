import type { BroadcastId, ProfileId } from '#contracts';
import type { Tx } from '../transaction.js';

/** This reader's name among the durable readers of the log. */
const reader = 'broadcasts';

/** Profiles whose people may still answer a broadcast, longest reply window included. */
const isListened = `exists (
  select from broadcast_senders x join broadcasts b on b.id = x.broadcast_id
   where x.profile_id = s.stream_id and b.started_at > now() - interval '31 days')`;

/**
 * From here on answers to a broadcast are read: sets where the log of its numbers is read from, unless another broadcast
 * has it read already.
 */
export async function listenForAnswers(tx: Tx, broadcastId: BroadcastId): Promise<void> {
  await tx.query(
    `insert into event_cursors (reader, stream_id, organization_id, seq)
     select '${reader}', n.profile_id, n.organization_id, coalesce(s.last_seq, 0)
       from broadcast_senders n left join event_streams s on s.stream_id = n.profile_id
      where n.broadcast_id = $1 order by n.profile_id
     on conflict (reader, stream_id) do update set seq = excluded.seq
      where not exists (
        select from broadcast_senders x join broadcasts b on b.id = x.broadcast_id
         where x.profile_id = event_cursors.stream_id and b.id <> $1 and b.started_at > now() - interval '31 days')`,
    [broadcastId],
  );
}

export interface AnswerCursor {
  streamId: ProfileId;
  organizationId: string;
  seq: number;
}

/** A log in which something may be an answer, kept to this transaction; null when there is none. */
export async function lockAnswerCursor(tx: Tx): Promise<AnswerCursor | null> {
  const [row] = await tx.query<AnswerCursor>(
    `select c.stream_id as "streamId", c.organization_id as "organizationId", c.seq
       from event_cursors c join event_streams s on s.stream_id = c.stream_id
      where c.reader = '${reader}' and s.last_seq > c.seq and ${isListened}
      limit 1 for update of c skip locked`,
    [],
    { name: 'broadcast_answers_cursor' },
  );
  return row ?? null;
}

/** The log of a profile was read up to there. */
export async function moveAnswerCursor(tx: Tx, { streamId }: AnswerCursor, seq: number): Promise<void> {
  await tx.query(`update event_cursors set seq = $2 where reader = '${reader}' and stream_id = $1`, [streamId, seq], {
    name: 'broadcast_answers_move',
  });
}

/** What may be an answer: somebody wrote, or wants no more of it. */
export interface PossibleAnswer {
  seq: number;
  name: 'message.received' | 'contact.opted_out';
  conversationId: string | null;
  messageId: string | null;
  personId: string | null;
  at: Date;
}

/** What follows a position in a log. @returns also how far that reaches */
export async function readPossibleAnswers(
  tx: Tx,
  { streamId, seq }: AnswerCursor,
  limit: number,
): Promise<{ answers: PossibleAnswer[]; reached: number; isMore: boolean }> {
  const rows = await tx.query<Omit<PossibleAnswer, 'name'> & { name: string }>(
    `select seq, name, conversation_id as "conversationId", payload ->> 'messageId' as "messageId",
            payload #>> '{person,personId}' as "personId",
            coalesce((payload ->> 'sentAt')::timestamptz, occurred_at) as at
       from events where stream_id = $1 and seq > $2 order by seq limit $3`,
    [streamId, seq, limit],
    { name: 'broadcast_answers_read' },
  );
  const answers = rows.filter(
    (row): row is PossibleAnswer => row.name === 'message.received' || row.name === 'contact.opted_out',
  );
  return { answers, reached: rows.at(-1)?.seq ?? seq, isMore: rows.length === limit };
}

export interface NotedAnswer {
  broadcastId: BroadcastId;
  position: number;
  conversationId: string;
  messageId: string;
  replyMessageId: string;
}

/** WhatsApp tells times in whole seconds. */
const tolerance = "interval '2 seconds'";

/**
 * Notes who answered: to the newest message of a broadcast in the conversation, within the reply window of that broadcast,
 * the first time only.
 */
export function noteReplies(
  tx: Tx,
  said: { conversationId: string; messageId: string; at: Date }[],
): Promise<NotedAnswer[]> {
  return tx.query<NotedAnswer>(
    `with said as (
       select distinct on (conversation_id) * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
           as said (conversation_id, message_id, at) order by conversation_id, at
     ), answered as (
       select r.broadcast_id, r.position, said.at, said.message_id as reply
         from said, lateral (
           select r.broadcast_id, r.position, r.replied_at
             from broadcast_recipients r join broadcasts b on b.id = r.broadcast_id
            where r.conversation_id = said.conversation_id and r.queued_at is not null
              and coalesce(r.sent_at, r.queued_at) <= said.at + ${tolerance}
              and coalesce(r.sent_at, r.queued_at) >= said.at - make_interval(hours => (b.settings ->> 'replyWindowHours')::int)
            order by r.queued_at desc limit 1) r
        where r.replied_at is null
     )
     update broadcast_recipients r set replied_at = answered.at
       from answered where r.broadcast_id = answered.broadcast_id and r.position = answered.position
     returning r.broadcast_id as "broadcastId", r.position, r.conversation_id as "conversationId",
               r.message_id as "messageId", answered.reply as "replyMessageId"`,
    [said.map((one) => one.conversationId), said.map((one) => one.messageId), said.map((one) => one.at)],
    { name: 'broadcast_answers_note' },
  );
}

/** Notes who wants no more of it: to the newest message of a broadcast that the number sent to the person. */
export async function noteOptOuts(tx: Tx, senderId: string, said: { personId: string; at: Date }[]): Promise<void> {
  await tx.query(
    `with said as (
       select distinct on (person_id) * from unnest($2::uuid[], $3::timestamptz[]) as said (person_id, at)
        order by person_id, at
     ), meant as (
       select r.broadcast_id, r.position, said.at
         from said, lateral (
           select r.broadcast_id, r.position from broadcast_recipients r join broadcasts b on b.id = r.broadcast_id
            where r.person_id = said.person_id and r.sender_id = $1 and r.sent_at is not null
              and r.sent_at >= said.at - make_interval(hours => (b.settings ->> 'replyWindowHours')::int)
            order by r.queued_at desc limit 1) r
     )
     update broadcast_recipients r set opted_out_at = meant.at
       from meant
      where r.broadcast_id = meant.broadcast_id and r.position = meant.position and r.opted_out_at is null`,
    [senderId, said.map((one) => one.personId), said.map((one) => one.at)],
    { name: 'broadcast_answers_opt_outs' },
  );
}

/**
 * Messages of broadcasts that wait for people who should not get them any more: who opted out gets none, who wrote none of
 * those that stop then.
 */
export async function findUnwanted(
  tx: Tx,
  who: { optedOut: readonly string[]; wroteIn: readonly string[] },
): Promise<{ messageId: string; reason: 'opted_out' | 'wrote_meanwhile' }[]> {
  return tx.query(
    `select r.message_id as "messageId", 'opted_out' as reason from broadcast_recipients r
      where r.person_id = any($1::uuid[]) and r.state = 'queued'
      union all
     select r.message_id, 'wrote_meanwhile' from broadcast_recipients r join broadcasts b on b.id = r.broadcast_id
      where r.conversation_id = any($2::uuid[]) and r.state = 'queued' and (b.settings ->> 'stopOnReply')::boolean
        and r.person_id <> all($1::uuid[])`,
    [who.optedOut, who.wroteIn],
    { name: 'broadcast_answers_unwanted' },
  );
}
