import {
  addJoinRequests,
  forgetGroupMembers,
  type GroupRow,
  lockGroups,
  removeJoinRequests,
  saveGroups,
  type Tx,
} from '#database';
import type { OwnedProfile } from '../messaging/owned-profile.js';
import { type FactPeople, peopleOf } from './fact-people.js';
import type { FactHandler, FactOf } from './fact-recorder.js';
import { GroupEvents } from './group-events.js';
import { membershipEnd } from './group-snapshots.js';

/** Changes of groups that are stored. Of others nothing is known to change: their next look tells it whole. */
export const storeGroupChanges: FactHandler<'group_changed'> = async (tx, owned, facts) => {
  const around = await surroundings(tx, owned, facts);
  const { rows, events } = around;
  const told = facts.flatMap((fact) => {
    const before = rows.get(fact.groupId);
    const after = before && changed(before, fact);
    if (!after) return [];
    rows.set(fact.groupId, after);
    return events.updated(before, after, fact);
  });
  await saveGroups(tx, owned.lease, [...rows.values()]);
  return [...around.people.events, ...told];
};

export const storeGroupsGone: FactHandler<'group_gone'> = async (tx, owned, facts) => {
  const { rows, people, events } = await surroundings(tx, owned, facts);
  const told = facts.flatMap((fact) => {
    const before = rows.get(fact.groupId);
    if (!before?.ownRole) return [];
    rows.set(fact.groupId, { ...before, ...membershipEnd(fact.reason, fact.at) });
    return [events.left(before, fact, fact.reason)];
  });
  const gone = [...rows.values()];
  await saveGroups(tx, owned.lease, gone);
  await forgetGroupMembers(
    tx,
    gone.map(({ id }) => id),
  );
  return [...people.events, ...told];
};

export const storeInviteChanges: FactHandler<'group_invite_changed'> = async (tx, owned, facts) => {
  const { rows, people, events } = await surroundings(tx, owned, facts);
  const told = facts.flatMap((fact) => {
    const before = rows.get(fact.groupId);
    if (!before || (before.inviteChangedAt && before.inviteChangedAt >= fact.at)) return [];
    rows.set(fact.groupId, { ...before, inviteChangedAt: fact.at });
    return [events.inviteChanged(before, fact)];
  });
  await saveGroups(tx, owned.lease, [...rows.values()]);
  return [...people.events, ...told];
};

export const storeJoinRequests: FactHandler<'group_join_request'> = async (tx, owned, facts) => {
  const { rows, people, events } = await surroundings(tx, owned, facts, (fact) => [fact.person]);
  const known = facts.flatMap((fact) => {
    const group = rows.get(fact.groupId);
    const personId = people.personOf(fact.person);
    return group && personId ? [{ fact, group, groupId: group.id, personId, at: fact.at }] : [];
  });
  const told: typeof known = [];
  // In their order: somebody may ask, take it back, and ask again.
  for (const one of known) {
    const change =
      one.fact.change === 'created'
        ? addJoinRequests(tx, owned.lease.organizationId, [one])
        : removeJoinRequests(tx, [one]);
    if ((await change).length > 0) told.push(one);
  }
  return [
    ...people.events,
    ...told.map(({ fact, group, personId }) => events.joinRequest(group, fact, personId, fact.change)),
  ];
};

type NamingOneGroup = FactOf<'group_changed' | 'group_gone' | 'group_invite_changed' | 'group_join_request'>;

/** The stored groups that facts name, and the people. */
async function surroundings<F extends NamingOneGroup>(
  tx: Tx,
  owned: OwnedProfile,
  facts: F[],
  named: (fact: F) => Parameters<FactPeople['personOf']>[0][] = () => [],
) {
  const people = await peopleOf(
    tx,
    owned,
    facts.flatMap((fact) => [fact.by, ...named(fact)]),
  );
  const waIds = [...new Set(facts.map(({ groupId }) => groupId))];
  const rows = await lockGroups(tx, owned.lease.profileId, waIds);
  const events = await GroupEvents.read(tx, owned, { waIds, personIds: people.personIds, personOf: people.personOf });
  return { rows, people, events };
}

/** Null when the row is newer than the fact. */
function changed(row: GroupRow, { changes, at }: FactOf<'group_changed'>): GroupRow | null {
  const { communityId, ...rest } = changes;
  if (changes.subject !== undefined && row.subjectSetAt && row.subjectSetAt > at) return null;
  if (changes.description !== undefined && row.descriptionSetAt && row.descriptionSetAt > at) return null;
  return {
    ...row,
    ...rest,
    ...(communityId === undefined ? {} : { communityWaId: communityId }),
    ...(changes.subject === undefined ? {} : { subjectSetAt: at }),
    ...(changes.description === undefined ? {} : { descriptionSetAt: at }),
  };
}
