import type { Address } from '../address.js';
import type { ChatAddress } from '../chat-address.js';
import type { KeyTransactions } from './key-transactions.js';
import type { KeyChanges } from './key-writer.js';

/** How Baileys names the entry that leads from a LID to its phone number. */
const reverse = '_reverse';

/** The pairs of phone number and LID that the Signal layer has learnt, as it keeps them in its key store. */
export class AddressBook {
  constructor(private readonly keys: KeyTransactions) {}

  /** As `complete`, for the other party of a chat of two; other chats have one form only. */
  async completeChat(chat: ChatAddress): Promise<ChatAddress> {
    return chat.kind === 'user'
      ? { kind: 'user', ...(await this.complete({ phone: chat.phone, lid: chat.lid })) }
      : chat;
  }

  /** Adds the form that is missing, if it is known here. Asks nobody. */
  async complete(address: Address): Promise<Address> {
    return (await this.completeAll([address]))[0]!;
  }

  /** The same for many, in their order, with one read. */
  async completeAll(addresses: readonly Address[]): Promise<Address[]> {
    const ids = [...new Set(addresses.flatMap((address) => missingKey(address) ?? []))];
    if (ids.length === 0) return [...addresses];
    const found = await this.keys.get('lid-mapping', ids);
    return addresses.map(({ phone, lid }) => {
      const other = text(found[missingKey({ phone, lid }) ?? '']);
      return phone ? { phone, lid: lid ?? other } : { phone: other, lid };
    });
  }
}

/** Under which key the form is that an address lacks; null when it lacks none. */
function missingKey({ phone, lid }: Address): string | null {
  if (phone && !lid) return phone;
  return lid && !phone ? `${lid}${reverse}` : null;
}

/** The pairs that a commit adds. */
export function learntPairs(keys: KeyChanges): Address[] {
  return Object.entries(keys['lid-mapping'] ?? {})
    .filter(([id, value]) => !id.endsWith(reverse) && typeof value === 'string')
    .map(([phone, lid]) => ({ phone, lid: lid as string }));
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
