import { createServer, type Server } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { CatalogueError } from '#contracts';
import { hostileUrls } from '#testing';
import type { Resolver } from './guarded-connector.js';
import { OutboundClient } from './outbound-client.js';
import { OutboundFailure } from './outbound-failure.js';

/** Listens on every local address, so that any connection that gets through is seen. */
let trap: Server;
let port: number;
let trapped: string[] = [];
/** Every address that this process tried to open a socket to, whoever did it. */
let dialled: string[] = [];
const connect = Socket.prototype.connect;
const clients: OutboundClient[] = [];

function open(options: { allowedRanges?: string[]; resolver?: Resolver } = {}): OutboundClient {
  const client = OutboundClient.open({ allowedRanges: [], ...options });
  clients.push(client);
  return client;
}

beforeAll(async () => {
  trap = createServer((request, response) => {
    trapped.push(request.url ?? '');
    response.end('trapped');
  });
  await new Promise<void>((listening) => trap.listen(0, '::', listening));
  port = (trap.address() as AddressInfo).port;
  Socket.prototype.connect = function (this: Socket, ...given: never[]) {
    this.on('connectionAttempt', (address: string) => dialled.push(address));
    return connect.apply(this, given as never);
  } as never;
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  trapped = [];
  dialled = [];
});

afterAll(async () => {
  Socket.prototype.connect = connect;
  trap.closeAllConnections();
  await new Promise((closed) => trap.close(closed));
});

const post = (client: OutboundClient, url: string) =>
  client.post(url, { headers: { 'content-type': 'application/json' }, body: '{}', timeoutMs: 5000 }).then(
    (answer) => answer,
    (error: unknown) => error,
  );

const reason = (error: unknown) =>
  error instanceof OutboundFailure ? error.reason : error instanceof CatalogueError ? error.code : error;

describe('hostile URLs', () => {
  it('opens no socket for any of thousands of ways to write a forbidden address', async () => {
    const urls = hostileUrls(port);
    expect(urls.length).toBeGreaterThan(5000);
    const client = open();
    const reached: string[] = [];
    for (const url of urls) {
      if (!((await post(client, url)) instanceof Error)) reached.push(url);
    }
    expect(reached).toEqual([]);
    expect(dialled).toEqual([]);
    expect(trapped).toEqual([]);
  });

  it('refuses each of them early, with the code and the field', async () => {
    const client = open();
    for (const url of hostileUrls(port)) {
      const error = await client.assertUrlAllowed(url, 'url').catch((thrown: unknown) => thrown);
      expect([url, error]).toEqual([url, expect.objectContaining({ code: 'URL_NOT_ALLOWED', status: 422 })]);
      expect((error as CatalogueError).fields?.[0]?.path).toBe('url');
    }
    expect(dialled).toEqual([]);
  });

  it("opens no socket to this machine's own addresses", async () => {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const client = open();
    for (const { address, family } of own) {
      const host = family === 'IPv6' ? `[${address}]` : address;
      expect(reason(await post(client, `http://${host}:${port}/`))).toBe('address_blocked');
    }
    expect(dialled).toEqual([]);
  });
});

describe('names', () => {
  const publicAddress = { address: '93.184.216.34', family: 4 };
  const loopback = { address: '127.0.0.1', family: 4 };

  it('blocks a name when any of its addresses is blocked', async () => {
    for (const bad of [loopback, { address: '::1', family: 6 }, { address: '::ffff:10.0.0.1', family: 6 }]) {
      const client = open({ resolver: async () => [publicAddress, bad] });
      expect(reason(await post(client, `http://mixed.example.com:${port}/`))).toBe('address_blocked');
    }
    expect(trapped).toEqual([]);
  });

  it('judges the very answer that is dialled: a name that flips after the early check gains nothing', async () => {
    let asked = 0;
    const flipping: Resolver = async () => (asked++ % 2 === 0 ? [publicAddress] : [loopback]);
    const client = open({ resolver: flipping });
    for (let flip = 0; flip < 1000; flip++) {
      const url = `http://rebind-${flip}.example.com:${port}/`;
      await client.assertUrlAllowed(url);
      expect(reason(await post(client, url))).toBe('address_blocked');
    }
    expect(asked).toBe(2000);
    expect(trapped).toEqual([]);
  }, 30_000);

  it('refuses a name that does not resolve', async () => {
    const client = open({ resolver: async () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' })) });
    await expect(client.assertUrlAllowed('https://nowhere.example.com/')).rejects.toMatchObject({
      code: 'URL_NOT_ALLOWED',
      message: 'The host name does not resolve.',
    });
    expect(reason(await post(client, 'https://nowhere.example.com/'))).toBe('name_not_found');
  });

  it('gives up a name server that never answers when the time is over', async () => {
    const client = open({ resolver: () => new Promise(() => {}) });
    const call = client.post('http://slow.example.com/', { headers: {}, body: '', timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ reason: 'timeout' });
  });
});

describe('what is allowed', () => {
  it('lets public addresses and the exceptions of the operator pass', async () => {
    await open().assertUrlAllowed('https://93.184.216.34/hook');
    await open().assertUrlAllowed('https://[2606:2800:220:1:248:1893:25c8:1946]/hook');
    const client = open({ allowedRanges: ['127.0.0.0/8', '::1/128'] });
    expect(await post(client, `http://127.0.0.1:${port}/v4`)).toMatchObject({ status: 200, body: 'trapped' });
    expect(await post(client, `http://[::1]:${port}/v6`)).toMatchObject({ status: 200 });
    expect(await post(client, `http://[::ffff:127.0.0.1]:${port}/mapped`)).toMatchObject({ status: 200 });
    expect(reason(await post(client, `http://10.0.0.1:${port}/`))).toBe('address_blocked');
    expect(trapped).toEqual(['/v4', '/v6', '/mapped']);
    expect(dialled).toHaveLength(3);
  });

  it('says which range is not one', () => {
    expect(() => open({ allowedRanges: ['10.0.0.1'] })).toThrow('OUTBOUND_ALLOWED_RANGES: "10.0.0.1"');
  });
});

describe('answers', () => {
  let server: Server;
  let base: string;
  const local = () => open({ allowedRanges: ['127.0.0.0/8'] });

  beforeAll(async () => {
    server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://x');
      if (url.pathname === '/redirect') {
        response.writeHead(302, { location: url.searchParams.get('to') ?? '/' }).end();
      } else if (url.pathname.startsWith('/hops/')) {
        const left = Number(url.pathname.split('/')[2]);
        response.writeHead(307, { location: left > 1 ? `/hops/${left - 1}` : '/file.txt' }).end();
      } else if (url.pathname === '/silent') {
        // Answers never.
      } else if (url.pathname === '/stalls') {
        response.writeHead(200, { 'content-type': 'image/png' }).write('begin');
      } else if (url.pathname === '/endless') {
        response.writeHead(200);
        const pump = () => {
          while (response.write(Buffer.alloc(16_384, 'x')));
          response.once('drain', pump);
        };
        pump();
      } else if (url.pathname === '/named') {
        response.setHeader('content-disposition', 'attachment; filename="b.txt"; filename*=UTF-8\'\'..%2F%C3%A4.txt');
        response.end('named');
      } else if (url.pathname === '/missing') {
        response.writeHead(404).end('no');
      } else if (url.pathname === '/reset') {
        request.socket.destroy();
      } else {
        response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 5 }).end('hello');
      }
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  it('follows no redirect of a webhook', async () => {
    const answer = await post(local(), `${base}/redirect?to=${encodeURIComponent(`http://[::1]:${port}/`)}`);
    expect(answer).toMatchObject({ status: 302 });
    expect(trapped).toEqual([]);
  });

  it('keeps the first 4 KiB of an answer and does not read an endless one', async () => {
    const answer = await post(local(), `${base}/endless`);
    expect(answer).toMatchObject({ status: 200, body: 'x'.repeat(4096) });
  });

  it('names the reason when no answer comes', async () => {
    const client = local();
    const silent = client.post(`${base}/silent`, { headers: {}, body: '', timeoutMs: 50 });
    await expect(silent).rejects.toMatchObject({ reason: 'timeout' });
    expect(reason(await post(client, `${base}/reset`))).toBe('connection_reset');
    expect(reason(await post(client, 'http://127.0.0.1:1/'))).toBe('connection_refused');
    expect(reason(await post(client, base.replace('http:', 'https:')))).toBe('tls_failed');
  });

  it('fetches a file, its name and type', async () => {
    const client = local();
    const file = await client.fetchGuarded(`${base}/file.txt`, { maxBytes: 100, timeoutMs: 5000 });
    expect(file).toMatchObject({ contentType: 'text/plain', fileName: 'file.txt' });
    expect(await text(file.stream)).toBe('hello');
    const named = await client.fetchGuarded(`${base}/named`, { maxBytes: 100, timeoutMs: 5000 });
    expect(named.fileName).toBe('ä.txt');
    expect(await text(named.stream)).toBe('named');
  });

  it('follows up to three redirects of a file, each of them checked', async () => {
    const client = local();
    const fetch = (path: string) => client.fetchGuarded(`${base}${path}`, { maxBytes: 100, timeoutMs: 5000 });
    expect(await text((await fetch('/hops/3')).stream)).toBe('hello');
    await expect(fetch('/hops/4')).rejects.toMatchObject({ code: 'MEDIA_FETCH_FAILED' });
    for (const to of [`http://[::1]:${port}/`, 'http://10.0.0.1/', 'file:///etc/passwd', 'http://a:b@127.0.0.1/']) {
      await expect(fetch(`/redirect?to=${encodeURIComponent(to)}`)).rejects.toMatchObject({ code: 'URL_NOT_ALLOWED' });
    }
    expect(trapped).toEqual([]);
  });

  it('bounds size and time of a file', async () => {
    const client = local();
    const endless = await client.fetchGuarded(`${base}/endless`, { maxBytes: 100_000, timeoutMs: 5000 });
    await expect(text(endless.stream)).rejects.toMatchObject({ code: 'MEDIA_TOO_LARGE' });
    const early = client.fetchGuarded(`${base}/file.txt`, { maxBytes: 4, timeoutMs: 5000 });
    await expect(early).rejects.toMatchObject({ code: 'MEDIA_TOO_LARGE' });
    const stalled = await client.fetchGuarded(`${base}/stalls`, { maxBytes: 100, timeoutMs: 100 });
    await expect(text(stalled.stream)).rejects.toMatchObject({ code: 'MEDIA_FETCH_FAILED' });
    const missing = client.fetchGuarded(`${base}/missing`, { maxBytes: 100, timeoutMs: 5000 });
    await expect(missing).rejects.toMatchObject({ code: 'MEDIA_FETCH_FAILED', details: { status: 404 } });
  });

  it('lets go of the connection when the reader loses interest before reading', async () => {
    const client = local();
    const file = await client.fetchGuarded(`${base}/stalls`, { maxBytes: 100, timeoutMs: 60_000 });
    file.stream.destroy();
    await client.close();
  });
});
