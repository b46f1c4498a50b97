import { type Actor, type AuditAction, errors, type OrganizationId } from '#contracts';
import { type Database, installationScope, type SettingScope, type Tx } from '#database';
import { recordAudit } from '../audit-trail.js';

/** How a scope is named where an id is needed. */
export const settingsScopeId = (scope: SettingScope): OrganizationId => scope ?? (installationScope as OrganizationId);

/**
 * A transaction that may change the settings of a scope: within the actor's organization, or of the installation, which
 * only its administrators may. The edges check too; this is where it cannot be forgotten.
 * @throws forbidden
 */
export function inScope<T>(db: Database, actor: Actor, scope: SettingScope, work: (tx: Tx) => Promise<T>): Promise<T> {
  if (scope === actor.organizationId) return db.tenant(actor, work);
  if (scope === null && actor.isPlatformAdmin) return db.system(work);
  throw errors.forbidden({ message: 'Only administrators of the installation may do this.' });
}

/** How the audit trail names a setting of a scope, and what was done to it. */
export function settingsRecord(
  scope: SettingScope,
  id: 'smtp' | 'storage' | 'media',
  act: 'update' | 'test' = 'update',
) {
  const isOwn = scope !== null;
  const action: AuditAction = isOwn ? `settings.${act}` : `platform.settings_${act}`;
  return { action, resource: { type: isOwn ? 'organization_setting' : 'installation_setting', id } };
}

/** That somebody tried a setting out is recorded: it opens connections. @throws forbidden */
export function recordTest(db: Database, actor: Actor, scope: SettingScope, id: 'smtp' | 'storage'): Promise<void> {
  return inScope(db, actor, scope, (tx) => recordAudit(tx, actor, settingsRecord(scope, id, 'test')));
}
