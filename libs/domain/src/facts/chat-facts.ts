import type { ConversationChanges, EventName, EventPayloads, NewEvent } from '#contracts';
import {
  type ChatStateName,
  type ClearedUpTo,
  clearChats,
  deleteMessagesForMe,
  findActionTargets,
  removeChats,
  setChatState,
  starMessages,
  type Tx,
} from '#database';
import type { ChatAddress, FactSource, MessageTarget } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import type { FactHandler, FactHandlers, FactOf } from './fact-recorder.js';
import { isNews, lastWords, type PlacedFact, placeChats, shownChats } from './place-chats.js';

interface ChatFact {
  chat: ChatAddress;
  at: Date;
  source: FactSource;
}

/** A handler for one state of chats. */
function stateHandler<
  Type extends 'chat_archived' | 'chat_pinned' | 'chat_muted' | 'chat_marked' | 'chat_timer_changed',
>(
  name: ChatStateName,
  said: (fact: FactOf<Type>) => boolean | number | Date | null,
  changeOf: (fact: FactOf<Type>) => ConversationChanges,
): FactHandler<Type> {
  return async (tx, owned, facts) => {
    const changes = facts.map((fact) => ({
      ...(fact as unknown as ChatFact),
      value: said(fact),
      changes: changeOf(fact),
    }));
    const { placed, events } = await placeChats(tx, owned, changes, {
      chat: ({ chat }) => chat,
      makes: ({ value }) => Boolean(value),
    });
    const last = lastWords(placed, ({ conversationId }) => conversationId);
    const rows = last.map(({ conversationId, fact: { value } }) => ({ conversationId, value }));
    const changed = await setChatState(tx, name, rows);
    const told = await tellChats(tx, owned, 'conversation.updated', last, changed, ({ changes }) => ({ changes }));
    return [...events, ...told];
  };
}

const cleared: FactHandler<'chat_cleared'> = async (tx, owned, facts) => {
  const { last, rows, events } = await extentsOf(tx, owned, facts);
  const changed = await clearChats(
    tx,
    rows.map((row, index) => ({ ...row, keepsStarred: last[index]!.fact.keepsStarred })),
  );
  const told = await tellChats(tx, owned, 'conversation.cleared', last, changed, ({ upTo, keepsStarred }) => ({
    upTo: upTo.toISOString(),
    keepsStarred,
  }));
  return [...events, ...told];
};

const removed: FactHandler<'chat_deleted'> = async (tx, owned, facts) => {
  const { last, rows, events } = await extentsOf(tx, owned, facts);
  const changed = await removeChats(tx, rows);
  const told = await tellChats(tx, owned, 'conversation.removed', last, changed, ({ upTo }) => ({
    upTo: upTo.toISOString(),
  }));
  return [...events, ...told];
};

const starred: FactHandler<'message_starred'> = async (tx, owned, facts) => {
  const { found, events } = await targetsOf(tx, owned, facts);
  const changed = await starMessages(
    tx,
    found.map(({ messageId, fact }) => ({ messageId, starred: fact.starred })),
  );
  const told = await tellMessages(tx, owned, 'message.starred', found, changed, (fact) => ({ starred: fact.starred }));
  return [...events, ...told];
};

const deletedForMe: FactHandler<'message_deleted_for_me'> = async (tx, owned, facts) => {
  const { found, events } = await targetsOf(tx, owned, facts);
  const changed = await deleteMessagesForMe(
    tx,
    found.map(({ messageId, fact }) => ({ messageId, at: fact.at })),
  );
  const told = await tellMessages(tx, owned, 'message.deleted_for_me', found, changed, () => ({}));
  return [...events, ...told];
};

/** What the account's owner does to chats and messages, for all devices of the account. */
export const chatFactHandlers: FactHandlers = {
  chat_archived: stateHandler(
    'isArchived',
    (fact) => fact.archived,
    ({ archived }) => ({ archived }),
  ),
  chat_pinned: stateHandler(
    'pinnedAt',
    (fact) => (fact.pinned ? fact.at : null),
    ({ pinned }) => ({ pinned }),
  ),
  chat_muted: stateHandler(
    'mutedUntil',
    (fact) => fact.until,
    ({ until }) => ({ mutedUntil: until?.toISOString() ?? null }),
  ),
  chat_marked: stateHandler(
    'isMarkedUnread',
    (fact) => fact.unread,
    ({ unread }) => ({ markedUnread: unread }),
  ),
  chat_timer_changed: stateHandler(
    'disappearsInSeconds',
    (fact) => fact.seconds,
    ({ seconds }) => ({ disappearsInSeconds: seconds }),
  ),
  chat_cleared: cleared,
  chat_deleted: removed,
  message_starred: starred,
  message_deleted_for_me: deletedForMe,
};

/** The last word about each chat that lost messages, and how far it reaches. */
async function extentsOf<Fact extends ChatFact & { upTo: Date; newest: MessageTarget | null }>(
  tx: Tx,
  owned: OwnedProfile,
  facts: Fact[],
): Promise<{ last: PlacedFact<Fact>[]; rows: ClearedUpTo[]; events: NewEvent[] }> {
  const { placed, events } = await placeChats(tx, owned, facts, {
    chat: (fact) => fact.chat,
    makes: () => false,
    author: ({ chat, newest }) => (chat.kind === 'user' || !newest || newest.fromMe ? null : newest.author),
  });
  const last = lastWords(placed, ({ conversationId }) => conversationId);
  const named = last.filter(({ fact }) => fact.newest !== null);
  const targets = await findActionTargets(
    tx,
    owned.lease.profileId,
    named.map(({ conversationId, authorPersonId, fact: { newest } }) => ({
      conversationId,
      authorPersonId,
      waMessageId: newest!.waMessageId,
      fromMe: newest!.fromMe,
    })),
  );
  const throughOf = new Map(named.map((each, index) => [each, targets.get(index)?.messageId]));
  const rows = last.map((each) => {
    const { conversationId, fact } = each;
    return { conversationId, upTo: fact.upTo, throughMessageId: throughOf.get(each) ?? null };
  });
  return { last, rows, events };
}

interface FoundTarget<Fact> {
  fact: Fact;
  conversationId: string;
  messageId: string;
  waMessageId: string;
}

/** The messages that facts are about. Those that are not here (older than this profile) are left out. */
async function targetsOf<Fact extends ChatFact & { target: MessageTarget }>(
  tx: Tx,
  owned: OwnedProfile,
  facts: Fact[],
): Promise<{ found: FoundTarget<Fact>[]; events: NewEvent[] }> {
  const { placed, events } = await placeChats(tx, owned, facts, {
    chat: (fact) => fact.chat,
    makes: () => false,
    author: ({ chat, target }) => (chat.kind === 'user' || target.fromMe ? null : target.author),
  });
  const last = lastWords(placed, ({ conversationId, authorPersonId, fact: { target } }) =>
    [conversationId, target.waMessageId, target.fromMe, authorPersonId].join(' '),
  );
  const names = last.map(({ conversationId, authorPersonId, fact: { target } }) => ({
    conversationId,
    authorPersonId,
    waMessageId: target.waMessageId,
    fromMe: target.fromMe,
  }));
  const targets = await findActionTargets(tx, owned.lease.profileId, names);
  const found = last.flatMap(({ fact, conversationId }, index) => {
    const target = targets.get(index);
    return target ? { fact, conversationId, messageId: target.messageId, waMessageId: target.waMessageId } : [];
  });
  return { found, events };
}

async function tellChats<Fact extends ChatFact, Name extends EventName>(
  tx: Tx,
  owned: OwnedProfile,
  name: Name,
  facts: PlacedFact<Fact>[],
  changed: string[],
  more: (fact: Fact) => object,
): Promise<NewEvent[]> {
  const ids = new Set(changed);
  const told = facts.filter(({ fact, conversationId }) => ids.has(conversationId) && isNews(fact));
  if (told.length === 0) return [];
  const shown = await shownChats(
    tx,
    told.map(({ conversationId }) => conversationId),
  );
  return told.map(({ fact, conversationId }) => {
    const { chat } = shown(conversationId);
    const payload = { conversationId, chat, at: fact.at.toISOString(), ...more(fact) } as EventPayloads[Name];
    return eventOf(owned, conversationId, name, payload);
  });
}

async function tellMessages<Fact extends ChatFact, Name extends EventName>(
  tx: Tx,
  owned: OwnedProfile,
  name: Name,
  found: FoundTarget<Fact>[],
  changed: string[],
  more: (fact: Fact) => object,
): Promise<NewEvent[]> {
  const ids = new Set(changed);
  const told = found.filter(({ fact, messageId }) => ids.has(messageId) && isNews(fact));
  if (told.length === 0) return [];
  const shown = await shownChats(tx, [...new Set(told.map(({ conversationId }) => conversationId))]);
  return told.map(({ fact, conversationId, messageId, waMessageId }) => {
    const about = { conversationId, chat: shown(conversationId).chat, at: fact.at.toISOString() };
    const payload = { ...about, messageId, waMessageId, ...more(fact) } as unknown as EventPayloads[Name];
    return eventOf(owned, conversationId, name, payload);
  });
}

function eventOf<Name extends EventName>(
  { lease }: OwnedProfile,
  conversationId: string,
  name: Name,
  payload: EventPayloads[Name],
): NewEvent {
  const { organizationId, profileId } = lease;
  return { organizationId, profileId, conversationId, name, actor: { kind: 'whatsapp' }, payload } as NewEvent;
}
