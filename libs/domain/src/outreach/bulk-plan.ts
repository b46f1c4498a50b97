import { errors, type FieldError, type MediaKind } from '#contracts';
import { type ChatAddress, parseChat, whatsAppCapabilities } from '#engine';
import type { MediaForm } from '../media/preparation/prepared-media.js';
import { renderTemplate, type TemplateVariables } from './render-template.js';

/** Most messages of one bulk request. */
export const MAX_BULK_MESSAGES = 1000;
/** Most different files that one bulk request may name. */
export const MAX_BULK_FILES = 100;
/** Most problems that are told at once. */
const MAX_TOLD_PROBLEMS = 50;

/** One message of a bulk request as the caller wrote it. */
export interface BulkMessage {
  chatId: string;
  type: 'text' | MediaKind;
  content: BulkContent;
  variables?: TemplateVariables;
}

/** What a message says; null is the same as absent. */
export interface BulkContent {
  text?: string | null;
  url?: string | null;
  caption?: string | null;
  filename?: string | null;
  mimetype?: string | null;
  ptt?: boolean | null;
}

/** A message with its recipient read and its variables filled in. */
export interface PlannedMessage {
  chatId: string;
  to: ChatAddress;
  type: 'text' | MediaKind;
  /** The text, or the caption; empty when there is none. */
  words: string;
  /** Of media: what is to be fetched. */
  file?: { url: string; fileName?: string; mimeType?: string; form: MediaForm };
}

/**
 * Reads all messages of a bulk request. All or nothing: one wrong message and none is sent.
 * @throws errors.validation that names every wrong item, such as `messages.3.chatId`
 */
export function planMessages(messages: BulkMessage[]): PlannedMessage[] {
  const problems: FieldError[] = [];
  const planned = messages.flatMap((message, index) => {
    const tell = (path: string, text: string) => {
      problems.push({ path: `messages.${index}.${path}`, message: text });
    };
    return planMessage(message, tell) ?? [];
  });
  if (new Set(planned.flatMap((message) => fileKey(message) ?? [])).size > MAX_BULK_FILES) {
    problems.push({ path: 'messages', message: `must not name more than ${MAX_BULK_FILES} different files` });
  }
  if (problems.length > 0) throw errors.validation({ fields: problems.slice(0, MAX_TOLD_PROBLEMS) });
  return planned;
}

/** Messages with the same key are sent with the same file. */
export function fileKey({ file }: PlannedMessage): string | null {
  return file ? JSON.stringify([file.form, file.url, file.fileName, file.mimeType]) : null;
}

function planMessage(message: BulkMessage, tell: (path: string, text: string) => void): PlannedMessage | null {
  const { chatId, type, content } = message;
  const to = parseChat(chatId);
  if (!to) {
    tell(
      'chatId',
      'must be a phone number with country code, <phone>@s.whatsapp.net, <phone>@c.us, <lid>@lid, <id>@g.us or <id>@newsletter',
    );
  }
  const field = type === 'text' ? 'text' : 'caption';
  const template = content[field] ?? '';
  const { maxTextLength } = whatsAppCapabilities;
  const words = renderTemplate(template, message.variables ?? {}, maxTextLength);
  const problem = problemOfWords(words, type === 'text', maxTextLength);
  if (problem) tell(`content.${field}`, problem);
  if (type !== 'text' && !content.url) tell('content.url', `is needed for a message of type ${type}`);
  if (!to || problem || (type !== 'text' && !content.url)) return null;
  if (type === 'text') return { chatId, to, type, words };
  const { url, filename, mimetype, ptt } = content;
  const form: MediaForm = type === 'audio' && ptt ? 'voice' : type;
  const file = { url: url!, fileName: filename ?? undefined, mimeType: mimetype ?? undefined, form };
  return { chatId, to, type, words, file };
}

function problemOfWords(words: string, areNeeded: boolean, maxLength: number): string | null {
  if (areNeeded && words.trim() === '') return 'must not be empty';
  if (words.length > maxLength) return `must be at most ${maxLength} characters with its variables filled in`;
  if (words.includes('\0')) return 'must not contain the character NUL';
  if (/\p{Surrogate}/u.test(words)) return 'must be valid Unicode: it contains half of a surrogate pair';
  return null;
}

/** Most that is added at random to each pause, milliseconds. */
export const RANDOM_PAUSE_MS = 2_000;

/**
 * When each of `count` messages may go out at the earliest: the first at once, each further one a pause after the one
 * before it.
 */
export function spaceOut(
  count: number,
  start: Date,
  pause: { delayMs: number; randomize: boolean },
  random: () => number = Math.random,
): Date[] {
  let at = start.getTime();
  return Array.from({ length: count }, (_, index) => {
    if (index > 0) at += pause.delayMs + (pause.randomize ? Math.floor(random() * RANDOM_PAUSE_MS) : 0);
    return new Date(at);
  });
}
