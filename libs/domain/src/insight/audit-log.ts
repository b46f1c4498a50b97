import { type Actor, type AuditAction, newId } from '#contracts';
import {
  type AuditEntryRow,
  type AuditFilter,
  countAuditEntries,
  type Database,
  listAuditEntries,
  summarizeAudit,
} from '#database';
import { hasRecentAudit, recordAudit } from '../platform/audit-trail.js';
import type { AuditVerification, AuditVerifier, NotedHead } from '../platform/audit-verifier.js';

/** Pages that follow each other are one reading. */
const READ_MINUTES = 5;
/** Entries that an export has in memory at a time. */
const EXPORT_STEP = 500;

export interface AuditSummary {
  days: number;
  totalLogs: number;
  byAction: { action: AuditAction; count: number }[];
  byCategory: { category: string; count: number }[];
  daily: { day: string; count: number; failed: number }[];
}

/** The part of an action before the dot. */
export function categoryOf(action: string): string {
  return action.split('.')[0]!;
}

/** An organization's audit trail as its people read it. Reading it leaves entries itself. */
export class AuditLog {
  private readonly verifying = new Map<string, Promise<AuditVerification>>();

  constructor(
    private readonly db: Database,
    private readonly verifier: AuditVerifier,
  ) {}

  /** Newest first: `limit` entries older than `before`, or after `offset` of them; and how many fit the filter in all. */
  list(
    actor: Actor,
    filter: AuditFilter,
    page: { before?: string; offset?: number; limit: number },
  ): Promise<{ entries: AuditEntryRow[]; total: number }> {
    return this.db.tenant(actor, async (tx) => {
      const entries = await listAuditEntries(tx, actor.organizationId, filter, page);
      const total = await countAuditEntries(tx, actor.organizationId, filter);
      const record = { action: 'audit.read', resource: { type: 'audit', id: null } } as const;
      if (!(await hasRecentAudit(tx, actor, record, READ_MINUTES))) {
        await recordAudit(tx, actor, { ...record, after: factsOf(filter) });
      }
      return { entries, total };
    });
  }

  /** Figures of the last days, today included. */
  summary(actor: Actor, days: number): Promise<AuditSummary> {
    return this.db.tenant(actor, async (tx) => {
      const { byAction, daily } = await summarizeAudit(
        tx,
        actor.organizationId,
        new Date(Date.now() - days * 86_400_000),
      );
      const byCategory = new Map<string, number>();
      for (const { action, count } of byAction) {
        byCategory.set(categoryOf(action), (byCategory.get(categoryOf(action)) ?? 0) + count);
      }
      return {
        days,
        totalLogs: daily.reduce((sum, { count }) => sum + count, 0),
        byAction,
        byCategory: [...byCategory].map(([category, count]) => ({ category, count })),
        daily,
      };
    });
  }

  /**
   * All entries that fit, newest first, up to the moment of the call; read in steps while the caller takes them, so that
   * memory does not grow. The export is recorded before its first entry is given out.
   */
  async export(actor: Actor, filter: AuditFilter, format: string): Promise<AsyncGenerator<AuditEntryRow>> {
    const before = newId<string>();
    await this.db.tenant(actor, (tx) =>
      recordAudit(tx, actor, {
        action: 'audit.export',
        resource: { type: 'audit', id: null },
        after: { format, ...factsOf(filter) },
      }),
    );
    return this.read(actor, filter, before);
  }

  /** Checks the hash chain. Requests at the same time share one walk. */
  async verify(actor: Actor, noted?: NotedHead): Promise<AuditVerification> {
    const key = `${actor.organizationId} ${noted?.seq}:${noted?.hash}`;
    const walk =
      this.verifying.get(key) ??
      this.verifier.verify(actor.organizationId, noted).finally(() => this.verifying.delete(key));
    this.verifying.set(key, walk);
    const result = await walk;
    await this.db.tenant(actor, (tx) =>
      recordAudit(tx, actor, {
        action: 'audit.verify',
        resource: { type: 'audit', id: null },
        outcome: result.isIntact ? 'success' : 'failure',
        after: { checked: result.checked, lastSeq: result.lastSeq, broken: result.broken },
      }),
    );
    return result;
  }

  private async *read(actor: Actor, filter: AuditFilter, from: string): AsyncGenerator<AuditEntryRow> {
    let before = from;
    for (;;) {
      const entries = await this.db.tenant(actor, (tx) =>
        listAuditEntries(tx, actor.organizationId, filter, { before, limit: EXPORT_STEP }),
      );
      yield* entries;
      if (entries.length < EXPORT_STEP) return;
      before = entries.at(-1)!.id;
    }
  }
}

function factsOf({ from, to, ...filter }: AuditFilter): Record<string, unknown> {
  const facts = { ...filter, from: from?.toISOString(), to: to?.toISOString() };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
