import { type DeliveryState, deliveryRank, type MessageAction, settledStates } from '#contracts';
import type { Tx } from '../transaction.js';
import type { ChatColumns } from './chats.js';
import { newestIdentitySql } from './quoted-message.js';

/** A step in the life of an outgoing message. */
export interface StateStep {
  messageId: string;
  state: DeliveryState;
  /** Stable code for failed, cancelled, expired and unknown. */
  reason: string | null;
  /** When it happened: by WhatsApp's clock for acknowledgements and receipts. */
  at: Date;
}

/** A message that really moved, with what its event tells, and its chat. */
export interface MovedMessage extends ChatColumns {
  organizationId: string;
  profileId: string;
  conversationId: string;
  messageId: string;
  waMessageId: string;
  batchId: string | null;
  state: DeliveryState;
  previousState: DeliveryState;
  reason: string | null;
  /** Set when it is an action of ours: what it does, and to which message. */
  action: { targetMessageId: string; does: MessageAction } | null;
}

export interface Advance {
  moved: MovedMessage[];
  /** Batches that lost a waiting send here, whether its message moved or had moved before. */
  batchIds: string[];
}

/**
 * The only way to change the state of an outgoing message. A step is taken when the rank rises (contracts'
 * delivery-state), so late, repeated and crossing news do nothing. A step to a settled state also ends the waiting send:
 * a receipt that overtook the acknowledgement proves that it was sent. At most one step for a message in one call.
 *
 * Locks outbox rows, then message rows, each by id: every transaction takes them in this order.
 */
export async function advanceMessages(tx: Tx, steps: StateStep[]): Promise<Advance> {
  if (steps.length === 0) return { moved: [], batchIds: [] };
  const [row] = await tx.query<{ moved: MovedMessage[] | null; batchIds: string[] | null }>(
    advanceSql,
    [
      steps.map((step) => step.messageId),
      steps.map((step) => step.state),
      steps.map((step) => step.reason),
      steps.map((step) => step.at),
    ],
    { name: 'messages_advance' },
  );
  return { moved: row!.moved ?? [], batchIds: row!.batchIds ?? [] };
}

const rank = (column: string) =>
  `(case ${column} ${Object.entries(deliveryRank)
    .map(([state, value]) => `when '${state}' then ${value}`)
    .join(' ')} end)`;

const settled = settledStates.map((state) => `'${state}'`).join(', ');

/** In sub-selects, as in parties.ts: planning this statement takes twice as long as running it. */
const ids = '(select $1::uuid[])';

/**
 * `before` reads the state under the row lock; the update of the same row in the same statement then sees that very
 * state. The subselect over `waiting` makes the message locks follow the outbox locks.
 *
 * Do not spare partitions by a range of ids here: with a plan that prunes them as it starts, PostgreSQL 18 loses every row
 * of a statement that had to wait for one of them (the spec of the deliverer shows it).
 */
const advanceSql = `
  with step as (
    select * from unnest(${ids}, (select $2::text[]), (select $3::text[]), (select $4::timestamptz[]))
                    as step (message_id, state, reason, at)
  ), waiting as (
    select message_id from outbox where message_id = any(${ids}::uuid[]) order by message_id for update
  ), before as (
    select m.id, m.state from messages m
     where m.id = any(${ids}::uuid[]) and m.direction = 'outgoing' and (select count(*) from waiting) >= 0
     order by m.id for update
  ), ended as (
    delete from outbox o using step, waiting
     where o.message_id = step.message_id and waiting.message_id = o.message_id and step.state in (${settled})
    returning o.batch_id
  ), moved as (
    update messages m
       set state = step.state, state_reason = step.reason,
           sent_at = case when step.state = 'sent' then step.at else m.sent_at end,
           delivered_at = case when step.state in ('delivered', 'read', 'played')
                               then coalesce(m.delivered_at, step.at) else m.delivered_at end,
           read_at = case when step.state in ('read', 'played') then coalesce(m.read_at, step.at) else m.read_at end
      from before join step on step.message_id = before.id
     where m.id = before.id and m.id = any(${ids}::uuid[]) and ${rank('step.state')} > ${rank('before.state')}
    returning m.organization_id, m.profile_id, m.conversation_id, m.id, m.wa_message_id, m.batch_id, m.state,
              before.state as previous_state, m.state_reason, m.target_message_id,
              case when m.target_message_id is not null then m.content end as action
  )
  select (
    select json_agg(json_build_object(
             'organizationId', moved.organization_id, 'profileId', moved.profile_id,
             'conversationId', moved.conversation_id, 'messageId', moved.id, 'waMessageId', moved.wa_message_id,
             'batchId', moved.batch_id, 'state', moved.state, 'previousState', moved.previous_state,
             'reason', moved.state_reason,
             'action', case when moved.target_message_id is not null then json_build_object(
               'targetMessageId', moved.target_message_id, 'does', moved.action) end,
             'kind', c.kind, 'roomId', c.room_id,
             'phone', ${newestIdentitySql('c.person_id', 'phone')},
             'lid', ${newestIdentitySql('c.person_id', 'lid')}
           ) order by moved.id)
      from moved join conversations c on c.id = moved.conversation_id
  ) as moved,
  (select array_agg(distinct batch_id) from ended where batch_id is not null) as "batchIds"`;

/** A message that this account sent, and where it stands. */
export interface SentMessageState {
  messageId: string;
  conversationId: string;
  state: DeliveryState;
}

/**
 * Messages that profiles sent, by profile and WhatsApp's id. Unknown ones are missing. Each is looked up by itself, whatever
 * the planner thought of the tables when they were small.
 */
export async function findSentMessages(
  tx: Tx,
  wanted: { profileId: string; waMessageId: string }[],
): Promise<Map<string, Map<string, SentMessageState>>> {
  const rows = await tx.query<SentMessageState & { profileId: string; waMessageId: string }>(
    `select k.profile_id as "profileId", k.wa_message_id as "waMessageId", k.message_id as "messageId",
            m.conversation_id as "conversationId", m.state
       from unnest($1::uuid[], $2::text[]) as wanted (profile_id, wa_message_id), lateral (
         select * from message_keys
          where profile_id = wanted.profile_id and wa_message_id = wanted.wa_message_id and from_me offset 0) k, lateral (
         select conversation_id, state from messages where id = k.message_id offset 0) m`,
    [wanted.map(({ profileId }) => profileId), wanted.map(({ waMessageId }) => waMessageId)],
    { name: 'messages_sent_by_wa_id' },
  );
  const found = new Map<string, Map<string, SentMessageState>>();
  for (const { profileId, waMessageId, ...message } of rows) {
    const ofProfile = found.get(profileId) ?? new Map<string, SentMessageState>();
    found.set(profileId, ofProfile.set(waMessageId, message));
  }
  return found;
}
