import { type AuditAction, newId } from '#contracts';
import { type AuditMatch, type Database, findAuditEntriesNaming, redactAuditEntries } from '#database';
import type { AuditChain } from '../platform/audit-chain.js';
import { recordAudit } from '../platform/audit-trail.js';

const AT_ONCE = 2000;

/**
 * Empties the personal fields of audit entries that name somebody. The chain stands on their digests and holds; an entry
 * of its own tells how many were emptied, and for which erasure. Safe to repeat: what is empty is not found again.
 * @returns how many entries were emptied
 */
export async function redactAudit(
  db: Database,
  chain: AuditChain,
  organizationId: string,
  match: AuditMatch,
  erasureId: string,
): Promise<number> {
  // Only what is sealed can be emptied without breaking the chain.
  await chain.seal(organizationId);
  let emptied = 0;
  for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null; ) {
    const from: string = after;
    const step = await db.system(async (tx) => {
      const found = await findAuditEntriesNaming(tx, organizationId, match, from, AT_ONCE);
      const touched = [...new Set([...found.ofActor, ...found.ofChange])];
      if (touched.length > 0) {
        const id = newId<string>();
        await recordAudit(
          tx,
          { kind: 'system', organizationId: organizationId as never },
          {
            id,
            action: 'audit.redact' satisfies AuditAction,
            resource: { type: 'erasure', id: erasureId },
            after: { entries: touched.length },
          },
        );
        await redactAuditEntries(tx, id, found);
      }
      return { touched: touched.length, next: found.next };
    });
    emptied += step.touched;
    after = step.next;
  }
  return emptied;
}
