import type { BaileysEventMap } from '@whiskeysockets/baileys';
import { Feed } from './people/feed.js';
import type { TestClient } from './test-client.js';

/** Waits for an event of a client in which something is true. Asked before the act that causes it. */
export async function eventOf<Name extends keyof BaileysEventMap>(
  client: TestClient,
  name: Name,
  matches: (data: BaileysEventMap[Name]) => boolean = () => true,
): Promise<BaileysEventMap[Name]> {
  const seen = new Feed<{ index: number; data: BaileysEventMap[Name] }>(1_000);
  const listener = (data: BaileysEventMap[Name]): void => void seen.append((index) => ({ index, data }));
  const { ev } = client.socket;
  ev.on(name, listener);
  try {
    const found = await seen.wait(({ data }) => matches(data), { timeoutMs: 10_000, what: name });
    return found.data;
  } finally {
    ev.off(name, listener);
  }
}

/** Waits until a newly linked client has all that its phone sends at first; before, it holds settings back. */
export async function synced(client: TestClient): Promise<TestClient> {
  if (!client.creds.accountSyncCounter) {
    await eventOf(client, 'creds.update', ({ accountSyncCounter }) => Boolean(accountSyncCounter));
  }
  return client;
}
