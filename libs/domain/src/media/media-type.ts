import { Readable } from 'node:stream';
import { fileTypeFromBuffer, supportedMimeTypes } from 'file-type';

/** How much of a file is looked at: enough for documents in ZIP containers and for audio after a cover picture. */
const SAMPLE_BYTES = 256 * 1024;
const START_BYTES = 4096;

export interface SniffedStream {
  /** What the bytes are; null when they are of no type that can be told by content (plain text, for example). */
  mimeType: string | null;
  /** The ending that files of this type have; null with it. */
  extension: string | null;
  /** The first bytes. */
  start: Buffer;
  /** Whether the sample reads as text. */
  isText: boolean;
  isEmpty: boolean;
  /** The whole stream from its start. */
  stream: Readable;
}

/** Looks at the beginning of a stream and gives back the whole of it. */
export async function sniff(source: Readable): Promise<SniffedStream> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const chunks: Buffer[] = [];
  let length = 0;
  let ended = false;
  while (length < SAMPLE_BYTES && !ended) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else {
      chunks.push(next.value);
      length += next.value.length;
    }
  }
  const head = Buffer.concat(chunks);
  const detected = await fileTypeFromBuffer(head);
  const stream = Readable.from(rest(head, iterator), { objectMode: false });
  // Ending the copy early must also end the source, for example an HTTP answer.
  stream.once('close', () => source.destroy());
  return {
    mimeType: detected?.mime ?? null,
    extension: detected?.ext ?? null,
    start: Buffer.from(head.subarray(0, START_BYTES)),
    isText: readsAsText(head),
    isEmpty: head.length === 0,
    stream,
  };
}

async function* rest(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
}

/** Whether files of this type have a picture to show. */
export const hasPicture = (mimeType: string): boolean => /^(image|video)\//.test(mimeType);

function readsAsText(head: Buffer): boolean {
  // The sample may end inside a character; `stream: true` forgives that.
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }).includes('\0');
  } catch {
    return false;
  }
}

/**
 * The type of a file whose content does not tell it: what its sender says, unless that is a type that the content
 * would have told, which is then untrue.
 */
export function typeByClaim(claims: (string | null | undefined)[], isText: boolean): string {
  for (const claim of claims) {
    const type = claim?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!/^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,90}$/.test(type)) continue;
    if (type === 'application/octet-stream' || supportedMimeTypes.has(type)) continue;
    return type;
  }
  return isText ? 'text/plain' : 'application/octet-stream';
}

/** Names that senders and content use for one thing. */
const sameThing: readonly (readonly string[])[] = [
  ['audio/ogg', 'application/ogg', 'audio/opus', 'video/ogg'],
  ['video/mp4', 'audio/mp4', 'audio/x-m4a', 'audio/m4a', 'video/quicktime', 'video/x-m4v', 'video/3gpp', 'audio/aac'],
  ['video/webm', 'audio/webm', 'video/matroska', 'video/x-matroska'],
  ['audio/mpeg', 'audio/mp3'],
  ['audio/wav', 'audio/x-wav', 'audio/vnd.wave', 'audio/wave'],
  ['image/jpeg', 'image/jpg'],
  ['application/zip', 'application/x-zip-compressed'],
];

/**
 * What a file is by its content, where that is not what its sender told; null when there is nothing to object to. What a
 * sender tells decides nothing about how a file is shown.
 */
export function actualTypeOf(told: string, { mimeType, isText, isEmpty }: SniffedStream): string | null {
  if (isEmpty) return null;
  const claimed = told.split(';')[0]!.trim().toLowerCase();
  const detected = mimeType?.split(';')[0]?.trim();
  if (detected === undefined) {
    return supportedMimeTypes.has(claimed) ? (isText ? 'text/plain' : 'application/octet-stream') : null;
  }
  const isSame = detected === claimed || sameThing.some((names) => names.includes(detected) && names.includes(claimed));
  // Types that the content only narrows down: an old Word document is a compound file, an unknown archive a ZIP.
  const isNarrower = !/^(image|video|audio)\//.test(claimed) && /^application\/(x-cfb|zip|xml)$/.test(detected);
  return isSame || isNarrower || claimed === 'application/octet-stream' ? null : detected;
}
