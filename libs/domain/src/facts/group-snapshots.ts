import { type NewEvent, newId } from '#contracts';
import {
  findOtherGroups,
  forgetGroupMembers,
  type GroupMemberRow,
  type GroupRow,
  lockGroups,
  readGroupMembers,
  removeGroupMembers,
  saveGroupMembers,
  saveGroups,
} from '#database';
import { memberAddress } from '#engine';
import { type FactPeople, peopleOf } from './fact-people.js';
import type { FactHandler, FactOf } from './fact-recorder.js';
import { GroupEvents } from './group-events.js';

/** Stores whole groups as the server told them, however many members they have. */
export const storeGroups: FactHandler<'group'> = async (tx, owned, facts) => {
  const { organizationId, profileId } = owned.lease;
  const latest = [...new Map(facts.map((fact) => [fact.group.id, fact])).values()];
  const people = await peopleOf(
    tx,
    owned,
    latest.flatMap(({ group, by }) => [...group.members, group.owner, by]),
  );
  const known = await lockGroups(
    tx,
    profileId,
    latest.map(({ group }) => group.id),
  );
  const rows = latest.map((fact) => rowOf(fact, known.get(fact.group.id), people));
  const told = latest.flatMap((fact, index) => memberRows(fact, rows[index]!.id, people));
  const changes = changesOf(await readGroupMembers(tx, idsOf([...known.values()])), told, rows);
  await saveGroups(tx, owned.lease, rows);
  await removeGroupMembers(tx, changes.gone);
  await saveGroupMembers(tx, organizationId, [...changes.come, ...changes.otherRole]);

  const events = await GroupEvents.read(tx, owned, {
    waIds: rows.map(({ waId }) => waId),
    personIds: personsToTell(latest, changes, people),
    personOf: people.personOf,
  });
  return [
    ...people.events,
    ...latest.flatMap((fact, index) => {
      const row = rows[index]!;
      const before = known.get(row.waId);
      if (!before?.ownRole) return [events.joined(row, fact, fact.how === 'looked_up' ? 'found' : fact.how)];
      return [
        ...events.updated(before, row, fact),
        ...(before.membersKnown ? memberEvents(events, row, fact, changes) : []),
      ];
    }),
  ];
};

/** Ends the membership in every group that the server does not list. */
export const storeGroupList: FactHandler<'group_list'> = async (tx, owned, facts) => {
  const { groupIds, at } = facts.at(-1)!;
  const gone = await findOtherGroups(tx, owned.lease.profileId, groupIds);
  if (gone.length === 0) return [];
  const rows = gone.map((row): GroupRow => ({ ...row, ...membershipEnd('removed', at) }));
  await saveGroups(tx, owned.lease, rows);
  await forgetGroupMembers(tx, idsOf(rows));
  const events = await GroupEvents.read(tx, owned, {
    waIds: rows.map(({ waId }) => waId),
    personIds: [],
    personOf: () => undefined,
  });
  return rows.map((row) => events.left(row, { by: null, at }, 'removed'));
};

/** What a row says when the account is no member any more. */
export function membershipEnd(goneReason: NonNullable<GroupRow['goneReason']>, goneAt: Date) {
  return { ownRole: null, membersKnown: false, memberCount: 0, memberVersion: null, goneReason, goneAt } as const;
}

function rowOf({ group }: FactOf<'group'>, before: GroupRow | undefined, people: FactPeople): GroupRow {
  const addresses = group.members.map((member) => memberAddress(member, group.addressing));
  return {
    id: before?.id ?? newId(),
    waId: group.id,
    subject: group.subject,
    subjectSetAt: group.subjectSetAt,
    description: group.description,
    descriptionId: group.descriptionId,
    descriptionSetAt: group.descriptionSetAt,
    ownerPersonId: (group.owner && people.personOf(group.owner)) ?? null,
    waCreatedAt: group.createdAt,
    addressing: group.addressing,
    announceOnly: group.announceOnly,
    locked: group.locked,
    memberAddMode: group.memberAddMode,
    joinApproval: group.joinApproval,
    disappearsInSeconds: group.disappearsInSeconds,
    kind: group.kind,
    communityWaId: group.communityId,
    membersMayAddGroups: group.membersMayAddGroups,
    memberCount: group.memberCount,
    memberVersion: group.memberVersion,
    membersKnown: addresses.length > 0 && !addresses.includes(null),
    // Only members are told the whole of a group.
    ownRole: group.members.find(({ isSelf }) => isSelf)?.role ?? 'member',
    goneReason: null,
    goneAt: null,
    inviteChangedAt: before?.inviteChangedAt ?? null,
  };
}

function memberRows({ group }: FactOf<'group'>, groupId: string, people: FactPeople): GroupMemberRow[] {
  const rows = group.members.flatMap((member) => {
    const address = memberAddress(member, group.addressing);
    return address === null ? [] : [{ groupId, address, personId: people.personOf(member) ?? null, role: member.role }];
  });
  return [...new Map(rows.map((row) => [row.address, row])).values()];
}

interface MemberChanges {
  come: GroupMemberRow[];
  gone: GroupMemberRow[];
  otherRole: GroupMemberRow[];
}

const roleOrder = { member: 0, admin: 1, superadmin: 2 } as const;

function changesOf(stored: GroupMemberRow[], told: GroupMemberRow[], rows: GroupRow[]): MemberChanges {
  const was = new Map(stored.map((member) => [keyOf(member), member]));
  const is = new Map(told.map((member) => [keyOf(member), member]));
  const complete = new Set(rows.filter(({ membersKnown }) => membersKnown).map(({ id }) => id));
  return {
    come: told.filter((member) => !was.has(keyOf(member))),
    gone: stored.filter((member) => complete.has(member.groupId) && !is.has(keyOf(member))),
    otherRole: told.filter((member) => {
      const before = was.get(keyOf(member));
      return before !== undefined && (before.role !== member.role || before.personId !== member.personId);
    }),
  };
}

/** What a look shows that no notification told. */
function memberEvents(events: GroupEvents, row: GroupRow, fact: FactOf<'group'>, changes: MemberChanges): NewEvent[] {
  const here = (member: GroupMemberRow) => member.groupId === row.id;
  const others = (member: GroupMemberRow) => here(member) && member.personId !== null;
  const raised = ({ role }: GroupMemberRow) => roleOrder[role] > roleOrder.member;
  return [
    ...events.members(row, fact, 'added', changes.come.filter(others)),
    ...events.members(row, fact, 'removed', changes.gone.filter(others)),
    ...events.members(row, fact, 'promoted', changes.otherRole.filter(here).filter(raised)),
    ...events.members(
      row,
      fact,
      'demoted',
      changes.otherRole.filter(here).filter((member) => !raised(member)),
    ),
  ];
}

/** A thousand members of a group that is new here are not told one by one. */
function personsToTell(facts: FactOf<'group'>[], changes: MemberChanges, people: FactPeople): string[] {
  const changed = [...changes.come, ...changes.gone, ...changes.otherRole].flatMap(({ personId }) => personId ?? []);
  return [...changed, ...facts.flatMap(({ by }) => (by && people.personOf(by)) ?? [])];
}

const keyOf = ({ groupId, address }: Pick<GroupMemberRow, 'groupId' | 'address'>) => `${groupId} ${address}`;
const idsOf = (rows: GroupRow[]) => rows.map(({ id }) => id);
