import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { CommunitiesAbility } from '../../abilities/communities.js';
import type { GroupsAbility } from '../../abilities/groups.js';
import type { GroupFact } from '../../facts/group-facts.js';
import { engineFor, TestProfile } from '../test-profile.for-spec.js';

const OWN = '15550008201';

describe('communities', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let communities: CommunitiesAbility;
  let groups: GroupsAbility;
  let ann: Person;
  let bob: Person;

  beforeEach(async () => {
    simulator = await Simulator.start();
    ann = simulator.person('15550008202', { name: 'Ann' });
    bob = simulator.person('15550008203', { name: 'Bob' });
    profile = await new TestProfile(engineFor(simulator), simulator, OWN).connect();
    communities = profile.connection.abilities.communities!;
    groups = profile.connection.abilities.groups!;
  });

  afterEach(async () => {
    await simulator.settle();
    await profile.connection.close();
    simulator.assertHealthy();
    await simulator.stop();
  });

  const phone = ({ number }: Person) => ({ phone: number, lid: null });
  const jid = (groupId: string) => `${groupId}@g.us`;
  const idOf = ({ jid: full }: { jid: string }) => full.split('@')[0]!;
  const learnt = (what: string, match: (fact: GroupFact) => boolean) =>
    until(() => (profile.sink.accountFacts as GroupFact[]).find(match), { what: `the fact ${what}` });
  const village = () =>
    communities.create({ subject: 'Village', description: 'All who live here', generalGroup: true });

  it('are made with a channel for announcements, and can be looked at like groups', async () => {
    const made = await village();
    expect(made).toMatchObject({ subject: 'Village', description: 'All who live here', kind: 'community' });
    const within = await communities.groups(made.id);
    expect(within.map(({ subject, isAnnouncements }) => [subject, isAnnouncements])).toEqual([
      ['Village', true],
      ['General', false],
    ]);
    const announcements = await groups.get(within[0]!.id);
    expect(announcements).toMatchObject({ kind: 'announcements', announceOnly: true, communityId: made.id });
    expect(await groups.get(made.id)).toMatchObject({ kind: 'community', joinApproval: true });
    await groups.setDescription(made.id, 'Everybody');
    await groups.setSubject(made.id, 'Town');
    expect(simulator.person(OWN).groups.info(jid(made.id))).toMatchObject({
      subject: 'Town',
      description: 'Everybody',
    });
  });

  it('get groups that are made in them or linked to them, and lose them again', async () => {
    const made = await village();
    const { group: choir, members } = await communities.createGroup(made.id, {
      subject: 'Choir',
      members: [phone(ann)],
    });
    expect([choir.communityId, members]).toMatchObject([made.id, [{ member: { phone: ann.number }, outcome: 'ok' }]]);
    const { group: bakers } = await groups.create({ subject: 'Bakers', members: [phone(bob)] });
    await communities.link(made.id, bakers.id);
    await learnt(
      'that it belongs to the community',
      (fact) => fact.type === 'group_changed' && fact.groupId === bakers.id && fact.changes.communityId === made.id,
    );
    await expect(communities.link(made.id, bakers.id)).rejects.toMatchObject({ code: 'conflict' });
    expect((await communities.groups(made.id)).map(({ subject }) => subject)).toEqual([
      'Village',
      'General',
      'Choir',
      'Bakers',
    ]);
    expect((await communities.members(made.id)).map((member) => member.phone).sort()).toEqual([
      OWN,
      ann.number,
      bob.number,
    ]);
    await communities.unlink(made.id, bakers.id);
    expect((await groups.get(bakers.id)).communityId).toBeNull();
  });

  it('let members add groups when they are told to', async () => {
    const made = await communities.create({ subject: 'Village' });
    await communities.createGroup(made.id, { subject: 'Choir', members: [phone(ann)] });
    expect(() => ann.groups.createGroupIn(jid(made.id), 'Own')).toThrow();
    await communities.setMembersMayAddGroups(made.id, true);
    expect(ann.groups.createGroupIn(jid(made.id), 'Own')).toMatchObject({ community: jid(made.id) });
    await learnt('the switch', (fact) => fact.type === 'group_changed' && fact.changes.membersMayAddGroups === true);
    await communities.setMembersMayAddGroups(made.id, false);
    expect(() => ann.groups.createGroupIn(jid(made.id), 'Another')).toThrow();
  });

  it('are entered group by group, and left as a whole', async () => {
    const community = ann.groups.createCommunity('Village', { numbers: [OWN] });
    const choir = ann.groups.createGroupIn(community.jid, 'Choir', [bob.number]);
    const communityId = idOf(community);
    expect(await communities.joinGroup(communityId, idOf(choir))).toEqual({ groupId: idOf(choir), state: 'joined' });
    await expect(communities.joinGroup(communityId, idOf(choir))).rejects.toMatchObject({ code: 'conflict' });
    await communities.leave(communityId);
    expect(ann.groups.info(choir.jid).members.map(({ number }) => number)).not.toContain(OWN);
    await learnt('that it is left', (fact) => fact.type === 'group_gone' && fact.groupId === communityId);
  });

  it('lose people from every group at once, and end', async () => {
    const made = await village();
    const { group: choir } = await communities.createGroup(made.id, {
      subject: 'Choir',
      members: [phone(ann), phone(bob)],
    });
    expect(await communities.removeMembers(made.id, [phone(bob)])).toMatchObject([{ outcome: 'ok' }]);
    expect(ann.groups.info(jid(choir.id)).members.map(({ number }) => number)).toEqual([OWN, ann.number]);
    await communities.deactivate(made.id);
    await learnt(
      'the end',
      (fact) => fact.type === 'group_gone' && fact.groupId === made.id && fact.reason === 'deleted',
    );
    await expect(groups.get(made.id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await groups.get(choir.id)).communityId).toBeNull();
  });

  it('refuse what only their admins may do, and what is no community', async () => {
    const community = ann.groups.createCommunity('Village', { numbers: [OWN] });
    const refused = { code: 'not_allowed' };
    await expect(communities.createGroup(idOf(community), { subject: 'Mine', members: [] })).rejects.toMatchObject(
      refused,
    );
    await expect(communities.deactivate(idOf(community))).rejects.toMatchObject(refused);
    await expect(communities.setMembersMayAddGroups(idOf(community), true)).rejects.toMatchObject(refused);
    await expect(communities.removeMembers(idOf(community), [phone(ann)])).rejects.toMatchObject(refused);
    await expect(communities.create({ subject: '' })).rejects.toMatchObject({ code: 'refused_as_invalid' });
    const { group } = await groups.create({ subject: 'Bakers', members: [phone(bob)] });
    await expect(communities.deactivate(group.id)).rejects.toMatchObject({ code: 'refused_as_invalid' });
    await expect(communities.groups('120363000000000000')).rejects.toMatchObject({ code: 'not_found' });
  });
});
