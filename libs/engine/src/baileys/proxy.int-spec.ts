import { Readable } from 'node:stream';
import { Server as HttpProxy } from 'proxy-chain';
import { Simulator } from '#simulator';
import { until } from '#testing';
import { userChat } from '../chat-address.js';
import type { Engine } from '../engine.js';
import type { ProxyRoute } from '../proxy/proxy-route.js';
import { SocksServer } from '../proxy/socks-server.for-spec.js';
import { engineFor, messageId, TestProfile } from './test-profile.for-spec.js';

/** Only the proxies know where this is, so what reaches the network went through one. */
const hiddenName = 'network.hidden.test';
const login = { user: 'way', password: 'p@ss:word' };

interface RunningProxy {
  route: ProxyRoute;
  /** Where it was asked to connect to, `host:port`. */
  targets: string[];
  stop(): Promise<void>;
}

async function httpProxy(): Promise<RunningProxy> {
  const targets: string[] = [];
  const server = new HttpProxy({
    port: 0,
    host: '127.0.0.1',
    prepareRequestFunction: ({ username, password, hostname, port }) => {
      if (username !== login.user || password !== login.password) return { requestAuthentication: true };
      targets.push(`${hostname}:${port}`);
      const dnsLookup = ((_name: string, options: { all?: boolean }, done: (...answer: unknown[]) => void) =>
        options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)) as never;
      return { dnsLookup };
    },
  });
  await server.listen();
  return { route: routeTo('http', server.port), targets, stop: () => server.close(true) };
}

async function socksProxy(): Promise<RunningProxy> {
  const server = await SocksServer.start(login, { [hiddenName]: '127.0.0.1' });
  return { route: routeTo('socks5', server.port), targets: server.targets, stop: () => server.stop() };
}

const routeTo = (protocol: ProxyRoute['protocol'], port: number): ProxyRoute => ({
  protocol,
  host: 'proxy.test',
  port,
  ...login,
  address: async () => '127.0.0.1',
});

describe('a connection through a proxy', () => {
  let simulator: Simulator;
  let engine: Engine;
  const open: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    simulator = await Simulator.start();
    const { port } = new URL(simulator.url);
    engine = engineFor(simulator, undefined, simulator.url.replace(/\/\/[^/]+/, `//${hiddenName}:${port}`));
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });
  afterAll(() => simulator.stop());

  function profileThrough(route: ProxyRoute, number: string): TestProfile {
    const profile = new TestProfile(engine, simulator, number, { proxy: route });
    open.push({ close: () => profile.connection.close() });
    return profile;
  }

  it.each([
    ['HTTP', httpProxy, '15550009001'],
    ['SOCKS5', socksProxy, '15550009002'],
  ])('%s: messages and files go through it both ways, and nothing goes around it', async (_name, start, number) => {
    const proxy = await start();
    open.push({ close: () => proxy.stop() });
    const profile = await profileThrough(proxy.route, number).connect();
    const contact = simulator.person(`${number}1`);
    const bytes = Buffer.from('bytes of a file '.repeat(2_000));
    const media = { mediaId: 'm', mimeType: 'application/pdf', sizeBytes: bytes.length, sha256: null };
    await profile.connection.send(
      userChat({ phone: contact.number, lid: null }),
      { content: { kind: 'document', media }, openMedia: async () => Readable.from([bytes]) },
      { waMessageId: messageId() },
    );
    const arrived = await until(() => contact.inbox()[0], { what: 'the file at the contact' });
    expect((await arrived.downloadMedia()).equals(bytes)).toBe(true);
    await contact.sendDocument(profile.number, bytes);
    const token = await until(() => [...profile.sink.stored.values()].find(({ download }) => download)?.download, {
      what: 'the file at the profile',
    });
    const targets = new Set(proxy.targets);
    expect(targets.has(`${hiddenName}:${new URL(simulator.url).port}`)).toBe(true);
    const chunks: Buffer[] = [];
    for await (const chunk of await profile.connection.download(token)) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    // The media host is another port: once for the upload, and once more for the download.
    const toMedia = proxy.targets.filter((target) => !target.startsWith(hiddenName));
    expect(toMedia.length).toBeGreaterThanOrEqual(2);

    await proxy.stop();
    await profile.reached('proxy_unreachable');
    await expect(profile.connection.download(token)).rejects.toMatchObject({ code: 'media_unavailable' });
  });

  it.each([
    ['HTTP', httpProxy, '15550009003'],
    ['SOCKS5', socksProxy, '15550009004'],
  ])('%s: says so when the proxy wants another password', async (_name, start, number) => {
    const proxy = await start();
    open.push({ close: () => proxy.stop() });
    const profile = profileThrough({ ...proxy.route, password: 'wrong' }, number);
    profile.connection.connect();
    await profile.reached('proxy_refused');
    expect(profile.codes).not.toContain('waiting_for_scan');
  });

  it('dials only an address that is allowed at that moment', async () => {
    const route = { ...routeTo('http', 1), address: () => Promise.reject(new Error('address_blocked')) };
    const profile = profileThrough(route, '15550009005');
    profile.connection.connect();
    await profile.reached('proxy_unreachable');
    const literal = profileThrough({ ...route, host: '127.0.0.1' }, '15550009006');
    literal.connection.connect();
    await literal.reached('proxy_unreachable');
  });
});
