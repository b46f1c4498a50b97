import type { ChatShown, MessageParty, NewEvent } from '#contracts';
import { readChats, readPartiesOf, type Tx } from '#database';
import { chatShown } from './chat-shown.js';
import type { OwnedProfile } from './owned-profile.js';
import type { Incoming } from './place-facts.js';

/** What a call really changed about messages. */
export interface Fresh {
  added: (Incoming & { isAwaited: boolean })[];
  /** Undecryptable before, readable now. */
  completed: Incoming[];
}

/** The events of messages that came in, for each call. Of old ones, from the history of the phone, one tells for all. */
export async function freshEvents(tx: Tx, calls: { owned: OwnedProfile; fresh: Fresh }[]): Promise<NewEvent[][]> {
  const shown = await chatsAndAuthors(
    tx,
    calls.flatMap(({ fresh }) => fresh.added.filter((message) => !message.fact.isHistory)),
  );
  return calls.map(({ owned: { lease }, fresh: { added, completed } }) => {
    const { organizationId, profileId } = lease;
    const base = { organizationId, profileId, actor: { kind: 'whatsapp' } } as const;
    return [
      ...added.filter((message) => !message.fact.isHistory).map((message) => freshEvent(base, message, shown(message))),
      ...completed.map(
        ({ id, conversationId, content }): NewEvent => ({
          ...base,
          conversationId,
          name: 'message.completed',
          payload: { messageId: id, conversationId, content },
        }),
      ),
      ...historyEvent(
        base,
        added.filter((message) => message.fact.isHistory),
      ),
    ];
  });
}

function freshEvent(base: Base, message: Incoming, { chat, party, author }: Shown): NewEvent {
  const { conversationId } = message;
  const payload = {
    messageId: message.id,
    waMessageId: message.waMessageId,
    conversationId,
    chatId: chat.id,
    chat,
    content: message.content,
    quotedWaMessageId: message.quotedWaMessageId,
    sentAt: message.sentAt.toISOString(),
  };
  return message.fromMe
    ? { ...base, conversationId, name: 'message.sent_from_phone', payload: { ...payload, to: party } }
    : { ...base, conversationId, name: 'message.received', payload: { ...payload, from: author } };
}

type Base = Pick<NewEvent, 'organizationId' | 'profileId'> & { actor: { kind: 'whatsapp' } };

/** Where a message was written, and by whom. */
interface Shown {
  chat: ChatShown;
  party: MessageParty | null;
  author: MessageParty | null;
}

/** Chats of two are known from their persons; only rooms have to be read. */
async function chatsAndAuthors(tx: Tx, messages: Incoming[]): Promise<(message: Incoming) => Shown> {
  const personOf = ({ place }: Incoming) => ('personId' in place ? place.personId : null);
  const roomsOf = new Map<string, Set<string>>();
  for (const message of messages) {
    if (personOf(message) !== null) continue;
    const rooms = roomsOf.get(message.profileId) ?? new Set();
    roomsOf.set(message.profileId, rooms.add(message.conversationId));
  }
  const asked = messages.flatMap((message) => {
    const { profileId, writtenBy } = message;
    return [personOf(message), writtenBy].flatMap((personId) => (personId === null ? [] : { profileId, personId }));
  });
  const [partyOf, ...chats] = await Promise.all([
    readPartiesOf(tx, asked),
    ...[...roomsOf].map(([profileId, rooms]) => readChats(tx, profileId, [...rooms])),
  ]);
  const chatOf = new Map(chats.flatMap((found) => [...found]));
  return (message) => {
    const { profileId, writtenBy } = message;
    const personId = personOf(message);
    const party = personId === null ? null : partyOf({ profileId, personId });
    const author = writtenBy === null ? null : partyOf({ profileId, personId: writtenBy });
    const chat = party
      ? chatShown({ kind: 'user', roomId: null, phone: party.phone, lid: party.lid })
      : chatShown(chatOf.get(message.conversationId)!);
    return { chat, party, author };
  };
}

function historyEvent(base: Base, old: Incoming[]): NewEvent[] {
  if (old.length === 0) return [];
  const times = old.map((message) => message.sentAt.getTime());
  return [
    {
      ...base,
      name: 'history.synced',
      payload: {
        messages: old.length,
        conversations: new Set(old.map((message) => message.conversationId)).size,
        from: new Date(times.reduce((a, b) => Math.min(a, b))).toISOString(),
        to: new Date(times.reduce((a, b) => Math.max(a, b))).toISOString(),
      },
    },
  ];
}
