import { StreamableFile } from '@nestjs/common';
import type { Request, Response } from 'express';
import { errors } from '#contracts';
import type { MessageMedia } from '#database';
import type { MediaReader } from '#domain';

/** Shown in the browser; anything else is offered for saving. */
const shownInline =
  /^(image\/(jpeg|png|gif|webp)|video\/(mp4|webm|3gpp|quicktime)|audio\/[\w.+-]+|application\/pdf)(;|$)/;

/**
 * Streams a file, or the part of it that was asked for. What other people sent is never run in our origin: the sandbox
 * policy forbids scripts, and only media types are shown inline.
 */
export async function mediaResponse(
  reader: MediaReader,
  media: MessageMedia,
  request: Request,
  response: Response,
): Promise<StreamableFile> {
  const etag = `"${media.sha256}"`;
  response.set({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Content-Security-Policy': "sandbox; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'",
    'X-Content-Type-Options': 'nosniff',
    ETag: etag,
  });
  if (request.headers['if-none-match']?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)) {
    response.status(304);
    return new StreamableFile(new Uint8Array(0), { type: media.mimeType });
  }
  const range = rangeOf(request.headers.range, media.sizeBytes);
  if (range === 'unsatisfiable') {
    response.set('Content-Range', `bytes */${media.sizeBytes}`);
    throw errors.rangeNotSatisfiable({ details: { sizeBytes: media.sizeBytes } });
  }
  if (range) {
    response.status(206);
    response.set('Content-Range', `bytes ${range.start}-${range.end}/${media.sizeBytes}`);
  }
  return new StreamableFile(await reader.open(media, range ?? undefined), {
    type: media.mimeType,
    disposition: dispositionOf(media),
    length: range ? range.end - range.start + 1 : media.sizeBytes,
  });
}

/** A single range (RFC 9110 §14.1.2). Several, or what is not understood, are answered with the whole file: null. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const last = size - 1;
  if (match[1] === '') {
    const length = Number(match[2]);
    return length === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: last };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? last : Math.min(Number(match[2]), last);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  return start > last ? 'unsatisfiable' : { start, end };
}

/** RFC 6266: a plain name for old readers, the real one in UTF-8. */
function dispositionOf({ mimeType, fileName }: MessageMedia): string {
  const kind = shownInline.test(mimeType) ? 'inline' : 'attachment';
  if (fileName === null) return kind;
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
