import { Acknowledgements } from './acks.js';

const ack = (attrs: Record<string, string>) => ({ tag: 'ack', attrs: { class: 'message', ...attrs } });

describe('acknowledgements of the server', () => {
  it('count even when they come before the send call returns', async () => {
    const acks = new Acknowledgements();
    const waiting = acks.expect('A');
    acks.take(ack({ id: 'A', t: '1800000000' }));
    waiting.wentOut();
    await expect(waiting.acknowledged).resolves.toEqual(new Date(1_800_000_000_000));
    waiting.stop();
  });

  it('with an error are a certain refusal that must not be repeated', async () => {
    const acks = new Acknowledgements();
    const { acknowledged } = acks.expect('A');
    acks.take(ack({ id: 'A', error: '463' }));
    await expect(acknowledged).rejects.toMatchObject({
      code: 'rejected_463',
      facts: { retryable: false, outcome: 'not_sent' },
    });
  });

  it('that stay away leave the outcome unknown', async () => {
    const { acknowledged, wentOut } = new Acknowledgements(5).expect('A');
    wentOut();
    await expect(acknowledged).rejects.toMatchObject({
      code: 'ack_timeout',
      facts: { retryable: true, outcome: 'unknown' },
    });
  });

  it('that a closed connection cuts off leave the outcome unknown', async () => {
    const acks = new Acknowledgements();
    const { acknowledged } = acks.expect('A');
    acks.connectionClosed();
    await expect(acknowledged).rejects.toMatchObject({
      code: 'connection_closed',
      facts: { retryable: true, outcome: 'unknown' },
    });
  });
});
