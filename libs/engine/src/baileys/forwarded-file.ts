import type { Dispatcher } from 'undici';
import type { MediaFacts } from '#contracts';
import { readDownloadToken } from './content/media.js';
import { isStillThere } from './media-download.js';
import type { UploadedMedia } from './media-upload.js';

const bytes = (base64: string): Uint8Array => Buffer.from(base64, 'base64');

/**
 * Names the file of a message in another one, as WhatsApp's own clients forward. Null when WhatsApp does not have it any
 * more, or it lies there open.
 */
export async function fileOf(
  download: Uint8Array,
  media: MediaFacts,
  dispatcher: Dispatcher,
): Promise<UploadedMedia | null> {
  const recipe = readDownloadToken(download);
  const { url, directPath, mediaKey, sha256, encryptedSha256 } = recipe;
  if (!mediaKey || !directPath || media.sizeBytes === null) return null;
  if (!(await isStillThere(recipe, dispatcher).catch(() => false))) return null;
  return {
    url: url ?? '',
    directPath,
    mediaKey: bytes(mediaKey),
    mediaKeyTimestamp: Math.floor(Date.now() / 1000),
    fileSha256: bytes(sha256),
    fileEncSha256: bytes(encryptedSha256),
    fileLength: media.sizeBytes,
  };
}
