import type { GroupFact, GroupMember } from './facts/group-facts.js';
import { continueRoster, type GroupRoster } from './group-roster.js';

const roster: GroupRoster = { addressing: 'lid', members: ['1', '2'], disappearsInSeconds: null, memberVersion: '5' };
const member = (lid: string | null): GroupMember => ({ phone: null, lid, role: 'member' });
const head = { groupId: 'g', by: null, at: new Date(0), source: 'notification' } as const;

function changed(change: 'added' | 'removed' | 'promoted', lid: string | null, versions: [string, string] | null) {
  const [before, after] = versions ?? ['', ''];
  const fact: GroupFact = {
    ...head,
    type: 'group_members_changed',
    change,
    members: [member(lid)],
    versions: versions && { before, after },
  };
  return continueRoster(roster, fact);
}

describe('who is in a group', () => {
  it('follows those who come and go, once however often it is told', () => {
    expect(changed('added', '3', ['5', '6'])).toMatchObject({ members: ['1', '2', '3'], memberVersion: '6' });
    expect(changed('added', '2', ['4', '5'])).toMatchObject({ members: ['1', '2'], memberVersion: '5' });
    expect(changed('removed', '2', ['5', '6'])).toMatchObject({ members: ['1'] });
    expect(changed('promoted', '2', ['5', '6'])).toMatchObject({ members: ['1', '2'], memberVersion: '6' });
  });

  it('is not known any more when a change before was missed, or a newcomer has no address of its form', () => {
    expect(changed('added', '3', ['7', '8'])).toBeNull();
    expect(changed('added', '3', ['3', '4'])).toBe(roster);
    expect(changed('added', null, null)).toBeNull();
    expect(continueRoster(roster, { ...head, type: 'group_gone', reason: 'left' })).toBeNull();
  });

  it('follows the timer of the group', () => {
    const timer = (disappearsInSeconds: number | null): GroupFact => ({
      ...head,
      type: 'group_changed',
      changes: { disappearsInSeconds },
    });
    expect(continueRoster(roster, timer(86_400))).toMatchObject({ disappearsInSeconds: 86_400 });
    expect(continueRoster(roster, { ...head, type: 'group_changed', changes: { locked: true } })).toBe(roster);
  });
});
