import type { NewEvent } from '#contracts';
import { resolvePersons, type Tx } from '#database';
import type { GroupActor } from '#engine';
import { mergeEvents } from '../messaging/message-events.js';
import type { OwnedProfile } from '../messaging/owned-profile.js';

/** The persons of people that facts name. This account itself is none. */
export interface FactPeople {
  personOf(actor: GroupActor): string | undefined;
  personIds: string[];
  /** Of persons that turned out to be one. */
  events: NewEvent[];
}

/** Finds or makes them, all in a few statements. */
export async function peopleOf(
  tx: Tx,
  { lease }: OwnedProfile,
  actors: readonly (GroupActor | null)[],
): Promise<FactPeople> {
  const addresses = new Map<string, GroupActor>();
  for (const actor of actors) if (actor && !actor.isSelf) addresses.set(keyOf(actor), actor);
  if (addresses.size === 0) return { personOf: () => undefined, personIds: [], events: [] };
  const asked = [...addresses.values()].map(({ phone, lid }) => ({ phone, lid }));
  const { personIds, merges } = await resolvePersons(tx, lease.organizationId, asked);
  const persons = new Map([...addresses.keys()].map((key, index) => [key, personIds[index]!]));
  return {
    personOf: (actor) => (actor.isSelf ? undefined : persons.get(keyOf(actor))),
    personIds: [...new Set(personIds)],
    events: mergeEvents(merges),
  };
}

const keyOf = ({ phone, lid }: GroupActor): string => `${phone} ${lid}`;
