import { notification, stanza } from '../wire/stanza.js';
import type { Account } from './account.js';
import type { CollectionName } from './app-state.js';
import type { Device } from './device.js';

/** Tells the devices of an account, except for the one that did it, that a collection of settings has a new version. */
export function announceSettings(account: Account, name: CollectionName, by?: Device): void {
  const version = account.appState.version(name);
  for (const device of account.devices.values()) {
    // The phone needs no word about its own patches.
    if (device === by || (!by && device.number === 0)) continue;
    device.deliver(notification('server_sync', [stanza('collection', { name, version })]));
  }
}
