import { aesDecrypt, aesEncrypt, hkdf, hmacSign } from '@whiskeysockets/baileys';

/** What a mutation does to its index. */
export type Operation = 'set' | 'remove';

const macBytes = 32;
/** As `SyncdMutation.SyncdOperation` plus one. */
const operationByte: Record<Operation, number> = { set: 1, remove: 2 };

/** A value cannot be opened: damaged on its way, or sealed with another key. */
export class UnreadableValue extends Error {
  constructor(cause: string) {
    super(`a value of the synchronised settings cannot be opened: ${cause}`);
    this.name = 'UnreadableValue';
  }
}

/**
 * The five keys that follow from one key of the synchronised settings, and what is sealed and opened with them. The
 * form is that of whatsmeow's `appstate/keys.go` and `appstate/hash.go`.
 */
export class MutationKeys {
  private readonly indexKey: Buffer;
  private readonly valueKey: Buffer;
  private readonly valueMacKey: Buffer;
  private readonly snapshotMacKey: Buffer;
  private readonly patchMacKey: Buffer;

  constructor(
    readonly id: Buffer,
    secret: Uint8Array,
  ) {
    const keys = Buffer.from(hkdf(secret, 160, { info: 'WhatsApp Mutation Keys' }));
    this.indexKey = keys.subarray(0, 32);
    this.valueKey = keys.subarray(32, 64);
    this.valueMacKey = keys.subarray(64, 96);
    this.snapshotMacKey = keys.subarray(96, 128);
    this.patchMacKey = keys.subarray(128, 160);
  }

  /** The name under which the server keeps an entry without knowing what it is about. */
  indexMac(index: Uint8Array): Buffer {
    return hmacSign(index, this.indexKey);
  }

  seal(operation: Operation, plain: Uint8Array): Buffer {
    const sealed = aesEncrypt(Buffer.from(plain), this.valueKey);
    return Buffer.concat([sealed, this.valueMac(operation, sealed)]);
  }

  /** @throws UnreadableValue */
  open(operation: Operation, blob: Uint8Array): Buffer {
    const sealed = Buffer.from(blob.subarray(0, -macBytes));
    if (!this.valueMac(operation, sealed).equals(valueMacOf(blob))) throw new UnreadableValue('its MAC is wrong');
    try {
      return aesDecrypt(sealed, this.valueKey);
    } catch (error) {
      throw new UnreadableValue(String(error));
    }
  }

  snapshotMac(hash: Uint8Array, version: number, collection: string): Buffer {
    return hmacSign(Buffer.concat([hash, bigEndian64(version), Buffer.from(collection)]), this.snapshotMacKey);
  }

  patchMac(snapshotMac: Uint8Array, valueMacs: Uint8Array[], version: number, collection: string): Buffer {
    const parts = [snapshotMac, ...valueMacs, bigEndian64(version), Buffer.from(collection)];
    return hmacSign(Buffer.concat(parts), this.patchMacKey);
  }

  private valueMac(operation: Operation, sealed: Uint8Array): Buffer {
    const associated = Buffer.concat([Buffer.from([operationByte[operation]]), this.id]);
    const signed = Buffer.concat([associated, sealed, bigEndian64(associated.length)]);
    return hmacSign(signed, this.valueMacKey, 'sha512').subarray(0, macBytes);
  }
}

/** The end of a sealed value: the part of it that counts in the hash of its collection. */
export const valueMacOf = (blob: Uint8Array): Buffer => Buffer.from(blob.subarray(-macBytes));

function bigEndian64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
