import type { MessageContent } from '#contracts';
import { snippetOf } from './message-snippet.js';
import { parseQuestion, searchLimits } from './search-question.js';

describe('a search question', () => {
  it.each([
    ['invoice paid', ['invoice', 'paid'], true],
    ['invoice paid ', ['invoice', 'paid'], false],
    ['"last week" inv', ['last week', 'inv'], true],
    ['inv "last week"', ['inv', 'last week'], false],
    ['“deux mots” «trois»', ['deux mots', 'trois'], false],
    ['open "quote', ['open', 'quote'], true],
  ])('%s', (q, terms, lastIsPrefix) => expect(parseQuestion(q)).toEqual({ terms, lastIsPrefix }));

  it('has to ask for something, and not for everything', () => {
    expect(() => parseQuestion('  "" ')).toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }));
    expect(() => parseQuestion('a '.repeat(searchLimits.maxTerms + 1))).toThrow(/not valid/);
  });
});

describe('a snippet', () => {
  const shown = (content: MessageContent, q: string) => {
    const { text, highlights } = snippetOf(content, parseQuestion(q));
    return { text, found: highlights.map(({ from, to }) => text.slice(from, to)) };
  };

  it('shows what was found, whatever its accents and case', () => {
    expect(shown({ kind: 'text', text: 'Crème BRÛLÉE, please' }, 'brulee crème')).toEqual({
      text: 'Crème BRÛLÉE, please',
      found: ['Crème', 'BRÛLÉE'],
    });
    expect(shown({ kind: 'text', text: 'delivery delivered' }, 'deliv').found).toEqual(['delivery', 'delivered']);
    expect(shown({ kind: 'text', text: '明日は東京タワーへ' }, '東京').found).toEqual(['東京']);
  });

  it('is a piece of a long text, cut between words', () => {
    const { text, found } = shown(
      { kind: 'text', text: `${'some words before '.repeat(30)}NEEDLE ${'after it '.repeat(40)}` },
      'needle',
    );
    expect(found).toEqual(['NEEDLE']);
    expect(text.length).toBeLessThan(165);
    expect(text).toMatch(/^…(words|before|some) .*…$/);
  });

  it('knows polls, cards and files', () => {
    const poll = { kind: 'poll', question: 'Lunch?', options: ['Pizza', 'Soup'], selectable: 1 } as const;
    expect(shown({ ...poll, options: [...poll.options] }, 'soup')).toEqual({
      text: 'Lunch? · Pizza · Soup',
      found: ['Soup'],
    });
    expect(shown({ kind: 'contacts', contacts: [{ name: 'Ana María', vcard: '' }] }, 'maria').found).toEqual(['María']);
  });
});
