import { type Actor, type AuditAction, errors, type ProfileId } from '#contracts';
import { type Database, findGroup, type GroupRecord, type Tx } from '#database';
import { groupLimits } from '#engine';
import { recordAudit } from '../platform/audit-trail.js';

/** Which group is meant: our id, or WhatsApp's within a profile. */
export type GroupRef = { id: string; profileId?: ProfileId } | { waId: string; profileId: ProfileId };

/** A group by itself, where its profile is known from elsewhere. */
export type GroupName = { id: string } | { waId: string };

/** @throws errors.notFound */
export async function groupAt(tx: Tx, actor: Actor, ref: GroupRef): Promise<GroupRecord> {
  const group = await findGroup(tx, actor.organizationId, ref);
  if (!group) throw errors.notFound({ message: 'There is no such group.', details: { ...ref } });
  return group;
}

/**
 * Something that somebody asks of WhatsApp: the group, with the entry in the audit trail that says who asked for what.
 * @throws errors.notFound
 */
export function askedOfGroup(
  db: Database,
  actor: Actor,
  ref: GroupRef,
  action: AuditAction,
  after: Record<string, unknown>,
  find: typeof groupAt = groupAt,
): Promise<GroupRecord> {
  return db.tenant(actor, async (tx) => {
    const group = await find(tx, actor, ref);
    await recordAudit(tx, actor, { action, resource: { type: 'group', id: group.id, name: group.subject }, after });
    return group;
  });
}

/** @throws errors.validation */
export function checkGroupTexts({ name, description }: { name?: string; description?: string | null }): void {
  const { maxSubjectLength, maxDescriptionLength } = groupLimits;
  const fields = [
    ...(name !== undefined && (name.trim() === '' || name.length > maxSubjectLength)
      ? [{ path: 'name', message: `must have 1 to ${maxSubjectLength} characters` }]
      : []),
    ...((description?.length ?? 0) > maxDescriptionLength
      ? [{ path: 'description', message: `must have at most ${maxDescriptionLength} characters` }]
      : []),
  ];
  if (fields.length > 0) throw errors.validation({ fields });
}
