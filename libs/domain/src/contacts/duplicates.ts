import { type Actor, type ContactId, errors, eventActor, type ProfileId } from '#contracts';
import {
  appendEvents,
  type ContactRow,
  type Database,
  findContacts,
  listDuplicates,
  lockContacts,
  mergeContacts,
} from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import { contactEvents } from './contact-events.js';
import { changeOptOut } from './opt-outs.js';

/** Most contacts that are made one in a request. */
export const MERGED_AT_ONCE = 20;

/** Contacts that look like one human, in the order of age. */
export interface DuplicateCandidates {
  value: string;
  contacts: ContactRow[];
}

/**
 * One human with several numbers is several contacts, because each number is an account of WhatsApp with a conversation
 * of its own. Merging makes one contact of them; the conversations stay apart (docs/adr/0015).
 */
export class Duplicates {
  constructor(private readonly db: Database) {}

  /** Contacts with the same name, or with the same value of a custom field. @throws notFound */
  find(
    actor: Actor,
    profileId: ProfileId,
    by: { field: string | null },
    page: { after?: string; limit: number },
  ): Promise<DuplicateCandidates[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const groups = await listDuplicates(tx, profileId, by, page);
      const ids = groups.flatMap((group) => group.contactIds);
      const rows = new Map((await findContacts(tx, actor.organizationId, ids)).map((row) => [row.id, row]));
      return groups.map(({ value, contactIds }) => ({
        value,
        contacts: contactIds.flatMap((id) => rows.get(id) ?? []),
      }));
    });
  }

  /**
   * Makes one contact of several of a profile: the first takes tags, fields and names that it lacks from the others, and
   * wants no campaigns when one of them wanted none. The others are gone.
   * @throws notFound, validation (other profiles; itself)
   */
  async merge(actor: Actor, keptId: ContactId, goneIds: ContactId[]): Promise<ContactRow> {
    return this.db.tenant(actor, async (tx) => {
      const ids = [...new Set([keptId, ...goneIds])];
      await lockContacts(tx, actor.organizationId, ids);
      const rows = new Map((await findContacts(tx, actor.organizationId, ids)).map((row) => [row.id, row]));
      const missing = ids.find((id) => !rows.has(id));
      if (missing) throw errors.notFound({ message: 'There is no such contact.', details: { contactId: missing } });
      const kept = rows.get(keptId)!;
      const gone = ids.slice(1).map((id) => rows.get(id)!);
      assertMergeable(kept, gone, goneIds);
      const by = eventActor(actor);
      const at = new Date().toISOString();
      const optedOut = gone.find((row) => row.optedOutAt !== null);
      const optOut = optedOut && {
        contactIds: [keptId],
        isOptedOut: true,
        source: optedOut.optedOutSource ?? 'user',
        by,
        at: optedOut.optedOutAt!,
      };
      const items = gone.map(({ id }) => ({ contactId: keptId, personId: kept.personId, mergedContactId: id }));
      const optEvents = optOut ? await changeOptOut(tx, kept, optOut) : [];
      await mergeContacts(
        tx,
        keptId,
        gone.map(({ id }) => id),
      );
      await recordAudit(tx, actor, {
        action: 'contact.merge',
        resource: { type: 'contact', id: keptId },
        after: { merged: gone.map(({ id }) => id) },
      });
      const [contact] = await findContacts(tx, actor.organizationId, [keptId]);
      const events = await contactEvents(tx, kept, by, 'contact.merged', items, ({ mergedContactId }) => ({
        at,
        mergedContactId,
      }));
      await appendEvents(tx, [...optEvents, ...events]);
      return contact!;
    });
  }
}

function assertMergeable(kept: ContactRow, gone: ContactRow[], asked: ContactId[]): void {
  const path = 'mergeIds';
  if (asked.includes(kept.id)) {
    throw errors.validation({ fields: [{ path, message: 'must not name the contact that stays' }] });
  }
  if (gone.some((row) => row.profileId !== kept.profileId)) {
    throw errors.validation({ fields: [{ path, message: 'must be contacts of the same profile' }] });
  }
}
