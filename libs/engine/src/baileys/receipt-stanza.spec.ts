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

  it.each<Record<string, string>>([
    { id: 'A', from: '111@lid', recipient: '222@lid', type: 'sender' },
    { id: 'A', from: '222@lid', type: 'retry' },
    { id: 'A', from: '222@lid', type: 'server-error' },
    { id: 'A', from: '120363@g.us', participant: '222@lid' },
    { id: 'A', from: 'status@broadcast', participant: '222@lid' },
  ])('nothing that is stored: %o', (attrs) => {
    expect(receiptFacts(stanza(attrs), me)).toEqual({ receipts: [], readElsewhere: [] });
  });
});
