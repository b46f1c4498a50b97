import { Injectable } from '@nestjs/common';
import { type Actor, errors } from '#contracts';
import { appendEvents, Database, findOrganization, type OrganizationRow, updateOrganization } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import { organizationEvent } from './organization-event.js';

/** The actor's own organization. */
@Injectable()
export class Organizations {
  constructor(private readonly db: Database) {}

  get(actor: Actor): Promise<OrganizationRow> {
    return this.db.tenant(actor, async (tx) => {
      const row = await findOrganization(tx, actor.organizationId);
      if (!row) throw errors.notFound();
      return row;
    });
  }

  /** Fields that are undefined stay; `settings` are replaced as a whole. */
  update(actor: Actor, changes: { name?: string; settings?: Record<string, unknown> }): Promise<OrganizationRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await findOrganization(tx, actor.organizationId, 'lock');
      if (!before) throw errors.notFound();
      const row = await updateOrganization(tx, actor.organizationId, changes);
      await recordAudit(tx, actor, {
        action: 'org.update',
        resource: { type: 'organization', id: row.id, name: row.name },
        before: { name: before.name, settings: before.settings },
        after: { name: row.name, settings: row.settings },
      });
      await appendEvents(tx, [organizationEvent(actor, 'organization.updated', { id: row.id, name: row.name })]);
      return row;
    });
  }
}
