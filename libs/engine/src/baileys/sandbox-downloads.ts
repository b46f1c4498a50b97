import { isIP } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * Downloads in a sandbox. What a message names by path only, as histories and snapshots of settings are, the library
 * fetches from WhatsApp's own hosts: connections to these go to the media host of the sandbox, and never to the internet.
 *
 * @param connect opens the connections, with the trust in the sandbox's authority
 * @param findMediaHost host and port of the sandbox's media host. Asked with each new connection, for a sandbox that is
 *   started again may have moved.
 */
export function redirectToSandbox(
  connect: buildConnector.connector,
  findMediaHost: () => Promise<string>,
): buildConnector.connector {
  return (options, callback) => {
    if (!isWhatsApp(options.hostname)) return connect(options, callback);
    findMediaHost().then(
      (found) => {
        const { host, hostname, port } = new URL(`https://${found}`);
        // An IP address is not a name that TLS may ask for.
        connect({ ...options, host, hostname, port, servername: isIP(hostname) ? '' : hostname }, callback);
      },
      (error: Error) => callback(error, null),
    );
  };
}

const isWhatsApp = (hostname: string): boolean => /(^|\.)whatsapp\.(net|com)$/i.test(hostname);
