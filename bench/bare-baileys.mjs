/**
 * The other side of the comparison, a process of its own: nothing but Baileys with its keys in memory, sending in a
 * loop. No database, no HTTP, nothing survives its end.
 */
import makeWASocket, { initAuthCreds, useMultiFileAuthState, WA_CERT_DETAILS } from '@whiskeysockets/baileys';

const [url, rootKeyHex, folder] = process.argv.slice(2);
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKeyHex, 'hex');

// libsignal prints sessions as it goes; pino at level silent is what a careful user sets.
for (const level of ['log', 'info', 'warn']) console[level] = () => undefined;
const quiet = { level: 'silent', child: () => quiet };
for (const level of ['trace', 'debug', 'info', 'warn', 'error']) quiet[level] = () => undefined;

/** The fastest key store there can be. */
function memoryKeys() {
  const values = new Map();
  return {
    get: (type, ids) =>
      Object.fromEntries(ids.map((id) => [id, values.get(`${type}/${id}`)]).filter(([, value]) => value)),
    set: (data) => {
      for (const [type, entries] of Object.entries(data)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value) values.set(`${type}/${id}`, value);
          else values.delete(`${type}/${id}`);
        }
      }
    },
  };
}

const memoryState = () => ({ state: { creds: initAuthCreds(), keys: memoryKeys() }, saveCreds: () => undefined });

/** One number. Reconnects once after the scan, as the protocol wants it. */
class Client {
  #sent = new Map();
  #waiting = new Map();
  /** Acknowledged before the send call returned. */
  #early = new Set();

  async link(number, state, askScan) {
    await new Promise((resolve, reject) => {
      const open = () => {
        const sock = makeWASocket({
          auth: state.state,
          waWebSocketUrl: url,
          logger: quiet,
          browser: ['Bench', 'Chrome', ''],
          markOnlineOnConnect: false,
          emitOwnEvents: false,
          syncFullHistory: false,
          shouldSyncHistoryMessage: () => false,
          getMessage: async ({ id }) => this.#sent.get(id),
        });
        this.sock = sock;
        let isAsked = false;
        sock.ev.on('creds.update', state.saveCreds);
        sock.ws.on('CB:ack,class:message', ({ attrs }) => this.#acknowledged(attrs));
        sock.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
          if (qr && !isAsked) {
            isAsked = true;
            askScan(qr, number);
          }
          if (connection === 'open') resolve();
          if (connection !== 'close') return;
          if (lastDisconnect?.error?.output?.statusCode === 515) open();
          else reject(lastDisconnect?.error);
        });
      };
      open();
    });
  }

  /** Resolves with the server's acknowledgement, as Waypost's answer does. */
  async send(to, text) {
    const sent = await this.sock.sendMessage(`${to}@s.whatsapp.net`, { text }, { messageId: newId() });
    const { id } = sent.key;
    this.#sent.set(id, sent.message);
    if (this.#sent.size > 200) this.#sent.delete(this.#sent.keys().next().value);
    if (this.#early.delete(id)) return;
    await new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #acknowledged({ id, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!waiting) this.#early.add(id);
    else if (error) waiting.reject(new Error(`The server refused a message: ${error}`));
    else waiting.resolve();
  }
}

let count = 0;
function newId() {
  count += 1;
  return `3EB0${process.pid.toString(16).padStart(8, '0')}${count.toString(16).padStart(10, '0')}`.toUpperCase();
}

const clients = [];
let stopped = false;
const askScan = (qr, number) => process.send({ scan: qr, number });

const commands = {
  /** Links these numbers, a few at a time. */
  async link({ numbers, onDisk }) {
    for (let at = 0; at < numbers.length; at += 5) {
      const batch = numbers.slice(at, at + 5).map(async (number) => {
        const client = new Client();
        await client.link(number, onDisk ? await useMultiFileAuthState(`${folder}/${number}`) : memoryState(), askScan);
        return client;
      });
      clients.push(...(await Promise.all(batch)));
    }
  },

  /** `inFlight` sends at once from each of the clients `from` to `to`, round and round, until `stop`. */
  async load({ from, to, inFlight, recipients }) {
    stopped = false;
    let sent = 0;
    const loop = async (client, lane) => {
      for (let turn = lane; !stopped; turn += inFlight) {
        await client.send(recipients[turn % recipients.length], `message number ${turn}`);
        sent += 1;
      }
    };
    await Promise.all(
      clients.slice(from, to).flatMap((client) => Array.from({ length: inFlight }, (_, lane) => loop(client, lane))),
    );
    return { sent };
  },

  /** One message to each recipient, one after another: sessions exist afterwards. */
  async warm({ from, to, recipients }) {
    const one = async (client) => {
      for (const recipient of recipients) await client.send(recipient, 'good morning');
    };
    await Promise.all(clients.slice(from, to).map(one));
  },

  async stop() {
    stopped = true;
  },
};

process.on('message', async ({ call, name, parameters }) => {
  try {
    process.send({ call, result: (await commands[name](parameters ?? {})) ?? null });
  } catch (error) {
    process.send({ call, error: error.stack ?? String(error) });
  }
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.send({ ready: true });
