import { type Actor, type ContactId, errors, type ProfileId } from '#contracts';
import {
  type ContactRow,
  type ContactSelection,
  countContacts,
  type Database,
  findContacts,
  listContactIds,
  listFieldKeys,
} from '#database';
import { type ContactQuery, readSelection } from '../contacts/contacts.service.js';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';

/** Contacts of an answer that is not a file. */
const MOST_IN_ANSWER = 10_000;
const AT_ONCE = 1000;
/** Most custom fields that get a column. */
const MOST_FIELDS = 200;

export type ExportedContact = ContactRow;

/** An address book on its way out. */
export interface ContactExport {
  /** Keys of the custom fields that some contact of the profile has. */
  fieldKeys: string[];
  /** In the order in which they came to be, read as they are taken. */
  contacts: AsyncGenerator<ExportedContact>;
}

/** Contacts of a profile as a file. Each export is recorded. */
export class ContactExports {
  constructor(private readonly db: Database) {}

  /**
   * @param isBounded for an answer that is not streamed
   * @throws notFound (profile, segment); exportTooLarge
   */
  open(
    actor: Actor,
    profileId: ProfileId,
    query: ContactQuery,
    form: { format: 'csv' | 'vcard'; isBounded: boolean },
  ): Promise<ContactExport> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const selection = await readSelection(tx, actor, profileId, query);
      if (form.isBounded && (await countContacts(tx, profileId, selection)) > MOST_IN_ANSWER) {
        throw errors.exportTooLarge({ details: { most: MOST_IN_ANSWER } });
      }
      const fieldKeys = await listFieldKeys(tx, profileId, MOST_FIELDS);
      await recordAudit(tx, actor, {
        action: 'contact.export',
        resource: { type: 'profile', id: profileId },
        after: {
          format: form.format,
          tags: query.tags,
          isFiltered: Object.values(query).some((each) => each !== undefined),
        },
      });
      return { fieldKeys, contacts: this.walk(actor, profileId, selection) };
    });
  }

  private async *walk(actor: Actor, profileId: ProfileId, selection: ContactSelection): AsyncGenerator<ContactRow> {
    for (let after: ContactId | null = null; ; ) {
      const page: { ids: ContactId[]; rows: ContactRow[] } = await this.db.tenant(actor, async (tx) => {
        const ids = await listContactIds(tx, profileId, selection, { after, limit: AT_ONCE });
        return { ids, rows: await findContacts(tx, actor.organizationId, ids) };
      });
      yield* page.rows.sort((a, b) => (a.id < b.id ? -1 : 1));
      if (page.ids.length < AT_ONCE) return;
      after = page.ids.at(-1)!;
    }
  }
}
