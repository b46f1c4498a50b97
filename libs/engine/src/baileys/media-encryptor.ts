import { type Cipher, createCipheriv, createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { getMediaKeys, type MediaType } from '@whiskeysockets/baileys';

/** Bytes of the authentication code at the end of an encrypted file. */
export const macLength = 10;

/** What is known of a file when all of it went through the encryptor. */
export interface EncryptedFacts {
  fileSha256: Buffer;
  fileEncSha256: Buffer;
  /** Of the plain file. */
  fileLength: number;
  /** Of the encrypted one. */
  encryptedLength: number;
}

/**
 * Plain bytes in, a file as WhatsApp keeps it out: AES-256-CBC followed by ten bytes of HMAC-SHA256 over iv and
 * ciphertext, keys by HKDF from the media key (whatsmeow `upload.go`). The same key and bytes give the same file, so
 * that a large one can be read twice instead of being kept in between.
 */
export class MediaEncryptor extends Transform {
  private readonly plainHash: Hash = createHash('sha256');
  private readonly encryptedHash: Hash = createHash('sha256');
  private readonly cipher: Cipher;
  private readonly mac: Hmac;
  private fileLength = 0;
  private encryptedLength = 0;

  private constructor(keys: { cipherKey: Uint8Array; iv: Uint8Array; macKey?: Uint8Array }) {
    super();
    this.cipher = createCipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
    this.mac = createHmac('sha256', keys.macKey!).update(keys.iv);
  }

  static async with(mediaKey: Uint8Array, type: MediaType): Promise<MediaEncryptor> {
    return new MediaEncryptor(await getMediaKeys(Buffer.from(mediaKey), type));
  }

  /** Only after the end of the stream, and once. */
  facts(): EncryptedFacts {
    return {
      fileSha256: this.plainHash.digest(),
      fileEncSha256: this.encryptedHash.digest(),
      fileLength: this.fileLength,
      encryptedLength: this.encryptedLength,
    };
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.fileLength += chunk.length;
    this.plainHash.update(chunk);
    done(null, this.sealed(this.cipher.update(chunk)));
  }

  override _flush(done: TransformCallback): void {
    const last = this.sealed(this.cipher.final());
    const mac = this.mac.digest().subarray(0, macLength);
    this.encryptedHash.update(mac);
    this.encryptedLength += mac.length;
    done(null, Buffer.concat([last, mac]));
  }

  private sealed(encrypted: Buffer): Buffer {
    this.mac.update(encrypted);
    this.encryptedHash.update(encrypted);
    this.encryptedLength += encrypted.length;
    return encrypted;
  }
}
