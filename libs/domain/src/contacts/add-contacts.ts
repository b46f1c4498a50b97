import { type ContactId, type ContactSource, type EventActor, type NewEvent, newId, type PersonId } from '#contracts';
import { addContactTags, type KeptContact, keepContacts, resolvePersons, type Tx } from '#database';
import type { Address } from '#engine';
import { mergeEvents } from '../messaging/message-events.js';
import { contactEvents } from './contact-events.js';

/** A contact as somebody gives it. What is undefined stays as it is. */
export interface GivenContact {
  address: Address;
  name?: string;
  /** Put on beside those that it has. */
  tags?: readonly string[];
  /** Set beside those that it has; checked by `checkFields`. */
  customFields?: Record<string, unknown>;
}

export interface KeptContacts {
  /** In the order of what was given; the same contact several times where addresses were of one person. */
  contacts: KeptContact[];
  /** Which tags are new, by contact. */
  tagged: Map<ContactId, string[]>;
  /** The caller appends them as its last statement. */
  events: NewEvent[];
}

/**
 * Adds people to a profile's address book or changes who is there: the one way for users, files, phones and hooks. The
 * person of an address is found or made; who is given twice is one contact, and the later name counts. Set-based: a few
 * statements, however many there are.
 */
export async function addContacts(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  source: ContactSource,
  by: EventActor,
  given: readonly GivenContact[],
): Promise<KeptContacts> {
  if (given.length === 0) return { contacts: [], tagged: new Map(), events: [] };
  const { personIds, merges } = await resolvePersons(
    tx,
    owner.organizationId,
    given.map(({ address }) => address),
  );
  const entries = new Map<string, { name?: string; tags: string[]; customFields?: Record<string, unknown> }>();
  given.forEach(({ name, tags = [], customFields }, index) => {
    const personId = personIds[index]!;
    const earlier = entries.get(personId);
    entries.set(personId, {
      name: name ?? earlier?.name,
      tags: [...(earlier?.tags ?? []), ...tags],
      customFields: customFields ? { ...earlier?.customFields, ...customFields } : earlier?.customFields,
    });
  });
  const scoped = owner as Parameters<typeof keepContacts>[1];
  const rows = await keepContacts(
    tx,
    scoped,
    source,
    [...entries].map(([personId, { name, customFields }]) => {
      return { id: newId<ContactId>(), personId: personId as PersonId, name, customFields };
    }),
  );
  const tagged = await putTags(tx, scoped, rows, (personId) => entries.get(personId)!.tags);
  const contactOf = new Map(rows.map((row) => [row.personId as string, row]));
  return {
    contacts: personIds.map((personId) => contactOf.get(personId)!),
    tagged,
    events: [...mergeEvents(merges), ...(await tell(tx, owner, source, by, rows, entries, tagged))],
  };
}

async function putTags(
  tx: Tx,
  owner: Parameters<typeof addContactTags>[1],
  rows: KeptContact[],
  tagsOf: (personId: string) => string[],
): Promise<Map<ContactId, string[]>> {
  const pairs = rows.flatMap(({ contactId, personId }) => tagsOf(personId).map((tag) => ({ contactId, tag })));
  const tagged = new Map<ContactId, string[]>();
  if (pairs.length === 0) return tagged;
  for (const { contactId, tag } of await addContactTags(tx, owner, pairs)) {
    tagged.set(contactId, [...(tagged.get(contactId) ?? []), tag]);
  }
  return tagged;
}

async function tell(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  source: ContactSource,
  by: EventActor,
  rows: KeptContact[],
  entries: Map<string, { name?: string; customFields?: Record<string, unknown> }>,
  tagged: Map<ContactId, string[]>,
): Promise<NewEvent[]> {
  const at = new Date().toISOString();
  const created = rows.filter((row) => row.isNew);
  const changed = rows.filter((row) => row.nameChanged || row.fieldsChanged);
  const gotTags = rows.filter((row) => !row.isNew && tagged.has(row.contactId));
  const tagsOf = ({ contactId }: KeptContact) => tagged.get(contactId) ?? [];
  return [
    ...(await contactEvents(tx, owner, by, 'contact.created', created, (row) => ({ at, source, tags: tagsOf(row) }))),
    ...(await contactEvents(tx, owner, by, 'contact.updated', changed, ({ personId, nameChanged, fieldsChanged }) => {
      const { name, customFields = {} } = entries.get(personId)!;
      const fields = fieldsChanged && { customFields: Object.keys(customFields) };
      return { at, changes: { ...(nameChanged && { name }), ...fields } };
    })),
    ...(await contactEvents(tx, owner, by, 'contact.tagged', gotTags, (row) => ({
      at,
      added: tagsOf(row),
      removed: [],
    }))),
  ];
}
