import {
  type Actor,
  type ContactFilter,
  type ContactId,
  errors,
  eventActor,
  type ProfileId,
  type SegmentId,
} from '#contracts';
import {
  addContactTags,
  appendEvents,
  type ContactRow,
  type ContactSelection,
  countContacts,
  type Database,
  deleteContacts,
  findContactAt,
  findContacts,
  findProfile,
  findSegment,
  listContacts,
  listContactsOfPerson,
  lockContacts,
  readIdentitiesOf,
  removeContactTags,
  replaceContact,
  type Tx,
} from '#database';
import { type Address, countryOf, parsePhone, parseRecipient } from '#engine';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';
import type { Once } from '../platform/once.js';
import { addContacts } from './add-contacts.js';
import { contactEvents } from './contact-events.js';
import { checkCustomFields, checkTags } from './custom-fields.js';
import { changeOptOut } from './opt-outs.js';

export interface ContactDraft {
  profileId: ProfileId;
  /** As people write it, or an address of WhatsApp. */
  phone: string;
  /** Where a number without country code is dialled; default: where the profile's own number is. */
  country?: string;
  name?: string;
  tags?: string[];
  metadata?: Record<string, unknown>;
}

/** What is undefined stays; what is given takes the place of all that was there. */
export interface ContactChanges {
  name?: string | null;
  tags?: string[];
  metadata?: Record<string, unknown>;
}

export interface ContactQuery {
  search?: string;
  tags?: string[];
  filter?: ContactFilter;
  segmentId?: SegmentId;
}

/** A contact with all addresses of its person, and who the person is at other profiles that the actor sees. */
export interface ContactDetails {
  contact: ContactRow;
  identities: { kind: string; value: string }[];
  elsewhere: ContactRow[];
}

/** The address books of profiles. */
export class Contacts {
  constructor(private readonly db: Database) {}

  /**
   * Adds somebody, or changes who is there: a name takes the place of the former, tags and fields come beside those that
   * are there.
   * @throws notFound (the profile), validation
   */
  async keep(
    actor: Actor,
    draft: ContactDraft,
    once?: Once<{ contact: ContactRow; isNew: boolean }>,
  ): Promise<{ contact: ContactRow; isNew: boolean }> {
    const tags = draft.tags && checkTags(draft.tags);
    return this.db.tenant(actor, async (tx) => {
      const { organizationId } = actor;
      const owner = { organizationId, profileId: draft.profileId };
      const customFields = await checkCustomFields(tx, owner, draft.metadata);
      const address = await readAddress(tx, actor, draft);
      const by = eventActor(actor);
      const source = actor.credential.kind === 'session' ? 'manual' : 'api';
      const given = [{ address, name: draft.name, tags, customFields }];
      const { contacts, tagged, events } = await addContacts(tx, owner, source, by, given);
      const { contactId, isNew } = contacts[0]!;
      const contact = await one(tx, actor, contactId);
      await recordAudit(tx, actor, {
        action: isNew ? 'contact.create' : 'contact.update',
        resource: { type: 'contact', id: contactId },
        after: { tags: tagged.get(contactId) ?? [], fields: Object.keys(customFields ?? {}) },
      });
      const kept = { contact, isNew };
      await once?.(tx, kept);
      await appendEvents(tx, events);
      return kept;
    });
  }

  /** Newest first, and how many there are in all. @throws notFound (profile, segment) */
  list(
    actor: Actor,
    profileId: ProfileId,
    query: ContactQuery,
    page: { before?: ContactId; offset?: number; limit: number },
  ): Promise<{ contacts: ContactRow[]; total: number }> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const selection = await readSelection(tx, actor, profileId, query);
      const contacts = await listContacts(tx, profileId, selection, page);
      return { contacts, total: await countContacts(tx, profileId, selection) };
    });
  }

  /** @throws notFound */
  get(actor: Actor, id: ContactId): Promise<ContactDetails> {
    return this.db.tenant(actor, async (tx) => {
      const contact = await one(tx, actor, id);
      const everywhere = await listContactsOfPerson(tx, actor.organizationId, contact.personId);
      const identities = await readIdentitiesOf(tx, contact.personId);
      return { contact, identities, elsewhere: everywhere.filter((other) => other.id !== id) };
    });
  }

  /** @throws notFound, validation */
  async update(actor: Actor, id: ContactId, changes: ContactChanges): Promise<ContactRow> {
    const tags = changes.tags && checkTags(changes.tags);
    return this.db.tenant(actor, async (tx) => {
      const before = await one(tx, actor, id, 'lock');
      const customFields = await checkCustomFields(tx, before, changes.metadata);
      await replaceContact(tx, id, { name: changes.name, customFields });
      const removed = tags ? await removeContactTags(tx, [id], { except: tags }) : [];
      const added = tags ? await addContactTags(tx, before, pairs(id, tags)) : [];
      const contact = await one(tx, actor, id);
      await recordAudit(tx, actor, {
        action: 'contact.update',
        resource: { type: 'contact', id },
        before: factsOf(before),
        after: factsOf(contact),
      });
      await appendEvents(tx, [
        ...(await updatedEvents(tx, actor, before, contact)),
        ...(await taggedEvents(tx, actor, contact, { added, removed })),
      ]);
      return contact;
    });
  }

  /** The conversation stays, and so does an opt-out: it holds again when the person becomes a contact again. @throws notFound */
  async delete(actor: Actor, id: ContactId): Promise<void> {
    await this.db.tenant(actor, async (tx) => {
      const contact = await one(tx, actor, id, 'lock');
      const events = await contactEvents(tx, contact, eventActor(actor), 'contact.deleted', [itemOf(contact)], () => ({
        at: new Date().toISOString(),
      }));
      await deleteContacts(tx, [id]);
      await recordAudit(tx, actor, { action: 'contact.delete', resource: { type: 'contact', id } });
      await appendEvents(tx, events);
    });
  }

  /** @throws notFound, validation */
  changeTags(
    actor: Actor,
    id: ContactId,
    what: 'add' | 'remove',
    given: string[],
    once?: Once<ContactRow>,
  ): Promise<ContactRow> {
    const tags = checkTags(given);
    return this.db.tenant(actor, async (tx) => {
      const before = await one(tx, actor, id, 'lock');
      const changed =
        what === 'add'
          ? await addContactTags(tx, before, pairs(id, tags))
          : await removeContactTags(tx, [id], { only: tags });
      const contact = await one(tx, actor, id);
      const change = what === 'add' ? { added: changed, removed: [] } : { added: [], removed: changed };
      if (changed.length > 0) {
        await recordAudit(tx, actor, {
          action: 'contact.tag',
          resource: { type: 'contact', id },
          before: { tags: before.tags },
          after: { tags: contact.tags },
        });
      }
      await once?.(tx, contact);
      await appendEvents(tx, await taggedEvents(tx, actor, contact, change));
      return contact;
    });
  }

  /** Who has this address in the address book of a profile; null: nobody. */
  async find(actor: Actor, profileId: ProfileId, address: Address): Promise<ContactId | null> {
    const { organizationId } = actor;
    return this.db.tenant(actor, (tx) => findContactAt(tx, { organizationId, profileId }, address));
  }

  /** Wants no more campaigns, or wants them again. Safe to repeat. @throws notFound */
  async changeOptOut(actor: Actor, id: ContactId, isOptedOut: boolean, reason: string | null): Promise<ContactRow> {
    return this.db.tenant(actor, async (tx) => {
      const before = await one(tx, actor, id, 'lock');
      const source = actor.credential.kind === 'session' ? 'user' : 'api';
      const change = { contactIds: [id], isOptedOut, source, reason, by: eventActor(actor) } as const;
      const events = await changeOptOut(tx, before, change);
      if (events.length === 0) return before;
      await recordAudit(tx, actor, {
        action: isOptedOut ? 'contact.opt_out' : 'contact.opt_in',
        resource: { type: 'contact', id },
      });
      const contact = await one(tx, actor, id);
      await appendEvents(tx, events);
      return contact;
    });
  }
}

/** The contacts that a query means, its segment looked up. @throws notFound (the segment) */
export async function readSelection(
  tx: Tx,
  actor: Actor,
  profileId: ProfileId,
  { search, tags, filter, segmentId }: ContactQuery,
): Promise<ContactSelection> {
  const segment = segmentId && (await findSegment(tx, actor.organizationId, segmentId));
  if (segmentId && segment?.profileId !== profileId) {
    throw errors.notFound({ message: 'The profile has no such segment.', details: { segmentId } });
  }
  return { search, tags, filters: [filter, segment?.filter].flatMap((each) => each ?? []) };
}

/** One contact that the actor sees. @throws notFound */
export async function one(tx: Tx, actor: Actor, id: ContactId, lock?: 'lock'): Promise<ContactRow> {
  if (lock) await lockContacts(tx, actor.organizationId, [id]);
  const [contact] = await findContacts(tx, actor.organizationId, [id]);
  if (!contact) throw errors.notFound({ message: 'There is no such contact.', details: { contactId: id } });
  return contact;
}

async function readAddress(tx: Tx, actor: Actor, { profileId, phone, country }: ContactDraft): Promise<Address> {
  const profile = await findProfile(tx, { organizationId: actor.organizationId }, profileId);
  if (!profile) throw errors.notFound({ message: 'There is no such profile.', details: { profileId } });
  const byName = phone.includes('@') ? parseRecipient(phone) : null;
  if (byName) return byName;
  const digits = parsePhone(phone, country ?? (profile.phoneNumber && countryOf(profile.phoneNumber)));
  if (digits) return { phone: digits, lid: null };
  const message = 'must be a phone number with country code, such as +4915112345678';
  throw errors.validation({ fields: [{ path: 'phone', message }] });
}

const pairs = (contactId: ContactId, tags: string[]) => tags.map((tag) => ({ contactId, tag }));
const itemOf = ({ id, personId }: ContactRow) => ({ contactId: id, personId });
const factsOf = ({ tags, customFields }: ContactRow) => ({ tags, fields: Object.keys(customFields) });

async function updatedEvents(tx: Tx, actor: Actor, before: ContactRow, contact: ContactRow) {
  const keys = new Set([...Object.keys(before.customFields), ...Object.keys(contact.customFields)]);
  const changed = [...keys].filter(
    (key) => JSON.stringify(before.customFields[key]) !== JSON.stringify(contact.customFields[key]),
  );
  const changes = {
    ...(before.name !== contact.name && { name: contact.name }),
    ...(changed.length > 0 && { customFields: changed }),
  };
  if (Object.keys(changes).length === 0) return [];
  return contactEvents(tx, contact, eventActor(actor), 'contact.updated', [itemOf(contact)], () => ({
    at: new Date().toISOString(),
    changes,
  }));
}

async function taggedEvents(
  tx: Tx,
  actor: Actor,
  contact: ContactRow,
  { added, removed }: { added: { tag: string }[]; removed: { tag: string }[] },
) {
  if (added.length + removed.length === 0) return [];
  return contactEvents(tx, contact, eventActor(actor), 'contact.tagged', [itemOf(contact)], () => ({
    at: new Date().toISOString(),
    added: added.map(({ tag }) => tag),
    removed: removed.map(({ tag }) => tag),
  }));
}
