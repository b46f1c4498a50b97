import type { CacheStore } from '@whiskeysockets/baileys';

/** A bounded cache with expiry for counters that Baileys asks for; lives as long as the connection, across sockets. */
export class MemoryCache implements CacheStore {
  private readonly entries = new Map<string, { value: unknown; until: number }>();

  constructor(
    private readonly limit: number,
    private readonly ttlMs: number,
  ) {}

  get<T>(key: string): T | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.until > Date.now()) return entry.value as T;
    this.entries.delete(key);
    return undefined;
  }

  set<T>(key: string, value: T): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: Date.now() + this.ttlMs });
    if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value!);
  }

  del(key: string): void {
    this.entries.delete(key);
  }

  flushAll(): void {
    this.entries.clear();
  }
}
