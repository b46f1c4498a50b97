import {
  type GroupMemberRow,
  type GroupRow,
  lockGroups,
  readGroupMembers,
  removeGroupMembers,
  removeJoinRequests,
  saveGroupMembers,
  saveGroups,
} from '#database';
import { memberAddress, memberStep } from '#engine';
import { type FactPeople, peopleOf } from './fact-people.js';
import type { FactHandler, FactOf } from './fact-recorder.js';
import { GroupEvents } from './group-events.js';

/** Who came, went, or has another role now. A repeat changes nothing and is not told again. */
export const storeMemberChanges: FactHandler<'group_members_changed'> = async (tx, owned, facts) => {
  const { organizationId, profileId } = owned.lease;
  const people = await peopleOf(
    tx,
    owned,
    facts.flatMap((fact) => [fact.by, ...fact.members]),
  );
  const waIds = [...new Set(facts.map(({ groupId }) => groupId))];
  const rows = await lockGroups(tx, profileId, waIds);
  const present = await presentMembers(tx, rows, facts);
  const before = new Map(present);
  const events = await GroupEvents.read(tx, owned, { waIds, personIds: people.personIds, personOf: people.personOf });
  const told = facts.flatMap((fact) => {
    const row = rows.get(fact.groupId);
    if (!row?.ownRole || memberStep(row.memberVersion, fact.versions) === 'known') return [];
    const { next, changed } = applied(row, fact, present, people);
    rows.set(row.waId, next);
    return events.members(next, fact, fact.change, changed);
  });
  await saveGroups(tx, owned.lease, [...rows.values()]);
  await removeGroupMembers(
    tx,
    [...before].flatMap(([key, member]) => (present.has(key) ? [] : [member])),
  );
  const saved = [...present].flatMap(([key, member]) => (before.get(key) === member ? [] : [member]));
  await saveGroupMembers(tx, organizationId, saved);
  await removeJoinRequests(
    tx,
    saved.flatMap(({ groupId, personId }) => (personId ? [{ groupId, personId }] : [])),
  );
  return [...people.events, ...told];
};

type Members = Map<string, GroupMemberRow>;

async function presentMembers(
  tx: Parameters<typeof readGroupMembers>[0],
  rows: Map<string, GroupRow>,
  facts: FactOf<'group_members_changed'>[],
): Promise<Members> {
  const addresses = facts.flatMap((fact) => {
    const row = rows.get(fact.groupId);
    return row ? fact.members.flatMap((member) => memberAddress(member, row.addressing) ?? []) : [];
  });
  const found = await readGroupMembers(
    tx,
    [...rows.values()].map(({ id }) => id),
    [...new Set(addresses)],
  );
  return new Map(found.map((member) => [keyOf(member), member]));
}

/** The row after a fact, with `present` brought up to it, and whom the fact really changed. */
function applied(row: GroupRow, fact: FactOf<'group_members_changed'>, present: Members, people: FactPeople) {
  const isMissed = memberStep(row.memberVersion, fact.versions) === 'missed';
  const next: GroupRow = {
    ...row,
    memberVersion: fact.versions?.after ?? row.memberVersion,
    membersKnown: row.membersKnown && !isMissed,
  };
  const changed: GroupMemberRow[] = [];
  for (const member of fact.members) {
    const address = memberAddress(member, row.addressing);
    const personId = people.personOf(member) ?? null;
    if (address === null) {
      next.membersKnown = false;
      continue;
    }
    const is: GroupMemberRow = { groupId: row.id, address, personId, role: member.role };
    const was = present.get(keyOf(is));
    if (fact.change === 'removed' || fact.change === 'left') {
      if (!present.delete(keyOf(is))) continue;
      next.memberCount -= 1;
    } else {
      const comes = fact.change === 'added' || fact.change === 'joined';
      if (comes ? was !== undefined : was?.role === is.role) continue;
      present.set(keyOf(is), is);
      if (!was) next.memberCount += 1;
      if (member.isSelf) next.ownRole = is.role;
    }
    // That this account itself is gone is told of the group.
    if (!member.isSelf || fact.change === 'promoted' || fact.change === 'demoted') changed.push(is);
  }
  return { next, changed };
}

const keyOf = ({ groupId, address }: Pick<GroupMemberRow, 'groupId' | 'address'>) => `${groupId} ${address}`;
