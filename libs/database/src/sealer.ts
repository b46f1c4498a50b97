import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import type { Database } from './database.js';

/** Stands where an organization's id would, for what belongs to the installation as a whole. */
export const installationScope = '00000000-0000-0000-0000-000000000000';

const format = 1;
const saltBytes = 12;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + saltBytes + nonceBytes;

/** Something sealed cannot be opened. `unknown_key`: an ENCRYPTION_KEY is missing. `damaged`: altered, or another context. */
export class SealUnreadable extends Error {
  constructor(
    readonly reason: 'unknown_key' | 'damaged',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'SealUnreadable';
  }
}

/** Seals and opens what belongs to one organization. */
export interface OrganizationSealer {
  /** Encrypts. `context` says what it is and whose (`webhook.secret:<id>`); it opens only under the same context. */
  seal(plain: Uint8Array | string, context: string): Buffer;
  /** @throws SealUnreadable when it was altered or sealed under another context or organization. */
  open(sealed: Uint8Array, context: string): Buffer;
}

/**
 * Envelope encryption: what is sealed uses the organization's data key (AES-256-GCM); the data key is stored wrapped by
 * a key derived from ENCRYPTION_KEY. After a change of ENCRYPTION_KEY the former value stays in PREVIOUS_ENCRYPTION_KEYS;
 * a data key is wrapped anew when it is next used.
 */
export class Sealer {
  private readonly current: WrappingKey;
  private readonly byId: Map<string, WrappingKey>;
  private readonly opened = new Map<string, Promise<OrganizationSealer>>();

  constructor(
    private readonly db: Database,
    keys: { current: string; previous: string[] },
  ) {
    this.current = wrappingKey(keys.current);
    this.byId = new Map([...keys.previous.map(wrappingKey), this.current].map((key) => [key.id, key]));
  }

  /** With the keys of the settings. */
  static open(db: Database, secrets: { encryptionKey: string; previousEncryptionKeys: string[] }): Sealer {
    return new Sealer(db, { current: secrets.encryptionKey, previous: secrets.previousEncryptionKeys });
  }

  /**
   * The sealer of an organization; its data key is made when absent (in a transaction of its own) and cached.
   * @throws SealUnreadable when the data key was wrapped by an ENCRYPTION_KEY that is not configured.
   */
  forOrganization(organizationId: string): Promise<OrganizationSealer> {
    let sealer = this.opened.get(organizationId);
    if (sealer === undefined) {
      sealer = this.loadDataKey(organizationId).then(sealerFor);
      sealer.catch(() => this.opened.delete(organizationId));
      this.opened.set(organizationId, sealer);
    }
    return sealer;
  }

  /** The sealer of an organization, or with null of what belongs to the installation as a whole. */
  forScope(organizationId: string | null): Promise<OrganizationSealer> {
    return this.forOrganization(organizationId ?? installationScope);
  }

  private async loadDataKey(organizationId: string): Promise<Buffer> {
    const context = `data-key:${organizationId}`;
    const stored = (await this.findDataKey(organizationId)) ?? (await this.createDataKey(organizationId, context));
    const key = this.byId.get(stored.keyId);
    if (key === undefined) {
      throw new SealUnreadable(
        'unknown_key',
        `The data key of organization ${organizationId} was wrapped by another ENCRYPTION_KEY (key id ${stored.keyId}). Put the former value into PREVIOUS_ENCRYPTION_KEYS.`,
      );
    }
    const dataKey = open(key.secret, stored.wrapped, context);
    if (key.id !== this.current.id) {
      await this.db.query('update data_keys set key_id = $2, wrapped = $3 where organization_id = $1 and key_id = $4', [
        organizationId,
        this.current.id,
        seal(this.current.secret, dataKey, context),
        key.id,
      ]);
    }
    return dataKey;
  }

  private async findDataKey(organizationId: string): Promise<StoredDataKey | undefined> {
    const [row] = await this.db.query<StoredDataKey>(
      'select key_id as "keyId", wrapped from data_keys where organization_id = $1',
      [organizationId],
    );
    return row;
  }

  /** Two processes may try at once: the first one's key stands, and both read that. */
  private async createDataKey(organizationId: string, context: string): Promise<StoredDataKey> {
    await this.db.query(
      `insert into data_keys (id, organization_id, key_id, wrapped) values ($1, $2, $3, $4)
       on conflict (organization_id) do nothing`,
      [newId(), organizationId, this.current.id, seal(this.current.secret, randomBytes(32), context)],
    );
    return (await this.findDataKey(organizationId))!;
  }
}

interface StoredDataKey {
  keyId: string;
  wrapped: Buffer;
}

interface WrappingKey {
  id: string;
  secret: Buffer;
}

function wrappingKey(encryptionKey: string): WrappingKey {
  const secret = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'waypost data key wrapping', 32));
  return { id: createHash('sha256').update(secret).digest('hex').slice(0, 16), secret };
}

function sealerFor(dataKey: Buffer): OrganizationSealer {
  return {
    seal: (plain, context) => seal(dataKey, plain, context),
    open: (sealed, context) => open(dataKey, sealed, context),
  };
}

/**
 * Layout: format (1) | salt (12) | nonce (12) | ciphertext | tag (16). GCM with random nonces is safe for 2^32 values
 * under one key, which busy Signal keys reach in time; so each value has a key of its own, derived with the salt.
 */
function seal(key: Buffer, plain: Uint8Array | string, context: string): Buffer {
  const head = randomBytes(headBytes);
  head[0] = format;
  const cipher = createCipheriv('aes-256-gcm', valueKey(key, head), head.subarray(1 + saltBytes));
  cipher.setAAD(Buffer.from(context));
  const body = cipher.update(typeof plain === 'string' ? Buffer.from(plain) : plain);
  return Buffer.concat([head, body, cipher.final(), cipher.getAuthTag()]);
}

function open(key: Buffer, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < headBytes + tagBytes || bytes[0] !== format) {
    throw new SealUnreadable('damaged', `A sealed value is not in a known format (${context}).`);
  }
  const head = bytes.subarray(0, headBytes);
  const decipher = createDecipheriv('aes-256-gcm', valueKey(key, head), head.subarray(1 + saltBytes));
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(headBytes, bytes.length - tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new SealUnreadable('damaged', `A sealed value was altered or belongs elsewhere (${context}).`, cause);
  }
}

function valueKey(key: Buffer, head: Buffer): Buffer {
  return createHmac('sha256', key)
    .update(head.subarray(1, 1 + saltBytes))
    .digest();
}
