import {
  type AuditEntryRow,
  countUnsealed,
  type Database,
  findAuditHead,
  listRedactions,
  listSealedEntries,
} from '#database';
import type { AuditChain } from './audit-chain.js';
import { type AuditSigner, digestOf, genesisOf, hashOf } from './audit-hash.js';

const AT_ONCE = 1000;

/** How an entry breaks the chain. Stable codes, with what they mean. */
export const auditBreaks = {
  head_missing: 'There are sealed entries and no signed head: the head was removed.',
  head_forged: 'The head of the chain does not bear our signature: it was altered.',
  head_key_unknown:
    'The head was signed under an ENCRYPTION_KEY that is not configured. Put the former value into PREVIOUS_ENCRYPTION_KEYS.',
  missing: 'An entry is missing: it was removed.',
  altered: 'The entry does not give the hash that was sealed: it was altered.',
  personal_altered: 'Personal fields of the entry are not those that were sealed: they were altered.',
  personal_removed: 'Personal fields of the entry were emptied, and no entry of the chain tells of that.',
  unsigned: 'There are entries after the signed end of the chain: they were not written by Waypost.',
  not_as_expected: 'The entry does not have the hash that was noted elsewhere: the chain was written anew.',
} as const;

export type AuditBreak = keyof typeof auditBreaks;

export interface AuditVerification {
  isIntact: boolean;
  /** Entries whose hashes were computed again. */
  checked: number;
  /** Positions in the chain; entries up to `removedThrough` were removed by retention, under the signature. */
  removedThrough: number;
  lastSeq: number;
  /** Hex; note position and hash elsewhere to detect later that a whole chain was put in place of another. */
  lastHash: string;
  /** Entries whose personal fields were erased, each under an entry that tells of it. */
  redacted: number;
  /** Entries that were committed while it ran and are not sealed yet. */
  unsealed: number;
  /** The first entry that is wrong. */
  broken: { seq: number; entryId: string | null; reason: AuditBreak; sentence: string } | null;
}

/** A position and a hash that were noted earlier, outside of this database. */
export interface NotedHead {
  seq: number;
  hash: string;
}

/** Checks the hash chain of an organization's audit trail. Reads in steps, in constant memory, and stops no writer. */
export class AuditVerifier {
  constructor(
    private readonly db: Database,
    private readonly chain: AuditChain,
    private readonly signer: AuditSigner,
  ) {}

  async verify(organizationId: string, noted?: NotedHead): Promise<AuditVerification> {
    await this.chain.seal(organizationId);
    let result = await this.walk(organizationId, noted);
    // Retention may have moved the beginning while we read from the former one.
    for (let again = 0; again < 3 && result.broken?.reason === 'missing'; again++) {
      const head = await findAuditHead(this.db, organizationId);
      if (head === null || head.anchorSeq === result.removedThrough) break;
      result = await this.walk(organizationId, noted);
    }
    return result;
  }

  private async walk(organizationId: string, noted: NotedHead | undefined): Promise<AuditVerification> {
    const head = await findAuditHead(this.db, organizationId);
    const start = {
      seq: head?.anchorSeq ?? 0,
      hash: head?.anchorHash ?? genesisOf(organizationId),
    };
    const result: AuditVerification = {
      isIntact: false,
      checked: 0,
      removedThrough: start.seq,
      lastSeq: head?.lastSeq ?? 0,
      lastHash: (head?.lastHash ?? start.hash).toString('hex'),
      redacted: 0,
      unsealed: (await countUnsealed(this.db, organizationId)).count,
      broken: null,
    };
    const broken = (seq: number, reason: AuditBreak, entryId: string | null = null): AuditVerification => ({
      ...result,
      broken: { seq, entryId, reason, sentence: auditBreaks[reason] },
    });

    const headProblem = head && problemOfHead(this.signer.check(head));
    if (headProblem) return broken(head.lastSeq, headProblem);
    const redactions = new Map<string, { count: number; seq: number; entryId: string }>();
    let { seq, hash } = start;
    if (noted && noted.seq === seq && noted.hash !== hash.toString('hex')) return broken(seq, 'not_as_expected');
    for (;;) {
      const entries = await listSealedEntries(this.db, organizationId, seq, AT_ONCE);
      for (const entry of entries) {
        if (!head) return broken(entry.seq!, 'head_missing', entry.id);
        if (entry.seq! > head.lastSeq) {
          if (seq < head.lastSeq) return broken(seq + 1, 'missing');
          break;
        }
        if (entry.seq !== seq + 1) return broken(seq + 1, 'missing');
        const problem = problemOf(entry, hash);
        if (problem) return broken(entry.seq, problem, entry.id);
        seq = entry.seq;
        hash = entry.hash!;
        result.checked += 1;
        if (noted?.seq === seq && noted.hash !== hash.toString('hex')) return broken(seq, 'not_as_expected', entry.id);
        if (entry.redactedBy !== null) {
          result.redacted += 1;
          const known = redactions.get(entry.redactedBy);
          redactions.set(entry.redactedBy, {
            ...(known ?? { seq, entryId: entry.id }),
            count: (known?.count ?? 0) + 1,
          });
        }
      }
      if (entries.length < AT_ONCE || (head && seq >= head.lastSeq)) break;
    }
    if (head && seq < head.lastSeq) return broken(seq + 1, 'missing');
    if (head && !hash.equals(head.lastHash)) return broken(seq, 'altered');
    if (noted && noted.seq > seq) return broken(seq + 1, 'missing');
    const told = await listRedactions(this.db, organizationId, [...redactions.keys()]);
    for (const [id, { count, seq: at, entryId }] of redactions) {
      if (count > (told.get(id) ?? 0)) return broken(at, 'personal_removed', entryId);
    }
    if (await this.hasUnsigned(organizationId)) return broken(seq + 1, 'unsigned');
    return { ...result, isIntact: true };
  }

  /** Sealing goes on meanwhile: the head is read after the entries behind the one that we walked to. */
  private async hasUnsigned(organizationId: string): Promise<boolean> {
    const [last] = await this.db.query<{ seq: number | null; signed: number | null }>(
      `select max(seq) as seq, (select last_seq from audit_heads where organization_id = $1) as signed
         from audit_entries where organization_id = $1`,
      [organizationId],
    );
    return (last?.seq ?? 0) > (last?.signed ?? 0);
  }
}

function problemOfHead(check: 'right' | 'wrong' | 'unknown_key'): AuditBreak | null {
  if (check === 'right') return null;
  return check === 'wrong' ? 'head_forged' : 'head_key_unknown';
}

function problemOf(entry: AuditEntryRow, previous: Buffer): AuditBreak | null {
  const { actorDigest, changeDigest, actorDetails, change, hash } = entry;
  if (!actorDigest || !changeDigest || !hash) return 'altered';
  if (!hashOf(previous, { ...entry, seq: entry.seq!, actorDigest, changeDigest }).equals(hash)) return 'altered';
  if (actorDetails !== null && !digestOf(actorDetails).equals(actorDigest)) return 'personal_altered';
  if (change !== null && !digestOf(change).equals(changeDigest)) return 'personal_altered';
  if ((actorDetails === null || change === null) && entry.redactedBy === null) return 'personal_removed';
  return null;
}
