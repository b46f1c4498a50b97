import type { Actor, ContactId } from '#contracts';
import {
  type ContactRow,
  type Database,
  findMessages,
  listOptChanges,
  listRecentMessageIds,
  type OptOutChangeRow,
} from '#database';
import { recordsOf } from '../messaging/message-history.js';
import type { MessageRecord } from '../messaging/message-view.js';
import { one } from './contacts.service.js';

/** Most messages and opt-out changes that are told. */
const MOST_CHANGES = 50;

export interface ContactActivity {
  contact: ContactRow;
  /** Newest first. */
  messages: MessageRecord[];
  optOuts: OptOutChangeRow[];
}

/** What happened between a profile and one of its contacts. */
export class ContactActivities {
  constructor(private readonly db: Database) {}

  /** @throws notFound */
  get(actor: Actor, id: ContactId, limit: number): Promise<ContactActivity> {
    return this.db.tenant(actor, async (tx) => {
      const contact = await one(tx, actor, id);
      const ids = (await listRecentMessageIds(tx, contact, limit)).map((row) => row.id);
      const records = await recordsOf(tx, await findMessages(tx, actor.organizationId, ids));
      const messageOf = new Map(records.map((record) => [record.id, record]));
      return {
        contact,
        messages: ids.flatMap((each) => messageOf.get(each) ?? []),
        optOuts: await listOptChanges(tx, contact, MOST_CHANGES),
      };
    });
  }
}
