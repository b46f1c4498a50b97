import { type Actor, type ContactId, contactFilterLimits, errors, eventActor, type ProfileId } from '#contracts';
import {
  addContactTags,
  appendEvents,
  type ContactSelection,
  type Database,
  deleteTag,
  findContacts,
  listContactIds,
  listTags,
  lockContacts,
  removeContactTags,
  renameTag,
  type TagChange,
  type TagCount,
  type Tx,
} from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import { contactEvents } from './contact-events.js';
import { checkTags } from './custom-fields.js';

/** Contacts of one transaction. */
const AT_ONCE = 500;
/** Contacts of one request; the answer says where to go on. */
export const TAGGED_AT_ONCE = 5000;

export interface BulkTagging {
  profileId: ProfileId;
  of: ContactSelection;
  add: string[];
  remove: string[];
  /** Where an earlier request ended. */
  after?: ContactId;
}

export interface BulkTagged {
  /** Contacts that were looked at, and those of them that have other tags now. */
  matched: number;
  changed: number;
  /** Ask again with it; null: nobody is left. */
  next: ContactId | null;
}

/** Tags of a profile's contacts, as such. */
export class Tags {
  constructor(private readonly db: Database) {}

  /** In their alphabet, with how many contacts have each. @throws notFound */
  list(
    actor: Actor,
    profileId: ProfileId,
    page: { search?: string; after?: string; limit: number },
  ): Promise<TagCount[]> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return listTags(tx, profileId, page);
    });
  }

  /** @returns how many contacts had it @throws notFound, validation */
  async rename(actor: Actor, profileId: ProfileId, tag: string, newTag: string): Promise<number> {
    const [name] = checkTags([newTag], 'newTag') as [string];
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const contacts = await renameTag(tx, profileId, tag, name);
      if (contacts === 0) throw noSuchTag(tag);
      const resource = { type: 'profile', id: profileId };
      await recordAudit(tx, actor, { action: 'tag.rename', resource, before: { tag }, after: { tag: name } });
      await appendEvents(tx, [
        { ...around(actor, profileId), name: 'tag.renamed', payload: { tag, newTag: name, contacts } },
      ]);
      return contacts;
    });
  }

  /** @returns how many contacts had it @throws notFound */
  async delete(actor: Actor, profileId: ProfileId, tag: string): Promise<number> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const contacts = await deleteTag(tx, profileId, tag);
      if (contacts === 0) throw noSuchTag(tag);
      const resource = { type: 'profile', id: profileId };
      await recordAudit(tx, actor, { action: 'tag.delete', resource, before: { tag, contacts } });
      await appendEvents(tx, [{ ...around(actor, profileId), name: 'tag.deleted', payload: { tag, contacts } }]);
      return contacts;
    });
  }

  /**
   * Puts tags on many contacts and takes others off, in portions that are each whole: what dies in between is done again
   * by repeating the request.
   * @throws notFound, validation
   */
  async changeMany(actor: Actor, request: BulkTagging): Promise<BulkTagged> {
    const { profileId, of } = request;
    const [add, remove] = [checkTags(request.add, 'add'), checkTags(request.remove, 'remove')];
    const done = { matched: 0, changed: 0 };
    let after = request.after ?? null;
    await this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const resource = { type: 'profile', id: profileId };
      await recordAudit(tx, actor, { action: 'contact.tag', resource, after: { add, remove } });
    });
    for (;;) {
      const { ids, changed } = await this.db.tenant(actor, async (tx) => {
        const ids = await listContactIds(tx, profileId, of, { after, limit: AT_ONCE });
        return { ids, changed: await this.changePart(tx, actor, profileId, ids, { add, remove }) };
      });
      done.matched += ids.length;
      done.changed += changed;
      if (ids.length < AT_ONCE) return { ...done, next: null };
      after = ids.at(-1)!;
      if (done.matched >= TAGGED_AT_ONCE) return { ...done, next: after };
    }
  }

  private async changePart(
    tx: Tx,
    actor: Actor,
    profileId: ProfileId,
    asked: ContactId[],
    { add, remove }: { add: string[]; remove: string[] },
  ): Promise<number> {
    const owner = { organizationId: actor.organizationId, profileId };
    const locked = await lockContacts(tx, actor.organizationId, asked);
    const contacts = (await findContacts(tx, actor.organizationId, locked)).filter((c) => c.profileId === profileId);
    const ids = contacts.map(({ id }) => id);
    const removed = await removeContactTags(tx, ids, { only: remove });
    const pairs = ids.flatMap((contactId) => add.map((tag) => ({ contactId, tag })));
    const added = pairs.length > 0 ? await addContactTags(tx, owner, pairs) : [];
    const [plus, minus] = [byContact(added), byContact(removed)];
    const changed = contacts.filter(({ id }) => plus.has(id) || minus.has(id));
    const items = changed.map(({ id, personId }) => ({ contactId: id, personId }));
    const at = new Date().toISOString();
    await appendEvents(
      tx,
      await contactEvents(tx, owner, eventActor(actor), 'contact.tagged', items, ({ contactId }) => ({
        at,
        added: plus.get(contactId) ?? [],
        removed: minus.get(contactId) ?? [],
      })),
    );
    return changed.length;
  }
}

/** Most contacts that one request may name by their ids. */
export const NAMED_AT_ONCE = contactFilterLimits.values * 5;

function byContact(changes: TagChange[]): Map<ContactId, string[]> {
  const tags = new Map<ContactId, string[]>();
  for (const { contactId, tag } of changes) tags.set(contactId, [...(tags.get(contactId) ?? []), tag]);
  return tags;
}

const around = (actor: Actor, profileId: ProfileId) => ({
  organizationId: actor.organizationId,
  profileId,
  actor: eventActor(actor),
});

function noSuchTag(tag: string) {
  return errors.notFound({ message: 'No contact of the profile has this tag.', details: { tag } });
}
