import { findQuotable, findShownIds, type QuotableMessage, type Tx } from '#database';

/**
 * Messages of a profile that somebody names by our id or by WhatsApp's, to answer them or to do something to them; by that
 * name, none where there is no such message. What was deleted or cleared from the own devices is not there: a phone could
 * not name it either.
 */
export async function findNamed(tx: Tx, profileId: string, names: string[]): Promise<Map<string, QuotableMessage[]>> {
  const named = await findQuotable(tx, profileId, names);
  const shown = await findShownIds(tx, [...new Set([...named.values()].flat().map(({ id }) => id))]);
  return new Map([...named].map(([name, messages]) => [name, messages.filter(({ id }) => shown.has(id))]));
}
