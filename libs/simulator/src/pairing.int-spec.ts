import { Simulator } from './simulator.js';
import { TestClient } from './test-client.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

describe('a Baileys socket and the simulated network', () => {
  let simulator: Simulator;
  const clients: TestClient[] = [];

  const client = (): TestClient => {
    const one = new TestClient(simulator);
    clients.push(one);
    return one;
  };

  beforeEach(async () => {
    simulator = await Simulator.start();
  });

  afterEach(async () => {
    for (const one of clients.splice(0)) await one.stop();
    await simulator.stop();
  });

  it('pairs by QR code and carries text both ways', async () => {
    const friend = simulator.person(FRIEND, { name: 'Friend' });
    const gateway = await client().pair(simulator, OWNER);

    const id = await gateway.sendText(FRIEND, 'hello');
    const received = await friend.expectMessage('hello');
    expect(received).toMatchObject({ id, from: OWNER, chat: OWNER, repeat: 0 });
    const copy = await simulator.person(OWNER).expectMessage('hello');
    expect(copy).toMatchObject({ id, fromMe: true, chat: FRIEND });

    await friend.reply(received, 'hi yourself');
    const { message } = await gateway.expectText('hi yourself');
    expect(message.pushName).toBe('Friend');
    expect(message.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(id);

    await simulator.settle();
    simulator.assertHealthy();
  });
});
