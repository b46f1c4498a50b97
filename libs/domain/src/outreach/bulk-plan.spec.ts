import fc from 'fast-check';
import { CatalogueError } from '#contracts';
import { MAX_BULK_FILES, planMessages, RANDOM_PAUSE_MS, spaceOut, type WordedMessage } from './bulk-plan.js';

const message = (more: Partial<WordedMessage> = {}): WordedMessage => ({
  chatId: '628123456789@c.us',
  type: 'text',
  content: { text: 'Hello {name}' },
  ...more,
});
const problemsOf = (messages: WordedMessage[]) => {
  try {
    planMessages(messages);
    return [];
  } catch (error) {
    return (error as CatalogueError).fields!.map((field) => field.path);
  }
};

describe('planMessages', () => {
  it('reads recipients and fills in variables', () => {
    const planned = planMessages([
      message({ variables: { name: 'Ana' } }),
      message({
        type: 'document',
        content: { url: 'https://example.com/a.pdf', caption: 'For {name}', filename: 'a.pdf' },
      }),
    ]);
    expect(planned).toMatchObject([
      { to: { phone: '628123456789', lid: null } },
      { saying: { files: [{ url: 'https://example.com/a.pdf', fileName: 'a.pdf', form: 'document' }] } },
    ]);
    expect(planned[0]!.saying.say([])).toEqual({ kind: 'text', text: 'Hello Ana' });
    const taken = { mediaId: 'm', mimeType: 'application/pdf', sizeBytes: 1, sha256: 'x', fileName: 'a.pdf' };
    expect(planned[1]!.saying.say([taken as never])).toMatchObject({ kind: 'document', caption: 'For {name}' });
  });

  it('names every wrong item at once, and at most fifty', () => {
    const wrong = message({ chatId: 'nobody', content: { text: ' ' } });
    expect(problemsOf([message(), wrong, message({ type: 'image', content: {} })])).toEqual([
      ...['messages.1.chatId', 'messages.1.content.text', 'messages.2.content.url'],
    ]);
    expect(problemsOf(Array(1000).fill(wrong))).toHaveLength(50);
  });

  it('bounds the number of different files, not of messages', () => {
    const image = (name: number) => message({ type: 'image', content: { url: `https://example.com/${name}.jpg` } });
    expect(problemsOf(Array.from({ length: 1000 }, (_, i) => image(i % MAX_BULK_FILES)))).toEqual([]);
    expect(problemsOf(Array.from({ length: 1000 }, (_, i) => image(i % (MAX_BULK_FILES + 1))))).toEqual(['messages']);
  });

  it('ends every request in a plan or in named problems, whatever it says', () => {
    const text = fc.string({ unit: 'binary' });
    const any = fc.record({
      chatId: fc.oneof(text, fc.constant('628123456789')),
      type: fc.constantFrom<WordedMessage['type']>('text', 'image', 'audio'),
      content: fc.record({ text, url: text, caption: text }, { requiredKeys: [] }),
      variables: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean())),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 5 }), (messages) => {
        try {
          expect(planMessages(messages)).toHaveLength(messages.length);
        } catch (error) {
          expect(error).toBeInstanceOf(CatalogueError);
          expect((error as CatalogueError).fields!.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('spaceOut', () => {
  it('lets each message go at least a pause after the one before, the first at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 60_000 }),
        fc.boolean(),
        (count, delayMs, randomize) => {
          const start = new Date('2026-11-21T08:00:00Z');
          const slots = spaceOut(count, start, { delayMs, randomize });
          const moments = slots.map(({ at }) => at.getTime());
          expect(moments).toHaveLength(count);
          expect(moments[0]).toBe(start.getTime());
          for (let i = 1; i < count; i++) {
            const pause = moments[i]! - moments[i - 1]!;
            expect(pause).toBe(slots[i - 1]!.pauseMs ?? 0);
            expect(pause).toBeGreaterThanOrEqual(delayMs);
            expect(pause).toBeLessThan(delayMs + (randomize ? RANDOM_PAUSE_MS : 1));
          }
        },
      ),
    );
  });
});
