import { readFileSync } from 'node:fs';
import { Agent as HttpsAgent } from 'node:https';
import { WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import { Agent, type Dispatcher } from 'undici';
import { sandboxDownloads } from './sandbox-downloads.js';

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
  /** Undefined: the library's own address. */
  url?: string;
  /** For the WebSocket and for uploads. */
  agent?: HttpsAgent;
  /** For the downloads of one profile, who can ask the network for its media host; only a sandbox is asked. */
  downloads(findMediaHost: () => Promise<string>): Dispatcher;
}

/**
 * Certificates are always checked: WhatsApp's server is known by TLS alone (the library drops the result of its own
 * certificate check). A sandbox adds its authority to the connections of this engine only, so NODE_EXTRA_CA_CERTS is not
 * needed and nothing else in the process trusts it.
 */
export function networkAccess(sandbox?: Sandbox): NetworkAccess {
  if (!sandbox) {
    const dispatcher = new Agent();
    return { downloads: () => dispatcher };
  }
  if (!/^wss?:$/.test(URL.canParse(sandbox.url) ? new URL(sandbox.url).protocol : '')) {
    throw new Error(`The sandbox needs a WebSocket address (ws: or wss:), not "${sandbox.url}".`);
  }
  if (!/^[0-9a-f]{64}$/i.test(sandbox.rootKeyHex)) throw new Error('The root key of the sandbox is not 64 hex digits.');
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(sandbox.rootKeyHex, 'hex');
  const ca = readFileSync(sandbox.caFile, 'utf8');
  return {
    url: sandbox.url,
    agent: new HttpsAgent({ ca, keepAlive: true }),
    downloads: (findMediaHost) => sandboxDownloads(ca, findMediaHost),
  };
}
