import type { ChatShown, NewEvent } from '#contracts';
import {
  type ChatPlace,
  type ChatState,
  ensureChats,
  findChats,
  placeKey,
  readChatStates,
  resolvePersons,
  roomPlace,
  type Tx,
} from '#database';
import type { Address, ChatAddress, FactSource } from '#engine';
import { chatShown } from '../messaging/chat-shown.js';
import { mergeEvents } from '../messaging/message-events.js';
import type { OwnedProfile } from '../messaging/owned-profile.js';

/** A fact about a chat, with the conversation that it is about. */
export interface PlacedFact<Fact> {
  fact: Fact;
  conversationId: string;
  /** Of a message's author, where the fact names one. */
  authorPersonId: string | null;
}

export interface PlacedChats<Fact> {
  /** In the order of the facts; those about chats that are not here are left out. */
  placed: PlacedFact<Fact>[];
  /** Of persons that turned out to be one. */
  events: NewEvent[];
}

interface AboutChat<Fact> {
  chat(fact: Fact): ChatAddress;
  /** Whether a chat that is not here is made for it: not to keep what is so anyway. */
  makes(fact: Fact): boolean;
  author?(fact: Fact): Address | null;
}

/** Finds the conversations of facts, and makes those that are worth it. */
export async function placeChats<Fact>(
  tx: Tx,
  { lease }: OwnedProfile,
  facts: Fact[],
  { chat, makes, author = () => null }: AboutChat<Fact>,
): Promise<PlacedChats<Fact>> {
  const chats = facts.map(chat);
  const authors = facts.map(author);
  const addresses = [...chats, ...authors].filter(
    (each): each is Address & ChatAddress => each !== null && 'lid' in each,
  );
  const { personIds, merges } =
    addresses.length === 0 ? { personIds: [], merges: [] } : await resolvePersons(tx, lease.organizationId, addresses);
  const personOf = new Map<object, string>(addresses.map((address, index) => [address, personIds[index]!]));
  const places = chats.map(
    (each): ChatPlace => (each.kind === 'user' ? { personId: personOf.get(each)! } : roomPlace(each)),
  );
  const wanted = places.filter((_, index) => makes(facts[index]!));
  if (wanted.length > 0) await ensureChats(tx, lease, wanted);
  const found = await findChats(tx, lease.profileId, places);
  const placed = facts.flatMap((fact, index) => {
    const conversationId = found.get(placeKey(places[index]!));
    const named = authors[index];
    return conversationId ? { fact, conversationId, authorPersonId: (named && personOf.get(named)) ?? null } : [];
  });
  return { placed, events: mergeEvents(merges) };
}

/** What the phone had before it was linked is kept, and told to nobody: thousands of events would say nothing new. */
export function isNews({ source }: { source: FactSource }): boolean {
  return source !== 'history';
}

/** The last word about each: what was said before is over. */
export function lastWords<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

/** How the conversations of events stand and are called. */
export async function shownChats(
  tx: Tx,
  conversationIds: string[],
): Promise<(conversationId: string) => { state: ChatState; chat: ChatShown }> {
  const states = await readChatStates(tx, conversationIds);
  return (conversationId) => {
    const state = states.get(conversationId)!;
    return { state, chat: chatShown(state) };
  };
}
