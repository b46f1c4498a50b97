import type { CollectionName } from '../network/app-state.js';
import type { Problems } from '../network/problems.js';
import { nameOf } from '../network/router.js';
import { announceSettings } from '../network/settings-notice.js';
import { children, stanza } from '../wire/stanza.js';
import type { IqRegistry } from './registry.js';

/** Synchronised settings: patches in, versions and snapshots out, and word to the account's other devices. */
export function registerAppStateIqs(registry: IqRegistry, problems: Problems): void {
  registry.on('w:sync:app:state', 'set', 'sync', ({ account, device, child, after }) => {
    const answers = children(child, 'collection').map((request) => {
      const { answer, accepted, problem } = account.appState.sync(request);
      if (problem) problems.add('bad-patch', nameOf(device), `${request.attrs.name}: ${problem}`);
      if (accepted) after(() => announceSettings(account, answer.attrs.name as CollectionName, device));
      return answer;
    });
    return [stanza('sync', {}, answers)];
  });
}
