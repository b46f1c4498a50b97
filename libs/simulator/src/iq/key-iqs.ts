import type { Directory } from '../network/directory.js';
import { bundleNode } from '../network/keys.js';
import { child, children, stanza } from '../wire/stanza.js';
import { type IqHandler, IqRefusal, type IqRegistry } from './registry.js';

/** Signal keys: a device's own stock, and bundles of others for new sessions. */
export function registerKeyIqs(registry: IqRegistry, directory: Directory): void {
  registry
    .on('encrypt', 'get', 'count', ({ device }) => [stanza('count', { value: device.keys.stock.length })])
    .on('encrypt', 'get', 'digest', ({ device }) => [device.keys.digest()])
    .on('encrypt', 'get', 'key', (request) => {
      const found = children(request.child, 'user').flatMap(({ attrs }) => {
        const device = directory.deviceAt(attrs.jid);
        return device && attrs.jid ? [bundleNode(attrs.jid, device.keys.takeBundle())] : [];
      });
      return [stanza('list', {}, found)];
    })
    .on('encrypt', 'set', 'rotate', (request) => {
      // The code of the service is not known; 406 is its "not acceptable".
      if (!request.device.keys.rotate(child(request.child, 'skey'))) throw new IqRefusal(406, 'not-acceptable');
      return undefined;
    })
    // One request in two orders: Baileys and whatsmeow begin with `registration`, zapo with `identity`.
    .on('encrypt', 'set', 'registration', takeUpload)
    .on('encrypt', 'set', 'identity', takeUpload);
}

const takeUpload: IqHandler = ({ device, node }) => {
  device.keys.upload(node);
  return undefined;
};
