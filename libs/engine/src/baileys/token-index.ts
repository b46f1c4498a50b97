import type { KeyChanges } from './key-writer.js';

/** Under this id Baileys 7 keeps the addresses of all privacy tokens (`TC_TOKEN_INDEX_KEY` of its tc-token-utils). */
const INDEX = '__index';

/**
 * Baileys lists the addresses of all privacy tokens in one value, to find those that are expired, and writes all of it
 * again for each new contact: with 25,000 contacts 700 KB for one message, and as much memory for each connection. So the
 * list is not kept: it always reads as empty, and what is put into it is left out.
 *
 * An expired token is cleared when the contact is written to the next time, where Baileys looks at its age itself.
 */
export function withoutIndex(ids: string[], type: string): string[] {
  return type === 'tctoken' ? ids.filter((id) => id !== INDEX) : ids;
}

/** What is to be kept of changes: all but that list. */
export function keptOf(changes: KeyChanges): KeyChanges {
  const { tctoken, ...others } = changes;
  if (!tctoken || !(INDEX in tctoken)) return changes;
  const { [INDEX]: _list, ...tokens } = tctoken;
  return Object.keys(tokens).length === 0 ? others : { ...others, tctoken: tokens };
}
