import { type ApiKeyId, newId } from '#contracts';
import { type ApiKeyCall, type ApiKeyDay, addApiKeyCalls, addApiKeyUsage, CALLS_KEPT, type Database } from '#database';
import type { Logger } from '../platform/logger.js';

/** How often what was noted is written. */
const WRITE_EVERY_MS = 3_000;
/** Most calls that wait to be written one by one; beyond that they are only counted. */
const MAX_WAITING = 5_000;
/** Most different keys, days and operations that wait; a flood of them is written sooner. */
const MAX_COUNTS = 10_000;

/** A call of a key when it has been answered. */
export type AnsweredCall = Omit<ApiKeyCall, 'id' | 'at'>;

/**
 * The record of what keys did: counts by day and operation, and the last calls one by one. It is written every few
 * seconds and not with each request, so that reading stays cheap; a process that is killed loses what it had not written
 * yet. Changes that keys make are in the audit trail, which loses nothing.
 */
export class ApiKeyRecord {
  private counts = new Map<string, ApiKeyDay & { apiKeyId: ApiKeyId }>();
  private readonly calls = new Map<ApiKeyId, (ApiKeyCall & { apiKeyId: ApiKeyId })[]>();
  private waiting = 0;
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly log: Logger,
  ) {
    this.timer = setInterval(() => void this.flush(), WRITE_EVERY_MS).unref();
  }

  note(apiKeyId: ApiKeyId, call: AnsweredCall): void {
    const at = new Date();
    this.count(apiKeyId, at.toISOString().slice(0, 10), call);
    const ofKey = this.calls.get(apiKeyId) ?? [];
    if (ofKey.length >= CALLS_KEPT) ofKey.shift();
    else if (this.waiting >= MAX_WAITING) return;
    else this.waiting++;
    ofKey.push({ ...call, id: newId(), at, apiKeyId });
    this.calls.set(apiKeyId, ofKey);
  }

  /** Writes what waits; resolves when it is written. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private count(apiKeyId: ApiKeyId, day: string, { operation, status }: AnsweredCall): void {
    const name = `${apiKeyId} ${day} ${operation}`;
    const count = this.counts.get(name) ?? { apiKeyId, day, operation, calls: 0, refused: 0, failed: 0 };
    count.calls++;
    if (status >= 500) count.failed++;
    else if (status >= 400) count.refused++;
    this.counts.set(name, count);
    if (this.counts.size === MAX_COUNTS) void this.flush();
  }

  private async write(): Promise<void> {
    const counts = [...this.counts.values()];
    const calls = [...this.calls.values()].flat();
    if (counts.length === 0) return;
    this.counts = new Map();
    this.calls.clear();
    this.waiting = 0;
    try {
      await addApiKeyUsage(this.db, counts);
      await addApiKeyCalls(this.db, calls);
    } catch (err) {
      this.log.warn({ err, lost: counts.length }, 'what API keys did could not be recorded');
    }
  }
}
