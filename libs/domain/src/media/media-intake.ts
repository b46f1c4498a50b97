import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Actor, CatalogueError, errors, type MediaId, type MediaKind, newId } from '#contracts';
import { whatsAppCapabilities } from '#engine';
import { MediaOverLimit, type MediaStorage, type StoredMedia } from '#storage';
import { errorAtField } from '../messaging/error-at-field.js';
import type { OutboundClient } from '../outbound/outbound-client.js';
import { claimedByDataUri, decodeBase64, NotBase64 } from './base64-stream.js';
import { cleanFileName } from './file-name.js';
import { type SniffedStream, sniff, typeByClaim } from './media-type.js';
import type { MediaPreparer } from './preparation/media-preparer.js';
import { kindOfForm, type MediaForm, type PreparedMedia, type ShownFacts } from './preparation/prepared-media.js';
import type { Scratch } from './scratch.js';

/** For the whole of a download from a URL that a user gave: a minute, and more for what may be large. */
const downloadMs = (maxBytes: number): number => 60_000 + Math.ceil(maxBytes / 500);
const MIB = 1024 * 1024;
/** Sound may come uncompressed and shrinks on its way. */
const largestSound = 64 * MIB;
const largestPicture = 16 * MIB;

/** Media as callers give it: exactly one of `url` and `base64`. */
export interface MediaGiven {
  form: MediaForm;
  url?: string;
  /** Also as a data URI. */
  base64?: string;
  /** Believed only where the content does not tell. */
  mimeType?: string;
  fileName?: string;
}

/** A file that is in storage as WhatsApp wants it. Its row is written with the message that uses it. */
export interface TakenMedia extends StoredMedia {
  mediaId: MediaId;
  mimeType: string;
  fileName: string | null;
  /** What phones show before the file is loaded; absent for documents. */
  shown?: ShownFacts;
  /** Of a sticker. */
  isAnimated?: boolean;
}

interface Source {
  stream: Readable;
  claimedType: string | null;
  claimedName: string | null;
}

/**
 * Takes media that callers want to send: fetches or decodes it, looks at what it really is, makes of it what WhatsApp
 * shows as the wanted form, and puts it into storage. Streamed from end to end; at no time is a file in memory as a whole
 * (apart from base64 that came in a request body, and pictures while they are worked on).
 */
export class MediaIntake {
  constructor(
    private readonly parts: {
      storage: MediaStorage;
      outbound: OutboundClient;
      preparer: MediaPreparer;
      scratch: Scratch;
    },
  ) {}

  /**
   * A success means that the file is on disk and is what WhatsApp shows as this form. Nothing is in the database yet:
   * when no message follows, the file is an orphan without a row.
   * @throws errors.mediaSourceMissing, validation, mediaTypeInvalid, mediaTooLarge, mediaUnreadable, mediaFetchFailed,
   * mediaConversionUnavailable, urlNotAllowed, overloaded (storage is full, or too much waits). The fields at fault are
   * `url` or `base64`.
   */
  async take(owner: Pick<Actor, 'organizationId'>, given: MediaGiven): Promise<TakenMedia> {
    const field = given.url === undefined ? 'base64' : 'url';
    const { form } = given;
    const maxBytes = largestInput(form);
    try {
      const source = await this.openSource(given, maxBytes);
      const sniffed = await sniff(source.stream).catch((failure) => {
        source.stream.destroy();
        throw failure;
      });
      const fileName = cleanFileName(given.fileName) ?? cleanFileName(source.claimedName);
      const { stored, ...facts } =
        form === 'document'
          ? await this.keep(owner, given, source, sniffed, maxBytes)
          : await this.prepare(owner, form, sniffed, maxBytes);
      return { ...stored, ...facts, mediaId: newId<MediaId>(), fileName };
    } catch (failure) {
      throw explained(failure, field, kindOfForm[form], maxBytes);
    }
  }

  private async openSource(given: MediaGiven, maxBytes: number): Promise<Source> {
    if ((given.url === undefined) === (given.base64 === undefined)) throw sourceMissing(given);
    if (given.url !== undefined) {
      const limits = { maxBytes, timeoutMs: downloadMs(maxBytes) };
      const fetched = await this.parts.outbound.fetchGuarded(given.url, limits);
      return { stream: fetched.stream, claimedType: fetched.contentType, claimedName: fetched.fileName };
    }
    const base64 = given.base64!;
    // Refused before it is decoded; line breaks make the text at most a few percent longer.
    if (base64.length > (maxBytes / 3) * 4 * 1.05 + 400) throw new MediaOverLimit(maxBytes);
    return { stream: decodeBase64(base64), claimedType: claimedByDataUri(base64), claimedName: null };
  }

  /** A document is taken as it is. */
  private async keep(
    { organizationId }: Pick<Actor, 'organizationId'>,
    given: MediaGiven,
    source: Source,
    sniffed: SniffedStream,
    maxBytes: number,
  ) {
    if (sniffed.isEmpty) throw refused(sniffed, 'document', 'The file is empty.');
    const mimeType = sniffed.mimeType ?? typeByClaim([given.mimeType, source.claimedType], sniffed.isText);
    return { stored: await this.parts.storage.write(sniffed.stream, { maxBytes, organizationId }), mimeType };
  }

  /** Everything else lies in a scratch folder while it is worked on. */
  private async prepare(
    { organizationId }: Pick<Actor, 'organizationId'>,
    form: MediaForm,
    sniffed: SniffedStream,
    maxBytes: number,
  ) {
    const { storage, preparer, scratch } = this.parts;
    const { mimeType } = sniffed;
    if (mimeType === null || !preparer.takes(form, mimeType)) throw wrongType(sniffed, form);
    const kind = kindOfForm[form];
    return scratch.use(maxBytes, async (folder) => {
      const path = join(folder, 'given');
      await pipeline(sniffed.stream, bounded(maxBytes), createWriteStream(path));
      const file = { path, mimeType, sizeBytes: (await stat(path)).size };
      const prepared = await preparer.prepare(form, file, folder);
      const limits = { maxBytes: whatsAppCapabilities.media[kind].maxBytes, organizationId };
      const stored = await storage.write(createReadStream(prepared.path), limits);
      return { stored, ...shownOf(prepared) };
    });
  }
}

function largestInput(form: MediaForm): number {
  const { maxBytes } = whatsAppCapabilities.media[kindOfForm[form]];
  if (form === 'audio' || form === 'voice') return Math.max(maxBytes, largestSound);
  return form === 'sticker' ? largestPicture : maxBytes;
}

function shownOf({ mimeType, facts, isAnimated }: PreparedMedia) {
  return { mimeType, shown: facts, ...(isAnimated ? { isAnimated } : {}) };
}

/** Ends a stream that has more than it may. */
const bounded = (maxBytes: number) =>
  async function* (stream: AsyncIterable<Buffer>) {
    let sizeBytes = 0;
    for await (const chunk of stream) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new MediaOverLimit(maxBytes);
      yield chunk;
    }
  };

function wrongType(sniffed: SniffedStream, form: MediaForm): CatalogueError {
  if (sniffed.isEmpty) return refused(sniffed, form, 'The file is empty.');
  const words = form.replace('_', ' ');
  const type = sniffed.mimeType?.split(';')[0];
  return refused(
    sniffed,
    form,
    type === undefined
      ? `The content is not recognised as ${words}. Send it as a document, or correct the file.`
      : `The content is ${type}, which WhatsApp does not show as ${words}. Send it as what it is, or as a document.`,
  );
}

function refused(sniffed: SniffedStream, form: MediaForm, message: string): CatalogueError {
  sniffed.stream.destroy();
  return errors.mediaTypeInvalid({ message, details: { kind: kindOfForm[form], detected: sniffed.mimeType } });
}

function sourceMissing(given: MediaGiven): CatalogueError {
  const message =
    given.url === undefined
      ? 'Give the media either as url or as base64.'
      : 'Give the media either as url or as base64, not both.';
  return errors.mediaSourceMissing({
    message,
    fields: [
      { path: 'url', message },
      { path: 'base64', message },
    ],
  });
}

/** Turns what storage and decoding throw into errors that a caller understands, with the field at fault. */
function explained(failure: unknown, field: string, kind: MediaKind, maxBytes: number): unknown {
  if (failure instanceof NotBase64) {
    const message = 'This is not base64. Send the bytes of the file in base64, with or without a data: prefix.';
    return errors.validation({ fields: [{ path: field, message }] });
  }
  if (failure instanceof MediaOverLimit) {
    const most = Math.min(failure.maxBytes, maxBytes);
    const message = `The media is larger than ${most} bytes, the most that WhatsApp takes as ${kind}.`;
    return errors.mediaTooLarge({ message, fields: [{ path: field, message }], details: { kind, maxBytes: most } });
  }
  const code = (failure as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return errors.overloaded({
      message: 'The media storage is full. Tell the operator; nothing was accepted.',
      retryAfterSeconds: 60,
      cause: failure,
    });
  }
  return failure instanceof CatalogueError && failure.fields === undefined ? errorAtField(failure, field) : failure;
}
