import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { Curve, type KeyPair } from '../baileys.js';

const ITERATIONS = 131_072;
const derive = promisify(pbkdf2);

const codeKey = (code: string, salt: Buffer): Promise<Buffer> => derive(code, salt, ITERATIONS, 32, 'sha256');

function ctr(key: Buffer, iv: Buffer, data: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/**
 * The phone's half of linking by an eight character code. Both sides wrap an ephemeral key with the code; whether the
 * code was right shows only when the companion's key bundle opens.
 */
export class CodeExchange {
  private constructor(
    private readonly shared: Buffer,
    /** The phone's ephemeral key, wrapped with the code: salt ‖ iv ‖ ciphertext. */
    readonly wrappedEphemeral: Buffer,
  ) {}

  static async begin(code: string, wrappedCompanionKey: Buffer): Promise<CodeExchange> {
    const salt = wrappedCompanionKey.subarray(0, 32);
    const iv = wrappedCompanionKey.subarray(32, 48);
    const companionKey = ctr(await codeKey(code, salt), iv, wrappedCompanionKey.subarray(48, 80));
    const ephemeral = Curve.generateKeyPair();
    const ownSalt = randomBytes(32);
    const ownIv = randomBytes(16);
    const wrapped = ctr(await codeKey(code, ownSalt), ownIv, ephemeral.public);
    return new CodeExchange(Curve.sharedKey(ephemeral.private, companionKey), Buffer.concat([ownSalt, ownIv, wrapped]));
  }

  /** Opens the companion's bundle and returns the secret that signs the pairing. Throws when the code was wrong. */
  finish(wrappedBundle: Buffer, companionIdentity: Buffer, phone: KeyPair): Buffer {
    const info = 'link_code_pairing_key_bundle_encryption_key';
    const key = Buffer.from(hkdfSync('sha256', this.shared, wrappedBundle.subarray(0, 32), info, 32));
    const sealed = wrappedBundle.subarray(44);
    const decipher = createDecipheriv('aes-256-gcm', key, wrappedBundle.subarray(32, 44));
    decipher.setAuthTag(sealed.subarray(sealed.length - 16));
    const bundle = Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()]);
    const isOurs =
      bundle.subarray(0, 32).equals(companionIdentity) && bundle.subarray(32, 64).equals(Buffer.from(phone.public));
    if (!isOurs) throw new Error('the key bundle names other identities');
    const secret = Buffer.concat([
      this.shared,
      Curve.sharedKey(phone.private, companionIdentity),
      bundle.subarray(64, 96),
    ]);
    return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'adv_secret', 32));
  }
}
