import { createHash } from 'node:crypto';
import { errors } from '#contracts';
import { countGuess, type Database, type GuessRule, uncountGuess, waitOfGuesses } from '#database';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * How often may be guessed. `pair` is one account from one network or device, `account` one account from wherever nobody
 * ever logged in to it, `network` any account from one network.
 *
 * A stranger who goes on guessing at an account makes only strangers wait: who comes with a device or from a network that
 * logged in before is counted by its `pair` alone, and so is not shut out.
 */
const rules = {
  pair: { free: 10, firstWait: 30, longestWait: 15 * MINUTE, forgetAfter: HOUR },
  account: { free: 30, firstWait: MINUTE, longestWait: 15 * MINUTE, forgetAfter: DAY },
  network: { free: 100, firstWait: MINUTE, longestWait: 15 * MINUTE, forgetAfter: HOUR },
  /** Mails to one address that anybody can ask for. */
  mail: { free: 4, firstWait: HOUR, longestWait: HOUR, forgetAfter: HOUR },
} as const satisfies Record<string, GuessRule>;

/** What is guessed. Each kind has counters of its own. */
export type GuessKind = 'password' | 'code' | 'confirm' | 'registration';

export interface Guesser {
  /** The account that is guessed at, whether it exists or not. */
  account: string;
  /** The network it comes from; IPv6 addresses of one host are one. Null where the caller is known by a session. */
  network: string | null;
  /** A device or session that the account knows: it has a counter of its own and none of the account's. */
  known: string | null;
}

/** One counted guess. */
export interface CountedGuess {
  /** After this one, should it be wrong, one has to wait. */
  closes: boolean;
  /** It was right after all: it does not count, and what this guesser got wrong before is forgotten. */
  wasRight(): Promise<void>;
}

/**
 * Makes guessing slow, in all processes together. A guess is counted before it is looked at and by the name that was
 * given, so that neither many at once nor an account that does not exist are treated otherwise.
 */
export class GuessGuard {
  constructor(private readonly db: Database) {}

  /** @throws tooManyAttempts with the seconds to wait; the guess must not be looked at then */
  async count(kind: GuessKind, guesser: Guesser): Promise<CountedGuess> {
    const account = hashOf(guesser.account);
    const pair = `${kind}:pair:${account}:${hashOf(guesser.known ?? guesser.network ?? '')}`;
    const others: [string, GuessRule][] = [];
    if (guesser.known === null) others.push([`${kind}:account:${account}`, rules.account]);
    if (guesser.network !== null) others.push([`${kind}:network:${guesser.network}`, rules.network]);
    const closes = await this.take([[pair, rules.pair], ...others]);
    return {
      closes,
      wasRight: () => uncountGuess(this.db, { forget: [pair], refund: others.map(([key]) => key) }),
    };
  }

  /** Whether one more mail may go to an address. Whoever asks for it is answered the same either way. */
  async mayMail(email: string): Promise<boolean> {
    return this.db.system(async (tx) => (await countGuess(tx, `mail:${hashOf(email)}`, rules.mail)) !== null);
  }

  /** Forgets what strangers guessed at an account, after its owner showed who they are in another way. */
  async forgive(account: string): Promise<void> {
    const hash = hashOf(account);
    const kinds: GuessKind[] = ['password', 'code'];
    await uncountGuess(this.db, { forget: kinds.map((kind) => `${kind}:account:${hash}`), refund: [] });
  }

  private async take(counters: [string, GuessRule][]): Promise<boolean> {
    // All or none: a guess that one counter refuses is not counted by the others. Sorted, so that two cannot deadlock.
    const sorted = [...counters].sort(([one], [other]) => (one < other ? -1 : 1));
    try {
      return await this.db.system(async (tx) => {
        let closes = false;
        for (const [key, rule] of sorted) {
          const counted = await countGuess(tx, key, rule);
          if (counted === null) throw new Refused();
          closes ||= counted.closes;
        }
        return closes;
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const seconds = await waitOfGuesses(
        this.db,
        sorted.map(([key]) => key),
      );
      throw errors.tooManyAttempts({ retryAfterSeconds: Math.max(seconds, 1) });
    }
  }
}

class Refused extends Error {}

/** Counters do not keep the names of people, least of all of those who have no account. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32);
}
