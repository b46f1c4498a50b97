import type { IncomingMessage } from 'node:http';
import { ControlError } from './input.js';

/** Names by which a client on this machine reaches us. */
const OWN_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Keeps websites away from an interface that has no password. A browser lets any page send requests to any address, so
 * the listening address alone protects nothing:
 *
 * - DNS rebinding, where a website's own name suddenly means 127.0.0.1, is seen at the Host header, which still holds
 *   that name: only names of this machine and those that the operator allowed are answered.
 * - Requests across origins are seen at the Origin and Sec-Fetch-Site headers, which no page can forge. Reading alone
 *   would be stopped by the browser, since no answer allows it; acts must be stopped here.
 *
 * Programs send neither header and are let through.
 */
export class BrowserGuard {
  private readonly names: Set<string>;

  /** @param allowed further host names, for instance that of a container. */
  constructor(allowed: readonly string[]) {
    this.names = new Set([...OWN_NAMES, ...allowed.map((name) => name.toLowerCase())]);
  }

  /** @throws ControlError 403 with a sentence that says what to do. */
  check({ headers, method }: IncomingMessage): void {
    const host = headers.host ?? '';
    if (!this.names.has(nameOf(host))) {
      throw new ControlError(
        403,
        `this interface does not answer to the name "${nameOf(host)}"; use 127.0.0.1 or localhost, or allow it with --allow-host`,
      );
    }
    const { origin } = headers;
    if (origin !== undefined && !this.isOwn(origin, host)) {
      throw new ControlError(403, `a page of ${origin} may not drive the simulator`);
    }
    const isLink = method === 'GET' && headers['sec-fetch-mode'] === 'navigate';
    if (headers['sec-fetch-site'] === 'cross-site' && !isLink) {
      throw new ControlError(403, 'a page of another website may not drive the simulator');
    }
  }

  private isOwn(origin: string, host: string): boolean {
    return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  }
}

/** The host without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}
