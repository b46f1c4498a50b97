import { isOfChatWith, redactedPayload } from './redact-payload.js';

const received = {
  messageId: 'm',
  chatId: '4915112345678@s.whatsapp.net',
  from: { personId: 'p', phone: '4915112345678', lid: '99', name: 'Ada' },
  content: { kind: 'text', text: 'secret' },
  sentAt: '2026-11-21T00:00:00.000Z',
};

it('keeps the shape of an event and nothing that names the person or says what they wrote', () => {
  expect(redactedPayload(received, true, ['4915112345678', '99'])).toEqual({
    messageId: 'm',
    chatId: 'erased',
    from: { personId: null, phone: null, lid: null, name: null },
    content: { kind: 'unsupported', type: 'erased' },
    sentAt: '2026-11-21T00:00:00.000Z',
  });
});

it('knows whose chat an event is of, and not who is only spoken of', () => {
  expect(isOfChatWith(received, ['4915112345678'])).toBe(true);
  expect(isOfChatWith({ chatId: '99@lid' }, ['99'])).toBe(true);
  expect(isOfChatWith({ ...received, content: { kind: 'text', text: 'call 123456789' } }, ['123456789'])).toBe(false);
});

it('leaves other people alone, and numbers that only begin alike', () => {
  const other = { to: { personId: 'q', phone: '49151123456789', lid: null, name: 'Bob' }, note: 'call 4915112345678!' };
  expect(redactedPayload(other, false, ['4915112345678'])).toEqual({ ...other, note: 'erased' });
});
