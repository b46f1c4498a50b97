import type { EventName, EventPayloads, NewEvent } from '#contracts';
import {
  type ChangedContact,
  type ContactFactName,
  type ContactFacts,
  readAddresses,
  readOwnAddress,
  readParties,
  resolvePersons,
  setContactFact,
  setGroupPictures,
  type Tx,
  unblockOthers,
} from '#database';
import type { Address, FactSource } from '#engine';
import { contactEvents } from '../contacts/contact-events.js';
import { mergeEvents } from '../messaging/message-events.js';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import type { FactHandler, FactHandlers } from './fact-recorder.js';
import { isNews, lastWords } from './place-chats.js';

interface PersonFact {
  person: Address;
  at: Date;
  source: FactSource;
}

/** A fact with the person that it is about. */
interface Known<Fact> {
  fact: Fact;
  personId: string;
}

const nameColumns = { saved: 'savedName', push: 'pushName', verified: 'verifiedName' } as const;

const named: FactHandler<'person_named'> = async (tx, owned, facts) => {
  const { known, events } = await personsOf(tx, owned, facts);
  const changes = new Map<string, EventPayloads['contact.updated']['changes']>();
  const contacts = new Map<string, ChangedContact>();
  for (const kind of ['saved', 'push', 'verified'] as const) {
    const column = nameColumns[kind];
    const said = known.filter(({ fact }) => fact.names[kind] !== undefined);
    const changed = await keep(tx, owned, column, said, (fact) => fact.names[kind] ?? null);
    for (const { contact, fact } of changed.filter((each) => isNews(each.fact))) {
      contacts.set(contact.personId, contact);
      changes.set(contact.personId, { ...changes.get(contact.personId), [column]: fact.names[kind] ?? null });
    }
  }
  const told = [...contacts.values()].map((contact) => ({ contact, changes: changes.get(contact.personId)! }));
  const at = new Map(known.map(({ personId, fact }) => [personId, fact.at]));
  const updates = await tell(tx, owned, 'contact.updated', told, ({ contact, changes }) => ({
    at: at.get(contact.personId)!.toISOString(),
    changes,
  }));
  return [...events, ...updates];
};

const aboutChanged: FactHandler<'about_changed'> = async (tx, owned, facts) => {
  const { known, events } = await personsOf(tx, owned, facts);
  const changed = await keep(tx, owned, 'about', known, (fact) => fact.about);
  const told = await tell(tx, owned, 'contact.updated', changed, ({ fact }) => ({
    at: fact.at.toISOString(),
    changes: { about: fact.about },
  }));
  return [...events, ...told];
};

const pictureChanged: FactHandler<'picture_changed'> = async (tx, owned, facts) => {
  // Of a group only which picture it has now is kept; the file is asked for when it is wanted.
  const ofGroups = new Map(
    facts.flatMap(({ of, pictureId }): [string, string | null][] => ('groupId' in of ? [[of.groupId, pictureId]] : [])),
  );
  if (ofGroups.size > 0) {
    const pictures = [...ofGroups].map(([waId, pictureId]) => ({ waId, pictureId }));
    await setGroupPictures(tx, owned.lease.profileId, pictures);
  }
  const ofPeople = facts.flatMap((fact) => ('person' in fact.of ? { ...fact, person: fact.of.person } : []));
  const { known, events } = await personsOf(tx, owned, ofPeople);
  const changed = await keep(tx, owned, 'pictureId', known, (fact) => fact.pictureId);
  const told = await tell(tx, owned, 'contact.picture_changed', changed, ({ fact }) => ({
    at: fact.at.toISOString(),
    pictureId: fact.pictureId,
    removed: fact.removed,
  }));
  return [...events, ...told];
};

const identityChanged: FactHandler<'identity_key_changed'> = async (tx, owned, facts) => {
  const { known, events } = await personsOf(tx, owned, facts);
  const changed = await keep(tx, owned, 'identityChangedAt', known, (fact) => fact.at);
  const told = await tell(tx, owned, 'contact.identity_changed', changed, ({ fact }) => ({
    at: fact.at.toISOString(),
  }));
  return [...events, ...told];
};

const blockChanged: FactHandler<'block_changed'> = async (tx, owned, facts) => {
  const { known, events } = await personsOf(tx, owned, facts);
  const changed = await keep(tx, owned, 'isBlocked', known, (fact) => fact.blocked);
  const told = await tell(tx, owned, 'contact.updated', changed, ({ fact }) => ({
    at: fact.at.toISOString(),
    changes: { blocked: fact.blocked },
  }));
  return [...events, ...told];
};

/** Each list is whole, so the last one counts. */
const blockList: FactHandler<'block_list'> = async (tx, owned, facts) => {
  const { people, at, source } = facts.at(-1)!;
  const listed = people.map((person) => ({ person, at, source }));
  const { known, events } = await personsOf(tx, owned, listed);
  const blocked = await keep(tx, owned, 'isBlocked', known, () => true);
  const freed = await unblockOthers(
    tx,
    owned.lease.profileId,
    known.map(({ personId }) => personId),
  );
  const changed = [
    ...blocked.map(({ contact }) => ({ contact, isBlocked: true })),
    ...freed.map((contact) => ({ contact, isBlocked: false })),
  ];
  const told = await tell(tx, owned, 'contact.updated', changed, ({ isBlocked }) => ({
    at: at.toISOString(),
    changes: { blocked: isBlocked },
  }));
  return [...events, ...told];
};

/**
 * The LID stays when the number changes, so the number goes to the person of the LID. Where WhatsApp does not tell the LID,
 * it is that of whoever had the old number; where nobody knows it, two numbers stay two persons.
 */
const numberChanged: FactHandler<'number_changed'> = async (tx, owned, facts) => {
  const { organizationId, profileId } = owned.lease;
  const told = lastWords(facts, ({ oldPhone }) => oldPhone);
  const olds = await resolvePersons(
    tx,
    organizationId,
    told.map(({ oldPhone }) => ({ phone: oldPhone, lid: null })),
  );
  const addresses = await readAddresses(tx, olds.personIds);
  const before = told.map(({ person }, index) => ({
    phone: person.phone,
    lid: person.lid ?? addresses.get(olds.personIds[index]!)?.lid ?? null,
  }));
  const news = await resolvePersons(tx, organizationId, before);
  const parties = await readParties(tx, profileId, news.personIds);
  const changed = told.flatMap(({ person, oldPhone, at }, index): NewEvent[] => {
    // It was known already.
    if (addresses.get(olds.personIds[index]!)?.phone === person.phone) return [];
    const payload = { person: parties[index]!, oldPhone, newPhone: person.phone!, at: at.toISOString() };
    return [{ organizationId, profileId, name: 'contact.number_changed', actor: { kind: 'whatsapp' }, payload }];
  });
  return [...mergeEvents([...olds.merges, ...news.merges]), ...changed];
};

/** What WhatsApp tells of people, kept in the profile's contacts. */
export const peopleFactHandlers: FactHandlers = {
  person_named: named,
  about_changed: aboutChanged,
  picture_changed: pictureChanged,
  identity_key_changed: identityChanged,
  block_changed: blockChanged,
  block_list: blockList,
  number_changed: numberChanged,
};

/** The persons of facts, without the account itself: it is no contact of its own. */
async function personsOf<Fact extends PersonFact>(
  tx: Tx,
  { lease }: OwnedProfile,
  facts: Fact[],
): Promise<{ known: Known<Fact>[]; events: NewEvent[] }> {
  const own = await readOwnAddress(tx, lease.profileId);
  const others = facts.filter(({ person: { phone, lid } }) => {
    return !((phone !== null && phone === own.phone) || (lid !== null && lid === own.lid));
  });
  if (others.length === 0) return { known: [], events: [] };
  const { personIds, merges } = await resolvePersons(
    tx,
    lease.organizationId,
    others.map(({ person }) => person),
  );
  return { known: others.map((fact, index) => ({ fact, personId: personIds[index]! })), events: mergeEvents(merges) };
}

/** Keeps one thing of each person, the last that was said. @returns what was otherwise before */
async function keep<Fact, Name extends ContactFactName>(
  tx: Tx,
  { lease }: OwnedProfile,
  name: Name,
  known: Known<Fact>[],
  told: (fact: Fact) => NonNullable<ContactFacts[Name]> | null,
): Promise<{ contact: ChangedContact; fact: Fact }[]> {
  const last = new Map(known.map(({ personId, fact }) => [personId, fact]));
  if (last.size === 0) return [];
  const rows = [...last].map(([personId, fact]) => ({ personId, value: told(fact) }));
  const changed = await setContactFact(tx, lease, name, rows);
  return changed.map((contact) => ({ contact, fact: last.get(contact.personId)! }));
}

function tell<T extends { contact: ChangedContact }, Name extends EventName>(
  tx: Tx,
  { lease }: OwnedProfile,
  name: Name,
  changed: T[],
  more: (item: T) => Omit<EventPayloads[Name], 'contactId' | 'person'>,
): Promise<NewEvent[]> {
  const items = changed.map((item) => ({ ...item.contact, item }));
  return contactEvents(tx, lease, { kind: 'whatsapp' }, name, items, ({ item }) => more(item));
}
