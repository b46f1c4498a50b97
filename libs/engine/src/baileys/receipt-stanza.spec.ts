import { receiptFacts } from './receipt-stanza.js';

const me = { id: '15550001001:3@s.whatsapp.net', lid: '111:3@lid' };
const at = new Date(1_800_000_000_000);
const stanza = (attrs: Record<string, string>, ids: string[] = []) => ({
  tag: 'receipt',
  attrs: { t: '1800000000', ...attrs },
  ...(ids.length > 0
    ? { content: [{ tag: 'list', attrs: {}, content: ids.map((id) => ({ tag: 'item', attrs: { id } })) }] }
    : {}),
});
const lid = { phone: null, lid: '222' };
const chat = { kind: 'user', ...lid };

describe('what a receipt says', () => {
  it.each([
    [{ id: 'A', from: '222:7@lid' }, 'delivered'],
    [{ id: 'A', from: '222@lid', type: 'inactive' }, 'delivered'],
    [{ id: 'A', from: '222@lid', type: 'read' }, 'read'],
    [{ id: 'A', from: '222@lid', type: 'played' }, 'played'],
  ])('%o: %s, of the person and not of the device', (attrs, state) => {
    const receipts = [{ waMessageIds: ['A'], chat, by: lid, state, at }];
    expect(receiptFacts(stanza(attrs), me)).toEqual({ receipts, readElsewhere: [] });
  });

  it('all the messages of its list', () => {
    const { receipts } = receiptFacts(
      stanza({ id: 'A', from: '15550002001@s.whatsapp.net', type: 'read' }, ['B', 'C']),
      me,
    );
    expect(receipts).toEqual([
      {
        waMessageIds: ['A', 'B', 'C'],
        chat: { kind: 'user', phone: '15550002001', lid: null },
        by: { phone: '15550002001', lid: null },
        state: 'read',
        at,
      },
    ]);
  });

  it.each(['read', 'read-self'])('from an own device (%s): the owner read it elsewhere', (type) => {
    const facts = receiptFacts(stanza({ id: 'A', from: '111@lid', recipient: '222@lid', type }), me);
    expect(facts).toEqual({ receipts: [], readElsewhere: [{ waMessageIds: ['A'], chat, at }] });
  });

  it.each([
    ['120363000000000001@g.us', { kind: 'group', id: '120363000000000001' }],
    ['status@broadcast', { kind: 'status' }],
  ])('in %s: of the one who got it', (from, where) => {
    const attrs = {
      id: 'A',
      from,
      participant: '222:4@lid',
      participant_pn: '15550002001@s.whatsapp.net',
      type: 'read',
    };
    const by = { phone: '15550002001', lid: '222' };
    expect(receiptFacts(stanza(attrs, ['B']), me)).toEqual({
      receipts: [{ waMessageIds: ['A', 'B'], chat: where, by, state: 'read', at }],
      readElsewhere: [],
    });
    const own = { id: 'A', from, participant: '111@lid', type: 'read-self' };
    expect(receiptFacts(stanza(own), me)).toEqual({
      receipts: [],
      readElsewhere: [{ waMessageIds: ['A'], chat: where, at }],
    });
  });

  it('of many members at once', () => {
    const user = (jid: string) => ({ tag: 'user', attrs: { jid, t: '1800000000' } });
    const node = {
      tag: 'receipt',
      attrs: { id: 'R', from: '120363000000000001@g.us', type: 'read' },
      content: [{ tag: 'participants', attrs: { key: 'A' }, content: [user('222@lid'), user('333:2@lid')] }],
    };
    const group = { kind: 'group', id: '120363000000000001' };
    expect(receiptFacts(node, me).receipts).toEqual([
      { waMessageIds: ['A'], chat: group, by: lid, state: 'read', at },
      { waMessageIds: ['A'], chat: group, by: { phone: null, lid: '333' }, state: 'read', at },
    ]);
  });

  it.each<Record<string, string>>([
    { id: 'A', from: '111@lid', recipient: '222@lid', type: 'sender' },
    { id: 'A', from: '222@lid', type: 'retry' },
    { id: 'A', from: '222@lid', type: 'server-error' },
    { id: 'A', from: '120363000000000001@g.us' },
    { id: 'A', from: '120363000000000001@g.us', participant: '222@lid', type: 'retry' },
    { id: 'A', from: '120363000000000009@newsletter' },
  ])('nothing that is stored: %o', (attrs) => {
    expect(receiptFacts(stanza(attrs), me)).toEqual({ receipts: [], readElsewhere: [] });
  });
});
