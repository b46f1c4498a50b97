import type { MethodsOf } from './ability.js';
import { type CommunitiesAbility, communitiesMethods } from './communities.js';
import { type GroupsAbility, groupsMethods } from './groups.js';
import { type PresenceAbility, presenceMethods } from './presence.js';

/**
 * What a connection may be able to do besides messages. An engine that lacks one leaves it out; a method that the network
 * does not give throws `EngineError` with the code `not_supported` and says why.
 */
export interface Abilities {
  readonly communities: CommunitiesAbility;
  readonly groups: GroupsAbility;
  readonly presence: PresenceAbility;
}

export type AbilityName = keyof Abilities;

/** Every method of every ability, for processes that ask by name. */
export const abilityMethods: { readonly [Name in AbilityName]: MethodsOf<Abilities[Name]> } = {
  communities: communitiesMethods,
  groups: groupsMethods,
  presence: presenceMethods,
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
