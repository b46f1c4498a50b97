import { typingFact } from './typing.js';

const chatstate = (tag: string, attrs: Record<string, string> = {}, from = '222:1@lid') => ({
  tag: 'chatstate',
  attrs: { from },
  content: [{ tag, attrs }],
});
const chat = { phone: null, lid: '222' };

describe('what a chat state says', () => {
  it.each([
    [chatstate('composing'), 'composing'],
    [chatstate('composing', { media: 'audio' }), 'recording'],
    [chatstate('paused'), 'paused'],
  ])('%j is %s', (node, state) => {
    expect(typingFact(node)).toEqual({ chat, state });
  });

  it('nothing for groups and unknown states', () => {
    expect(typingFact(chatstate('composing', {}, '120363@g.us'))).toBeNull();
    expect(typingFact(chatstate('dancing'))).toBeNull();
    expect(typingFact({ tag: 'chatstate', attrs: { from: '222@lid' } })).toBeNull();
  });
});
