import {
  type Actor,
  completeRetention,
  errors,
  eventActor,
  mayKeepForEver,
  type RetentionDays,
  type RetentionKind,
  retentionCatalogue,
  retentionKinds,
} from '#contracts';
import {
  appendEvents,
  type Database,
  findRetentionPolicy,
  findRetentionRun,
  putRetentionPolicy,
  type RetentionPolicyRow,
  type RetentionRunRow,
} from '#database';
import { recordAudit } from '../platform/audit-trail.js';

export interface RetentionPolicy {
  /** What holds: chosen or by default. */
  days: RetentionDays;
  /** The kinds that were chosen. */
  chosen: RetentionKind[];
  updatedAt: Date | null;
  updatedBy: string | null;
  lastRun: RetentionRunRow | null;
}

/** How long an organization keeps its data. The worker enforces it (retention-enforcer.ts). */
export class Retention {
  constructor(private readonly db: Database) {}

  get(actor: Actor): Promise<RetentionPolicy> {
    const { organizationId } = actor;
    return this.db.tenant(actor, async (tx) =>
      policyOf(await findRetentionPolicy(tx, organizationId), await findRetentionRun(tx, organizationId)),
    );
  }

  /**
   * Kinds that are undefined stay as they are. A shorter time acts with the next run of the worker, within an hour, and
   * what it removes is gone.
   * @throws validation for days out of bounds
   */
  update(actor: Actor, changes: Partial<RetentionDays>): Promise<RetentionPolicy> {
    assertWithinBounds(changes);
    const { organizationId, userId } = actor;
    return this.db.tenant(actor, async (tx) => {
      const before = await findRetentionPolicy(tx, organizationId);
      const given = Object.fromEntries(Object.entries(changes).filter(([, days]) => days !== undefined));
      const row = await putRetentionPolicy(tx, organizationId, { ...before?.days, ...given }, userId);
      const days = completeRetention(row.days);
      await recordAudit(tx, actor, {
        action: 'retention.update',
        resource: { type: 'retention_policy', id: null },
        before: completeRetention(before?.days),
        after: days,
      });
      await appendEvents(tx, [
        {
          organizationId,
          profileId: null,
          name: 'retention_policy.updated',
          actor: eventActor(actor),
          payload: { days },
        },
      ]);
      return policyOf(row, await findRetentionRun(tx, organizationId));
    });
  }
}

function assertWithinBounds(changes: Partial<RetentionDays>): void {
  const fields = retentionKinds.flatMap((kind) => {
    const days = changes[kind];
    const { min, max } = retentionCatalogue[kind];
    if (days === undefined || (days === null && mayKeepForEver(kind))) return [];
    if (days !== null && Number.isInteger(days) && days >= min && days <= max) return [];
    const forEver = mayKeepForEver(kind) ? ', or null to keep them for ever' : '';
    return [{ path: kind, message: `must be ${min} to ${max} days${forEver}` }];
  });
  if (fields.length > 0) throw errors.validation({ fields });
}

function policyOf(row: RetentionPolicyRow | null, lastRun: RetentionRunRow | null): RetentionPolicy {
  return {
    days: completeRetention(row?.days),
    chosen: retentionKinds.filter((kind) => row?.days[kind] !== undefined),
    updatedAt: row?.updatedAt ?? null,
    updatedBy: row?.updatedBy ?? null,
    lastRun,
  };
}
