import type { Address } from './address.js';
import type { GroupFact, GroupInfo } from './facts/group-facts.js';

/** What sending to a group needs to know of it. Small: it is kept for many groups at once. */
export interface GroupRoster {
  addressing: 'phone' | 'lid';
  /** Digits of every member, this account among them, in the form that `addressing` says. */
  members: readonly string[];
  disappearsInSeconds: number | null;
  memberVersion: string | null;
}

/** Null when the members are not told: this account is not one of them. */
export function rosterOf(group: GroupInfo): GroupRoster | null {
  const members = group.members.map((member) => memberAddress(member, group.addressing));
  if (members.length === 0 || members.includes(null)) return null;
  const { addressing, disappearsInSeconds, memberVersion } = group;
  return { addressing, members: members as string[], disappearsInSeconds, memberVersion };
}

/**
 * A roster after what a fact tells, the same when it tells nothing of it. A fact that comes twice changes nothing more.
 * Null when the roster cannot be continued: an earlier change was missed, or this account is no member any more.
 */
export function continueRoster(roster: GroupRoster, fact: GroupFact): GroupRoster | null {
  switch (fact.type) {
    case 'group':
      return rosterOf(fact.group);
    case 'group_gone':
      return null;
    case 'group_changed': {
      const { disappearsInSeconds } = fact.changes;
      return disappearsInSeconds === undefined ? roster : { ...roster, disappearsInSeconds };
    }
    case 'group_members_changed':
      return withMembers(roster, fact);
    default:
      return roster;
  }
}

/**
 * Whether a change of members follows what is known (applying it twice does no harm), is older than it, or shows that
 * one between was missed. Versions grow, as far as they are numbers.
 */
export function memberStep(
  known: string | null,
  versions: { before: string; after: string } | null,
): 'next' | 'known' | 'missed' {
  if (known === null || versions === null || known === versions.before || known === versions.after) return 'next';
  const areNumbers = /^\d+$/.test(known) && /^\d+$/.test(versions.after);
  return areNumbers && BigInt(versions.after) < BigInt(known) ? 'known' : 'missed';
}

function withMembers(
  roster: GroupRoster,
  { change, members, versions }: Extract<GroupFact, { type: 'group_members_changed' }>,
): GroupRoster | null {
  const step = memberStep(roster.memberVersion, versions);
  if (step === 'known') return roster;
  if (step === 'missed') return null;
  const next = { ...roster, memberVersion: versions?.after ?? roster.memberVersion };
  if (change === 'promoted' || change === 'demoted') return next;
  const named = members.map((member) => memberAddress(member, roster.addressing));
  if (named.includes(null)) return null;
  const gone = new Set(named);
  const others = roster.members.filter((member) => !gone.has(member));
  const comes = change === 'added' || change === 'joined';
  return { ...next, members: comes ? [...others, ...(named as string[])] : others };
}

/** How a group names a member; null when that form is not known. */
export function memberAddress({ phone, lid }: Address, addressing: 'phone' | 'lid'): string | null {
  return addressing === 'lid' ? lid : phone;
}
