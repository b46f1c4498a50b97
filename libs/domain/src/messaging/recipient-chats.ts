import type { NewEvent } from '#contracts';
import {
  type Chat,
  chatKey,
  ensureConversations,
  findKnownChats,
  readParties,
  resolvePersons,
  type Tx,
} from '#database';
import type { Address } from '#engine';
import { mergeEvents } from './message-events.js';

/**
 * The chats of a profile with the people at these addresses, made where there are none; in their order.
 * @returns also the events to append when it turned out that two people are one.
 */
export async function resolveChats(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  addresses: Address[],
): Promise<{ chats: Chat[]; events: NewEvent[] }> {
  // An address in both forms may join two people, which only the full way does.
  if (addresses.every((address) => address.phone === null || address.lid === null)) {
    const known = await findKnownChats(tx, owner, addresses);
    const chats = addresses.flatMap((address) => known.get(chatKey(address)) ?? []);
    if (chats.length === addresses.length) return { chats, events: [] };
  }
  const { personIds, merges } = await resolvePersons(tx, owner.organizationId, addresses);
  const conversationIds = await ensureConversations(tx, owner, personIds);
  const parties = await readParties(tx, owner.profileId, personIds);
  const chats = conversationIds.map((conversationId, index) => ({ conversationId, party: parties[index]! }));
  return { chats, events: mergeEvents(merges) };
}
