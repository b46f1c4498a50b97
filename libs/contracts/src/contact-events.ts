import type { MessageParty } from './events.js';

/** What happened to contacts: payloads of events. None of them has values of custom fields, which may be personal. */

/** How a contact came to be. */
export const contactSources = ['manual', 'api', 'import', 'whatsapp', 'message'] as const;
export type ContactSource = (typeof contactSources)[number];

/** How somebody asked for no more campaigns, or for them again. */
export const optOutSources = ['keyword', 'link', 'user', 'api', 'import'] as const;
export type OptOutSource = (typeof optOutSources)[number];

export interface AboutContact {
  contactId: string;
  person: MessageParty;
  /** ISO 8601. */
  at: string;
}

/** What became known of a contact. Only what changed; null: there is none any more. */
export interface ContactUpdated extends AboutContact {
  changes: {
    /** Given by users of Waypost. */
    name?: string | null;
    savedName?: string | null;
    pushName?: string | null;
    verifiedName?: string | null;
    about?: string | null;
    blocked?: boolean;
    /** Keys of the custom fields that were set or removed; their values are to be asked for. */
    customFields?: string[];
  };
}

export interface ContactPictureChanged extends AboutContact {
  /** WhatsApp's id of the picture; null: it was removed, or WhatsApp did not say which it is. */
  pictureId: string | null;
  removed: boolean;
}

export interface ContactNumberChanged {
  person: MessageParty;
  /** Digits without plus. */
  oldPhone: string;
  newPhone: string;
  at: string;
}

export interface ContactCreated extends AboutContact {
  source: ContactSource;
  tags: string[];
}

export interface ContactTagged extends AboutContact {
  added: string[];
  removed: string[];
}

export interface ContactOptChanged extends AboutContact {
  source: OptOutSource;
  /** In somebody's words, or the keyword that was written. */
  reason: string | null;
}

export interface ContactMerged extends AboutContact {
  /** The contact that is gone; what it had is at `contactId` now. */
  mergedContactId: string;
}

/** A tag of a profile was taken off all its contacts. */
export interface TagDeleted {
  tag: string;
  /** How many contacts had it. */
  contacts: number;
}

export interface TagRenamed extends TagDeleted {
  newTag: string;
}
