import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { AuditActorDetails, AuditChange, AuditEntryRow, AuditHeadRow } from '#database';
import { canonical } from './audit-change.js';

/** What stands before the first entry of an organization. */
export function genesisOf(organizationId: string): Buffer {
  return sha256(`waypost audit ${organizationId}`);
}

/** What the chain keeps of personal fields. Salted, so that it tells nothing once they are erased. */
export function digestOf(part: AuditActorDetails | AuditChange): Buffer {
  return sha256(canonical(part));
}

/** What an entry's hash stands on; besides the digests nothing in it is erased for a person. */
export type HashedEntry = Omit<AuditEntryRow, 'seq' | 'actorDetails' | 'change' | 'hash' | 'redactedBy'> & {
  seq: number;
  actorDigest: Buffer;
  changeDigest: Buffer;
};

/** The hash of an entry: over the hash of the one before, its position, its facts and the digests of its personal fields. */
export function hashOf(previous: Buffer, entry: HashedEntry): Buffer {
  return sha256(
    canonical({
      version: 1,
      previous: previous.toString('hex'),
      seq: entry.seq,
      id: entry.id,
      organizationId: entry.organizationId,
      at: entry.at.toISOString(),
      action: entry.action,
      outcome: entry.outcome,
      actorKind: entry.actorKind,
      userId: entry.userId,
      credentialId: entry.credentialId,
      resourceType: entry.resourceType,
      resourceId: entry.resourceId,
      requestId: entry.requestId,
      actorDigest: entry.actorDigest.toString('hex'),
      changeDigest: entry.changeDigest.toString('hex'),
    }),
  );
}

type Signed = Omit<AuditHeadRow, 'signature' | 'keyId'>;

/**
 * Signs the ends of chains with a key that is made of ENCRYPTION_KEY and never in the database: whoever can write to the
 * database alone can neither cut entries off nor write a chain of his own.
 */
export class AuditSigner {
  private readonly current: { id: string; key: Buffer };
  private readonly byId: Map<string, Buffer>;

  constructor(keys: { current: string; previous: readonly string[] }) {
    this.current = signingKey(keys.current);
    this.byId = new Map([...keys.previous.map(signingKey), this.current].map(({ id, key }) => [id, key]));
  }

  static open(secrets: { encryptionKey: string; previousEncryptionKeys: readonly string[] }): AuditSigner {
    return new AuditSigner({ current: secrets.encryptionKey, previous: secrets.previousEncryptionKeys });
  }

  sign(head: Signed): AuditHeadRow {
    return { ...head, signature: mac(this.current.key, head), keyId: this.current.id };
  }

  /** Whether we signed it; `unknown_key` when that was under an ENCRYPTION_KEY that is not configured. */
  check(head: AuditHeadRow): 'right' | 'wrong' | 'unknown_key' {
    const key = this.byId.get(head.keyId);
    if (key === undefined) return 'unknown_key';
    const expected = mac(key, head);
    return expected.length === head.signature.length && timingSafeEqual(expected, head.signature) ? 'right' : 'wrong';
  }
}

function mac(key: Buffer, { organizationId, anchorSeq, anchorHash, lastSeq, lastHash }: Signed): Buffer {
  const text = [organizationId, anchorSeq, anchorHash.toString('hex'), lastSeq, lastHash.toString('hex')].join('|');
  return createHmac('sha256', key).update(text).digest();
}

function signingKey(encryptionKey: string): { id: string; key: Buffer } {
  const key = Buffer.from(hkdfSync('sha256', encryptionKey, '', 'waypost audit signature', 32));
  return { id: createHash('sha256').update(key).digest('hex').slice(0, 16), key };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
