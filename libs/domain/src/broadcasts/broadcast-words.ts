import { CatalogueError } from '#contracts';
import type { PendingRecipient, PreparedVariant } from '#database';
import type { ChatAddress, SendableContent } from '#engine';
import { textContent } from '../messaging/message-draft.js';
import { assertDraft } from '../messaging/sendable-draft.js';
import { contactValues } from '../templates/contact-values.js';
import {
  ParsedText,
  TemplateSyntaxError,
  TemplateTooCostly,
  type TemplateValues,
} from '../templates/template-language.js';
import { mapWords } from './message-words.js';

/** Texts that were read lately: a broadcast fills the same few in a million times. */
const read = new Map<string, ParsedText>();
const MOST_READ = 200;

/** What a recipient gets, or why nothing. */
export type Filled =
  | { content: SendableContent }
  | { reason: 'variables_missing'; missing: string[] }
  | { reason: 'content_refused' };

/** Fills a variant in for one recipient: every word of it that people read. */
export function fillIn(
  { content }: PreparedVariant,
  to: ChatAddress,
  values: TemplateValues,
  timeZone: string,
): Filled {
  const missing = new Set<string>();
  try {
    const filled = mapWords(content, (source) => {
      const text = parsed(source);
      for (const name of text.needed) if ((values[name] ?? null) === null) missing.add(name);
      if (missing.size > 0) return source;
      const words = text.render(values, { timeZone });
      // Every word of a message is held to what a text is held to. Only a text itself must not be empty.
      if (words !== '' || content.kind === 'text') textContent(words);
      return words;
    });
    if (missing.size > 0) return { reason: 'variables_missing', missing: [...missing] };
    assertDraft({ to, content: filled });
    return { content: filled };
  } catch (error) {
    const isRefused = [CatalogueError, TemplateTooCostly, TemplateSyntaxError].some((kind) => error instanceof kind);
    if (isRefused) return { reason: 'content_refused' };
    throw error;
  }
}

/** Names that the words of a content need a value for. @throws TemplateSyntaxError, TemplateTooCostly */
export function neededBy(content: SendableContent): string[] {
  const needed = new Set<string>();
  mapWords(content, (source) => {
    for (const name of parsed(source).needed) needed.add(name);
    return source;
  });
  return [...needed];
}

/** What the places of a text may name: what is known of the recipient, and above all what came with it. */
export function valuesOf(recipient: PendingRecipient): TemplateValues {
  return { ...contactValues(recipient), ...recipient.variables };
}

function parsed(source: string): ParsedText {
  const known = read.get(source);
  if (known) return known;
  if (read.size >= MOST_READ) read.clear();
  const text = ParsedText.read(source);
  read.set(source, text);
  return text;
}
