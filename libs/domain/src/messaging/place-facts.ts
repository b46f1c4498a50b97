import { idAt, newId } from '#contracts';
import {
  type ChatPlace,
  type ConversationMerge,
  ensureChatsOf,
  findChats,
  findChatsWith,
  findIdentities,
  type InboundRow,
  type KnownChats,
  type KnownIdentities,
  messageSecretPlace,
  type OrganizationSealer,
  placeKey,
  resolvePersons,
  roomPlace,
  type TargetName,
  type Tx,
} from '#database';
import type { Address, InboundAction, InboundFact, InboundMessage } from '#engine';
import type { OwnedProfile } from './owned-profile.js';

/** A message on its way into the database, with the fact that it comes from. */
export interface Incoming extends InboundRow {
  fact: InboundMessage;
  place: ChatPlace;
  /** Who wrote it, also in a chat of two; null: us, or a newsletter. */
  writtenBy: string | null;
}

/** Something that was done to a message, with what it means here. */
export interface PlacedAction {
  fact: InboundAction;
  /** The message that it is done to; null when not even the chat is here. */
  target: TargetName | null;
  /** Who did it; null: us, or a newsletter. */
  actorPersonId: string | null;
}

/** What arrived for one profile. */
export interface Arrival {
  owned: OwnedProfile;
  facts: InboundFact[];
  sealer: OrganizationSealer;
}

/** The facts of one arrival. */
export interface PlacedFacts {
  messages: Incoming[];
  actions: PlacedAction[];
}

/** Whom and which chats of two facts name, as far as they are known: what most facts need, in one round trip. */
export interface KnownPlaces {
  /** By organization. */
  identities: Map<string, KnownIdentities>;
  chats: KnownChats | undefined;
}

export async function findPlaces(tx: Tx, arrivals: Omit<Arrival, 'sealer'>[]): Promise<KnownPlaces> {
  const asked = arrivals.flatMap(({ owned: { lease }, facts }) =>
    facts.flatMap(({ type, chat }) =>
      type === 'message' && chat.kind === 'user' ? { ...ownerOf(lease), address: chat } : [],
    ),
  );
  const identities = [...addressesIn(arrivals)].map(
    async ([organizationId, addresses]) =>
      [organizationId, await findIdentities(tx, organizationId, [...addresses])] as const,
  );
  // Behind those, which keep the persons from being merged.
  const chats = asked.length > 0 ? findChatsWith(tx, asked) : undefined;
  const [found, known] = await Promise.all([Promise.all(identities), chats]);
  return { identities: new Map(found), chats: known };
}

/**
 * Finds the persons and chats of facts, for each arrival of another profile. Chats that are new are made for messages, not
 * for what is done to messages: its target is not here then.
 * @param known what `findPlaces` answered for these facts in this transaction
 */
export async function placeFacts(
  tx: Tx,
  arrivals: Arrival[],
  known?: KnownPlaces,
): Promise<{ placed: PlacedFacts[]; merges: ConversationMerge[] }> {
  const { identities, chats } = known ?? (await findPlaces(tx, arrivals));
  const { personOf, merges } = await resolveEverybody(tx, arrivals, identities);
  const placeOf = ({ chat }: InboundFact): ChatPlace =>
    chat.kind === 'user' ? { personId: personOf.get(chat)! } : roomPlace(chat);
  const said = arrivals.flatMap(({ owned: { lease }, facts }) =>
    facts.flatMap((fact) => (fact.type === 'message' ? { ...ownerOf(lease), place: placeOf(fact), fact } : [])),
  );
  const conversationIds = said.length === 0 ? [] : await ensureChatsOf(tx, said, merges.length > 0 ? undefined : chats);
  const conversationOf = new Map(said.map(({ fact }, index) => [fact, conversationIds[index]!]));
  const placed = arrivals.map(async ({ owned: { lease }, facts, sealer }): Promise<PlacedFacts> => {
    const messages = facts
      .filter((fact) => fact.type === 'message')
      .map((fact, index): Incoming => {
        const author = writer(fact, personOf);
        return {
          fact,
          ...ownerOf(lease),
          id: fact.isHistory ? idAt(fact.sentAt, index) : newId(),
          conversationId: conversationOf.get(fact)!,
          place: placeOf(fact),
          writtenBy: author,
          authorPersonId: fact.chat.kind === 'user' ? null : author,
          waMessageId: fact.waMessageId,
          fromMe: fact.fromMe,
          content: fact.content,
          quotedWaMessageId: fact.quotedWaMessageId,
          secretSealed: fact.secret && sealer.seal(fact.secret, messageSecretPlace(lease.profileId, fact.waMessageId)),
          sentAt: fact.sentAt,
          isRead: fact.fromMe || fact.isHistory === true,
        };
      });
    const done = facts.filter((fact) => fact.type === 'action');
    const here = done.length === 0 ? new Map() : await findChats(tx, lease.profileId, done.map(placeOf));
    const actions = done.map((fact): PlacedAction => {
      const conversationId = here.get(placeKey(placeOf(fact)));
      const { waMessageId, fromMe, author } = fact.target;
      const authorPersonId = fact.chat.kind === 'user' || fromMe || !author ? null : personOf.get(author)!;
      const target = conversationId === undefined ? null : { conversationId, waMessageId, fromMe, authorPersonId };
      return { fact, target, actorPersonId: writer(fact, personOf) };
    });
    return { messages: distinctMessages(messages), actions };
  });
  return { placed: await Promise.all(placed), merges };
}

const ownerOf = ({ organizationId, profileId }: OwnedProfile['lease']) => ({ organizationId, profileId });

/** Everybody whom facts name; each organization has persons of its own. */
function addressesIn(arrivals: Omit<Arrival, 'sealer'>[]): Map<string, Set<Address>> {
  const found = new Map<string, Set<Address>>();
  for (const { owned, facts } of arrivals) {
    const named = facts.flatMap(addressesOf);
    if (named.length === 0) continue;
    const { organizationId } = owned.lease;
    const addresses = found.get(organizationId) ?? new Set();
    for (const address of named) addresses.add(address);
    found.set(organizationId, addresses);
  }
  return found;
}

async function resolveEverybody(
  tx: Tx,
  arrivals: Arrival[],
  identities: Map<string, KnownIdentities>,
): Promise<{ personOf: Map<Address, string>; merges: ConversationMerge[] }> {
  const personOf = new Map<Address, string>();
  const resolved = [...addressesIn(arrivals)].map(async ([organizationId, addresses]) => {
    const asked = [...addresses];
    const { personIds, merges } = await resolvePersons(tx, organizationId, asked, identities.get(organizationId));
    for (const [index, address] of asked.entries()) personOf.set(address, personIds[index]!);
    return merges;
  });
  return { merges: (await Promise.all(resolved)).flat(), personOf };
}

/** Everybody that a fact names, as the very objects that it has. */
function addressesOf(fact: InboundFact): Address[] {
  const { chat, author } = fact;
  if (chat.kind === 'user') return [chat];
  const targetAuthor = fact.type === 'action' && !fact.target.fromMe ? fact.target.author : null;
  return [fact.fromMe ? null : author, targetAuthor].filter((address) => address !== null);
}

function writer({ fromMe, chat, author }: InboundFact, personOf: Map<Address, string>): string | null {
  if (fromMe) return null;
  if (chat.kind === 'user') return personOf.get(chat)!;
  return author && personOf.get(author)!;
}

/** One row for each message: of repeats in one call the readable one. */
function distinctMessages(messages: Incoming[]): Incoming[] {
  const byKey = new Map<string, Incoming>();
  for (const message of messages) {
    const key = `${message.fromMe} ${message.waMessageId} ${message.authorPersonId}`;
    const known = byKey.get(key);
    if (!known || known.content.kind === 'undecryptable') byKey.set(key, message);
  }
  return [...byKey.values()];
}
