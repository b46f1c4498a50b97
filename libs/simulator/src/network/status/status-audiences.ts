import type { Account } from '../account.js';

/** Who sees the status of an account: all contacts, all but some, or only some. */
export interface StatusAudience {
  mode: 'contacts' | 'except' | 'only';
  people: ReadonlySet<Account>;
}

export interface SavedAudience {
  number: string;
  mode: StatusAudience['mode'];
  people: string[];
}

const EVERY_CONTACT: StatusAudience = { mode: 'contacts', people: new Set() };

/** The status privacy of every account, and what follows from it. */
export class StatusAudiences {
  private readonly chosen = new Map<Account, StatusAudience>();

  of(account: Account): StatusAudience {
    return this.chosen.get(account) ?? EVERY_CONTACT;
  }

  set(account: Account, audience: StatusAudience): void {
    this.chosen.set(account, audience);
  }

  /** Who gets the next status: contacts who have not blocked the author, chosen by the privacy list. */
  peopleFor(account: Account): Account[] {
    const { mode, people } = this.of(account);
    const candidates = mode === 'only' ? people : contactsOf(account);
    return [...candidates].filter((one) => one !== account && (mode !== 'except' || !people.has(one)));
  }

  snapshot(): SavedAudience[] {
    return [...this.chosen].map(([{ number }, { mode, people }]) => ({
      number,
      mode,
      people: [...people].map((one) => one.number),
    }));
  }

  restore(saved: readonly SavedAudience[], account: (number: string) => Account): void {
    for (const { number, mode, people } of saved) {
      this.set(account(number), { mode, people: new Set(people.map(account)) });
    }
  }
}

/** Whoever is in the address book or has been written with. */
const contactsOf = (account: Account): Set<Account> => new Set([...account.card.contacts, ...account.peers]);
