import type { EventActor, EventName } from '#contracts';
import type { Tx } from '../transaction.js';

/** An event that names a message. */
export interface MessageEventRow {
  name: EventName;
  actor: EventActor;
  at: Date;
  payload: Record<string, unknown>;
}

/** What the log tells of one message, in its order. None when the log does not reach back so far. */
export async function listMessageEvents(
  tx: Tx,
  { organizationId, profileId, messageId }: { organizationId: string; profileId: string; messageId: string },
  limit: number,
): Promise<MessageEventRow[]> {
  return tx.query<MessageEventRow>(
    `select name, actor, occurred_at as at, payload from events
      where message_id = $3 and stream_id = $2 and organization_id = $1
      order by seq limit $4`,
    [organizationId, profileId, messageId, limit],
    { name: 'timeline_events' },
  );
}

/** What the row itself tells of its way. */
export interface MessageMilestones {
  acceptedAt: Date;
  /** How often an engine took it on. */
  attempts: number;
  /** Tries that failed and were followed by another, oldest first; not those during which an engine died. */
  tries: { attempt: number; at: string; reason: string }[];
}

export async function readMilestones(tx: Tx, messageId: string): Promise<MessageMilestones> {
  const [row] = await tx.query<MessageMilestones>(
    `select m.created_at as "acceptedAt", greatest(m.attempts, coalesce(o.attempts, 0)) as attempts,
            coalesce(m.tries, '[]') as tries
       from messages m left join outbox o on o.message_id = m.id where m.id = $1`,
    [messageId],
  );
  return row!;
}
