import type { Address } from '../address.js';
import type { Fact } from './fact.js';

/** What became known about people. */
export type PeopleFact =
  /**
   * Names of a person: `saved` from the phone's address book, `push` as they call themselves, `verified` by a business.
   * Absent: nothing was said about it; null: there is none any more.
   */
  | Fact<
      'person_named',
      { person: Address; names: { saved?: string | null; push?: string | null; verified?: string | null } }
    >
  /** The picture of a person or a group; null id when it was removed, or is another one that WhatsApp did not name. */
  | Fact<
      'picture_changed',
      {
        of: { person: Address } | { groupId: string };
        pictureId: string | null;
        removed: boolean;
        by: Address | null;
      }
    >
  | Fact<'about_changed', { person: Address; about: string | null }>
  /** The person installed WhatsApp anew: their identity key is another one. */
  | Fact<'identity_key_changed', { person: Address }>
  /** A device of theirs was linked, removed or renewed. */
  | Fact<'devices_changed', { person: Address; change: 'added' | 'removed' | 'updated' }>
  /** The person has another phone number; their LID, and with it their chat, stayed. */
  | Fact<'number_changed', { person: Address; oldPhone: string }>
  | Fact<'block_changed', { person: Address; blocked: boolean }>
  /** The whole list, after a look. */
  | Fact<'block_list', { people: Address[] }>;

/** Seen once and gone: kept nowhere. */
export interface PresenceFact {
  person: Address;
  /** Whether they have WhatsApp open. */
  online: boolean;
  /** Null when they hide it. */
  lastSeenAt: Date | null;
}
