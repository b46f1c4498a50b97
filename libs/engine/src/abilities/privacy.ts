import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';

/**
 * Each privacy setting with the values it may take. `contacts_except`: contacts without those who are exempt, which only
 * the phone can name. Sources: Baileys `Types/Chat`, whatsmeow `types/user.go`.
 */
export const privacyValues = {
  lastSeen: ['all', 'contacts', 'contacts_except', 'none'],
  online: ['all', 'match_last_seen'],
  picture: ['all', 'contacts', 'contacts_except', 'none'],
  about: ['all', 'contacts', 'contacts_except', 'none'],
  readReceipts: ['all', 'none'],
  groupsAdd: ['all', 'contacts', 'contacts_except', 'none'],
  calls: ['all', 'known'],
  messages: ['all', 'contacts'],
} as const satisfies Record<string, readonly string[]>;

export type PrivacySettingName = keyof typeof privacyValues;
export type PrivacyValue = (typeof privacyValues)[PrivacySettingName][number];

/** Null: WhatsApp told none, or a value that is not known here. */
export type PrivacySettings = { [Name in PrivacySettingName]: (typeof privacyValues)[Name][number] | null };

/** To whom posts of the own status are shown; chosen on the phone. */
export interface StatusPrivacy {
  audience: 'contacts' | 'contacts_except' | 'only';
  /** Who is left out, or the only ones. */
  people: Address[];
}

/** Who may see and do what. */
export interface PrivacyAbility {
  read(): Promise<PrivacySettings>;
  /** @throws EngineError `refused_as_invalid` for a value that the setting does not take */
  set(name: PrivacySettingName, value: PrivacyValue): Promise<void>;
  statusAudience(): Promise<StatusPrivacy>;
}

export const privacyMethods: MethodsOf<PrivacyAbility> = { read: 'reads', set: 'changes', statusAudience: 'reads' };
