import makeWASocket, {
  type AuthenticationCreds,
  BufferJSON,
  generateMessageIDV2,
  initAuthCreds,
  proto,
  type SignalDataSet,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys';
import { silentLogger } from './baileys.js';
import { Feed } from './people/feed.js';
import { Simulator, type SimulatorOptions } from './simulator.js';
import { wallClock } from './time/clock.js';

/** How a client's connection ended. */
export interface Closed {
  index: number;
  code: number | undefined;
}

interface Upsert {
  index: number;
  type: 'append' | 'notify';
  message: WAMessage;
}

interface Update {
  index: number;
  id: string;
  status: number | undefined;
}

/** Signal keys in memory, as plain JSON so that a copy is a copy. */
function memoryKeys(): SignalKeyStore {
  const values = new Map<string, string>();
  return {
    async get(type, ids) {
      const found: Record<string, never> = {};
      for (const id of ids) {
        const value = values.get(`${type}/${id}`);
        if (value === undefined) continue;
        const parsed = JSON.parse(value, BufferJSON.reviver);
        // Written as its JSON form, as `useMultiFileAuthState` does, which also reads it back like this.
        found[id] = (
          type === 'app-state-sync-key' ? proto.Message.AppStateSyncKeyData.fromObject(parsed) : parsed
        ) as never;
      }
      return found;
    },
    async set(data: SignalDataSet) {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null || value === undefined) values.delete(`${type}/${id}`);
          else values.set(`${type}/${id}`, JSON.stringify(value, BufferJSON.replacer));
        }
      }
    },
  };
}

/** An unmodified Baileys client for the specs of the simulator: one linked device that may come and go. */
export class TestClient {
  readonly creds: AuthenticationCreds;
  readonly keys: SignalKeyStore;
  readonly upserts = new Feed<Upsert>(10_000);
  readonly updates = new Feed<Update>(10_000);
  readonly ends = new Feed<Closed>(100);
  readonly qrs = new Feed<{ index: number; text: string }>(100);
  /** The server's answers to this client's messages. */
  readonly acks = new Feed<{ index: number; id: string; error?: string }>(10_000);
  readonly opens = new Feed<{ index: number }>(100);
  private readonly sent = new Map<string, proto.IMessage>();
  socket!: WASocket;

  constructor(
    private readonly simulator: Pick<Simulator, 'url' | 'rootKeyHex'>,
    private readonly config: Partial<UserFacingSocketConfig> = {},
    earlier?: TestClient,
  ) {
    this.creds = earlier?.creds ?? initAuthCreds();
    this.keys = earlier?.keys ?? memoryKeys();
  }

  /** Opens a socket; after 515 another one, as an owner of a Baileys socket must. */
  start(): WASocket {
    WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(this.simulator.rootKeyHex, 'hex');
    const socket = makeWASocket({
      auth: { creds: this.creds, keys: this.keys },
      waWebSocketUrl: this.simulator.url,
      logger: silentLogger,
      getMessage: async ({ id }) => this.sent.get(id ?? ''),
      ...this.config,
    });
    this.socket = socket;
    socket.ev.on('creds.update', (update) => Object.assign(this.creds, update));
    socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
      if (qr) this.qrs.append((index) => ({ index, text: qr }));
      if (connection === 'open') this.opens.append((index) => ({ index }));
      if (connection !== 'close') return;
      const code = (lastDisconnect?.error as { output?: { statusCode?: number } })?.output?.statusCode;
      this.ends.append((index) => ({ index, code }));
      if (code === 515) this.start();
    });
    socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: { id: string; error?: string } }) => {
      this.acks.append((index) => ({ index, id: attrs.id, error: attrs.error }));
    });
    socket.ev.on('messages.upsert', ({ type, messages }) => {
      for (const message of messages) {
        if (message.key.fromMe && message.message) this.sent.set(message.key.id ?? '', message.message);
        this.upserts.append((index) => ({ index, type, message }));
      }
    });
    socket.ev.on('messages.update', (updates) => {
      for (const { key, update } of updates) {
        this.updates.append((index) => ({ index, id: key.id ?? '', status: update.status ?? undefined }));
      }
    });
    return socket;
  }

  get isOpen(): boolean {
    return this.socket.ws.isOpen;
  }

  /** Opens a socket and waits until it is logged in. */
  async connect(): Promise<this> {
    const after = this.opens.lastIndex;
    this.start();
    await this.opens.wait(() => true, { after, timeoutMs: 20_000, what: 'open connection' });
    return this;
  }

  /** From nothing to logged in, by QR code. */
  async pair(simulator: Pick<Simulator, 'scanQr'>, number: string): Promise<this> {
    this.start();
    const { text } = await this.qrs.wait(() => true, { timeoutMs: 10_000, what: 'QR code' });
    await simulator.scanQr(text, number, { name: `Owner ${number}` });
    await this.opens.wait(() => true, { timeoutMs: 20_000, what: 'open connection' });
    return this;
  }

  async stop(): Promise<void> {
    await this.socket?.end(undefined);
  }

  /** Sends a text, to a number or an address, under an id that is known, with its content kept, before it is on the wire. */
  async sendText(number: string, text: string, messageId = generateMessageIDV2()): Promise<string> {
    this.sent.set(messageId, { extendedTextMessage: { text } });
    const jid = number.includes('@') ? number : `${number}@s.whatsapp.net`;
    await this.socket.sendMessage(jid, { text }, { messageId });
    return messageId;
  }

  expectText(text: string, options: { after?: number; timeoutMs?: number } = {}): Promise<Upsert> {
    const { after, timeoutMs = 10_000 } = options;
    return this.upserts.wait(({ message }) => textOf(message) === text, { after, timeoutMs, what: `text "${text}"` });
  }

  expectMessage(matches: (message: WAMessage) => boolean): Promise<Upsert> {
    return this.upserts.wait(({ message }) => matches(message), { timeoutMs: 10_000, what: 'message' });
  }

  expectStatus(id: string, status: number): Promise<Update> {
    const matches = (update: Update): boolean => update.id === id && update.status === status;
    return this.updates.wait(matches, { timeoutMs: 10_000, what: `status ${status} of ${id}` });
  }

  /** The first item of an event of the socket that matches, from now on. */
  next<T>(event: string, matches: (item: T) => boolean = () => true, timeoutMs = 10_000): Promise<T> {
    const emitter = this.socket.ev as unknown as {
      on(event: string, listener: (data: T | T[]) => void): void;
      off(event: string, listener: (data: T | T[]) => void): void;
    };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${event} came`)), timeoutMs);
      const listener = (data: T | T[]): void => {
        const found = (Array.isArray(data) ? data : [data]).find(matches);
        if (!found) return;
        clearTimeout(timer);
        emitter.off(event, listener);
        resolve(found);
      };
      emitter.on(event, listener);
    });
  }

  expectAck(id: string): Promise<{ index: number; id: string; error?: string }> {
    return this.acks.wait((ack) => ack.id === id, { timeoutMs: 10_000, what: `ack of ${id}` });
  }

  expectEnd(after = 0, timeoutMs = 10_000): Promise<Closed> {
    return this.ends.wait(({ code }) => code !== 515, { after, timeoutMs, what: 'end of the connection' });
  }
}

export const textOf = (message: WAMessage): string | undefined =>
  message.message?.conversation ?? message.message?.extendedTextMessage?.text ?? undefined;

/** A simulator and its clients for one spec, all stopped after it. */
export class TestBench {
  simulator!: Simulator;
  private readonly clients: TestClient[] = [];

  async start(options: SimulatorOptions = {}): Promise<Simulator> {
    this.simulator = await Simulator.start(options);
    return this.simulator;
  }

  client(config: Partial<UserFacingSocketConfig> = {}): TestClient {
    const one = new TestClient(this.simulator, config);
    this.clients.push(one);
    return one;
  }

  /** The same device, for a simulator that was started again. */
  again(earlier: TestClient): TestClient {
    const one = new TestClient(this.simulator, {}, earlier);
    this.clients.push(one);
    return one;
  }

  /** A client that is linked to the account of this number and open. */
  linked(number: string, config: Partial<UserFacingSocketConfig> = {}): Promise<TestClient> {
    return this.client(config).pair(this.simulator, number);
  }

  /** Waits until something is true of the network that no feed tells. */
  async until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
    const deadline = wallClock.now() + timeoutMs;
    while (!condition()) {
      if (wallClock.now() > deadline) throw new Error(`not true within ${timeoutMs} ms: ${condition}`);
      await wallClock.sleep(5);
    }
  }

  async stop(): Promise<void> {
    for (const one of this.clients.splice(0)) await one.stop();
    await this.simulator.stop();
  }
}
