import { CatalogueError, errors, type FieldError, type MediaKind, type TemplateId, type UploadId } from '#contracts';
import { type ChatAddress, parseChat, whatsAppCapabilities } from '#engine';
import type { MediaGiven } from '../media/media-intake.js';
import type { MediaForm } from '../media/preparation/prepared-media.js';
import { textContent } from '../messaging/message-draft.js';
import { fileSaying, plainSaying, type Saying } from '../messaging/saying.js';
import { assertDraft } from '../messaging/sendable-draft.js';
import { renderTemplate, type TemplateVariables } from './render-template.js';

/** Most messages of one bulk request. */
export const MAX_BULK_MESSAGES = 1000;
/** Most different files that one bulk request may name. */
export const MAX_BULK_FILES = 100;
/** Most problems that are told at once. */
const MAX_TOLD_PROBLEMS = 50;

/** One message of a bulk request: of a kind that the older product has, as the caller wrote it, or of any other. */
export type BulkMessage = WordedMessage | SaidMessage;

/** Words with places for variables, and a file of the kinds with one. */
export interface WordedMessage {
  chatId: string;
  type: 'text' | MediaKind;
  content: BulkContent;
  variables?: TemplateVariables;
}

/** What it says is worked out already. */
export interface SaidMessage {
  chatId: string;
  saying: Saying;
  /** The template that it was made of: the use is counted. */
  templateId?: TemplateId;
}

/** What a message says; null is the same as absent. */
export interface BulkContent {
  text?: string | null;
  url?: string | null;
  uploadId?: UploadId | null;
  caption?: string | null;
  filename?: string | null;
  mimetype?: string | null;
  ptt?: boolean | null;
}

/** A message with its recipient read and its variables filled in. */
export interface PlannedMessage {
  chatId: string;
  to: ChatAddress;
  saying: Saying;
  templateId?: TemplateId;
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
  if (new Set(planned.flatMap(({ saying }) => saying.files.map(fileKey))).size > MAX_BULK_FILES) {
    problems.push({ path: 'messages', message: `must not name more than ${MAX_BULK_FILES} different files` });
  }
  if (problems.length > 0) throw errors.validation({ fields: problems.slice(0, MAX_TOLD_PROBLEMS) });
  return planned;
}

/** What has the same key is one file. */
export function fileKey({ form, url, uploadId, fileName, mimeType }: MediaGiven): string {
  return JSON.stringify([form, url, uploadId, fileName, mimeType]);
}

type Tell = (path: string, text: string) => void;

function planMessage(message: BulkMessage, tell: Tell): PlannedMessage | null {
  const { chatId } = message;
  const to = parseChat(chatId);
  if (!to || to.kind === 'status') {
    tell(
      'chatId',
      'must be a phone number with country code, <phone>@s.whatsapp.net, <phone>@c.us, <lid>@lid, <id>@g.us or <id>@newsletter',
    );
  }
  const saying = 'saying' in message ? message.saying : wordedSaying(message, tell);
  if (!to || to.kind === 'status' || !saying) return null;
  const problem = saying.files.length === 0 ? refusalOf(to, saying) : null;
  if (problem) tell('content', problem);
  return problem
    ? null
    : { chatId, to, saying, ...('templateId' in message ? { templateId: message.templateId } : {}) };
}

function wordedSaying({ type, content, variables }: WordedMessage, tell: Tell): Saying | null {
  const field = type === 'text' ? 'text' : 'caption';
  const { maxTextLength } = whatsAppCapabilities;
  const words = renderTemplate(content[field] ?? '', variables ?? {}, maxTextLength);
  const problem = problemOfWords(words, type === 'text', maxTextLength);
  if (problem) tell(`content.${field}`, problem);
  const sources = [content.url, content.uploadId].filter(Boolean).length;
  if (type !== 'text' && sources === 0) tell('content.url', `is needed for a message of type ${type}, or uploadId`);
  if (sources > 1) tell('content.uploadId', 'must not be given together with url');
  if (problem || (type !== 'text' && sources !== 1)) return null;
  if (type === 'text') return plainSaying(textContent(words));
  const { url, uploadId, filename, mimetype, ptt } = content;
  const form: MediaForm = type === 'audio' && ptt ? 'voice' : type;
  const file = {
    url: url || undefined,
    uploadId: uploadId ?? undefined,
    fileName: filename ?? undefined,
    mimeType: mimetype ?? undefined,
    form,
  };
  return fileSaying(file, words);
}

/** What WhatsApp would never take in this chat. */
function refusalOf(to: ChatAddress, saying: Saying): string | null {
  try {
    assertDraft({ to, content: saying.say([]) });
    return null;
  } catch (refusal) {
    if (!(refusal instanceof CatalogueError)) throw refusal;
    return refusal.fields?.[0]?.message ?? refusal.message;
  }
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

/** When a message may go out at the earliest, and the pause after it; null without one. */
export interface Slot {
  at: Date;
  pauseMs: number | null;
}

/** The places of `count` messages: the first at once, each further one a pause after the one before it. */
export function spaceOut(
  count: number,
  start: Date,
  pause: { delayMs: number; randomize: boolean },
  random: () => number = Math.random,
): Slot[] {
  let next = start.getTime();
  return Array.from({ length: count }, () => {
    const at = new Date(next);
    const pauseMs = pause.delayMs + (pause.randomize ? Math.floor(random() * RANDOM_PAUSE_MS) : 0);
    next += pauseMs;
    return { at, pauseMs: pauseMs || null };
  });
}
