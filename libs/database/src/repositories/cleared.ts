import type { Tx } from '../transaction.js';

/**
 * How far a chat was cleared. WhatsApp's clock counts seconds: of the last second gone is what was stored up to a message,
 * and what came later in it is there.
 */
export interface ClearedUpTo {
  conversationId: string;
  /** Any moment of the last second. */
  upTo: Date;
  /** The newest message that was meant; null: the newest of that time that is stored by now. */
  throughMessageId: string | null;
}

/** SQL for whether a message `m` was not cleared from its conversation `c`. What is starred stays as long as it is. */
const notCleared = `(c.cleared_at is null or m.sent_at >= c.cleared_at + interval '1 second'
          or (m.sent_at >= c.cleared_at and m.id > c.cleared_through) or m.is_starred)`;

/** SQL for whether a message `m` of a conversation `c` is on the account's own devices: neither deleted there nor cleared. */
export const onOwnDevices = `(m.deleted_for_me_at is null and ${notCleared})`;

/** SQL for whether a conversation `c` that was deleted is back: something came after that. */
export const notDeleted = `(c.deleted_at is null or c.last_message_at >= c.deleted_at + interval '1 second'
   or exists (select from messages m where m.conversation_id = c.id and m.id > c.cleared_through
                 and m.sent_at >= c.deleted_at and m.target_message_id is null))`;

/** Lowest of all ids. */
export const noId = '00000000-0000-0000-0000-000000000000';

/** The moments as whole seconds, and each with the message that ends it. */
export async function completeCleared<Row extends ClearedUpTo>(
  tx: Tx,
  rows: Row[],
): Promise<(Row & { throughMessageId: string })[]> {
  const seconds = rows.map((row) => ({ ...row, upTo: new Date(Math.floor(row.upTo.getTime() / 1000) * 1000) }));
  const ends = await tx.query<{ id: string }>(
    `select coalesce(asked.through,
                     (select m.id from messages m
                       where m.conversation_id = asked.id and m.sent_at < asked.up_to + interval '1 second'
                       order by m.id desc limit 1), '${noId}') as id
       from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) with ordinality as asked (id, up_to, through, position)
      order by position`,
    [
      seconds.map((row) => row.conversationId),
      seconds.map((row) => row.upTo),
      seconds.map((row) => row.throughMessageId),
    ],
    { name: 'chats_cleared_through' },
  );
  return seconds.map((row, index) => ({ ...row, throughMessageId: ends[index]!.id }));
}
