import type { EventActor, EventName, EventPayloads, NewEvent } from '#contracts';
import { readParties, type Tx } from '#database';

/** Of what an event tells; a contact is named by its id and by its person. */
export interface OfContact {
  contactId: string;
  personId: string;
}

/**
 * Events about contacts of a profile, one of each item, with the persons as they are called now: one read for all. The
 * caller appends them.
 */
export async function contactEvents<T extends OfContact, Name extends EventName>(
  tx: Tx,
  { organizationId, profileId }: { organizationId: string; profileId: string },
  actor: EventActor,
  name: Name,
  items: T[],
  more: (item: T) => Omit<EventPayloads[Name], 'contactId' | 'person'>,
): Promise<NewEvent[]> {
  if (items.length === 0) return [];
  const parties = await readParties(
    tx,
    profileId,
    items.map((item) => item.personId),
  );
  return items.map((item, index) => {
    const payload = { contactId: item.contactId, person: parties[index]!, ...more(item) };
    return { organizationId, profileId, name, actor, payload } as unknown as NewEvent;
  });
}
