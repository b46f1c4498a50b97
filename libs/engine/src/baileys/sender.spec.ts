import { userChat } from '../chat-address.js';
import { Acknowledgements } from './acks.js';
import { notConnected, Sender, type SenderParts } from './sender.js';

it('expects no acknowledgement of a message whose connection ended while it was prepared', async () => {
  const acks = new Acknowledgements();
  let isOpen = true;
  const parts = {
    openSocket: () => {
      if (!isOpen) throw notConnected();
      return {};
    },
    acks,
    sent: { remember: () => undefined },
    recipients: {
      prepare: async () => {
        isOpen = false;
        return {};
      },
    },
    namings: { of: async () => ({}) },
    files: {},
  } as unknown as SenderParts;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);

  const sending = new Sender(parts).send(
    userChat({ phone: '15550001111', lid: null }),
    { content: { kind: 'text', text: 'late' } },
    { waMessageId: '3EB0AAAA' },
  );
  await expect(sending).rejects.toMatchObject({ code: 'not_connected', facts: { outcome: 'not_sent' } });

  // What nobody waits for and fails ends the process, with all its other numbers.
  acks.connectionClosed();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
