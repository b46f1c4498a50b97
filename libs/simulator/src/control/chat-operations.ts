import { decryptMedia } from '../media/cipher.js';
import type { ChatMessage } from '../people/chats/chat-message.js';
import { contentOf } from '../people/content.js';
import type { Person } from '../people/person.js';
import type { ReceivedMessage } from '../people/received-message.js';
import { field } from './field.js';
import { ControlError, type ControlInput } from './input.js';
import { mediaFrom, SEND_FIELDS } from './message-operations.js';
import type { ControlOperation, ControlTopic, FileAnswer } from './operation.js';
import type { ControlScope } from './scope.js';

/** How far back the inbox is searched for what a chat still has unread. */
const SEARCHED = 5_000;

export const CHAT_PARAMS = {
  chat: field.text('Phone number of the other side, or the address of a group, channel or the status', '6281200000001'),
  message: field.count("The message's `index` in this phone", 3),
};

/** What the phone would show, and what its owner does in it. */
export function chatTopic(scope: ControlScope): ControlTopic {
  return {
    name: 'Chats',
    about:
      'The same messages as a phone shows them: one list of chats, with edits, reactions, votes and ticks already applied. Messages are named by their `index`, which is never reused on a phone.',
    operations: [
      listChats(scope),
      openChat(scope),
      readChat(scope),
      writeInChat(scope),
      askInChat(scope),
      fileInChat(scope),
    ],
  };
}

/** The message that a path names; 404 when it is not there. */
export function chatMessage(person: Person, input: ControlInput): ChatMessage {
  return chatMessageAt(person, input.param('chat'), input.paramNumber('message'));
}

function chatMessageAt(person: Person, chat: string, index: number): ChatMessage {
  const found = person.phone.chats.at(chat, index);
  if (!found?.message) throw new ControlError(404, `there is no message ${index} in ${person.number}'s chat ${chat}`);
  return found;
}

function listChats(scope: ControlScope): ControlOperation {
  return {
    method: 'GET',
    path: '/people/{number}/chats',
    name: 'chats',
    summary: 'The list of chats, the one with the newest message first',
    answer: field.listOf('ChatSummary'),
    run: (input) => scope.person(input).phone.chats.list(),
  };
}

function openChat(scope: ControlScope): ControlOperation {
  return {
    method: 'GET',
    path: '/people/{number}/chats/{chat}',
    name: 'chat',
    summary: 'One chat with its last messages, oldest first; nobody learns that it was looked at',
    params: CHAT_PARAMS,
    query: {
      limit: field.count('At most so many messages; default 50', 50),
      before: field.count('Only messages with a lower index', 120),
    },
    answer: field.ref('Chat'),
    run: (input) => {
      const person = scope.person(input);
      const limit = input.queryNumber('limit') ?? 50;
      const found = person.phone.chats.open(input.param('chat'), { limit, before: input.queryNumber('before') });
      if (!found) throw new ControlError(404, `${person.number} has no chat ${input.param('chat')}`);
      return found;
    },
  };
}

function readChat(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/chats/{chat}/read',
    name: 'readChat',
    summary: 'The person opens the chat: the authors of what was unread learn that it was read',
    params: CHAT_PARAMS,
    answer: field.object({ read: field.count('How many messages', 2) }, 'What was done'),
    run: (input) => {
      const person = scope.person(input);
      const unread = unreadIn(person, input.param('chat'));
      person.markRead(...unread);
      person.phone.chats.opened(input.param('chat'));
      return { read: unread.length };
    },
  };
}

/** The messages that a chat counts as unread, as the inbox has them. */
function unreadIn({ phone }: Person, chat: string): ReceivedMessage[] {
  const summary = phone.chats.open(chat, { limit: 0 });
  if (!summary || summary.unread === 0) return [];
  const { lastIndex } = phone.inbox;
  const inChat = phone.inbox
    .list(Math.max(0, lastIndex - SEARCHED))
    .filter((one) => one.chat === chat && !one.fromMe && one.repeat === 0 && phone.chats.find(chat, one.id, one.from));
  return inChat.slice(-summary.unread);
}

function writeInChat(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/chats/{chat}/messages',
    name: 'writeInChat',
    summary: 'The person writes in a chat, with a text or a file; answers when the network has taken it over',
    details: 'As `sendMessage`, except that `quote` is the `index` of a message of this chat, an own one too.',
    params: CHAT_PARAMS,
    example: { text: 'hi', quote: 3 },
    body: { ...SEND_FIELDS, 'quote?': field.count('Index of the message of this chat to quote', 3) },
    answer: field.ref('Sent'),
    run: async (input) => {
      const person = scope.person(input);
      const chat = input.param('chat');
      const quoted = input.optionalNumber('quote');
      const quote = quoted === undefined ? undefined : referenceOf(chat, chatMessageAt(person, chat, quoted));
      const options = { id: input.optionalText('id'), quote };
      const media = mediaFrom(input);
      if (!media) return { id: await person.sendText(chat, input.text('text'), options) };
      return { id: await person.sendMedia(chat, media.kind, media.file, { ...media.options, ...options }) };
    },
  };
}

function askInChat(scope: ControlScope): ControlOperation {
  return {
    method: 'POST',
    path: '/people/{number}/chats/{chat}/polls',
    name: 'askInChat',
    summary: 'The person asks with a poll',
    params: CHAT_PARAMS,
    body: {
      question: field.text('The question', 'Tea or coffee?'),
      options: field.list({ type: 'string' }, 'Two to twelve different options', ['Tea', 'Coffee']),
      'selectable?': field.count('How many one may choose; default 1, 0 for any number', 1),
    },
    answer: field.ref('Sent'),
    run: async (input) => {
      const options = input.list<string>('options');
      if (options.length < 2 || options.length > 12 || new Set(options).size < options.length) {
        throw new ControlError(400, '"options" must be two to twelve different texts');
      }
      const poll = { question: input.text('question'), options, selectable: input.optionalNumber('selectable') };
      return { id: await scope.person(input).messages.poll(input.param('chat'), poll) };
    },
  };
}

/** A message as other messages refer to it. */
function referenceOf(chat: string, { origin, message }: ChatMessage) {
  return { chat, id: origin.id, from: origin.sender, message: message ?? {} };
}

/** The same for the message that a path names. */
export function referenceIn(person: Person, input: ControlInput) {
  return referenceOf(input.param('chat'), chatMessage(person, input));
}

function fileInChat(scope: ControlScope): ControlOperation {
  return {
    method: 'GET',
    path: '/people/{number}/chats/{chat}/messages/{message}/file',
    name: 'chatFile',
    summary: 'Fetches the file of a message from the media host and decrypts it; the answer is the file',
    params: CHAT_PARAMS,
    answer: field.file('The plain file'),
    run: async (input): Promise<FileAnswer> => {
      const { message } = chatMessage(scope.person(input), input);
      const media = message && contentOf(message).media;
      if (!media) throw new ControlError(404, 'this message has no file');
      const blob = await scope.simulation.findFile(media.directPath);
      if (!blob) throw new ControlError(404, 'the media host no longer has this file');
      return { file: await decryptMedia(blob, media), mimetype: media.mimetype };
    },
  };
}
