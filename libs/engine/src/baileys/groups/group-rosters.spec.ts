import type { GroupFact, GroupInfo } from '../../facts/group-facts.js';
import type { GroupRoster } from '../../group-roster.js';
import { GroupRosters } from './group-rosters.js';

const roster = (...members: string[]): GroupRoster => ({
  addressing: 'lid',
  members,
  disappearsInSeconds: null,
  memberVersion: null,
});

const info = (...lids: string[]) =>
  ({
    id: 'g',
    ...roster(),
    members: lids.map((lid) => ({ phone: null, lid, role: 'member' })),
  }) as unknown as GroupInfo;

const added = (lid: string, groupId = 'g'): GroupFact => ({
  type: 'group_members_changed',
  groupId,
  by: null,
  at: new Date(0),
  source: 'notification',
  change: 'added',
  members: [{ phone: null, lid, role: 'member' }],
  versions: null,
});

/** Rosters whose look-ups wait until they are let go. */
function rosters(stored: GroupRoster | null = null) {
  const clock = { now: 0 };
  const waiting: ((group: GroupInfo) => void)[] = [];
  const asked = { stored: 0 };
  const made = new GroupRosters(
    {
      stored: async () => {
        asked.stored += 1;
        return stored;
      },
      lookUp: () => new Promise<GroupInfo>((resolve) => waiting.push(resolve)),
    },
    () => clock.now,
  );
  return { rosters: made, clock, waiting, asked };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('rosters of groups', () => {
  it('are looked up once for everybody who waits', async () => {
    const { rosters: all, waiting } = rosters();
    const waits = [all.get('g'), all.get('g')];
    await turn();
    expect(waiting).toHaveLength(1);
    waiting[0]!(info('1', '2'));
    expect((await Promise.all(waits)).map(({ members }) => members)).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    await all.get('g');
    expect(waiting).toHaveLength(1);
  });

  it('are what is stored, as long as nothing speaks against it', async () => {
    const { rosters: all, waiting, asked } = rosters(roster('1'));
    expect((await all.get('g')).members).toEqual(['1']);
    await all.get('g');
    expect([asked.stored, waiting.length]).toEqual([1, 0]);
  });

  it('have what was told while the answer was on its way', async () => {
    const { rosters: all, waiting } = rosters();
    const wait = all.get('g');
    await turn();
    all.take(added('3'));
    waiting[0]!(info('1'));
    expect((await wait).members).toEqual(['1', '3']);
    all.take(added('4'));
    expect(all.peek('g')?.members).toEqual(['1', '3', '4']);
  });

  it('are doubted once, and not again right after a look', async () => {
    const { rosters: all, waiting, clock } = rosters(roster('1'));
    await all.get('g');
    expect(all.doubt('g')).toBe(true);
    const wait = all.get('g');
    await turn();
    waiting[0]!(info('1', '2'));
    expect((await wait).members).toEqual(['1', '2']);
    expect(all.doubt('g')).toBe(false);
    expect(all.peek('g')?.members).toEqual(['1', '2']);
    clock.now = 11 * 60_000;
    expect(all.doubt('g')).toBe(true);
  });

  it('leave memory when there are too many members, the longest unused first', async () => {
    const many = Array.from({ length: 15_000 }, (_, n) => String(n));
    const { rosters: all, asked } = rosters(roster(...many));
    for (const id of ['a', 'b', 'a', 'c']) await all.get(id);
    expect([all.peek('a') !== undefined, all.peek('b') !== undefined]).toEqual([true, false]);
    await all.get('b');
    expect(asked.stored).toBe(4);
  });

  it('can be asked again after a look-up that failed', async () => {
    let fails = true;
    const all = new GroupRosters({
      stored: async () => null,
      lookUp: async () => {
        if (fails) throw new Error('away');
        return info('1');
      },
    });
    await expect(all.get('g')).rejects.toThrow('away');
    fails = false;
    expect((await all.get('g')).members).toEqual(['1']);
  });
});
