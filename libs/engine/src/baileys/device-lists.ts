import type { PossiblyExtendedCacheStore } from '@whiskeysockets/baileys';
import type { KeyTransactions } from './key-transactions.js';

interface DeviceList {
  devices: unknown;
  /** Milliseconds since 1970. */
  fetchedAt: number;
}

/** WhatsApp tells changes by notification; this only bounds how long a missed one can matter. */
const maxAgeMs = 24 * 60 * 60 * 1000;
const type = 'user-devices';

/**
 * The device lists of contacts, kept in the profile's store. With a list that is lost at each start the first send to
 * everybody asks for it again, and Baileys then forces a new session while answers on the old one are still in flight.
 */
export class DeviceLists implements PossiblyExtendedCacheStore {
  constructor(private readonly keys: KeyTransactions) {}

  async get<T>(user: string): Promise<T> {
    return (await this.mget<T>([user]))[user] as T;
  }

  async mget<T>(users: string[]): Promise<Record<string, T | undefined>> {
    const found = (await this.keys.get(type, users)) as Record<string, DeviceList | undefined>;
    const fresh: Record<string, T | undefined> = {};
    for (const [user, list] of Object.entries(found)) {
      if (list && Date.now() - list.fetchedAt < maxAgeMs) fresh[user] = list.devices as T;
    }
    return fresh;
  }

  set<T>(user: string, devices: T): Promise<void> {
    return this.mset([{ key: user, value: devices }]);
  }

  async mset<T>(entries: { key: string; value: T }[]): Promise<void> {
    if (entries.length === 0) return;
    const fetchedAt = Date.now();
    const lists = Object.fromEntries(entries.map(({ key, value }) => [key, { devices: value, fetchedAt }]));
    await this.keys.set({ [type]: lists });
  }

  async del(user: string): Promise<void> {
    await this.keys.set({ [type]: { [user]: null } });
  }

  /** Never asked for by Baileys; a new link begins with an empty store. */
  flushAll(): void {}
}
