import { errors } from '#contracts';

/** What somebody typed into a search field, in parts. */
export interface SearchQuestion {
  /** Words, and phrases that were put in quotes: all of them have to be there. */
  terms: string[];
  /** The last word is still being typed. */
  lastIsPrefix: boolean;
}

export const searchLimits = { maxLength: 300, maxTerms: 12 } as const;

/**
 * Words apart by spaces, phrases in double quotes of any language. The last word may be the beginning of one, unless a
 * space or a closing quote ended it.
 * @throws errors.validation
 */
export function parseQuestion(q: string, path = 'q'): SearchQuestion {
  const found = [...q.matchAll(/["“”„«»]([^"“”„«»]*)["“”„«»]|([^\s"“”„«»]+)/gu)];
  const terms = found.flatMap(([, phrase, word]) => (phrase ?? word ?? '').trim() || []);
  if (terms.length === 0) throw invalid('must contain a word', path);
  if (terms.length > searchLimits.maxTerms)
    throw invalid(`must have at most ${searchLimits.maxTerms} words or phrases`, path);
  const last = found.at(-1)!;
  return { terms, lastIsPrefix: last[2] !== undefined && last.index + last[0].length === q.length };
}

export function invalid(message: string, path = 'q') {
  return errors.validation({ fields: [{ path, message }] });
}
