import type { MediaFacts, MediaKind } from '#contracts';
import { encoded, numberOf, present } from './values.js';

/** What the protobufs of images, videos, audio and documents have in common. */
export interface MediaProto {
  url?: string | null;
  directPath?: string | null;
  mediaKey?: Uint8Array | null;
  mimetype?: string | null;
  fileSha256?: Uint8Array | null;
  fileEncSha256?: Uint8Array | null;
  fileLength?: number | { toString(): string } | null;
  jpegThumbnail?: Uint8Array | null;
}

/** A larger preview is no preview: it would travel in every event about the message. */
const longestThumbnailBytes = 16 * 1024;

/** How to fetch and decrypt a file: what an inbound message's `download` token says. */
export interface DownloadRecipe {
  kind: MediaKind;
  url: string | null;
  directPath: string | null;
  /** Base64, as are the hashes. Empty for a file that is not encrypted. */
  mediaKey: string;
  sha256: string;
  encryptedSha256: string;
}

const base64 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('base64');

/** Facts that every kind tells; the kind adds its own. */
export function mediaFacts(media: MediaProto, fallbackType: string): MediaFacts {
  const { jpegThumbnail } = media;
  const thumbnail = jpegThumbnail && jpegThumbnail.length <= longestThumbnailBytes ? encoded(jpegThumbnail) : undefined;
  return {
    mediaId: null,
    mimeType: media.mimetype || fallbackType,
    sizeBytes: numberOf(media.fileLength) ?? null,
    sha256: media.fileSha256?.length ? Buffer.from(media.fileSha256).toString('hex') : null,
    ...present({ thumbnail }),
  };
}

/**
 * Null when the message carries no key to its file (seen for view-once media on linked devices). The files of newsletters
 * are not encrypted: their hash alone says that they are right.
 */
export function downloadToken(kind: MediaKind, media: MediaProto): Uint8Array | null {
  const isPlain = !media.mediaKey?.length && !media.fileEncSha256?.length && !!media.fileSha256?.length;
  if (!(media.mediaKey?.length || isPlain) || !(media.directPath || media.url)) return null;
  const recipe: DownloadRecipe = {
    kind,
    url: media.url || null,
    directPath: media.directPath || null,
    mediaKey: base64(media.mediaKey),
    sha256: base64(media.fileSha256),
    encryptedSha256: base64(media.fileEncSha256),
  };
  return writeDownloadToken(recipe);
}

export function writeDownloadToken(recipe: DownloadRecipe): Uint8Array {
  return Buffer.from(JSON.stringify(recipe));
}

export function readDownloadToken(token: Uint8Array): DownloadRecipe {
  return JSON.parse(Buffer.from(token).toString('utf8'));
}

/** The preview as it travels in a message. */
export function thumbnailBytes({ thumbnail }: MediaFacts): Uint8Array | undefined {
  return thumbnail === undefined ? undefined : Buffer.from(thumbnail, 'base64');
}
