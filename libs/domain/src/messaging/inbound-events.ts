import type { MessageParty, NewEvent } from '#contracts';
import { readChats, readParties, type Tx } from '#database';
import { chatShown } from './chat-shown.js';
import type { OwnedProfile } from './owned-profile.js';
import type { Incoming } from './place-facts.js';

/** What a call really changed about messages. */
export interface Fresh {
  added: (Incoming & { isAwaited: boolean })[];
  /** Undecryptable before, readable now. */
  completed: Incoming[];
}

/** The events of messages that came in. Of old ones, from the history of the phone, one tells for all. */
export async function freshEvents(tx: Tx, { lease }: OwnedProfile, { added, completed }: Fresh): Promise<NewEvent[]> {
  const { organizationId, profileId } = lease;
  const base = { organizationId, profileId, actor: { kind: 'whatsapp' } } as const;
  const live = added.filter((message) => !message.fact.isHistory);
  const shown = await chatsAndAuthors(tx, profileId, live);
  return [
    ...live.map((message, index): NewEvent => {
      const { conversationId } = message;
      const { chat, party, author } = shown[index]!;
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
    }),
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
}

/** Chats of two are known from their persons; only rooms have to be read. */
async function chatsAndAuthors(tx: Tx, profileId: string, messages: Incoming[]) {
  if (messages.length === 0) return [];
  const personOf = ({ place }: Incoming) => ('personId' in place ? place.personId : null);
  const rooms = [...new Set(messages.filter((each) => !personOf(each)).map((each) => each.conversationId))];
  const chats = rooms.length === 0 ? new Map() : await readChats(tx, profileId, rooms);
  const personIds = messages.flatMap((message) => [personOf(message) ?? [], message.writtenBy ?? []].flat());
  const parties = await readParties(tx, profileId, personIds);
  const partyOf = new Map(personIds.map((id, index) => [id, parties[index]!]));
  return messages.map((message) => {
    const personId = personOf(message);
    const party: MessageParty | null = personId === null ? null : partyOf.get(personId)!;
    const author: MessageParty | null = message.writtenBy === null ? null : partyOf.get(message.writtenBy)!;
    const chat = party
      ? chatShown({ kind: 'user', roomId: null, phone: party.phone, lid: party.lid })
      : chatShown(chats.get(message.conversationId)!);
    return { chat, party, author };
  });
}

function historyEvent(base: Pick<NewEvent, 'organizationId' | 'profileId' | 'actor'>, old: Incoming[]): NewEvent[] {
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
