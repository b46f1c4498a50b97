import type { ContactId, EventActor, NewEvent, OptOutSource } from '#contracts';
import { setOptedOut, type Tx } from '#database';
import { contactEvents } from './contact-events.js';

export interface OptOutChange {
  contactIds: readonly ContactId[];
  isOptedOut: boolean;
  source: OptOutSource;
  /** In somebody's words, or the keyword that was written. */
  reason?: string | null;
  by: EventActor;
  /** When they said so. Default: now. */
  at?: Date;
}

/**
 * Contacts of one profile want no more campaigns, or want them again. Who is so already stays so, without an event; that
 * makes it safe to repeat.
 * @returns the events, which the caller appends as its last statement
 */
export async function changeOptOut(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  { contactIds, isOptedOut, source, reason = null, by, at = new Date() }: OptOutChange,
): Promise<NewEvent[]> {
  if (contactIds.length === 0) return [];
  const changed = await setOptedOut(tx, contactIds, { isOptedOut, source, reason, at });
  const name = isOptedOut ? 'contact.opted_out' : 'contact.opted_in';
  return contactEvents(tx, owner, by, name, changed, () => ({ at: at.toISOString(), source, reason }));
}
