import type { MessageParty } from '#contracts';
import type { Address } from '#engine';
import type { Tx } from '../transaction.js';

/** A chat of a profile with one person. */
export interface Chat {
  conversationId: string;
  party: MessageParty;
}

/**
 * The chats that a profile already has with the people at these addresses, in one read: what nearly every send finds.
 * By phone number, or by LID where an address has no number. The persons are kept from being merged away until the end
 * of the transaction, as `resolvePersons` does. Addresses without a chat are absent.
 */
export async function findKnownChats(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  addresses: Address[],
): Promise<Map<string, Chat>> {
  const keys = [...new Set(addresses.map(chatKey))];
  const rows = await tx.query<{ key: string; conversationId: string } & MessageParty>(
    `select asked.kind || ':' || asked.value as key, c.id as "conversationId", p.id as "personId",
            (select value from identities n where n.person_id = p.id and n.kind = 'phone'
              order by n.id desc limit 1) as phone,
            (select value from identities n where n.person_id = p.id and n.kind = 'lid'
              order by n.id desc limit 1) as lid,
            (select coalesce(a.name, a.push_name) from contacts a
              where a.profile_id = $2 and a.person_id = p.id) as name
       from unnest($3::text[], $4::text[]) as asked (kind, value)
       join identities i on i.organization_id = $1 and i.kind = asked.kind and i.value = asked.value
       join persons p on p.id = i.person_id
       join conversations c on c.profile_id = $2 and c.person_id = p.id
      order by p.id for key share of p`,
    [
      owner.organizationId,
      owner.profileId,
      keys.map((key) => key.slice(0, key.indexOf(':'))),
      keys.map((key) => key.slice(key.indexOf(':') + 1)),
    ],
    { name: 'chats_known' },
  );
  return new Map(rows.map(({ key, conversationId, ...party }) => [key, { conversationId, party }]));
}

/** Under what `findKnownChats` answers for an address. */
export function chatKey({ phone, lid }: Address): string {
  return phone === null ? `lid:${lid}` : `phone:${phone}`;
}
