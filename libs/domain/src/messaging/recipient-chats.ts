import type { NewEvent } from '#contracts';
import {
  type Chat,
  type ChatPlace,
  chatKey,
  ensureChats,
  findKnownChats,
  readChats,
  resolvePersons,
  roomPlace,
  type Tx,
} from '#database';
import type { ChatAddress, UserChat } from '#engine';
import { mergeEvents } from './message-events.js';

/**
 * The chats of a profile at these addresses, made where there are none; in their order.
 * @returns also the events to append when it turned out that two people are one.
 */
export async function resolveChats(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  addresses: ChatAddress[],
): Promise<{ chats: Chat[]; events: NewEvent[] }> {
  const people = addresses.filter((address) => address.kind === 'user');
  // An address in both forms may join two people, which only the full way does.
  if (people.length === addresses.length && people.every(({ phone, lid }) => phone === null || lid === null)) {
    const known = await findKnownChats(tx, owner, people);
    const chats = people.flatMap((address) => known.get(chatKey(address)) ?? []);
    if (chats.length === people.length) return { chats, events: [] };
  }
  const { places, events } = await placesOf(tx, owner.organizationId, addresses, people);
  const conversationIds = await ensureChats(tx, owner, places);
  const chats = await readChats(tx, owner.profileId, conversationIds);
  return { chats: conversationIds.map((id) => chats.get(id)!), events };
}

async function placesOf(tx: Tx, organizationId: string, addresses: ChatAddress[], people: UserChat[]) {
  const { personIds, merges } =
    people.length === 0 ? { personIds: [], merges: [] } : await resolvePersons(tx, organizationId, people);
  const personOf = new Map(people.map((address, index) => [address, personIds[index]!]));
  const places = addresses.map(
    (address): ChatPlace => (address.kind === 'user' ? { personId: personOf.get(address)! } : roomPlace(address)),
  );
  return { places, events: mergeEvents(merges) };
}
