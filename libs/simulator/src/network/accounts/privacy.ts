import type { Account } from '../account.js';

/**
 * Each privacy setting and the values it may take; the first is what a new account has. Sources: Baileys
 * `Types/Chat` (`WAPrivacyValue` and its kin) and whatsmeow `types/user.go`.
 */
export const PRIVACY_SETTINGS = {
  readreceipts: ['all', 'none'],
  last: ['all', 'contacts', 'contact_blacklist', 'none'],
  online: ['all', 'match_last_seen'],
  profile: ['all', 'contacts', 'contact_blacklist', 'none'],
  status: ['all', 'contacts', 'contact_blacklist', 'none'],
  groupadd: ['all', 'contacts', 'contact_blacklist', 'none'],
  calladd: ['all', 'known'],
  messages: ['all', 'contacts'],
} as const satisfies Record<string, readonly string[]>;

export type PrivacySetting = keyof typeof PRIVACY_SETTINGS;

/** True when the value is one that the setting may take. */
export function isPrivacyValue(name: string, value: string): name is PrivacySetting {
  const values: readonly string[] | undefined = PRIVACY_SETTINGS[name as PrivacySetting];
  return values?.includes(value) ?? false;
}

/** True when `viewer` may see or do what the setting of `owner` is about. Blocked people see nothing. */
export function allows(owner: Account, viewer: Account, setting: PrivacySetting): boolean {
  if (owner === viewer) return true;
  if (owner.blocked.has(viewer.address('lid'))) return false;
  const value = owner.privacy.get(setting) ?? 'all';
  switch (value) {
    case 'all':
      return true;
    case 'contacts':
      return owner.card.contacts.has(viewer);
    case 'contact_blacklist':
      return owner.card.contacts.has(viewer) && !owner.card.exempt.get(setting)?.has(viewer);
    // Somebody is known who is in the address book or has been written to.
    case 'known':
      return owner.card.contacts.has(viewer) || owner.peers.has(viewer);
    case 'match_last_seen':
      return allows(owner, viewer, 'last');
    default:
      return false;
  }
}

/** Whoever hides the last time they were seen does not see that of others. */
export const seesLastSeen = (owner: Account, viewer: Account): boolean =>
  allows(owner, viewer, 'last') && (owner === viewer || viewer.privacy.get('last') !== 'none');

/** Read receipts pass between two people only when both have them on. */
export const sharesReadReceipts = (reader: Account, author: Account): boolean =>
  reader === author || (reader.privacy.get('readreceipts') !== 'none' && author.privacy.get('readreceipts') !== 'none');
