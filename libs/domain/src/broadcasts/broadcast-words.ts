import { CatalogueError } from '#contracts';
import type { PendingRecipient, PreparedVariant } from '#database';
import type { ChatAddress, SendableContent } from '#engine';
import { textContent } from '../messaging/message-draft.js';
import { assertDraft } from '../messaging/sendable-draft.js';
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

class VariablesMissing extends Error {}

/** What a recipient gets, or why nothing. */
export type Filled = { content: SendableContent } | { reason: 'variables_missing' | 'content_refused' };

/** Fills a variant in for one recipient: every word of it that people read. */
export function fillIn(
  { content }: PreparedVariant,
  to: ChatAddress,
  values: TemplateValues,
  timeZone: string,
): Filled {
  try {
    const filled = mapWords(content, (source) => {
      const text = parsed(source);
      if (text.needed.some((name) => (values[name] ?? null) === null)) throw new VariablesMissing();
      const words = text.render(values, { timeZone });
      // Every word of a message is held to what a text is held to. Only a text itself must not be empty.
      if (words !== '' || content.kind === 'text') textContent(words);
      return words;
    });
    assertDraft({ to, content: filled });
    return { content: filled };
  } catch (error) {
    if (error instanceof VariablesMissing) return { reason: 'variables_missing' };
    const isRefused = [CatalogueError, TemplateTooCostly, TemplateSyntaxError].some((kind) => error instanceof kind);
    if (isRefused) return { reason: 'content_refused' };
    throw error;
  }
}

/**
 * What the places of a text may name: `name` and `phone`, the contact's own fields by their names, and above all what came
 * with the recipient. `contact` has the contact's under one name.
 */
export function valuesOf({ name, phone, customFields, variables }: PendingRecipient): TemplateValues {
  const known = { ...customFields, ...(name === null ? {} : { name }), ...(phone === null ? {} : { phone }) };
  return { ...known, contact: known, ...variables };
}

function parsed(source: string): ParsedText {
  const known = read.get(source);
  if (known) return known;
  if (read.size >= MOST_READ) read.clear();
  const text = ParsedText.read(source);
  read.set(source, text);
  return text;
}
