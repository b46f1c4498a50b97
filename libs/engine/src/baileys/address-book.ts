import { type Address, joinAddresses } from '../address.js';
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
    const { phone, lid } = address;
    if (phone && !lid) {
      const found = await this.keys.get('lid-mapping', [phone]);
      return joinAddresses(address, { phone, lid: text(found[phone]) })!;
    }
    if (lid && !phone) {
      const id = `${lid}${reverse}`;
      const found = await this.keys.get('lid-mapping', [id]);
      return joinAddresses(address, { phone: text(found[id]), lid })!;
    }
    return address;
  }
}

/** The pairs that a commit adds. */
export function learntPairs(keys: KeyChanges): Address[] {
  return Object.entries(keys['lid-mapping'] ?? {})
    .filter(([id, value]) => !id.endsWith(reverse) && typeof value === 'string')
    .map(([phone, lid]) => ({ phone, lid: lid as string }));
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
