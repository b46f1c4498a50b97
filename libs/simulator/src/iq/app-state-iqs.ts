import { children, notification, stanza } from '../wire/stanza.js';
import type { IqRegistry } from './registry.js';

/** Synchronised settings: patches in, versions out, and word to the account's other companions. */
export function registerAppStateIqs(registry: IqRegistry): void {
  registry.on('w:sync:app:state', 'set', 'sync', ({ account, device, child, after }) => {
    const answers = children(child, 'collection').map((request) => {
      const { answer, accepted } = account.appState.sync(request);
      if (accepted) {
        after(() => {
          const { name, version } = answer.attrs;
          for (const other of account.companions) {
            if (other !== device) other.deliver(notification('server_sync', [stanza('collection', { name, version })]));
          }
        });
      }
      return answer;
    });
    return [stanza('sync', {}, answers)];
  });
}
