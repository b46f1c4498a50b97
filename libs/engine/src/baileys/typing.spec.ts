import { typingFact } from './typing.js';

const chatstate = (tag: string, attrs: Record<string, string> = {}, from = '222:1@lid') => ({
  tag: 'chatstate',
  attrs: { from },
  content: [{ tag, attrs }],
});
const by = { phone: null, lid: '222' };

describe('what a chat state says', () => {
  it.each([
    [chatstate('composing'), 'composing'],
    [chatstate('composing', { media: 'audio' }), 'recording'],
    [chatstate('paused'), 'paused'],
  ])('%j is %s', (node, state) => {
    expect(typingFact(node)).toEqual({ chat: { kind: 'user', ...by }, by, state });
  });

  it('in a group, who it is', () => {
    const node = chatstate('composing', {}, '120363@g.us');
    expect(typingFact({ ...node, attrs: { ...node.attrs, participant: '222:1@lid' } })).toEqual({
      chat: { kind: 'group', id: '120363' },
      by,
      state: 'composing',
    });
    expect(typingFact(node)).toBeNull();
  });

  it('nothing for unknown states', () => {
    expect(typingFact(chatstate('dancing'))).toBeNull();
    expect(typingFact({ tag: 'chatstate', attrs: { from: '222@lid' } })).toBeNull();
  });
});
