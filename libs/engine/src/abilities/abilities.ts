import type { MethodsOf } from './ability.js';
import { type BusinessAbility, businessMethods } from './business.js';
import { type CallsAbility, callsMethods } from './calls.js';
import { type ChatsAbility, chatsMethods } from './chats.js';
import { type CommunitiesAbility, communitiesMethods } from './communities.js';
import { type GroupsAbility, groupsMethods } from './groups.js';
import { type HistoryAbility, historyMethods } from './history.js';
import { type LabelsAbility, labelsMethods } from './labels.js';
import { type NewslettersAbility, newslettersMethods } from './newsletters.js';
import { type OwnProfileAbility, ownProfileMethods } from './own-profile.js';
import { type PeopleAbility, peopleMethods } from './people.js';
import { type PresenceAbility, presenceMethods } from './presence.js';
import { type PrivacyAbility, privacyMethods } from './privacy.js';

/**
 * What a connection may be able to do besides messages. An engine that lacks one leaves it out; a method that the network
 * does not give throws `EngineError` with the code `not_supported` and says why.
 */
export interface Abilities {
  readonly communities: CommunitiesAbility;
  readonly groups: GroupsAbility;
  readonly history: HistoryAbility;
  readonly newsletters: NewslettersAbility;
  readonly presence: PresenceAbility;
  readonly chats: ChatsAbility;
  readonly labels: LabelsAbility;
  readonly people: PeopleAbility;
  readonly privacy: PrivacyAbility;
  readonly business: BusinessAbility;
  readonly calls: CallsAbility;
  readonly ownProfile: OwnProfileAbility;
}

export type AbilityName = keyof Abilities;

/** Every method of every ability, for processes that ask by name. */
export const abilityMethods: { readonly [Name in AbilityName]: MethodsOf<Abilities[Name]> } = {
  communities: communitiesMethods,
  groups: groupsMethods,
  history: historyMethods,
  newsletters: newslettersMethods,
  presence: presenceMethods,
  chats: chatsMethods,
  labels: labelsMethods,
  people: peopleMethods,
  privacy: privacyMethods,
  business: businessMethods,
  calls: callsMethods,
  ownProfile: ownProfileMethods,
};

/** A method of an ability by the names that a caller gave; undefined when there is none. */
export function abilityCall(
  abilities: Partial<Abilities>,
  ability: string,
  method: string,
): ((...args: unknown[]) => Promise<unknown>) | undefined {
  if (!Object.hasOwn(abilityMethods, ability) || !Object.hasOwn(abilityMethods[ability as AbilityName], method)) {
    return undefined;
  }
  const found = abilities[ability as AbilityName] as
    | Record<string, (...args: unknown[]) => Promise<unknown>>
    | undefined;
  return found && ((...args) => found[method]!(...args));
}
