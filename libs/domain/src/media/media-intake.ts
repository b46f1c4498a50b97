import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type Actor, CatalogueError, errors, type MediaId, type MediaKind, newId } from '#contracts';
import { type Capabilities, whatsAppCapabilities } from '#engine';
import { MediaOverLimit, MediaStorage, type StoredMedia } from '#storage';
import { errorAtField } from '../messaging/error-at-field.js';
import { OutboundClient } from '../outbound/outbound-client.js';
import { claimedByDataUri, decodeBase64, NotBase64 } from './base64-stream.js';
import { cleanFileName } from './file-name.js';
import { type SniffedStream, sniff, typeByClaim } from './media-type.js';

/** For the whole of a download from a URL that a user gave. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

/** Media as callers give it: exactly one of `url` and `base64`. */
export interface MediaGiven {
  kind: MediaKind;
  url?: string;
  /** Also as a data URI. */
  base64?: string;
  /** Believed only where the content does not tell. */
  mimeType?: string;
  fileName?: string;
}

/** A file that is in storage and has been looked at. Its row is written with the message that uses it. */
export interface TakenMedia extends StoredMedia {
  mediaId: MediaId;
  mimeType: string;
  fileName: string | null;
}

interface Source {
  stream: Readable;
  claimedType: string | null;
  claimedName: string | null;
}

/**
 * Takes media that callers want to send: fetches or decodes it, looks at what it really is, and puts it into storage.
 * Streamed from end to end; at no time is a file in memory as a whole (apart from base64 that came in a request body).
 */
@Injectable()
export class MediaIntake {
  constructor(
    private readonly storage: MediaStorage,
    private readonly outbound: OutboundClient,
  ) {}

  /**
   * A success means that the file is on disk and is what WhatsApp shows as this kind. Nothing is in the database yet:
   * when no message follows, the file is an orphan without a row.
   * @throws errors.mediaSourceMissing, validation, mediaTypeInvalid, mediaTooLarge, mediaFetchFailed, urlNotAllowed,
   * overloaded (storage is full). The fields at fault are `url` or `base64`.
   */
  async take({ organizationId }: Pick<Actor, 'organizationId'>, given: MediaGiven): Promise<TakenMedia> {
    const field = given.url === undefined ? 'base64' : 'url';
    const limits = whatsAppCapabilities.media[given.kind];
    try {
      const source = await this.openSource(given, limits.maxBytes);
      const sniffed = await sniff(source.stream).catch((failure) => {
        source.stream.destroy();
        throw failure;
      });
      const mimeType = acceptedType(given, source, sniffed, limits);
      const stored = await this.storage.write(sniffed.stream, { maxBytes: limits.maxBytes, organizationId });
      return {
        ...stored,
        mediaId: newId<MediaId>(),
        mimeType,
        fileName: cleanFileName(given.fileName) ?? cleanFileName(source.claimedName),
      };
    } catch (failure) {
      throw explained(failure, field, given.kind, limits.maxBytes);
    }
  }

  private async openSource(given: MediaGiven, maxBytes: number): Promise<Source> {
    if ((given.url === undefined) === (given.base64 === undefined)) throw sourceMissing(given);
    if (given.url !== undefined) {
      const fetched = await this.outbound.fetchGuarded(given.url, { maxBytes, timeoutMs: DOWNLOAD_TIMEOUT_MS });
      return { stream: fetched.stream, claimedType: fetched.contentType, claimedName: fetched.fileName };
    }
    const base64 = given.base64!;
    // Refused before it is decoded; line breaks make the text at most a few percent longer.
    if (base64.length > (maxBytes / 3) * 4 * 1.05 + 400) throw new MediaOverLimit(maxBytes);
    return { stream: decodeBase64(base64), claimedType: claimedByDataUri(base64), claimedName: null };
  }
}

function acceptedType(
  given: MediaGiven,
  source: Source,
  sniffed: SniffedStream,
  limits: Capabilities['media'][MediaKind],
): string {
  const refuse = (message: string) => {
    sniffed.stream.destroy();
    return errors.mediaTypeInvalid({
      message,
      details: { kind: given.kind, detected: sniffed.mimeType, allowed: limits.mimeTypes },
    });
  };
  if (sniffed.isEmpty) throw refuse('The file is empty.');
  if (limits.mimeTypes === 'any') {
    return sniffed.mimeType ?? typeByClaim([given.mimeType, source.claimedType], sniffed.isText);
  }
  const plainType = sniffed.mimeType?.split(';')[0]?.trim();
  if (plainType === undefined) {
    throw refuse(`The content is not recognised as ${given.kind}. Send it as a document, or correct the file.`);
  }
  if (!limits.mimeTypes.includes(plainType)) {
    throw refuse(
      `The content is ${plainType}, which WhatsApp does not show as ${given.kind}. Send it as what it is, or as a document.`,
    );
  }
  return sniffed.mimeType!;
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
    const message = `The media is larger than ${maxBytes} bytes, the most that WhatsApp takes as ${kind}.`;
    return errors.mediaTooLarge({ message, fields: [{ path: field, message }], details: { kind, maxBytes } });
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
