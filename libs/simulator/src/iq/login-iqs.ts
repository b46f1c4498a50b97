import { clean } from '../network/dirty-bits.js';
import { children, stanza } from '../wire/stanza.js';
import type { IqRegistry, IqRequest } from './registry.js';

/** Login and upkeep of a connection: activity, server properties, ping, dirty bits. */
export function registerLoginIqs(registry: IqRegistry, activate: (request: IqRequest) => void): void {
  registry
    .on('passive', 'set', 'active', (request) => {
      request.after(() => activate(request));
      return undefined;
    })
    .on('passive', 'set', 'passive', () => undefined)
    .on('w:p', 'get', '*', () => undefined)
    .on('abt', 'get', 'props', () => [
      stanza('props', { protocol: 1, hash: 'simulator-1', ab_key: 'simulator', refresh: 86_400 }, []),
    ])
    .on('urn:xmpp:whatsapp:dirty', 'set', 'clean', ({ device, node }) => {
      for (const { attrs } of children(node, 'clean')) clean(device, attrs.type);
      return undefined;
    });
}
