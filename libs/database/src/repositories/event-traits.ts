import type { ChatKind, ConnectionState, MessageKind } from '#contracts';
import type { Tx } from '../transaction.js';

/** What filters ask about an event; null where it has no such thing. */
export interface EventTraits {
  id: string;
  chatKind: ChatKind | null;
  /** Whether this profile wrote the message or did it. */
  fromMe: boolean | null;
  /** What the message contains. */
  kind: MessageKind | null;
  /** Into which state a connection changed. */
  state: ConnectionState | null;
  /** Ids and lower-case names of the conversation's labels at this moment; null without a conversation. */
  labels: string[] | null;
  /** Lower-case tags of the contact; null without one. */
  tags: string[] | null;
}

/** Events of one's own messages, whose payload does not say so. */
const ownMessages = ['queued', 'sent', 'delivered', 'read', 'played', 'failed', 'cancelled', 'expired', 'unknown'].map(
  (state) => `message.${state}`,
);
ownMessages.push('message.sent_from_phone', 'message.receipts', 'message.starred', 'message.deleted_for_me');
ownMessages.push('action.queued', 'action.changed');

/** One statement for any number of events, by their ids; what no filter asks about is not looked for. */
export function readEventTraits(
  tx: Tx,
  ids: readonly string[],
  asked: { kind: boolean; labels: boolean; tags: boolean },
): Promise<EventTraits[]> {
  return tx.query<EventTraits>(
    `with e as materialized (
       select *, case when $3 and not payload ? 'content' then message_id::uuid end as message
         from events where id = any($1::uuid[])
     )
     select e.id, coalesce(e.payload #>> '{chat,kind}', c.kind) as "chatKind",
            case when e.name = 'message.received' then false
                 when e.name = any($2::text[]) then true
                 when e.payload ? 'by' then jsonb_typeof(e.payload -> 'by') = 'null' end as "fromMe",
            coalesce(e.payload #>> '{content,kind}', m.kind) as kind,
            case when e.name = 'connection.changed' then e.payload ->> 'state' end as state,
            case when $4 and e.conversation_id is not null then array(
              select k.label_id::text from label_links k
               where k.conversation_id = e.conversation_id and k.wa_message_id = ''
              union all
              select lower(l.name) from label_links k join labels l on l.id = k.label_id
               where k.conversation_id = e.conversation_id and k.wa_message_id = '') end as labels,
            case when $5 and c.person_id is not null then array(
              select t.tag_key from contacts k join contact_tags t on t.contact_id = k.id
               where k.profile_id = e.profile_id and k.person_id = c.person_id) end as tags
       from e
       left join conversations c on c.id = e.conversation_id
       left join messages m on m.id = e.message`,
    [ids, ownMessages, asked.kind, asked.labels, asked.tags],
    { name: 'event_traits' },
  );
}
