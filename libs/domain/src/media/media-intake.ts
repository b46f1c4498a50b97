import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CatalogueError, errors, type MediaId, type MediaKind, newId, type UploadId } from '#contracts';
import type { ScanState } from '#database';
import { whatsAppCapabilities } from '#engine';
import { MediaOverLimit, type MediaStorage, type StoredMedia } from '#storage';
import { errorAtField } from '../messaging/error-at-field.js';
import type { OutboundClient } from '../outbound/outbound-client.js';
import type { KnownFile, KnownFiles } from '../uploads/known-files.js';
import type { UploadAsker } from '../uploads/upload-scope.js';
import { claimedByDataUri, decodeBase64, NotBase64 } from './base64-stream.js';
import { cleanFileName } from './file-name.js';
import { largestInput } from './largest-input.js';
import { type SniffedStream, sniff, typeByClaim } from './media-type.js';
import type { MediaPreparer } from './preparation/media-preparer.js';
import { kindOfForm, type MediaForm, type PreparedMedia, type ShownFacts } from './preparation/prepared-media.js';
import type { Scratch } from './scratch.js';

/** For the whole of a download from a URL that a user gave: a minute, and more for what may be large. */
const downloadMs = (maxBytes: number): number => 60_000 + Math.ceil(maxBytes / 500);

/** Media as callers give it: exactly one of `url`, `base64` and `uploadId`. */
export interface MediaGiven {
  form: MediaForm;
  url?: string;
  /** Also as a data URI. */
  base64?: string;
  /** A file that was uploaded before. */
  uploadId?: UploadId;
  /** Believed only where the content does not tell. */
  mimeType?: string;
  fileName?: string;
  /** Where these fields stand in the request, such as `cards.0.media`; absent: at its top. */
  at?: string;
}

/** A file that is in storage as WhatsApp wants it. Its row is written with the message that uses it. */
export interface TakenMedia extends StoredMedia {
  mediaId: MediaId;
  mimeType: string;
  fileName: string | null;
  /** Null: nobody wanted it scanned. */
  scan?: ScanState;
  /** The upload whose file it is as it is: it has to be there still when the message is written. */
  uploadId?: UploadId;
  /** What phones show before the file is loaded; absent for documents. */
  shown?: ShownFacts;
  /** Of a sticker. */
  isAnimated?: boolean;
}

interface Source {
  stream: Readable;
  claimedType: string | null;
  claimedName: string | null;
  /** It is in storage already. */
  known?: KnownFile;
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
      known: Pick<KnownFiles, 'ofUpload' | 'ofLink' | 'assertRoom' | 'scanned'>;
    },
  ) {}

  /**
   * A success means that the file is on disk and is what WhatsApp shows as this form. Nothing is in the database yet:
   * when no message follows, the file is an orphan without a row.
   * @throws errors.mediaSourceMissing, validation, mediaTypeInvalid, mediaTooLarge, mediaUnreadable, mediaFetchFailed,
   * mediaConversionUnavailable, mediaInfected, mediaNotScanned, uploadNotComplete, notFound (the upload), quotaExceeded,
   * urlNotAllowed, overloaded (storage is full, or too much waits). The fields at fault are `url`, `base64` or `uploadId`.
   */
  async take(owner: UploadAsker, given: MediaGiven): Promise<TakenMedia> {
    const field = given.uploadId !== undefined ? 'uploadId' : given.url === undefined ? 'base64' : 'url';
    const { form } = given;
    const maxBytes = largestInput(form);
    try {
      await this.parts.known.assertRoom(owner.organizationId);
      const source = await this.openSource(owner, given, maxBytes);
      const sniffed = await sniff(source.stream).catch((failure) => {
        source.stream.destroy();
        throw failure;
      });
      const fileName = cleanFileName(given.fileName) ?? cleanFileName(source.claimedName);
      const { stored, ...facts } =
        form === 'document'
          ? await this.keep(owner, given, source, sniffed, maxBytes)
          : await this.prepare(owner, form, source, sniffed, maxBytes);
      // What is made of a clean file is clean.
      const scan = source.known ? source.known.scan : await this.parts.known.scanned(stored.storageKey);
      const isAsUploaded = source.known?.uploadId && stored.storageKey === source.known.stored.storageKey;
      const upload = isAsUploaded ? { uploadId: source.known!.uploadId! } : {};
      return { ...stored, ...facts, ...upload, scan, mediaId: newId<MediaId>(), fileName };
    } catch (failure) {
      throw explained(failure, field, kindOfForm[form], maxBytes);
    }
  }

  /**
   * Takes several, one after another: a message has few, and most have one.
   * @throws what `take` throws
   */
  async takeAll(owner: UploadAsker, given: readonly MediaGiven[]): Promise<TakenMedia[]> {
    const taken: TakenMedia[] = [];
    for (const one of given) {
      const taking = this.take(owner, one).catch((failure) => {
        throw one.at ? errorAtField(failure, one.at) : failure;
      });
      taken.push(await taking);
    }
    return taken;
  }

  private async openSource(owner: UploadAsker, given: MediaGiven, maxBytes: number): Promise<Source> {
    const { url, base64, uploadId } = given;
    if ([url, base64, uploadId].filter((one) => one !== undefined).length !== 1) throw sourceMissing(given);
    if (base64 !== undefined) {
      // Refused before it is decoded; line breaks make the text at most a few percent longer.
      if (base64.length > (maxBytes / 3) * 4 * 1.05 + 400) throw new MediaOverLimit(maxBytes);
      return { stream: decodeBase64(base64), claimedType: claimedByDataUri(base64), claimedName: null };
    }
    const known =
      uploadId === undefined
        ? await this.parts.known.ofLink(owner, url!)
        : await this.parts.known.ofUpload(owner, uploadId);
    if (known) {
      if (known.stored.sizeBytes > maxBytes) throw new MediaOverLimit(maxBytes);
      return { stream: await known.open(), claimedType: known.mimeType, claimedName: known.fileName, known };
    }
    const limits = { maxBytes, timeoutMs: downloadMs(maxBytes) };
    const fetched = await this.parts.outbound.fetchGuarded(url!, limits);
    return { stream: fetched.stream, claimedType: fetched.contentType, claimedName: fetched.fileName };
  }

  /** A document is taken as it is. */
  private async keep(
    { organizationId }: UploadAsker,
    given: MediaGiven,
    source: Source,
    sniffed: SniffedStream,
    maxBytes: number,
  ) {
    if (sniffed.isEmpty) throw refused(sniffed, 'document', 'The file is empty.');
    const mimeType = sniffed.mimeType ?? typeByClaim([given.mimeType, source.claimedType], sniffed.isText);
    if (source.known?.uploadId) {
      sniffed.stream.destroy();
      return { stored: source.known.stored, mimeType };
    }
    return { stored: await this.parts.storage.write(sniffed.stream, { maxBytes, organizationId }), mimeType };
  }

  /** Everything else lies in a scratch folder while it is worked on. */
  private async prepare(
    { organizationId }: UploadAsker,
    form: MediaForm,
    { known }: Source,
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
      if (known?.uploadId && prepared.path === path) return { stored: known.stored, ...shownOf(prepared) };
      const limits = { maxBytes: whatsAppCapabilities.media[kind].maxBytes, organizationId };
      const stored = await storage.write(createReadStream(prepared.path), limits);
      return { stored, ...shownOf(prepared) };
    });
  }
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
  const fields = ['url', 'base64', 'uploadId'] as const;
  const isNone = fields.every((field) => given[field] === undefined);
  const message = `Give the media as one of url, base64 and uploadId${isNone ? '' : ', not as several'}.`;
  return errors.mediaSourceMissing({ message, fields: fields.map((path) => ({ path, message })) });
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
