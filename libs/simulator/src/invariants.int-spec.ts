import { ForgedCipher } from './load/forged-cipher.js';
import { LightClient } from './load/light-client.js';
import { Simulator } from './simulator.js';
import { wallClock } from './time/clock.js';
import { Random } from './time/random.js';
import { stanza } from './wire/stanza.js';

const OWNER = '6281200000001';
const FRIEND = '6281300000002';
const TO_SINK = '6281300000003@s.whatsapp.net';

/** Each test plants one breach and sees that `assertHealthy` names it. */
describe('what the network checks by itself', () => {
  let simulator: Simulator;
  let client: LightClient;
  let lastAck: string | undefined;

  beforeAll(async () => {
    simulator = await Simulator.start();
    const credentials = await LightClient.pair(simulator.url, (qr) => simulator.scanQr(qr, OWNER));
    client = await LightClient.login(simulator.url, credentials, {
      onAck: ({ attrs }) => {
        lastAck = attrs.id;
      },
    });
    simulator.sink('6281300000003');
    await simulator.settle();
    simulator.assertHealthy();
  });

  afterEach(() => simulator.clearProblems());

  afterAll(async () => {
    client.close();
    await simulator.stop();
  });

  /** Waits until the network has answered the stanza of this id, and thereby taken all before it. */
  async function taken(id: string): Promise<void> {
    while (lastAck !== id) await wallClock.sleep(2);
  }

  function message(id: string, ciphertext: Buffer) {
    const enc = stanza('enc', { v: 2, type: 'msg' }, ciphertext);
    const participants = stanza('participants', {}, [stanza('to', { jid: TO_SINK }, [enc])]);
    return stanza('message', { id, to: TO_SINK, type: 'text' }, [participants]);
  }

  const problem = (): string => {
    try {
      simulator.assertHealthy();
      return 'healthy';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('a message key that is used twice', async () => {
    const ciphertext = new ForgedCipher(new Random('once')).next(50);
    client.send(message('KEY1', ciphertext));
    await taken('KEY1');
    await simulator.settle();
    expect(problem()).toBe('healthy');
    client.send(message('KEY2', ciphertext));
    await taken('KEY2');
    expect(problem()).toContain(`key-reuse (${OWNER}:1): message KEY2`);
  });

  it('a message that overtakes another', () => {
    const friend = simulator.person(FRIEND);
    const sender = simulator.person(OWNER).phone.device;
    const { invariants } = simulator.world;
    friend.goOffline();
    for (const id of ['FIRST', 'SECOND']) invariants.accepted(sender, stanza('message', { id }));
    friend.goOnline();
    for (const id of ['SECOND', 'FIRST']) {
      friend.phone.device.deliver(stanza('message', { id, from: sender.address, type: 'text' }));
    }
    expect(problem()).toContain(`out-of-order (${FRIEND}:0): message FIRST`);
  });

  it('a text that is not encrypted', async () => {
    simulator.addCanary('the canary of this test');
    client.send(message('PLAIN1', Buffer.from('.....the canary of this test.....')));
    await taken('PLAIN1');
    expect(problem()).toContain(`plaintext (${OWNER}:1): message PLAIN1 shows "the canary of this test"`);
  });

  it('a text that a person wrote and that turns up in a stanza', async () => {
    await simulator.person(FRIEND).sendText(OWNER, 'written by a person');
    await simulator.settle();
    expect(problem()).toBe('healthy');
    client.send(stanza('presence', { type: 'available', name: 'written by a person' }));
    client.send(message('PLAIN2', Buffer.from('nothing')));
    await taken('PLAIN2');
    expect(problem()).toContain('shows "written by a person"');
  });

  it('a confirmation too many', async () => {
    const id = await simulator.person(FRIEND).sendText(OWNER, 'confirmed twice');
    await simulator.settle();
    const from = simulator.person(FRIEND).account.address('lid');
    client.send(stanza('receipt', { id, to: from }));
    client.send(message('AFTER', Buffer.from('nothing')));
    await taken('AFTER');
    expect(problem()).toContain(`needless-receipt (${OWNER}:1): message ${id}`);
  });

  it('a confirmation of what was never delivered', async () => {
    const from = simulator.person(FRIEND).account.address('lid');
    client.send(stanza('receipt', { id: 'NEVERSENT', to: from }));
    await taken('NEVERSENT');
    expect(problem()).toContain(`forged-receipt (${OWNER}:1): message NEVERSENT`);
  });

  it('a message that a connected device leaves unconfirmed', async () => {
    simulator.faults(OWNER).stall();
    const id = await simulator.person(FRIEND).sendText(OWNER, 'left unread');
    expect(problem()).toContain(`undelivered (${OWNER}:1): 1 unconfirmed: message text ${id}`);
    simulator.faults(OWNER).resume();
    await simulator.settle();
    expect(problem()).toBe('healthy');
  });

  it('a stanza that nobody knows', async () => {
    client.send(stanza('nonsense', { id: 'WHAT' }));
    await taken('WHAT');
    expect(problem()).toContain(`unknown-stanza (${OWNER}:1)`);
  });
});
