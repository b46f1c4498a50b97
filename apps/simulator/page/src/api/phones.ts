import { call } from './http.ts';
import type { Chat, ChatMessage, Group, Habits, Person } from './types.ts';

const of = (number: string): string => `/people/${encodeURIComponent(number)}`;
const inChat = (number: string, chat: string): string => `${of(number)}/chats/${encodeURIComponent(chat)}`;
const at = (number: string, chat: string, { index }: ChatMessage): string =>
  `${inChat(number, chat)}/messages/${index}`;

const inGroup = (number: string, group: string): string => `${of(number)}/groups/${encodeURIComponent(group)}`;

export const paths = {
  chats: (number: string): string => `${of(number)}/chats`,
  chat: (number: string, chat: string, limit: number): string => `${inChat(number, chat)}?limit=${limit}`,
  file: (number: string, chat: string, index: number): string => `${inChat(number, chat)}/messages/${index}/file`,
  group: (number: string, group: string): string => inGroup(number, group),
  faults: (number: string): string => `${of(number)}/faults`,
};

// --- the phone itself ------------------------------------------------------------------------------------------------

export const createPerson = (number: string, name?: string): Promise<Person> =>
  call('PUT', of(number), name ? { name } : {});

export const setOnline = (number: string, online: boolean): Promise<unknown> =>
  call('PUT', `${of(number)}/network`, { online });

export const setHabits = (number: string, habits: Habits): Promise<unknown> =>
  call('PUT', `${of(number)}/habits`, habits);

// --- linked devices --------------------------------------------------------------------------------------------------

export const scan = (number: string, qr: string): Promise<unknown> => call('POST', `${of(number)}/scan`, { qr });

export const scanWaiting = (number: string, id: number): Promise<unknown> =>
  call('POST', `${of(number)}/scan-waiting`, { id });

export const enterCode = (number: string, code: string): Promise<unknown> =>
  call('POST', `${of(number)}/code`, { code });

export const unlink = (number: string, device: number): Promise<unknown> =>
  call('DELETE', `${of(number)}/devices/${device}`);

// --- chats -----------------------------------------------------------------------------------------------------------

export const sendText = (number: string, chat: Chat, text: string, quote?: ChatMessage): Promise<unknown> =>
  call('POST', `${inChat(number, chat.id)}/messages`, { text, ...(quote ? { quote: quote.index } : {}) });

export interface Attachment {
  file: Blob;
  fileName?: string;
  media: 'image' | 'video' | 'audio' | 'document';
  caption?: string;
  ptt?: boolean;
  seconds?: number;
  quote?: ChatMessage;
}

export function sendFile(number: string, chat: Chat, attachment: Attachment): Promise<unknown> {
  const { file, fileName, media, caption, ptt, seconds, quote } = attachment;
  const form = new FormData();
  form.set('media', media);
  if (caption) form.set('caption', caption);
  if (ptt) form.set('ptt', 'true');
  if (seconds) form.set('seconds', String(seconds));
  if (quote) form.set('quote', String(quote.index));
  form.set('file', file, fileName ?? media);
  return call('POST', `${inChat(number, chat.id)}/messages`, form);
}

export const sendPoll = (
  number: string,
  chat: Chat,
  question: string,
  options: string[],
  selectable: number,
): Promise<unknown> => call('POST', `${inChat(number, chat.id)}/polls`, { question, options, selectable });

export const startTyping = (
  number: string,
  to: string,
  state: 'composing' | 'recording' | 'paused',
): Promise<unknown> => call('POST', `${of(number)}/typing`, { to, state });

export const readChat = (number: string, chat: string): Promise<unknown> =>
  call('POST', `${inChat(number, chat)}/read`);

export const react = (number: string, chat: string, message: ChatMessage, emoji: string): Promise<unknown> =>
  call('PUT', `${at(number, chat, message)}/reaction`, { emoji });

export const vote = (number: string, chat: string, message: ChatMessage, options: string[]): Promise<unknown> =>
  call('PUT', `${at(number, chat, message)}/vote`, { options });

export const edit = (number: string, chat: string, message: ChatMessage, text: string): Promise<unknown> =>
  call('PUT', at(number, chat, message), { text });

export const revoke = (number: string, chat: string, message: ChatMessage): Promise<unknown> =>
  call('DELETE', at(number, chat, message));

// --- groups ----------------------------------------------------------------------------------------------------------

export const createGroup = (number: string, subject: string, numbers: string[]): Promise<{ group: Group }> =>
  call('POST', `${of(number)}/groups`, { subject, numbers });

export const changePeople = (
  number: string,
  group: string,
  action: 'add' | 'remove' | 'promote' | 'demote',
  numbers: string[],
): Promise<unknown> => call('POST', `${inGroup(number, group)}/people`, { action, numbers });

export const changeGroup = (number: string, group: string, changes: object): Promise<unknown> =>
  call('PUT', inGroup(number, group), changes);

export const leaveGroup = (number: string, group: string): Promise<unknown> => call('DELETE', inGroup(number, group));

// --- trouble ---------------------------------------------------------------------------------------------------------

export const fault = (number: string, request: object): Promise<unknown> =>
  call('POST', `${of(number)}/faults`, request);
