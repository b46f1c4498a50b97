import { type Actor, errors, type OrganizationId } from '#contracts';
import { type Database, installationScope, type SettingScope, type Tx } from '#database';

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

/** How the audit trail names a change of a setting. */
export function settingsRecord(scope: SettingScope, id: 'smtp' | 'storage') {
  return scope === null
    ? ({ action: 'platform.settings_update', resource: { type: 'installation_setting', id } } as const)
    : ({ action: 'settings.update', resource: { type: 'organization_setting', id } } as const);
}
