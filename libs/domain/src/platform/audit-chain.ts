import {
  type AuditHeadRow,
  type AuditSeal,
  type Database,
  listSealedEntries,
  listUnsealedEntries,
  lockAuditChain,
  putAuditHead,
  removeAuditEntries,
  sealEntries,
  type Tx,
} from '#database';
import { type AuditSigner, digestOf, genesisOf, hashOf } from './audit-hash.js';

/** Entries that one transaction seals. */
const AT_ONCE = 500;

/**
 * The hash chain of each organization's audit trail. Entries are written without a lock in the transactions of their
 * changes and put into the chain here, soon after their commit: positions without gaps, each hash over the one before,
 * and a signed head (docs/adr/0007).
 */
export class AuditChain {
  constructor(
    private readonly db: Database,
    private readonly signer: AuditSigner,
  ) {}

  /** Seals what has been committed so far. Safe to run twice and at the same time. @returns how many were sealed */
  async seal(organizationId: string): Promise<number> {
    let sealed = 0;
    for (;;) {
      const count = await this.db.system((tx) => this.sealSome(tx, organizationId));
      sealed += count;
      if (count < AT_ONCE) return sealed;
    }
  }

  private async sealSome(tx: Tx, organizationId: string): Promise<number> {
    const head = (await lockAuditChain(tx, organizationId)) ?? emptyHead(organizationId);
    const entries = await listUnsealedEntries(tx, organizationId, AT_ONCE);
    if (entries.length === 0) return 0;
    let { lastSeq, lastHash } = head;
    const seals: AuditSeal[] = entries.map((entry) => {
      // Not sealed means not erased: erasing seals first.
      const [actorDigest, changeDigest] = [digestOf(entry.actorDetails!), digestOf(entry.change!)];
      lastSeq += 1;
      lastHash = hashOf(lastHash, { ...entry, seq: lastSeq, actorDigest, changeDigest });
      return { id: entry.id, seq: lastSeq, actorDigest, changeDigest, hash: lastHash };
    });
    await sealEntries(tx, seals);
    await putAuditHead(tx, this.signer.sign({ ...head, lastSeq, lastHash }));
    return seals.length;
  }

  /**
   * Removes up to AT_ONCE entries from the beginning of the chain that are older than a moment. The signed head keeps the
   * position and the hash that the chain goes on from.
   * @returns how many were removed
   */
  async purge(organizationId: string, before: Date): Promise<number> {
    return this.db.system(async (tx) => {
      const head = await lockAuditChain(tx, organizationId);
      if (!head) return 0;
      const entries = await listSealedEntries(tx, organizationId, head.anchorSeq, AT_ONCE);
      const young = entries.findIndex((entry) => entry.at >= before);
      const last = (young === -1 ? entries : entries.slice(0, young)).at(-1);
      if (!last) return 0;
      await removeAuditEntries(tx, organizationId, last.seq!);
      await putAuditHead(tx, this.signer.sign({ ...head, anchorSeq: last.seq!, anchorHash: last.hash! }));
      return last.seq! - head.anchorSeq;
    });
  }
}

/** The head of a chain in which nothing is yet. */
export function emptyHead(organizationId: string): Omit<AuditHeadRow, 'signature' | 'keyId'> {
  const hash = genesisOf(organizationId);
  return { organizationId, anchorSeq: 0, anchorHash: hash, lastSeq: 0, lastHash: hash };
}
