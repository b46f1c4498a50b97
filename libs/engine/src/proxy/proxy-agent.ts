import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import { isIP, isIPv6, type LookupFunction, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import type { buildConnector } from 'undici';
import { ProxyFailure } from './proxy-failure.js';
import type { ProxyRoute } from './proxy-route.js';

/** Longest time until a way through the proxy is open. */
const openMs = 20_000;

/** An agent for Node's own HTTP client (WebSocket, uploads) whose sockets all go through the proxy. */
export type ProxyAgent = HttpsProxyAgent<string> | SocksProxyAgent;

/** @param ca PEM of the authority to trust besides, of a sandbox */
export function proxyAgent(route: ProxyRoute, ca?: string): ProxyAgent {
  return route.protocol === 'socks5' ? new GuardedSocksAgent(route, ca) : new GuardedConnectAgent(route, ca);
}

/** The same way for undici, which downloads files. */
export function proxyConnector(agent: ProxyAgent): buildConnector.connector {
  return (target, done) => {
    const secureEndpoint = target.protocol === 'https:';
    const port = Number(target.port) || (secureEndpoint ? 443 : 80);
    // The agent announces the socket to the request that it is for; here nobody has to hear of it.
    const request = Object.assign(new EventEmitter(), { destroy: () => undefined }) as unknown as ClientRequest;
    agent.connect(request, { host: target.hostname, port, secureEndpoint } as never).then(
      (socket) => done(null, socket as Socket),
      (error: Error) => done(error, null),
    );
  };
}

class GuardedConnectAgent extends HttpsProxyAgent<string> {
  constructor(
    private readonly route: ProxyRoute,
    private readonly ca?: string,
  ) {
    // For TLS to the proxy itself the system's trust holds.
    super(addressOf(route), { lookup: lookupOf(route) } as object);
  }

  override async connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>): Promise<Socket> {
    await assertDialable(this.route);
    let status = 200;
    request.once('proxyConnect', (answer: { statusCode: number }) => {
      status = answer.statusCode;
    });
    const plain = { ...options, secureEndpoint: false } as typeof options;
    const socket = await inTime(super.connect(request, plain)).catch(unreachable);
    if (status === 200) return secured(socket, options, this.ca);
    socket.destroy();
    const why = status === 407 ? 'the proxy wants another user name or password' : `the proxy answered ${status}`;
    throw new ProxyFailure('refused', why);
  }
}

class GuardedSocksAgent extends SocksProxyAgent {
  constructor(
    private readonly route: ProxyRoute,
    private readonly ca?: string,
  ) {
    super(addressOf(route), { socketOptions: { lookup: lookupOf(route) } as never });
  }

  override async connect(...[request, options]: Parameters<SocksProxyAgent['connect']>): Promise<Socket> {
    await assertDialable(this.route);
    const plain = { ...options, secureEndpoint: false } as typeof options;
    const socket = await inTime(super.connect(request, plain)).catch((error: Error) => {
      // The library's own words for answers of the proxy, in difference to errors of the socket.
      if (/authentication|rejected|not allowed|NotAllowed|refused by|Socks5/i.test(error.message)) {
        throw new ProxyFailure('refused', error.message, error);
      }
      return unreachable(error);
    });
    return secured(socket, options, this.ca);
  }
}

/** TLS inside the tunnel where it is wanted. Not left to the libraries: they would check the name of the proxy. */
async function secured(socket: Socket, to: { host?: string; secureEndpoint?: boolean }, ca?: string): Promise<Socket> {
  if (!to.secureEndpoint) return socket;
  const host = to.host ?? '';
  const secure = connectTls({ socket, host, ...(isIP(host) ? {} : { servername: host }), ...(ca ? { ca } : {}) });
  await new Promise<void>((resolve, reject) => {
    secure.once('secureConnect', resolve).once('error', reject);
  });
  return secure;
}

/** A proxy that takes the connection and then says nothing; what it opens too late is closed. */
async function inTime(opening: Promise<Socket>): Promise<Socket> {
  let timer: NodeJS.Timeout | undefined;
  let isLate = false;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new ProxyFailure('unreachable', 'the proxy did not answer in time'));
    }, openMs);
  });
  opening.then(
    (socket) => isLate && socket.destroy(),
    () => undefined,
  );
  return Promise.race([opening, late]).finally(() => clearTimeout(timer));
}

function unreachable(error: Error): never {
  throw error instanceof ProxyFailure ? error : new ProxyFailure('unreachable', error.message, error);
}

/** A proxy given as a literal address asks no lookup. */
async function assertDialable(route: ProxyRoute): Promise<void> {
  if (isIP(route.host) !== 0) await route.address().catch(unreachable);
}

/** The proxy's own name is never looked up by the system: the address was checked, and is the one that is dialled. */
function lookupOf(route: ProxyRoute): LookupFunction {
  return (_name, { all }, done) => {
    route.address().then(
      (address) => {
        const family = isIPv6(address) ? 6 : 4;
        if (all) done(null, [{ address, family }]);
        else done(null, address, family);
      },
      (error: Error) => done(error, all ? [] : '', 0),
    );
  };
}

function addressOf({ protocol, host, port, user, password }: ProxyRoute): string {
  const url = new URL(`http://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  if (user) url.username = encodeURIComponent(user);
  if (password) url.password = encodeURIComponent(password);
  // `socks5h`: the proxy resolves names, so that no name is asked for around it.
  return url.href.replace(/^http:/, protocol === 'socks5' ? 'socks5h:' : `${protocol}:`);
}
