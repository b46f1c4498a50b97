import { stanza } from '../wire/stanza.js';
import { DeviceQueue } from './device-queue.js';

const message = (id: string, from = 'a@lid') => stanza('message', { id, from });
const ids = (queue: DeviceQueue): (string | undefined)[] => [...queue].map(({ node }) => node.attrs.id);

describe('DeviceQueue', () => {
  it('keeps the order and forgets what is confirmed, wherever it stands', () => {
    const queue = new DeviceQueue();
    for (const id of ['1', '2', '3']) queue.add(message(id));
    expect(queue.confirm('message', '2')).toBe('confirmed');
    expect(ids(queue)).toEqual(['1', '3']);
    expect(queue.counts()).toEqual({ message: 2, receipt: 0, notification: 0 });
  });

  it('tells stanzas with one id apart by kind, type and sender', () => {
    const queue = new DeviceQueue();
    queue.add(stanza('receipt', { id: '1', from: 'a@lid' }));
    queue.add(stanza('receipt', { id: '1', from: 'a@lid', type: 'read' }));
    queue.add(message('1', 'a@lid'));
    queue.add(message('1', 'b@lid'));
    queue.confirm('receipt', '1', { type: 'read' });
    queue.confirm('message', '1', { sender: (from) => from === 'b@lid' });
    expect([...queue].map(({ node }) => `${node.tag} ${node.attrs.type} ${node.attrs.from}`)).toEqual([
      'receipt undefined a@lid',
      'message undefined a@lid',
    ]);
  });

  it('knows a confirmation of a redelivered copy from a needless one', () => {
    const queue = new DeviceQueue();
    const entry = queue.add(message('1'));
    entry.sends = 2;
    expect(queue.confirm('message', '1')).toBe('confirmed');
    expect(queue.confirm('message', '1')).toBe('repeated');
    expect(queue.confirm('message', '1')).toBe('surplus');
    expect(queue.confirm('message', 'never sent')).toBe('unknown');
  });

  it('takes no longer for the last of many than for the first', () => {
    const queue = new DeviceQueue();
    for (let n = 0; n < 50_000; n++) queue.add(message(String(n)));
    for (let n = 49_999; n >= 0; n--) queue.confirm('message', String(n));
    expect(queue.size).toBe(0);
  });
});
