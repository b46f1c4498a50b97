import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { getMediaKeys, type MediaKind } from '../baileys.js';

const MAC_BYTES = 10;

/** The keys and hashes that travel in the message while the file lies on the media host. */
export interface MediaSecrets {
  kind: MediaKind;
  mediaKey: Uint8Array;
  fileSha256: Uint8Array;
  fileEncSha256: Uint8Array;
  fileLength: number;
}

const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest();
const macOf = (key: Uint8Array, iv: Uint8Array, data: Uint8Array): Buffer =>
  createHmac('sha256', key).update(iv).update(data).digest().subarray(0, MAC_BYTES);

/** Encrypts a file as WhatsApp does: AES-256-CBC followed by ten bytes of HMAC, keys derived per kind of media. */
export async function encryptMedia(
  file: Uint8Array,
  kind: MediaKind,
): Promise<{ blob: Buffer; secrets: MediaSecrets }> {
  const mediaKey = randomBytes(32);
  const { iv, cipherKey, macKey } = await keysOf(mediaKey, kind);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
  const sealed = Buffer.concat([cipher.update(file), cipher.final()]);
  const blob = Buffer.concat([sealed, macOf(macKey, iv, sealed)]);
  const secrets = {
    kind,
    mediaKey,
    fileSha256: sha256(file),
    fileEncSha256: sha256(blob),
    fileLength: file.length,
  };
  return { blob, secrets };
}

/** Opens a file from the media host. Throws when it is not the one that the message names. */
export async function decryptMedia(blob: Buffer, secrets: MediaSecrets): Promise<Buffer> {
  if (!sha256(blob).equals(Buffer.from(secrets.fileEncSha256))) throw new Error('the encrypted file has another hash');
  const { iv, cipherKey, macKey } = await keysOf(secrets.mediaKey, secrets.kind);
  const sealed = blob.subarray(0, blob.length - MAC_BYTES);
  if (!macOf(macKey, iv, sealed).equals(blob.subarray(blob.length - MAC_BYTES))) throw new Error('wrong media key');
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const file = Buffer.concat([decipher.update(sealed), decipher.final()]);
  if (!sha256(file).equals(Buffer.from(secrets.fileSha256))) throw new Error('the decrypted file has another hash');
  return file;
}

async function keysOf(
  mediaKey: Uint8Array,
  kind: MediaKind,
): Promise<{ iv: Uint8Array; cipherKey: Uint8Array; macKey: Uint8Array }> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, kind);
  if (!macKey) throw new Error(`no media keys for ${kind}`);
  return { iv, cipherKey, macKey };
}
