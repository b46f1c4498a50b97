import type { Account } from '../account.js';
import type { Directory } from '../directory.js';

/** Who hears when something about an account changes: whoever has talked to it or has it in the address book. */
export function audienceOf(account: Account, directory: Directory): Set<Account> {
  const audience = new Set(account.peers);
  for (const other of directory.accounts) if (other.card.contacts.has(account)) audience.add(other);
  audience.delete(account);
  return audience;
}
