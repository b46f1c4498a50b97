import { createDecipheriv, createHash, createHmac, type Decipher, type Hash, type Hmac } from 'node:crypto';
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { DEFAULT_ORIGIN, getMediaKeys, type MediaType } from '@whiskeysockets/baileys';
import { type Dispatcher, request } from 'undici';
import { EngineError } from '../engine.js';
import { type DownloadRecipe, readDownloadToken } from './content/media.js';

const macLength = 10;
const blockLength = 16;
const defaultHost = 'mmg.whatsapp.net';
const timeoutMs = 60_000;

/**
 * Fetches and decrypts a media file by stream. The stream fails at its end when the file is not the one that the message
 * names, so its reader must not trust the bytes before.
 */
export async function downloadMedia(token: Uint8Array, dispatcher: Dispatcher): Promise<Readable> {
  return downloadFile(readDownloadToken(token), dispatcher);
}

/** The same for files that are no media, as parts of a history are. */
export type FileRecipe = Omit<DownloadRecipe, 'kind'> & { kind: MediaType };

export async function downloadFile(recipe: FileRecipe, dispatcher: Dispatcher): Promise<Readable> {
  if (recipe.mediaKey === '') return plainFile(recipe, dispatcher);
  const { cipherKey, iv, macKey } = await getMediaKeys(Buffer.from(recipe.mediaKey, 'base64'), recipe.kind);
  const decryptor = new MediaDecryptor(recipe, { cipherKey, iv, macKey });
  const encrypted = await fetchEncrypted(addressOf(recipe), dispatcher);
  // A failure of either is an error of the stream that the reader holds.
  pipeline(encrypted, decryptor, () => undefined);
  return decryptor;
}

/** Of a newsletter. */
async function plainFile(recipe: FileRecipe, dispatcher: Dispatcher): Promise<Readable> {
  const hash = createHash('sha256');
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(hash.digest('base64') === recipe.sha256 ? null : damaged('its hash is wrong'));
    },
  });
  pipeline(await fetchEncrypted(addressOf(recipe), dispatcher), checked, () => undefined);
  return checked;
}

/**
 * Whether WhatsApp still has the file: then it can be named in another message without an upload.
 * @throws EngineError `media_unavailable`
 */
export async function isStillThere(recipe: FileRecipe, dispatcher: Dispatcher): Promise<boolean> {
  const answer = await request(addressOf(recipe), {
    dispatcher,
    method: 'HEAD',
    headers: { origin: DEFAULT_ORIGIN },
    headersTimeout: timeoutMs,
  }).catch((cause) => {
    throw asEngineError(cause);
  });
  await answer.body.dump().catch(() => undefined);
  return answer.statusCode === 200;
}

function addressOf({ url, directPath }: FileRecipe): string {
  const host = url && URL.canParse(url) ? new URL(url).host : defaultHost;
  return directPath ? `https://${host}${directPath}` : url!;
}

async function fetchEncrypted(address: string, dispatcher: Dispatcher): Promise<Readable> {
  let response: Dispatcher.ResponseData;
  try {
    response = await request(address, {
      dispatcher,
      headers: { origin: DEFAULT_ORIGIN },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  } catch (cause) {
    throw asEngineError(cause);
  }
  if (response.statusCode === 200) return response.body;
  await response.body.dump().catch(() => undefined);
  throw refused(response.statusCode);
}

/** 403, 404 and 410 are how WhatsApp says that a file has expired: only the sender can upload it again. */
function refused(status: number): EngineError {
  if (status === 403 || status === 404 || status === 410) {
    const message = 'WhatsApp no longer has this file. Ask the sender to send it again.';
    return new EngineError('media_expired', message, { retryable: false, outcome: 'not_sent' });
  }
  return new EngineError('media_unavailable', `The media host answered ${status}.`, {
    retryable: true,
    outcome: 'not_sent',
  });
}

function asEngineError(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause;
  return new EngineError('media_unavailable', 'The media could not be fetched.', {
    retryable: true,
    outcome: 'not_sent',
    cause,
  });
}

/** AES-256-CBC with the last ten bytes an HMAC over iv and ciphertext; then checks the hash of the plain bytes. */
class MediaDecryptor extends Transform {
  private readonly cipher: Decipher;
  private readonly mac: Hmac;
  private readonly encryptedHash: Hash = createHash('sha256');
  private readonly plainHash: Hash = createHash('sha256');
  /** Held back: the last bytes of all are the MAC. */
  private tail: Buffer = Buffer.alloc(0);

  constructor(
    private readonly recipe: FileRecipe,
    keys: { cipherKey: Uint8Array; iv: Uint8Array; macKey?: Uint8Array },
  ) {
    super();
    this.cipher = createDecipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
    this.mac = createHmac('sha256', keys.macKey!).update(keys.iv);
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.encryptedHash.update(chunk);
    const held = this.tail.length > 0 ? Buffer.concat([this.tail, chunk]) : chunk;
    const cut = Math.max(0, held.length - macLength - blockLength);
    this.tail = held.subarray(cut);
    done(null, this.decrypt(held.subarray(0, cut)));
  }

  override _flush(done: TransformCallback): void {
    try {
      if (this.tail.length < macLength) throw damaged('the file is too short');
      const cut = this.tail.length - macLength;
      const last = this.decrypt(this.tail.subarray(0, cut));
      const mac = this.mac.digest().subarray(0, macLength);
      if (!mac.equals(this.tail.subarray(cut))) throw damaged('its authentication code is wrong');
      const rest = Buffer.concat([last, this.final()]);
      this.check(this.encryptedHash, this.recipe.encryptedSha256);
      this.check(this.plainHash, this.recipe.sha256);
      done(null, rest);
    } catch (error) {
      done(error as Error);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error ? asEngineError(error) : null);
  }

  private decrypt(encrypted: Buffer): Buffer {
    this.mac.update(encrypted);
    const plain = this.cipher.update(encrypted);
    this.plainHash.update(plain);
    return plain;
  }

  private final(): Buffer {
    const plain = this.cipher.final();
    this.plainHash.update(plain);
    return plain;
  }

  private check(hash: Hash, expected: string): void {
    if (expected && hash.digest('base64') !== expected) throw damaged('its hash is wrong');
  }
}

const damaged = (why: string): EngineError =>
  new EngineError('media_damaged', `The downloaded file is not what was sent: ${why}.`, {
    retryable: true,
    outcome: 'not_sent',
  });
