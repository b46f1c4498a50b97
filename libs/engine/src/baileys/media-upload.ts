import { createHash, randomBytes } from 'node:crypto';
import type { Agent } from 'node:https';
import { request } from 'node:https';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DEFAULT_ORIGIN, MEDIA_PATH_MAP } from '@whiskeysockets/baileys';
import { EngineError } from '../engine.js';
import { type EncryptedFacts, MediaEncryptor } from './media-encryptor.js';
import type { MediaAccess, MediaHosts } from './media-hosts.js';

/** What a file is uploaded as: decides keys and path. Round videos and gifs are videos, voice notes are audio. */
export type UploadKind = 'image' | 'video' | 'audio' | 'document' | 'sticker' | 'thumbnail-link';

/** A file that WhatsApp has. These are the fields of every media protobuf, under the names that it has there. */
export interface UploadedMedia {
  url: string;
  directPath: string;
  mediaKey: Uint8Array;
  /** Seconds since 1970. */
  mediaKeyTimestamp: number;
  fileSha256: Uint8Array;
  fileEncSha256: Uint8Array;
  fileLength: number;
}

/** Up to here the encrypted file stays in memory between hashing and sending; a larger one is read and encrypted twice. */
const keptInMemoryBytes = 2 * 1024 * 1024;
/** Longest silence of a media host. */
const silenceMs = 60_000;
/** A host that takes less than this is given up, after a minute of grace. */
const slowestBytesPerSecond = 32 * 1024;
const longestAnswerBytes = 64 * 1024;

/** The host's name for a file: the hash of the encrypted bytes. It has to be known before the first byte is sent. */
const nameOf = (fileEncSha256: Buffer): string => fileEncSha256.toString('base64url');

/**
 * Encrypts a file and brings it to WhatsApp's media hosts, by stream: neither the file nor its encrypted form is ever in
 * memory as a whole, or on a disk. The other hosts are tried when one fails.
 * @throws EngineError `media_unreadable`, `media_too_large`, `media_upload_failed`; nothing was sent to anybody
 */
export async function uploadMedia(
  kind: UploadKind,
  open: () => Promise<Readable>,
  to: { hosts: MediaHosts; agent?: Agent; signal?: AbortSignal },
): Promise<UploadedMedia> {
  const mediaKey = randomBytes(32);
  const mediaKeyTimestamp = Math.floor(Date.now() / 1000);
  const { facts, kept } = await measured(kind, mediaKey, open);
  const bodyOf = async () => (kept ? fromMemory(kept) : encryptedAgain(kind, mediaKey, open, facts));
  const place = { path: MEDIA_PATH_MAP[kind]!, name: nameOf(facts.fileEncSha256), length: facts.encryptedLength };
  const { url, directPath } = await carried(place, bodyOf, to);
  const { fileSha256, fileEncSha256, fileLength } = facts;
  return { url, directPath, mediaKey, mediaKeyTimestamp, fileSha256, fileEncSha256, fileLength };
}

/** A file that lies open at WhatsApp, as those of newsletters do. */
export interface PlainMedia extends Pick<UploadedMedia, 'url' | 'directPath' | 'fileSha256' | 'fileLength'> {
  /** What the message with it has to name (`media_id`). */
  handle: string | null;
}

/**
 * Brings a file to the media hosts as it is, for everybody who follows a newsletter (whatsmeow, upload.go,
 * `UploadNewsletter`). It is read twice: its hash has to be known first.
 * @throws EngineError as `uploadMedia` does
 */
export async function uploadPlain(
  kind: UploadKind,
  open: () => Promise<Readable>,
  to: { hosts: MediaHosts; agent?: Agent; signal?: AbortSignal },
): Promise<PlainMedia> {
  const hash = createHash('sha256');
  let fileLength = 0;
  await pipeline(await opened(open), async (plain) => {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      hash.update(chunk);
      fileLength += chunk.length;
    }
  }).catch(unreadable);
  const fileSha256 = hash.digest();
  const place = { path: `/newsletter/newsletter-${kind}`, name: nameOf(fileSha256), length: fileLength };
  const { url, directPath, handle } = await carried(place, () => opened(open), to);
  return { url, directPath, handle, fileSha256, fileLength };
}

/** Encrypts for the hashes alone; a small result is kept. */
async function measured(kind: UploadKind, mediaKey: Buffer, open: () => Promise<Readable>) {
  const encryptor = await MediaEncryptor.with(mediaKey, kind);
  let kept: Buffer[] | null = [];
  let length = 0;
  await pipeline(await opened(open), encryptor, async (encrypted) => {
    for await (const chunk of encrypted as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > keptInMemoryBytes) kept = null;
      kept?.push(chunk);
    }
  }).catch(unreadable);
  return { facts: encryptor.facts(), kept: kept as Buffer[] | null };
}

function fromMemory(chunks: Buffer[]): Readable {
  const stream = new PassThrough();
  for (const chunk of chunks) stream.write(chunk);
  return stream.end();
}

/** The same bytes once more. Storage names files by their content; should one have changed, the stream fails at its end. */
async function encryptedAgain(
  kind: UploadKind,
  mediaKey: Buffer,
  open: () => Promise<Readable>,
  expected: EncryptedFacts,
): Promise<Readable> {
  const source = await opened(open);
  const encryptor = await MediaEncryptor.with(mediaKey, kind);
  const checked = new PassThrough({
    flush(done) {
      const isSame = encryptor.facts().fileEncSha256.equals(expected.fileEncSha256);
      done(isSame ? null : new Error('the file changed while it was read'));
    },
  });
  pipeline(source, encryptor, checked).catch(() => undefined);
  return checked;
}

/** Where a file goes on a media host, and how many bytes of it. */
interface UploadPlace {
  path: string;
  name: string;
  length: number;
}

async function carried(
  place: UploadPlace,
  bodyOf: () => Promise<Readable>,
  to: { hosts: MediaHosts; agent?: Agent; signal?: AbortSignal },
): Promise<{ url: string; directPath: string; handle: string | null }> {
  let access = await to.hosts.access().catch(failed);
  let last: unknown;
  let isRenewed = false;
  for (let next = 0; next < access.hosts.length; next += 1) {
    try {
      const answer = await sent(addressOf(place, access, next), place.length, await bodyOf(), to);
      if (answer.status === 413) throw tooLarge(place.length);
      if ((answer.status === 401 || answer.status === 403) && !isRenewed) {
        isRenewed = true;
        access = await to.hosts.access(true).catch(failed);
        next = -1;
        continue;
      }
      const { url = '', directPath, handle = null } = answer;
      if (directPath) return { url, directPath, handle };
      last = new Error(`the media host answered ${answer.status}`);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      last = error;
    }
  }
  return failed(last);
}

function addressOf({ path, name }: UploadPlace, access: MediaAccess, index: number): URL {
  const address = new URL(`https://${access.hosts[index]}${path}/${name}`);
  address.searchParams.set('auth', access.auth);
  address.searchParams.set('token', name);
  return address;
}

interface HostAnswer {
  status: number;
  url?: string;
  directPath?: string;
  handle?: string;
}

/** With node's own client: undici's `fetch` keeps the whole body (nodejs/undici#4058). */
async function sent(
  address: URL,
  length: number,
  body: Readable,
  { agent, signal }: { agent?: Agent; signal?: AbortSignal },
): Promise<HostAnswer> {
  const deadline = AbortSignal.timeout(silenceMs + Math.ceil((length / slowestBytesPerSecond) * 1000));
  const outgoing = request(address, {
    agent,
    method: 'POST',
    timeout: silenceMs,
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    headers: { 'content-type': 'application/octet-stream', 'content-length': length, origin: DEFAULT_ORIGIN },
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('the media host was silent for too long')));
  const answered = new Promise<HostAnswer>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      readAnswer(response, response.statusCode ?? 0).then(resolve, reject);
    });
  });
  // A host may refuse before it has the whole body; then its answer counts, not the broken pipe.
  const piped = pipeline(body, outgoing).catch((error) => {
    if (body.errored) outgoing.destroy(error);
  });
  try {
    return await answered;
  } finally {
    body.destroy();
    await piped;
  }
}

async function readAnswer(response: Readable, status: number): Promise<HostAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= longestAnswerBytes) chunks.push(chunk);
  }
  try {
    const { url, direct_path, handle } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return { status, url, directPath: direct_path, handle };
  } catch {
    return { status };
  }
}

const opened = (open: () => Promise<Readable>): Promise<Readable> => open().catch(unreadable);

function unreadable(cause: unknown): never {
  throw new EngineError('media_unreadable', 'The media of the message cannot be read.', {
    retryable: true,
    outcome: 'not_sent',
    cause,
  });
}

function failed(cause: unknown): never {
  if (cause instanceof EngineError) throw cause;
  throw new EngineError('media_upload_failed', 'The media could not be uploaded.', {
    retryable: true,
    outcome: 'not_sent',
    cause,
  });
}

function tooLarge(sizeBytes: number): EngineError {
  return new EngineError('media_too_large', `WhatsApp does not take a file of ${sizeBytes} bytes as this kind.`, {
    retryable: false,
    outcome: 'not_sent',
  });
}
