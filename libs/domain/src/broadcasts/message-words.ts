import type { SendableContent } from '#engine';
import { problemOfText } from '../templates/template-content.js';
import { invalid } from './message-fields.js';

/** Fields that hold no words for people: names of kinds, files, cards, times. */
const wordless = new Set(['kind', 'type', 'media', 'contacts', 'startsAt', 'endsAt', 'mentions', 'preview']);

/**
 * A content with all its words put through a function, wherever they stand: texts, captions, options, titles and what
 * buttons hold.
 * @param change is told where the words stand, such as `buttons.0.title`
 */
export function mapWords(content: SendableContent, change: (words: string, at: string) => string): SendableContent {
  return mapped(content, '', change) as SendableContent;
}

function mapped(value: unknown, at: string, change: (words: string, at: string) => string): unknown {
  if (typeof value === 'string') return change(value, at);
  if (Array.isArray(value)) return value.map((one, index) => mapped(one, `${at}.${index}`, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      wordless.has(name) ? one : mapped(one, at === '' ? name : `${at}.${name}`, change),
    ]),
  );
}

/** Texts that are not in the language of templates would fail for each recipient. @throws validation below `path` */
export function assertWords(content: SendableContent, path: string): void {
  mapWords(content, (words, at) => {
    const problem = problemOfText(words);
    if (problem !== null) throw invalid(`${path}.${at}`, problem);
    return words;
  });
}
