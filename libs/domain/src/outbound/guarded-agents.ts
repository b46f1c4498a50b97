import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { AddressPolicy } from './address-policy.js';
import { OutboundFailure } from './outbound-failure.js';

const options = { keepAlive: true, maxSockets: 32, timeout: 60_000 };

/** Agents whose sockets go to allowed addresses only, for clients that are built on Node's own HTTP. */
export function guardedAgents(policy: AddressPolicy, lookup: LookupFunction): { http: HttpAgent; https: HttpsAgent } {
  // Literal addresses skip the lookup, so they are judged before the socket is made.
  const refuse = (host: string | null | undefined) => {
    if (host && isIP(host) !== 0 && !policy.allows(host)) throw new OutboundFailure('address_blocked');
  };
  class GuardedHttpAgent extends HttpAgent {
    override createConnection(...given: Parameters<HttpAgent['createConnection']>) {
      refuse(given[0].host);
      return super.createConnection(...given);
    }
  }
  class GuardedHttpsAgent extends HttpsAgent {
    override createConnection(...given: Parameters<HttpsAgent['createConnection']>) {
      refuse(given[0].host);
      return super.createConnection(...given);
    }
  }
  return {
    http: new GuardedHttpAgent({ ...options, lookup }),
    https: new GuardedHttpsAgent({ ...options, lookup }),
  };
}
