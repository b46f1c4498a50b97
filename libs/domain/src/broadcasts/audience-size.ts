import { type BroadcastRow, countAudienceContacts, countGroups, countMembers, listSenders, type Tx } from '#database';
import { contactsOf, isListed } from './audience-parts.js';

/**
 * How many an audience names at this moment: those who will be left out, or are named twice, included.
 * @returns null when that is not known yet: the lines of a file are counted by the worker
 */
export async function countAudience(tx: Tx, broadcast: BroadcastRow): Promise<number | null> {
  let count = 0;
  for (const part of broadcast.audience) {
    if (part.type === 'file') continue;
    if (isListed(part)) count += part.value.length;
    else if (part.type === 'groups') count += await countGroups(tx, part.value);
    else if (part.type === 'members') {
      const senders = (await listSenders(tx, [broadcast.id])).map(({ profileId }) => profileId);
      count += await countMembers(tx, part.value, senders);
    } else count += await countAudienceContacts(tx, await contactsOf(tx, part, broadcast));
  }
  if (!broadcast.audience.some(({ type }) => type === 'file')) return count;
  return broadcast.fileRows === null ? null : count + broadcast.fileRows;
}
