import { type MediaKind, newId } from '#contracts';
import {
  appendEvents,
  attachMedia,
  type Database,
  endDownload,
  holdLease,
  isTransient,
  listDueDownloads,
  noteMediaFailure,
  postponeDownload,
  retryTransient,
  type Sealer,
  type StoredFile,
  type Tx,
  type WaitingDownload,
} from '#database';
import { type Connection, EngineError, LeaseLost } from '#engine';
import { MediaOverLimit, type MediaStorage } from '#storage';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import type { Logger } from '../platform/logger.js';
import { downloadSeal } from './download-seal.js';

/** Downloads under way at once for one profile. */
const CONCURRENCY = 2;
/** Tries before it is given up: with the back-off below, about two days. */
const MAX_ATTEMPTS = 12;
const FIRST_BACKOFF_SECONDS = 5;
const LONGEST_BACKOFF_SECONDS = 6 * 3600;

/**
 * Fetches the media of received messages into storage. What remains to be done is in the database, so a crash repeats a
 * download; the same bytes get the same storage key, so a repeat leaves nothing behind.
 */
export class MediaDownloader {
  private readonly underWay = new Map<string, Promise<void>>();
  private isOpen = false;
  private looking: Promise<void> | undefined;
  private wanted = false;

  constructor(
    private readonly parts: { db: Database; storage: MediaStorage; sealer: Sealer; log: Logger },
    private readonly owned: OwnedProfile,
    private readonly connection: Connection,
  ) {}

  /** The connection is up. */
  start(): void {
    this.isOpen = true;
    this.wake();
  }

  /** The connection is down: begins nothing new. */
  pause(): void {
    this.isOpen = false;
  }

  /** There may be something to fetch. */
  wake(): void {
    this.wanted = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
      if (this.wanted && this.hasRoom()) this.wake();
    });
  }

  /** Begins nothing new. What is under way is repeated by the next owner. */
  stop(): void {
    this.pause();
  }

  private async look(): Promise<void> {
    while (this.wanted && this.hasRoom()) {
      this.wanted = false;
      const due = await listDueDownloads(this.parts.db, this.owned.lease.profileId, {
        limit: CONCURRENCY - this.underWay.size,
        except: [...this.underWay.keys()],
      }).catch((error) => {
        // The poll of the host wakes us again.
        if (!isTransient(error)) this.log('Waiting downloads cannot be read.', error);
        return [];
      });
      for (const download of due) {
        const work = this.fetch(download).finally(() => {
          this.underWay.delete(download.messageId);
          this.wake();
        });
        this.underWay.set(download.messageId, work);
      }
    }
  }

  private hasRoom(): boolean {
    return this.isOpen && this.owned.isCurrent && this.underWay.size < CONCURRENCY;
  }

  private async fetch(download: WaitingDownload): Promise<void> {
    const { storage, sealer } = this.parts;
    try {
      const { organizationId } = this.owned.lease;
      const organizationSealer = await sealer.forOrganization(organizationId);
      const token = organizationSealer.open(download.sealed, downloadSeal(download.messageId));
      const maxBytes = largestMedia(this.connection);
      const stored = await storage.write(await this.connection.download(token), { maxBytes, organizationId });
      await this.recordStored(download.messageId, { mediaId: newId(), ...stored });
    } catch (error) {
      if (error instanceof LeaseLost) this.pause();
      if (error instanceof LeaseLost || this.owned.signal.aborted) return;
      await this.recordFailure(download, error).catch((failure) => {
        if (failure instanceof LeaseLost) this.pause();
        else this.log('A failed download could not be recorded.', failure);
      });
    }
  }

  private async recordStored(messageId: string, file: StoredFile): Promise<void> {
    await this.write(async (tx) => {
      // An ended download means that a transaction of ours committed although its answer was lost.
      if (!(await endDownload(tx, messageId))) return;
      const { organizationId, profileId } = this.owned.lease;
      const message = await attachMedia(tx, organizationId, messageId, file);
      if (!message) return;
      const { conversationId, content } = message;
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          conversationId,
          name: 'message.media_stored',
          actor: { kind: 'system' },
          payload: { messageId, conversationId, content },
        },
      ]);
    });
  }

  private async recordFailure({ messageId, attempts }: WaitingDownload, error: unknown): Promise<void> {
    const reason = finalReason(error, attempts + 1);
    this.log(reason ? 'A download was given up.' : 'A download will be tried again.', error, { messageId });
    await this.write(async (tx) => {
      if (reason === null) {
        const seconds = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 3 ** Math.min(attempts, 10));
        return postponeDownload(tx, messageId, {
          seconds: seconds * (0.5 + Math.random() / 2),
          error: error instanceof Error ? error.message : String(error),
        });
      }
      if (!(await endDownload(tx, messageId))) return;
      const { organizationId, profileId } = this.owned.lease;
      const message = await noteMediaFailure(tx, messageId, reason);
      if (!message) return;
      const { conversationId } = message;
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          conversationId,
          name: 'message.media_failed',
          actor: { kind: 'system' },
          payload: { messageId, conversationId, reason },
        },
      ]);
    });
  }

  private async write(work: (tx: Tx) => Promise<void>): Promise<void> {
    await retryTransient(
      () =>
        this.parts.db.system(async (tx) => {
          await holdLease(tx, this.owned.lease);
          await work(tx);
        }),
      { signal: this.owned.signal },
    );
  }

  private log(line: string, error: unknown, names: object = {}): void {
    this.parts.log.warn({ err: error, profileId: this.owned.lease.profileId, ...names }, line);
  }
}

/** Why a download is given up, or null when another try may succeed. */
function finalReason(error: unknown, attempts: number): string | null {
  if (error instanceof MediaOverLimit) return 'media_too_large';
  if (error instanceof EngineError && !error.facts.retryable) return error.code;
  if (attempts < MAX_ATTEMPTS) return null;
  return error instanceof EngineError ? error.code : 'media_unavailable';
}

function largestMedia(connection: Connection): number {
  const kinds: MediaKind[] = ['image', 'video', 'audio', 'document'];
  return Math.max(...kinds.map((kind) => connection.capabilities.media[kind].maxBytes));
}
