import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { proxyAgent } from './proxy-agent.js';
import type { ProxyRoute } from './proxy-route.js';

/**
 * Opens a way through the proxy to a host and closes it again. What is said on it would be the host's to answer, so a
 * way that opens is all that a proxy can promise.
 * @returns how long it took, milliseconds
 * @throws ProxyFailure
 */
export async function tryProxy(route: ProxyRoute, to: { host: string; port: number }): Promise<number> {
  const began = performance.now();
  const request = Object.assign(new EventEmitter(), { destroy: () => undefined }) as unknown as ClientRequest;
  const socket = (await proxyAgent(route).connect(request, { ...to, secureEndpoint: false } as never)) as Socket;
  socket.destroy();
  return Math.round(performance.now() - began);
}
