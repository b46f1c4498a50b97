import type { MessageContent, MessageParty } from '#contracts';
import type { Tx } from '../transaction.js';
import { onOwnDevices } from './cleared.js';
import { newestIdentitySql } from './quoted-message.js';

/** Somebody as webhooks are told of them. */
export interface KnownParty extends MessageParty {
  /** Of the profile's address book; null when there is no such entry. */
  contactId: string | null;
}

/** A message that another one answers; not one that is gone from the own devices. */
export interface QuotedMessage {
  id: string;
  waMessageId: string;
  fromMe: boolean;
  content: MessageContent;
}

/** What is known around an event of a conversation at this moment. */
export interface EventSurroundings {
  chatKind: string | null;
  /** The other person of a chat of two. */
  party: KnownParty | null;
  /** Who wrote or did it, in any chat; null when that was the profile. */
  authorContactId: string | null;
  quoted: QuotedMessage | null;
}

export interface SurroundingsAsked {
  eventId: string;
  profileId: string;
  conversationId: string;
  authorPersonId: string | null;
  quotedWaMessageId: string | null;
}

/** One statement for any number of events. @returns by the ids of events; a conversation that is gone is left out */
export async function readEventSurroundings(
  db: Pick<Tx, 'query'>,
  asked: readonly SurroundingsAsked[],
): Promise<ReadonlyMap<string, EventSurroundings>> {
  const rows = await db.query<EventSurroundings & { eventId: string }>(
    `select asked.event_id as "eventId", c.kind as "chatKind", author.id as "authorContactId", quoted.message as quoted,
            case when c.person_id is not null then json_build_object(
              'contactId', k.id, 'personId', c.person_id, 'phone', ${newestIdentitySql('c.person_id', 'phone')},
              'lid', ${newestIdentitySql('c.person_id', 'lid')},
              'name', coalesce(k.name, k.saved_name, k.verified_name, k.push_name)) end as party
       from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[])
              as asked (event_id, profile_id, conversation_id, author_id, quoted_id)
       join conversations c on c.id = asked.conversation_id
       left join contacts k on k.profile_id = asked.profile_id and k.person_id = c.person_id
       left join contacts author on author.profile_id = asked.profile_id and author.person_id = asked.author_id
       left join lateral (
         select json_build_object('id', m.id, 'waMessageId', m.wa_message_id, 'fromMe', m.direction = 'outgoing',
                                  'content', m.content) as message
           from message_keys key join messages m on m.id = key.message_id
          where key.profile_id = asked.profile_id and key.wa_message_id = asked.quoted_id
            and m.conversation_id = asked.conversation_id and m.revoked_at is null and ${onOwnDevices}
          limit 1) quoted on true`,
    [
      asked.map((one) => one.eventId),
      asked.map((one) => one.profileId),
      asked.map((one) => one.conversationId),
      asked.map((one) => one.authorPersonId),
      asked.map((one) => one.quotedWaMessageId),
    ],
    { name: 'event_surroundings' },
  );
  return new Map(rows.map(({ eventId, ...around }) => [eventId, around]));
}
