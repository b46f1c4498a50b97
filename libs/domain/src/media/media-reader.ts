import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Actor, errors, type MessageId, missingMedia } from '#contracts';
import {
  type Database,
  findMediaObject,
  findMessageFile,
  findThumbnail,
  type MessageFile,
  type MessageMedia,
  wantDownload,
} from '#database';
import { type ByteRange, MediaMissing, type MediaStorage } from '#storage';
import type { MediaLinks } from './media-links.js';
import type { MediaScans } from './scan/media-scans.js';

/** Between two looks when no news of the profile comes in meanwhile … */
const LOOK_EVERY_MS = 1000;
/** … and when much does. */
const LOOK_AT_MOST_EVERY_MS = 150;

/** Gives out the files of messages; those that were not fetched yet are fetched because somebody asks. */
export class MediaReader {
  constructor(private readonly parts: { db: Database; storage: MediaStorage; links: MediaLinks; scans: MediaScans }) {}

  /**
   * What the file of a message is. One that is still at WhatsApp is fetched first.
   * @param waitMs how long that may take
   * @throws errors.notFound (the message), mediaNotAvailable, mediaPending, mediaInfected, mediaNotScanned
   */
  async find(actor: Actor, id: MessageId, waitMs: number): Promise<MessageMedia> {
    const media = await this.fetched(actor, id, waitMs);
    this.parts.scans.assertUsable(media.scan);
    return media;
  }

  private async fetched(actor: Actor, id: MessageId, waitMs: number): Promise<MessageMedia> {
    const file = await this.look(actor, id);
    if (file.isStored) return file;
    const profileId = await this.want(actor, id);
    return profileId === null ? this.gone(actor, id) : this.untilStored(actor, id, profileId, waitMs);
  }

  /** @throws what `find` throws */
  async link(
    actor: Actor,
    id: MessageId,
    seconds: number,
    waitMs: number,
  ): Promise<{ token: string; expiresAt: Date }> {
    return this.parts.links.sign((await this.find(actor, id, waitMs)).mediaId, seconds);
  }

  /**
   * The file that a signed link opens.
   * @throws errors.notFound when the link is not ours, has expired, or the file is gone; mediaInfected, mediaNotScanned
   */
  async linked(token: string): Promise<MessageMedia & { expiresAt: Date }> {
    const opened = this.parts.links.open(token);
    const media = opened && (await this.parts.db.system((tx) => findMediaObject(tx, opened.mediaId)));
    if (!media) throw errors.notFound({ message: 'This link has expired, or the file is gone.' });
    this.parts.scans.assertUsable(media.scan);
    return { ...media, expiresAt: opened.expiresAt };
  }

  /** Opens the file, or a part of it. @throws errors.mediaNotAvailable when storage has lost it. */
  async open(media: MessageMedia, range?: ByteRange): Promise<Readable> {
    try {
      return await this.parts.storage.open(media.storageKey, range);
    } catch (failure) {
      throw failure instanceof MediaMissing ? errors.mediaNotAvailable({ cause: failure }) : failure;
    }
  }

  /** The small picture of a file, a JPEG. @throws errors.mediaNotAvailable when there is none, or none yet */
  async thumbnail({ mediaId }: Pick<MessageMedia, 'mediaId'>): Promise<Buffer> {
    const jpeg = await this.parts.db.system((tx) => findThumbnail(tx, mediaId));
    if (!jpeg) throw errors.mediaNotAvailable({ message: 'There is no thumbnail of this file, or none yet.' });
    return jpeg;
  }

  private async look(actor: Actor, id: MessageId): Promise<MessageFile> {
    const file = await this.parts.db.tenant(actor, (tx) => findMessageFile(tx, actor.organizationId, id));
    if (!file) throw errors.notFound({ message: 'There is no such message.', details: { messageId: id } });
    return file;
  }

  private async want(actor: Actor, id: MessageId): Promise<string | null> {
    return this.parts.db.tenant(actor, async (tx) => {
      const profileId = await wantDownload(tx, actor.organizationId, id);
      if (profileId !== null) tx.wake('downloads', profileId);
      return profileId;
    });
  }

  private async untilStored(actor: Actor, id: MessageId, profileId: string, waitMs: number): Promise<MessageMedia> {
    const deadline = Date.now() + waitMs;
    const news = new EventTarget();
    const unlisten = this.parts.db.listen('events', (streamId) => {
      if (streamId === null || streamId === profileId) news.dispatchEvent(new Event('news'));
    });
    try {
      while (Date.now() < deadline) {
        const signal = AbortSignal.timeout(Math.max(1, Math.min(LOOK_EVERY_MS, deadline - Date.now())));
        await once(news, 'news', { signal }).catch(() => undefined);
        await sleep(Math.min(LOOK_AT_MOST_EVERY_MS, Math.max(0, deadline - Date.now())));
        const file = await this.look(actor, id);
        if (file.isStored) return file;
        if (file.missing !== 'waiting' && file.missing !== 'on_demand') return await this.gone(actor, id);
      }
    } finally {
      unlisten();
    }
    throw errors.mediaPending({ details: { messageId: id }, retryAfterSeconds: 5 });
  }

  /** @throws errors.mediaNotAvailable with the reason, unless the file has come meanwhile */
  private async gone(actor: Actor, id: MessageId): Promise<MessageMedia> {
    const file = await this.look(actor, id);
    if (file.isStored) return file;
    const { missing } = file;
    const message =
      missing === null || missing === 'waiting' || missing === 'on_demand' ? undefined : missingMedia[missing];
    throw errors.mediaNotAvailable({ message, details: { messageId: id, reason: missing } });
  }
}
