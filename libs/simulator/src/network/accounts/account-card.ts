import type { Account } from '../account.js';
import type { Directory } from '../directory.js';
import { type Business, emptyBusiness } from './business.js';

/** A trusted contact token that an account gave to another. */
export interface PrivacyToken {
  token: Buffer;
  /** Seconds since 1970, as the issuer stated it. */
  issuedAt: number;
}

/** What the server keeps about a person besides keys and messages. */
export class AccountCard {
  /** The address book, as the phone has told the server. */
  readonly contacts = new Set<Account>();
  /** For settings that exempt somebody: the people who are exempt, by the name of the setting. */
  readonly exempt = new Map<string, Set<Account>>();
  /** The tokens that this account gave to others. */
  readonly tokens = new Map<Account, PrivacyToken>();
  /** Milliseconds since 1970 of the last change of the about text. */
  aboutAt = 0;
  /** How long new chats keep messages, in seconds; 0 for ever. */
  disappearing = { seconds: 0, at: 0 };
  username?: string;
  /** Of the link that others scan to get to this account; absent until it is asked for. */
  contactCode?: string;
  /** Present for WhatsApp Business accounts. */
  business?: Business;
  /** What a login is told to fetch anew, until the device says that it did: kind → seconds since 1970. */
  readonly dirty = new Map<number, Map<string, number>>();

  /** Makes the account a business, if it is none. */
  ensureBusiness(): Business {
    this.business ??= emptyBusiness();
    return this.business;
  }

  snapshot(): SavedCard {
    const { aboutAt, disappearing, username, business, contactCode } = this;
    return {
      ...{ aboutAt, disappearing, username, business, contactCode },
      contacts: [...this.contacts].map(({ number }) => number),
      exempt: [...this.exempt].map(([name, people]) => [name, [...people].map(({ number }) => number)]),
      tokens: [...this.tokens].map(([{ number }, token]) => [number, token]),
      dirty: [...this.dirty].map(([device, kinds]) => [device, [...kinds]]),
    };
  }

  /** Only after every account was made. */
  restore(saved: SavedCard, directory: Directory): void {
    const { aboutAt, disappearing, username, business, contactCode } = saved;
    Object.assign(this, { aboutAt, disappearing, username, business, contactCode });
    for (const number of saved.contacts) this.contacts.add(directory.ensure(number));
    for (const [name, numbers] of saved.exempt) {
      this.exempt.set(name, new Set(numbers.map((number) => directory.ensure(number))));
    }
    for (const [number, token] of saved.tokens) this.tokens.set(directory.ensure(number), token);
    for (const [device, kinds] of saved.dirty) this.dirty.set(device, new Map(kinds));
  }
}

export interface SavedCard {
  aboutAt: number;
  disappearing: { seconds: number; at: number };
  username?: string;
  contactCode?: string;
  business?: Business;
  contacts: string[];
  exempt: [string, string[]][];
  tokens: [string, PrivacyToken][];
  dirty: [number, [string, number][]][];
}
