import { WebSocket } from 'ws';
import { createStore, WaClient } from 'zapo-js';
import { Feed } from './people/feed.js';
import { Simulator } from './simulator.js';
import { wallClock } from './time/clock.js';

// zapo takes the platform's WebSocket, which Node 20 does not have.
Object.assign(globalThis, { WebSocket });

const OWNER = '6281200000001';
const FRIEND = '6281300000002';

/** The parts of its events that are used here; its type declarations do not resolve under ESM. */
interface Incoming {
  stanzaId?: string;
  stanzaType?: string;
  message?: { conversation?: string; extendedTextMessage?: { text?: string } };
}

const silent = { level: 'error', trace() {}, debug() {}, info() {}, warn() {}, error() {} } as const;

/** Everything in memory; who the device is, zapo asks its owner to keep. */
function memoryStore() {
  let credentials: unknown = null;
  const auth = {
    load: async () => credentials,
    save: async (next: unknown) => {
      credentials = next;
    },
    clear: async () => {
      credentials = null;
    },
  };
  return createStore({ backends: { own: { stores: { auth: () => auth }, caches: {} } }, providers: { auth: 'own' } });
}

/** A linked device of zapo-js, which shares no code with Baileys: its own Noise, codec, Signal and pairing. */
class SecondClient {
  readonly messages = new Feed<{ index: number; event: Incoming }>(1_000);
  readonly receipts = new Feed<{ index: number; id: string | undefined; type: string | undefined }>(1_000);
  readonly qrs = new Feed<{ index: number; text: string }>(100);
  readonly opens = new Feed<{ index: number }>(100);
  readonly errors: string[] = [];
  readonly client: WaClient;

  constructor(simulator: Simulator, store = memoryStore()) {
    this.client = new WaClient(
      {
        store,
        sessionId: 'device',
        chatSocketUrls: [simulator.url],
        // The intermediate certificate names its issuer by serial, as clients insist: that of the root is 0.
        testHooks: { noiseRootCa: { publicKey: Buffer.from(simulator.rootKeyHex, 'hex'), serial: 0 } },
      },
      silent as never,
    );
    this.client.on('auth_qr', ({ qr }: { qr: string }) => void this.qrs.append((index) => ({ index, text: qr })));
    this.client.on('message', (event: Incoming) => void this.messages.append((index) => ({ index, event })));
    this.client.on('message_receipt', (event: Incoming) => {
      this.receipts.append((index) => ({ index, id: event.stanzaId, type: event.stanzaType }));
    });
    this.client.on('connection', (event: { status: string }) => {
      if (event.status === 'open') this.opens.append((index) => ({ index }));
    });
    this.client.on('client_error', ({ error }: { error: Error }) => this.errors.push(error.message));
  }

  async pair(simulator: Simulator, number: string): Promise<void> {
    await this.client.connect();
    const { text } = await this.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    await simulator.scanQr(text, number, { name: 'Owner' });
  }

  expectText(text: string): Promise<{ event: Incoming }> {
    const textOf = ({ message }: Incoming) => message?.conversation ?? message?.extendedTextMessage?.text;
    return this.messages.wait(({ event }) => textOf(event) === text, { timeoutMs: 10_000, what: `text "${text}"` });
  }
}

describe('a client that shares nothing with Baileys', () => {
  let simulator: Simulator;
  let device: SecondClient;

  beforeAll(async () => {
    simulator = await Simulator.start();
    device = new SecondClient(simulator);
  });

  afterAll(async () => {
    await device.client.disconnect();
    await simulator.stop();
  });

  it('pairs, receives and sends', async () => {
    const friend = simulator.person(FRIEND, { name: 'Friend' });
    await device.pair(simulator, OWNER);

    const received = await friend.sendText(OWNER, 'hello, whoever you are');
    const { event } = await device.expectText('hello, whoever you are');
    expect(event.stanzaId).toBe(received);
    await friend.expectReceipt(received, 'delivered');

    const { id } = await device.client.sendMessage(`${FRIEND}@s.whatsapp.net`, 'hello from the other implementation');
    const message = await friend.expectMessage('hello from the other implementation');
    expect(message).toMatchObject({ id, from: OWNER });
    await device.receipts.wait((receipt) => receipt.id === id, { timeoutMs: 10_000, what: 'delivery receipt' });
    friend.markRead(message);
    await device.receipts.wait((receipt) => receipt.id === id && receipt.type === 'read', {
      timeoutMs: 10_000,
      what: 'read receipt',
    });

    // Its prekeys arrive in the background, 812 of them.
    const uploaded = (one: { attrs: Record<string, string>; content: string[] }) =>
      one.attrs.xmlns === 'encrypt' && one.content.includes('registration');
    while (!simulator.stanzaLog().some(uploaded)) await wallClock.sleep(20);

    await simulator.settle();
    simulator.assertHealthy();
    expect(device.errors).toEqual([]);
  });
});
