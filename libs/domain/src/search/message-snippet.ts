import type { MessageContent } from '#contracts';
import type { SearchQuestion } from './search-question.js';

/** A piece of a message around what was found. */
export interface Snippet {
  text: string;
  /** What was found, as positions in `text` (UTF-16): from the first character to before the last. In order. */
  highlights: { from: number; to: number }[];
}

/** Characters of a snippet, and of those how many stand before the first thing found. */
const LENGTH = 160;
const BEFORE = 40;

/** Shows where a message has the words. Without any of them (they are deep in a form) it is the message's beginning. */
export function snippetOf(content: MessageContent, question: SearchQuestion): Snippet {
  const text = searchedText(content);
  const found = highlightsIn(text, question);
  const from = startOf(text, found[0]?.from ?? 0);
  const to = endOf(text, Math.min(text.length, from + LENGTH));
  const [head, tail] = [from > 0 ? '…' : '', to < text.length ? '…' : ''];
  const shift = head.length - from;
  return {
    text: `${head}${text.slice(from, to)}${tail}`,
    highlights: found
      .filter((each) => each.from >= from && each.to <= to)
      .map((each) => ({ from: each.from + shift, to: each.to + shift })),
  };
}

/** A snippet begins at a word, some words before the first one found. */
function startOf(text: string, first: number): number {
  if (first <= BEFORE) return 0;
  const space = text.indexOf(' ', first - BEFORE);
  return space === -1 || space >= first ? charStart(text, first - BEFORE) : space + 1;
}

function endOf(text: string, end: number): number {
  if (end === text.length) return end;
  const space = text.lastIndexOf(' ', end);
  return space > end - BEFORE ? space : charStart(text, end);
}

/** Never in the middle of a surrogate pair. */
function charStart(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text.charAt(at)) ? at - 1 : at;
}

/** Writing without spaces, where a word is found within a run of letters. */
const unspaced = /[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]/u;

function highlightsIn(text: string, { terms, lastIsPrefix }: SearchQuestion): Snippet['highlights'] {
  const words = new Set(terms.flatMap((term) => wordsOf(term).map(({ folded }) => folded)));
  const last = lastIsPrefix ? wordsOf(terms.at(-1)!).at(-1)?.folded : undefined;
  return wordsOf(text).flatMap(({ word, folded, at }) => {
    if (words.has(folded) || (last !== undefined && folded.startsWith(last))) {
      return [{ from: at, to: at + word.length }];
    }
    const within = unspaced.test(word) ? [...words].find((each) => word.includes(each)) : undefined;
    if (within === undefined) return [];
    const from = at + word.indexOf(within);
    return [{ from, to: from + within.length }];
  });
}

function wordsOf(text: string): { word: string; folded: string; at: number }[] {
  return [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].map(({ 0: word, index }) => ({
    word,
    folded: word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(),
    at: index,
  }));
}

/** The words that the index knows (waypost_words), as a reader would have them. */
export function searchedText(content: MessageContent): string {
  const parts = content as unknown as Record<string, unknown>;
  const media = parts.media as { fileName?: string } | undefined;
  const place = parts.place as { name?: string; address?: string } | undefined;
  const names = (parts.contacts as { name: string }[] | undefined)?.map(({ name }) => name);
  return [
    ...[parts.text, parts.caption, media?.fileName, parts.question, parts.name, parts.address, parts.description],
    ...[parts.title, parts.groupName, parts.header, parts.footer, place?.name, place?.address],
    ...((parts.options as string[] | undefined) ?? []),
    ...(names ?? []),
  ]
    .filter((part): part is string => typeof part === 'string' && part !== '')
    .join(' · ');
}
