import {
  type Actor,
  defaultOptOutKeywords,
  defaultReturnKeywords,
  errors,
  type ProfileId,
  spokenWord,
} from '#contracts';
import { type Database, type OptOutSettingsRow, readOptOutSettings, setOptOutSettings, type Tx } from '#database';
import { assertProfile } from '../messaging/message-history.js';
import { recordAudit } from '../platform/audit-trail.js';

/** How a profile takes it when people want no more campaigns. */
export type OptOutPolicy = Omit<OptOutSettingsRow, 'profileId' | 'updatedAt'>;

/** Holds until a profile chooses: people are listened to, and nothing is answered. */
export const defaultOptOutPolicy: OptOutPolicy = {
  isEnabled: true,
  keywords: [...defaultOptOutKeywords],
  returnKeywords: [...defaultReturnKeywords],
  confirmation: null,
  returnConfirmation: null,
};

/** What is undefined stays; a null confirmation is none. */
export type OptOutPolicyChanges = Partial<OptOutPolicy>;

/** The words that profiles listen to when people want no more campaigns, and what they answer. */
export class OptOutPolicies {
  constructor(private readonly db: Database) {}

  /** @throws notFound */
  get(actor: Actor, profileId: ProfileId): Promise<OptOutPolicy> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      return policyOf(tx, profileId);
    });
  }

  /** @throws notFound; validation for a word that means both */
  update(actor: Actor, profileId: ProfileId, changes: OptOutPolicyChanges): Promise<OptOutPolicy> {
    return this.db.tenant(actor, async (tx) => {
      await assertProfile(tx, actor, profileId);
      const before = await policyOf(tx, profileId);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const after: OptOutPolicy = { ...before, ...given };
      after.keywords = distinctWords(after.keywords, 'keywords');
      after.returnKeywords = distinctWords(after.returnKeywords, 'returnKeywords');
      const both = after.returnKeywords.find((word) => after.keywords.some((other) => isSameWord(word, other)));
      if (both !== undefined) {
        const message = `must not have "${both}", which is one of the keywords`;
        throw errors.validation({ fields: [{ path: 'returnKeywords', message }] });
      }
      await setOptOutSettings(tx, actor.organizationId, { profileId, ...after });
      await recordAudit(tx, actor, {
        action: 'contact.opt_out_settings',
        resource: { type: 'profile', id: profileId },
        before: { ...before },
        after: { ...after },
      });
      return after;
    });
  }
}

async function policyOf(tx: Pick<Tx, 'query'>, profileId: string): Promise<OptOutPolicy> {
  const [row] = await readOptOutSettings(tx, [profileId]);
  if (!row) return defaultOptOutPolicy;
  const { isEnabled, keywords, returnKeywords, confirmation, returnConfirmation } = row;
  return { isEnabled, keywords, returnKeywords, confirmation, returnConfirmation };
}

/** Those of many profiles, for work of the system. */
export async function readOptOutPolicies(
  tx: Pick<Tx, 'query'>,
  profileIds: string[],
): Promise<(profileId: string) => OptOutPolicy> {
  const rows = new Map((await readOptOutSettings(tx, profileIds)).map((row) => [row.profileId, row]));
  return (profileId) => rows.get(profileId) ?? defaultOptOutPolicy;
}

function isSameWord(one: string, other: string): boolean {
  return spokenWord(one) === spokenWord(other);
}

function distinctWords(words: string[], path: string): string[] {
  const silent = words.find((word) => spokenWord(word) === '');
  if (silent !== undefined) {
    throw errors.validation({
      fields: [{ path, message: `must have letters or digits in each word, not "${silent}"` }],
    });
  }
  return words.filter((word, index) => words.findIndex((other) => isSameWord(word, other)) === index);
}
