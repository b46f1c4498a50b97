import type { Tx } from '../transaction.js';
import type { AnswerKind, AnswerRow } from './message-actions.js';

/** How many gave one answer to a message. */
export interface AnswerCount {
  messageId: string;
  kind: AnswerKind;
  /** The emoji, the option of a poll, or the answer to an invitation. */
  value: string;
  count: number;
  /** Whether this profile is among them. */
  isOurs: boolean;
}

/**
 * Counts the answers in force to messages, the most frequent first; a vote for several options counts for each. Answers
 * that were taken back count for nothing.
 */
export async function countAnswers(
  tx: Pick<Tx, 'query'>,
  messageIds: string[],
  kinds: AnswerKind[] = ['reaction', 'poll_vote', 'event_response'],
): Promise<AnswerCount[]> {
  if (messageIds.length === 0) return [];
  return tx.query<AnswerCount>(
    `select a.message_id as "messageId", a.kind, v.value, count(*), bool_or(a.actor_id = a.profile_id) as "isOurs"
       from message_answers a
      cross join lateral (
        select a.answer ->> 'emoji' as value where a.kind = 'reaction'
        union all
        select distinct option from jsonb_array_elements_text(a.answer -> 'options') as option where a.kind = 'poll_vote'
        union all
        select a.answer ->> 'response' where a.kind = 'event_response'
      ) v
      where a.message_id = any($1::uuid[]) and a.kind = any($2::text[]) and v.value is not null
      group by a.message_id, a.kind, v.value
      order by a.message_id, count(*) desc, v.value`,
    [messageIds, kinds],
    { name: 'answers_count' },
  );
}

/** The answers in force to a message, oldest first. What was taken back is left out. */
export async function listAnswers(tx: Tx, messageId: string, limit: number): Promise<AnswerRow[]> {
  return tx.query<AnswerRow>(
    `select message_id as "messageId", actor_id as "actorId", answer, wa_message_id as "waMessageId", at
       from message_answers
      where message_id = $1 and (kind <> 'reaction' or answer ->> 'emoji' is not null)
        and (kind <> 'poll_vote' or answer -> 'options' <> '[]')
      order by at, actor_id limit $2`,
    [messageId, limit],
    { name: 'answers_list' },
  );
}
