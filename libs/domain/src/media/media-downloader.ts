import { type MissingMedia, missingMedia, newId } from '#contracts';
import {
  appendEvents,
  attachMedia,
  type Database,
  endDownload,
  holdLease,
  isTransient,
  listDueDownloads,
  noteMediaFailure,
  type OrganizationSealer,
  postponeDownload,
  queueMediaWork,
  renewDownload,
  retryTransient,
  type Sealer,
  type StoredFile,
  type Tx,
  type WaitingDownload,
} from '#database';
import { type Connection, EngineError, LeaseLost, type TransferSlots } from '#engine';
import { MediaOverLimit, type MediaStorage } from '#storage';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import type { Logger } from '../platform/logger.js';
import { LARGEST_FILE_BYTES } from './media-policy.js';
import { actualTypeOf, hasPicture, sniff } from './media-type.js';
import { type DownloadTicket, openTicket, sealTicket } from './waiting-downloads.js';

/** Downloads of one profile that are taken on at once; how many run is for all profiles of the process together. */
const CONCURRENCY = 4;
/** Tries before it is given up: with the back-off below, about two days. */
const MAX_ATTEMPTS = 12;
/** What came damaged so often is so at WhatsApp. */
const MAX_DAMAGED = 3;
const FIRST_BACKOFF_SECONDS = 5;
const LONGEST_BACKOFF_SECONDS = 6 * 3600;

/**
 * Fetches the media of received messages into storage. What remains to be done is in the database, so a crash repeats a
 * download; the same bytes get the same storage key, so a repeat leaves nothing behind. A file that WhatsApp no longer
 * has is asked for at the phone.
 */
export class MediaDownloader {
  private readonly underWay = new Map<string, Promise<void>>();
  private isOpen = false;
  private looking: Promise<void> | undefined;
  private wanted = false;

  constructor(
    private readonly parts: {
      db: Database;
      storage: MediaStorage;
      sealer: Sealer;
      transfers: TransferSlots;
      /** Files of received messages are scanned before they are given out. */
      scansReceived: boolean;
      log: Logger;
    },
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
    const { messageId } = download;
    try {
      const sealer = await this.parts.sealer.forOrganization(this.owned.lease.organizationId);
      const ticket = openTicket(sealer, messageId, download.sealed);
      await this.recordStored(download, await this.bring(download, ticket, sealer));
    } catch (error) {
      if (error instanceof LeaseLost) this.pause();
      if (error instanceof LeaseLost || this.owned.signal.aborted) return;
      await this.recordFailure(download, error).catch((failure) => {
        if (failure instanceof LeaseLost) this.pause();
        else this.log('A failed download could not be recorded.', failure);
      });
    }
  }

  /** From WhatsApp, or from the phone when WhatsApp no longer has it. */
  private async bring(
    download: WaitingDownload,
    ticket: DownloadTicket,
    sealer: OrganizationSealer,
  ): Promise<StoredFile> {
    try {
      return await this.inTurn(ticket.token, download);
    } catch (error) {
      if (!(error instanceof EngineError && error.code === 'media_expired')) throw error;
      // Without a place among those that move files: a phone may take its time.
      const token = await this.connection.renewMedia(ticket.token, ticket.chat, ticket.target);
      const { messageId } = download;
      await this.write((tx) => renewDownload(tx, messageId, sealTicket(sealer, messageId, { ...ticket, token })));
      return this.inTurn(token, download);
    }
  }

  private inTurn(token: Uint8Array, download: WaitingDownload): Promise<StoredFile> {
    const { lease, signal } = this.owned;
    return this.parts.transfers.run(lease.profileId, download.sizeBytes, signal, () => this.store(token, download));
  }

  private async store(token: Uint8Array, { sizeBytes, mimeType }: WaitingDownload): Promise<StoredFile> {
    const { organizationId } = this.owned.lease;
    const stream = await this.connection.download(token);
    const sniffed = await sniff(stream).catch((failure) => {
      stream.destroy();
      throw failure;
    });
    const limits = { maxBytes: LARGEST_FILE_BYTES, expectedBytes: sizeBytes ?? undefined, organizationId };
    const stored = await this.parts.storage.write(sniffed.stream, limits);
    return { mediaId: newId(), ...stored, actualType: actualTypeOf(mimeType, sniffed) };
  }

  private async recordStored({ messageId, mimeType }: WaitingDownload, file: StoredFile): Promise<void> {
    await this.write(async (tx) => {
      // An ended download means that a transaction of ours committed although its answer was lost.
      if (!(await endDownload(tx, messageId))) return;
      const { organizationId, profileId } = this.owned.lease;
      const message = await attachMedia(tx, organizationId, messageId, file);
      if (!message) return;
      const { conversationId, content } = message;
      const needs = { scan: this.parts.scansReceived, thumbnail: hasPicture(file.actualType ?? mimeType) };
      await queueMediaWork(tx, organizationId, file.mediaId, needs);
      if (needs.scan || needs.thumbnail) tx.wake('media', organizationId);
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
    const missing = givenUp(error, attempts + 1);
    this.log(missing ? 'A download was given up.' : 'A download will be tried again.', error, { messageId });
    await this.write(async (tx) => {
      if (missing === null) {
        const seconds = Math.min(LONGEST_BACKOFF_SECONDS, FIRST_BACKOFF_SECONDS * 3 ** Math.min(attempts, 10));
        return postponeDownload(tx, messageId, {
          seconds: seconds * (0.5 + Math.random() / 2),
          error: error instanceof Error ? error.message : String(error),
        });
      }
      if (!(await endDownload(tx, messageId))) return;
      const { organizationId, profileId } = this.owned.lease;
      const reason = `media_${missing}`;
      const message = await noteMediaFailure(tx, messageId, { missing, reason });
      if (!message) return;
      const { conversationId } = message;
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          conversationId,
          name: 'message.media_failed',
          actor: { kind: 'system' },
          payload: { messageId, conversationId, reason, explanation: missingMedia[missing] },
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
function givenUp(error: unknown, attempts: number): MissingMedia | null {
  if (error instanceof MediaOverLimit) return 'too_large';
  // A full disk is the operator's to mend, however long that takes.
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return null;
  const code = error instanceof EngineError ? error.code : null;
  if (code === 'media_expired') return 'expired';
  if (code === 'media_damaged' && attempts >= MAX_DAMAGED) return 'damaged';
  if (attempts < MAX_ATTEMPTS && (!(error instanceof EngineError) || error.facts.retryable)) return null;
  return code === 'phone_silent' ? 'expired' : 'unavailable';
}
