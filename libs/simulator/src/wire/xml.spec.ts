import { xmlOf } from './xml.js';

describe('a stanza as text', () => {
  it('shows tags, attributes, text and the length of what is binary', () => {
    const text = xmlOf({
      tag: 'message',
      attrs: { id: 'A1', to: '1@lid', note: 'a<b "c"' },
      content: [
        { tag: 'enc', attrs: { v: '2' }, content: Buffer.from([0, 1, 2, 255]) },
        { tag: 'body', attrs: {}, content: Buffer.from('hi & bye') },
        { tag: 'empty', attrs: {} },
      ],
    });
    expect(text).toBe(
      [
        '<message id="A1" to="1@lid" note="a&lt;b &quot;c&quot;">',
        '  <enc v="2">000102ff (4 bytes)</enc>',
        '  <body>hi &amp; bye</body>',
        '  <empty/>',
        '</message>',
      ].join('\n'),
    );
  });

  it('is cut at its limit', () => {
    const content = Array.from({ length: 1_000 }, (_, index) => ({ tag: 'user', attrs: { jid: `${index}@lid` } }));
    const text = xmlOf({ tag: 'list', attrs: {}, content }, 500);
    expect(text.length).toBeLessThan(510);
    expect(text.endsWith('…')).toBe(true);
  });
});
