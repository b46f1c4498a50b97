import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Pool } from 'undici';
import { end, start, until } from './children.mjs';

const script = fileURLToPath(new URL('../dist/apps/standalone/src/main.js', import.meta.url));

/** Waypost as `npm start` runs it: launcher, api, worker, engine and its own PostgreSQL, on the simulated network. */
export class Waypost {
  #lines = [];

  static async start(folder, network) {
    const waypost = new Waypost();
    waypost.dataDir = `${folder}/data`;
    waypost.network = network;
    mkdirSync(waypost.dataDir, { recursive: true });
    // A limit of the installation against WhatsApp, not of the machine; whoever starts anew has it.
    await waypost.#launch({ CONNECTS_PER_SECOND: '1000' });
    await waypost.#register();
    return waypost;
  }

  /** Ends it in good order and starts it again as an operator would, with all numbers linked. */
  async restart(onStart) {
    await Promise.all([end(this.process), this.#connections.close()]);
    onStart();
    await this.#launch({});
    this.#connections = this.pool(8);
  }

  async #launch(env) {
    this.process = start(script, [], {
      onLine: (line) => this.#lines.push(line),
      env: {
        PORT: '0',
        DATABASE_URL: '',
        DATA_DIR: this.dataDir,
        WA_SANDBOX_URL: this.network.url,
        WA_SANDBOX_ROOT_KEY: this.network.rootKeyHex,
        WA_SANDBOX_CA_FILE: this.network.caFile,
        // The webhook receiver of the benchmark is on this machine.
        OUTBOUND_ALLOWED_RANGES: '127.0.0.0/8',
        // Limits of users, not of the machine. Everything else is as it comes.
        RATE_LIMIT_PER_MINUTE: '10000000',
        LOGIN_LIMIT_PER_MINUTE: '100000',
        ...env,
      },
    });
    const ready = () => this.facts?.url && this.facts.launcher.pid === this.process.pid;
    await until('Waypost becomes ready', () => {
      if (this.process.exitCode !== null) throw new Error(`Waypost ended:\n${this.output}`);
      return ready();
    });
  }

  /** What run.json says: processes, database, address. */
  get facts() {
    try {
      return JSON.parse(readFileSync(`${this.dataDir}/run.json`, 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** Everything that its processes printed. */
  get output() {
    return this.#lines.join('\n');
  }

  /** Lines that were printed after this many. */
  linesAfter(count) {
    return this.#lines.slice(count);
  }

  get lineCount() {
    return this.#lines.length;
  }

  /** One request as the owner of the organization. @throws on any answer but 2xx */
  async call(method, path, body) {
    const answer = await this.#request(method, path, body);
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.text}`);
    return JSON.parse(answer.text).data;
  }

  /** Profiles with these numbers, linked by their phones' scan and connected. Their ids, in the same order. */
  async link(network, numbers) {
    const [{ id: workspaceId }] = await this.call('GET', '/workspaces');
    const ids = [];
    // A few at a time, as an operator's script would.
    for (let at = 0; at < numbers.length; at += 5) {
      ids.push(
        ...(await Promise.all(numbers.slice(at, at + 5).map((one) => this.#linkOne(network, workspaceId, one)))),
      );
    }
    return ids;
  }

  async disconnect(profileId) {
    await this.call('POST', `/profiles/${profileId}/disconnect`);
    await until('the profile is disconnected', async () => (await this.#status(profileId)) === 'disconnected');
  }

  /** Cancels what has not been taken on, and waits for the end of the rest. */
  async cancelBatch(id) {
    const { statusCode, text } = await this.#request('POST', `/bulk/batch/${id}/cancel`);
    // 409: it is finished.
    if (statusCode >= 300 && statusCode !== 409) throw new Error(`Cancelling a batch answered ${statusCode}: ${text}`);
    await until('the batch ends', async () => (await this.call('GET', `/bulk/batch/${id}`)).progress.pending === 0);
  }

  /** Waits until the audience of a broadcast is written down, by asking the database, which costs less than the api's figures. */
  async expanded(id) {
    const db = new pg.Client({ connectionString: this.facts.postgres.url, options: '-c waypost.scope=system' });
    await db.connect();
    try {
      const isWhole = async () => {
        const { rows } = await db.query('select expanded_at from broadcasts where id = $1', [id]);
        return rows[0].expanded_at !== null;
      };
      await until('the audience is written down', isWhole, { withinMs: 600_000, everyMs: 100 });
    } finally {
      await db.end();
    }
  }

  /** Requests with keep-alive connections, one for each that is under way. */
  pool(connections) {
    return new Pool(this.facts.url, { connections, pipelining: 1 });
  }

  /** Headers of a client with an API key. */
  get headers() {
    return { 'x-api-key': this.apiKey, 'content-type': 'application/json' };
  }

  async #linkOne(network, workspaceId, number) {
    const { id } = await this.call('POST', '/profiles', { workspaceId, name: `Bench ${number}` });
    await this.call('POST', `/profiles/${id}/connect`);
    const qr = await until('a QR code', async () => (await this.call('GET', `/profiles/${id}/qr`)).qrText);
    await network.client.scanQr(qr, number);
    await until(`profile ${number} is connected`, async () => (await this.#status(id)) === 'connected');
    return id;
  }

  async #status(profileId) {
    return (await this.call('GET', `/profiles/${profileId}/status`)).status;
  }

  /** Of everybody who is registered. */
  password = 'the password of the benchmark';

  /** Another organization and its owner, with tokens. */
  registerAnother(email) {
    return this.call('POST', '/auth/register', {
      email,
      password: this.password,
      name: 'Bench',
      organizationName: email,
    });
  }

  async #register() {
    this.#connections = this.pool(8);
    const registered = await this.registerAnother('bench@example.com');
    this.#token = registered.accessToken;
    this.apiKey = (await this.call('POST', '/api-keys', { name: 'bench', permissions: ['*'] })).key;
  }

  #connections;
  #token;

  async #request(method, path, body) {
    const { statusCode, body: stream } = await this.#connections.request({
      method,
      path: `/api/v1${path}`,
      headers: this.apiKey
        ? this.headers
        : { 'content-type': 'application/json', ...(this.#token && { authorization: `Bearer ${this.#token}` }) },
      body: body && JSON.stringify(body),
    });
    return { statusCode, text: await stream.text() };
  }
}
