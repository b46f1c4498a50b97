import {
  type Actor,
  errors,
  type FieldError,
  type PreferenceName,
  type Preferences,
  preferenceCatalogue,
  preferenceNames,
} from '#contracts';
import { appendEvents, type Database, mergePreferences, readPreferences } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { organizationEvent } from './organization-event.js';

/** What people chose for themselves. Only what differs from the defaults is kept, so that a default can change. */
export class UserPreferences {
  constructor(private readonly db: Database) {}

  get(actor: Actor): Promise<Preferences> {
    return this.db.tenant(actor, async (tx) => withDefaults(await readPreferences(tx, actor.userId)));
  }

  /** Merges the given ones into those that are there. @throws validation that names what is unknown or no boolean */
  async change(actor: Actor, given: Record<string, unknown>): Promise<Preferences> {
    const changes = checked(given);
    return this.db.tenant(actor, async (tx) => {
      const before = withDefaults(await readPreferences(tx, actor.userId));
      if (Object.keys(changes).length === 0) return before;
      const after = withDefaults(await mergePreferences(tx, actor.userId, changes));
      await recordAudit(tx, actor, {
        action: 'auth.preferences',
        resource: { type: 'user', id: actor.userId },
        before,
        after,
      });
      await appendEvents(tx, [organizationEvent(actor, 'user.preferences_changed', { userId: actor.userId })]);
      return after;
    });
  }
}

function checked(given: Record<string, unknown>): Partial<Preferences> {
  const fields = Object.entries(given).flatMap(([path, value]): FieldError[] => {
    if (!Object.hasOwn(preferenceCatalogue, path)) {
      return [{ path, message: `is no preference; there are ${preferenceNames.join(', ')}` }];
    }
    return typeof value === 'boolean' ? [] : [{ path, message: 'must be true or false' }];
  });
  if (fields.length > 0) throw errors.validation({ fields });
  return given as Partial<Preferences>;
}

function withDefaults(stored: Record<string, unknown>): Preferences {
  const value = (name: PreferenceName) =>
    typeof stored[name] === 'boolean' ? stored[name] : preferenceCatalogue[name].default;
  return Object.fromEntries(preferenceNames.map((name) => [name, value(name)])) as Preferences;
}
