import type { MessageParty } from '#contracts';
import type { Address } from '#engine';
import type { Tx } from '../transaction.js';
import type { ChatColumns } from './chats.js';
import { newestIdentitySql } from './quoted-message.js';

/** A chat of a profile. */
export interface Chat extends ChatColumns {
  conversationId: string;
  /** What a room is called, where it is known; null for chats of two. */
  name: string | null;
  /** The other person of a chat of two. */
  party: MessageParty | null;
}

type ChatRow = Omit<Chat, 'party'> & { personId: string | null; personName: string | null };

function chatOf({ personId, personName, ...chat }: ChatRow): Chat {
  const { phone, lid } = chat;
  return { ...chat, party: personId === null ? null : { personId, phone, lid, name: personName } };
}

const chatColumns = `
  c.id as "conversationId", c.kind, c.room_id as "roomId", c.name, c.person_id as "personId",
  ${newestIdentitySql('c.person_id', 'phone')} as phone, ${newestIdentitySql('c.person_id', 'lid')} as lid,
  (select coalesce(a.name, a.saved_name, a.verified_name, a.push_name) from contacts a
    where a.profile_id = c.profile_id and a.person_id = c.person_id) as "personName"`;

/** Chats of a profile by the ids of their conversations. */
export async function readChats(
  tx: Pick<Tx, 'query'>,
  profileId: string,
  conversationIds: string[],
): Promise<Map<string, Chat>> {
  const rows = await tx.query<ChatRow>(
    `select ${chatColumns} from conversations c where c.profile_id = $1 and c.id = any($2::uuid[])`,
    [profileId, conversationIds],
    { name: 'chats_read_all' },
  );
  return new Map(rows.map((row) => [row.conversationId, chatOf(row)]));
}

/**
 * The chats that a profile already has with the people at these addresses, in one read: what nearly every send finds.
 * By phone number, or by LID where an address has no number. The persons are kept from being merged away until the end
 * of the transaction, as `resolvePersons` does. Addresses without a chat are absent. Each is looked up by itself, whatever
 * the planner thought of the tables when they were small.
 */
export async function findKnownChats(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  addresses: Address[],
): Promise<Map<string, Chat>> {
  const keys = [...new Set(addresses.map(chatKey))];
  const rows = await tx.query<{ key: string } & ChatRow>(
    `select asked.kind || ':' || asked.value as key, ${chatColumns}
       from unnest($3::text[], $4::text[]) as asked (kind, value), lateral (
         select person_id from identities
          where organization_id = $1 and kind = asked.kind and value = asked.value offset 0) i
       join persons p on p.id = i.person_id, lateral (
         select * from conversations where profile_id = $2 and person_id = p.id offset 0) c
      order by p.id for key share of p`,
    [
      owner.organizationId,
      owner.profileId,
      keys.map((key) => key.slice(0, key.indexOf(':'))),
      keys.map((key) => key.slice(key.indexOf(':') + 1)),
    ],
    { name: 'chats_known' },
  );
  return new Map(rows.map(({ key, ...row }) => [key, chatOf(row)]));
}

/** Under what `findKnownChats` answers for an address. */
export function chatKey({ phone, lid }: Address): string {
  return phone === null ? `lid:${lid}` : `phone:${phone}`;
}
