import { readFileSync } from 'node:fs';
import type { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { proxyAgent, proxyConnector } from '../proxy/proxy-agent.js';
import type { ProxyRoute } from '../proxy/proxy-route.js';
import { redirectToSandbox } from './sandbox-downloads.js';

/** A WhatsApp network simulator to talk to instead of the real WhatsApp. */
export interface Sandbox {
  /** Its WebSocket address. */
  url: string;
  /** Hex of the root key that signs its Noise certificates. */
  rootKeyHex: string;
  /** PEM file with the certificate authority of its media host. */
  caFile: string;
}

/** How to reach the network: the real WhatsApp with the system's trust, or a sandbox with its own. */
export interface NetworkAccess {
  /**
   * The ways of one profile.
   * @param findMediaHost asks the network for its media host; only a sandbox is asked
   */
  forProfile(findMediaHost: () => Promise<string>, proxy?: ProxyRoute): ProfileNetwork;
}

/** Everything of one profile goes these ways and no other. */
export interface ProfileNetwork {
  /** Of the WebSocket; undefined: the library's own address. */
  url?: string;
  /** For the WebSocket; undefined: the system's own way. */
  socketAgent?: HttpAgent;
  /** For uploads. */
  uploadAgent?: HttpsAgent;
  /** For downloads. */
  downloads: Dispatcher;
}

/**
 * Certificates are always checked: WhatsApp's server is known by TLS alone (the library drops the result of its own
 * certificate check). A sandbox adds its authority to the connections of this engine only, so NODE_EXTRA_CA_CERTS is not
 * needed and nothing else in the process trusts it.
 */
export function networkAccess(sandbox?: Sandbox): NetworkAccess {
  const shared = sandbox ? sandboxNetwork(sandbox) : { downloads: new Agent() };
  return {
    forProfile(findMediaHost, proxy) {
      const { url, ca, uploadAgent } = shared as SharedNetwork;
      if (!proxy) {
        if (!ca) return shared as ProfileNetwork;
        const connect = redirectToSandbox(buildConnector({ ca }), findMediaHost);
        const socketAgent = url?.startsWith('wss:') ? uploadAgent : undefined;
        return { url, uploadAgent, ...(socketAgent ? { socketAgent } : {}), downloads: new Agent({ connect }) };
      }
      const agent = proxyAgent(proxy, ca);
      const through = proxyConnector(agent);
      const connect = ca ? redirectToSandbox(through, findMediaHost) : through;
      // The agent tells by the request whether TLS is wanted inside the tunnel.
      const uploads = agent as unknown as HttpsAgent;
      return { ...(url ? { url } : {}), socketAgent: agent, uploadAgent: uploads, downloads: new Agent({ connect }) };
    },
  };
}

interface SharedNetwork {
  url?: string;
  ca?: string;
  uploadAgent?: HttpsAgent;
  downloads?: Dispatcher;
}

function sandboxNetwork(sandbox: Sandbox): SharedNetwork {
  if (!/^wss?:$/.test(URL.canParse(sandbox.url) ? new URL(sandbox.url).protocol : '')) {
    throw new Error(`The sandbox needs a WebSocket address (ws: or wss:), not "${sandbox.url}".`);
  }
  if (!/^[0-9a-f]{64}$/i.test(sandbox.rootKeyHex)) throw new Error('The root key of the sandbox is not 64 hex digits.');
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(sandbox.rootKeyHex, 'hex');
  const ca = readFileSync(sandbox.caFile, 'utf8');
  return { url: sandbox.url, ca, uploadAgent: new HttpsAgent({ ca, keepAlive: true }) };
}
