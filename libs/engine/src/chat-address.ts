import { type Address, parseJid, parseRecipient, toJid } from './address.js';

/** Where something is said: with one person, in a group, in a newsletter (channel), to a broadcast list, as a status. */
export type ChatAddress = UserChat | RoomChat | { kind: 'status' };

/** A chat of two. */
export interface UserChat extends Address {
  kind: 'user';
}

/** A chat with an id of its own: the part of its JID before the `@`. */
export interface RoomChat {
  kind: 'group' | 'newsletter' | 'broadcast';
  id: string;
}

const servers: Record<RoomChat['kind'], string> = { group: 'g.us', newsletter: 'newsletter', broadcast: 'broadcast' };
const statusJid = 'status@broadcast';

export function userChat({ phone, lid }: Address): UserChat {
  return { kind: 'user', phone, lid };
}

export function groupChat(id: string): RoomChat {
  return { kind: 'group', id };
}

/** Reads the JID of a chat; null for servers and for forms that nobody writes to. */
export function parseChatJid(jid: string | null | undefined): ChatAddress | null {
  if (!jid) return null;
  if (jid === statusJid) return { kind: 'status' };
  const room = /^([\d-]{5,40})@(g\.us|newsletter|broadcast)$/.exec(jid);
  if (room) {
    const kind = room[2] === 'g.us' ? 'group' : (room[2] as 'newsletter' | 'broadcast');
    return { kind, id: room[1]! };
  }
  const user = parseJid(jid);
  return user ? userChat(user) : null;
}

/**
 * Reads where to send to, as callers write it: a person as `parseRecipient` reads one, or `<id>@g.us`,
 * `<id>@newsletter`, `status@broadcast`. Null when it is none of them.
 */
export function parseChat(input: string): ChatAddress | null {
  const person = parseRecipient(input);
  if (person) return userChat(person);
  const chat = parseChatJid(input.trim());
  return chat?.kind === 'group' || chat?.kind === 'newsletter' || chat?.kind === 'status' ? chat : null;
}

/** The JID to write to, or under which v1 clients know the chat. */
export function toChatJid(chat: ChatAddress): string {
  if (chat.kind === 'status') return statusJid;
  return chat.kind === 'user' ? toJid(chat) : `${chat.id}@${servers[chat.kind]}`;
}
