import { type Actor, type ContactId, eventActor } from '#contracts';
import { appendEvents, type ContactRow, type Database, setContactFact } from '#database';
import { recordAudit } from '../platform/audit-trail.js';
import type { EngineGateway } from '../profiles/engine-gateway.js';
import { contactEvents } from './contact-events.js';
import { one } from './contacts.service.js';

/** Blocking people on WhatsApp: for all devices of the account, the phone included. */
export class Blocking {
  constructor(
    private readonly db: Database,
    private readonly gateway: Pick<EngineGateway, 'abilities'>,
  ) {}

  /**
   * Asks WhatsApp first; what it accepted is kept here at once, and told again by its own notification, which then
   * changes nothing. Safe to repeat.
   * @throws notFound, profileNotConnected, engineUnavailable, notOnWhatsapp, refusedByWhatsapp, whatsappRateLimited
   */
  async set(actor: Actor, id: ContactId, blocked: boolean): Promise<ContactRow> {
    const contact = await this.db.tenant(actor, async (tx) => {
      const found = await one(tx, actor, id);
      await recordAudit(tx, actor, {
        action: blocked ? 'contact.block' : 'contact.unblock',
        resource: { type: 'contact', id },
      });
      return found;
    });
    const { people } = this.gateway.abilities(contact.profileId);
    const address = { phone: contact.phone, lid: contact.lid };
    await (blocked ? people.block(address) : people.unblock(address));
    return this.db.tenant(actor, async (tx) => {
      const owner = { organizationId: contact.organizationId, profileId: contact.profileId };
      const rows = [{ personId: contact.personId, value: blocked }];
      const changed = await setContactFact(tx, owner, 'isBlocked', rows);
      const after = await one(tx, actor, id);
      await appendEvents(
        tx,
        await contactEvents(tx, owner, eventActor(actor), 'contact.updated', changed, () => ({
          at: new Date().toISOString(),
          changes: { blocked },
        })),
      );
      return after;
    });
  }
}
