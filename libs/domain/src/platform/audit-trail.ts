import { randomBytes } from 'node:crypto';
import { type Actor, type AuditAction, type AuditOutcome, newId, type OrganizationId, type Origin } from '#contracts';
import { type AuditActorDetails, hasAuditEntrySince, insertAuditEntry, type Tx } from '#database';
import { type AuditFacts, changeOf, storable } from './audit-change.js';

/** Who does something nobody is logged in for: Waypost itself, or somebody who has yet to say who they are. */
export interface NobodyKnown {
  kind: 'system' | 'anonymous';
  /** Whose audit trail it belongs to. */
  organizationId: OrganizationId;
  origin?: Origin;
}

/** What an entry takes of an actor. */
export type Known = Pick<Actor, 'organizationId' | 'userId' | 'credential' | 'origin'>;

export interface AuditRecord {
  /** The entry's id, when the caller has to name it elsewhere. */
  id?: string;
  action: AuditAction;
  /** What it was done to. The name is the one people know it by, at this time. */
  resource: { type: string; id: string | null; name?: string };
  /**
   * The facts before and after. With both only what differs is kept; with one (made, removed, read) all of it. Secrets
   * are masked by the names of their fields (audit-change.ts); still, hand over facts, not rows.
   */
  before?: AuditFacts;
  after?: AuditFacts;
  /** Default: success. What is refused or fails is recorded in a transaction of its own, since its change rolls back. */
  outcome?: AuditOutcome;
}

/**
 * Writes an entry of the organization's audit trail, in the transaction of the change that it tells of: both are there
 * or neither. It takes no lock; the worker seals entries into the hash chain after the commit (audit-chain.ts). Call it
 * before `appendEvents`, which holds a lock from then on.
 */
export async function recordAudit(tx: Tx, actor: Known | NobodyKnown, record: AuditRecord): Promise<void> {
  const { resource } = record;
  const isKnown = 'credential' in actor;
  const change = changeOf(record.before, record.after);
  const organizationId = actor.organizationId;
  await insertAuditEntry(tx, {
    id: record.id ?? newId(),
    organizationId,
    action: record.action,
    outcome: record.outcome ?? 'success',
    actorKind: isKnown ? actorKinds[actor.credential.kind] : actor.kind,
    userId: isKnown && actor.credential.kind !== 'hook' ? actor.userId : null,
    credentialId: isKnown ? actor.credential.id : null,
    resourceType: resource.type,
    resourceId: resource.id,
    requestId: actor.origin?.requestId ?? null,
    actorDetails: detailsOf(actor.origin),
    change: {
      salt: salt(),
      ...(resource.name !== undefined && { name: storable(resource.name).slice(0, 300) }),
      ...change,
    },
  });
  tx.wake('audit', organizationId);
}

/** What a hook does nobody is logged in for; the credential's id says which hook. */
const actorKinds = { session: 'user', 'api-key': 'api-key', hook: 'system' } as const;

/** Whether the same credential left the same entry in the last minutes: for reads that a page repeats by itself. */
export function hasRecentAudit(
  tx: Tx,
  actor: Known,
  { action, resource }: Pick<AuditRecord, 'action' | 'resource'>,
  minutes: number,
): Promise<boolean> {
  const { organizationId, credential } = actor;
  return hasAuditEntrySince(tx, {
    organizationId,
    credentialId: credential.id,
    action,
    resourceType: resource.type,
    resourceId: resource.id,
    since: new Date(Date.now() - minutes * 60_000),
  });
}

function detailsOf(origin: Origin | undefined): AuditActorDetails {
  return {
    salt: salt(),
    ...(origin?.ip !== undefined && { ip: storable(origin.ip).slice(0, 100) }),
    ...(origin?.userAgent !== undefined && { userAgent: storable(origin.userAgent).slice(0, 400) }),
  };
}

/** Keeps the digest of a phone number or a name from being found by trying all of them. */
function salt(): string {
  return randomBytes(16).toString('base64url');
}
