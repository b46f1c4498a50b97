import { type Actor, type EventName, type EventPayloads, eventActor, type NewEvent } from '#contracts';

/** An event of the actor's organization that concerns no profile. */
export function organizationEvent<N extends EventName>(actor: Actor, name: N, payload: EventPayloads[N]): NewEvent {
  return {
    organizationId: actor.organizationId,
    profileId: null,
    name,
    actor: eventActor(actor),
    payload,
  } as NewEvent;
}
