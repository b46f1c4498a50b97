import { Simulator } from '#simulator';
import { userChat } from '../chat-address.js';
import { engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

describe('text between a profile and a contact', () => {
  let simulator: Simulator;
  let profile: TestProfile;

  beforeAll(async () => {
    simulator = await Simulator.start();
    profile = await new TestProfile(engineFor(simulator), simulator, '15550001001').connect();
  });

  afterAll(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  it('goes out under the given id and is acknowledged', async () => {
    const carl = simulator.person('15550002001', { name: 'Carl' });
    const waMessageId = messageId();
    const { acknowledgedAt } = await profile.connection.send(
      userChat({ phone: carl.number, lid: null }),
      { content: { kind: 'text', text: 'hello Carl' } },
      { waMessageId },
    );
    expect(Math.abs(acknowledgedAt.getTime() - Date.now())).toBeLessThan(5_000);
    const received = await carl.expectMessage('hello Carl');
    expect(received).toMatchObject({ id: waMessageId, from: profile.number });
  });

  it('comes in with both forms of the address and the name', async () => {
    const dora = simulator.person('15550002002', { name: 'Dora' });
    const id = await dora.sendText(profile.number, 'hello shop');
    await profile.received('hello shop');
    expect(profile.sink.stored.get(id)).toMatchObject({
      waMessageId: id,
      fromMe: false,
      chat: { phone: dora.number, lid: expect.stringMatching(/^\d+$/) },
      pushName: 'Dora',
      content: { kind: 'text', text: 'hello shop' },
      journalId: expect.stringContaining(id),
    });
    await simulator.settle();
    simulator.assertHealthy();
  });
});
