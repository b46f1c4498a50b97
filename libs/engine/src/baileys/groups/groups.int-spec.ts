import sharp from 'sharp';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { GroupsAbility } from '../../abilities/groups.js';
import type { Address } from '../../address.js';
import type { GroupFact } from '../../facts/group-facts.js';
import { engineFor, TestProfile } from '../test-profile.for-spec.js';

const OWN = '15550008001';

describe('groups', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let groups: GroupsAbility;
  let ann: Person;
  let bob: Person;
  let cid: Person;

  beforeEach(async () => {
    simulator = await Simulator.start();
    ann = simulator.person('15550008002', { name: 'Ann' });
    bob = simulator.person('15550008003', { name: 'Bob' });
    cid = simulator.person('15550008004', { name: 'Cid' });
    profile = await new TestProfile(engineFor(simulator), simulator, OWN).connect();
    groups = profile.connection.abilities.groups!;
  });

  afterEach(async () => {
    await simulator.settle();
    await profile.connection.close();
    simulator.assertHealthy();
    await simulator.stop();
  });

  const phone = ({ number }: Person): Address => ({ phone: number, lid: null });
  const jid = (groupId: string) => `${groupId}@g.us`;
  const told = (): GroupFact[] => profile.sink.accountFacts as GroupFact[];
  const learnt = (what: string, match: (fact: GroupFact) => boolean) =>
    until(() => told().find(match), { what: `the fact ${what}` });
  const members = (groupId: string) => ann.groups.info(jid(groupId)).members.map(({ number, role }) => [number, role]);

  /** A group of ours with Ann and Bob. */
  async function made(): Promise<string> {
    const { group } = await groups.create({ subject: 'Bakers', members: [phone(ann), phone(bob)] });
    return group.id;
  }

  /** A group of Ann's that this account was brought into. */
  async function brought(): Promise<string> {
    const { group } = ann.groups.create('Choir', [OWN, bob.number]);
    const id = group.jid.split('@')[0]!;
    await learnt('that it came into a group', (fact) => fact.type === 'group' && fact.group.id === id);
    return id;
  }

  it('are made with who may be added, and the others are named with the reason and an invitation', async () => {
    cid.profile.setPrivacy('groupadd', 'none');
    const { group, members: results } = await groups.create({
      subject: 'Bakers',
      members: [phone(ann), phone(cid), { phone: '15559999999', lid: null }],
      announceOnly: true,
      locked: true,
      joinApproval: true,
      disappearsInSeconds: 86_400,
    });
    expect(group).toMatchObject({
      subject: 'Bakers',
      kind: 'group',
      addressing: 'lid',
      announceOnly: true,
      locked: true,
      joinApproval: true,
      disappearsInSeconds: 86_400,
    });
    expect(group.members.find(({ isSelf }) => isSelf)).toMatchObject({ phone: OWN, role: 'superadmin' });
    expect(results).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ member: expect.objectContaining({ phone: ann.number }), outcome: 'ok' }),
        expect.objectContaining({
          member: expect.objectContaining({ phone: cid.number }),
          outcome: 'needs_invitation',
          invitation: { code: expect.any(String), expiresAt: expect.any(Date) },
        }),
        expect.objectContaining({ outcome: 'not_found' }),
      ]),
    );
    expect(members(group.id)).toEqual([
      [OWN, 'superadmin'],
      [ann.number, 'member'],
    ]);
    expect(ann.groups.info(jid(group.id))).toMatchObject({ announce: true, locked: true, needsApproval: true });
    await learnt('that it was made', (fact) => fact.type === 'group' && fact.how === 'created');
  });

  it('are listed and looked at; nobody sees a group without being in it', async () => {
    const id = await made();
    const other = await brought();
    const listed = await groups.list();
    expect(listed.map(({ subject }) => subject).sort()).toEqual(['Bakers', 'Choir']);
    expect(listed.find((group) => group.id === other)!.members).toHaveLength(3);
    expect(await groups.get(id)).toMatchObject({ owner: { phone: OWN }, members: { length: 3 } });
    const { group } = ann.groups.create('Strangers', [bob.number]);
    await expect(groups.get(group.jid.split('@')[0]!)).rejects.toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining('not a member'),
    });
    await expect(groups.get('120363000000000000')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('have settings that admins change and members see', async () => {
    const id = await made();
    await groups.setSubject(id, 'Bakers of the village');
    await groups.setDescription(id, 'We bake');
    await groups.setDescription(id, 'We bake bread');
    await groups.setAnnounceOnly(id, true);
    await groups.setLocked(id, true);
    await groups.setMemberAddMode(id, 'admins');
    await groups.setJoinApproval(id, true);
    await groups.setDisappearing(id, 604_800);
    expect(ann.groups.info(jid(id))).toMatchObject({
      subject: 'Bakers of the village',
      description: 'We bake bread',
      announce: true,
      locked: true,
      memberAddMode: 'admin_add',
      needsApproval: true,
      disappearingSeconds: 604_800,
    });
    await groups.setDescription(id, null);
    await groups.setAnnounceOnly(id, false);
    await groups.setLocked(id, false);
    await groups.setMemberAddMode(id, 'all');
    await groups.setJoinApproval(id, false);
    await groups.setDisappearing(id, null);
    const back = ann.groups.info(jid(id));
    expect(back).toMatchObject({
      announce: false,
      locked: false,
      memberAddMode: 'all_member_add',
      needsApproval: false,
    });
    expect([back.description, back.disappearingSeconds]).toEqual([undefined, 0]);
    await learnt('the subject', (fact) => fact.type === 'group_changed' && fact.changes.subject !== undefined);
  });

  it('refuse what only admins may do, and what makes no sense, each with its reason', async () => {
    const id = await brought();
    ann.groups.setLocked(jid(id), true);
    const refused = { code: 'not_allowed', message: expect.stringContaining('admins') };
    await expect(groups.setSubject(id, 'Mine')).rejects.toMatchObject(refused);
    await expect(groups.setAnnounceOnly(id, true)).rejects.toMatchObject(refused);
    await expect(groups.removeMembers(id, [phone(bob)])).rejects.toMatchObject(refused);
    await expect(groups.promote(id, [phone(bob)])).rejects.toMatchObject(refused);
    await expect(groups.inviteCode(id)).rejects.toMatchObject(refused);
    await expect(groups.joinRequests(id)).rejects.toMatchObject(refused);
    await expect(groups.setSubject(id, ' ')).rejects.toMatchObject({ code: 'refused_as_invalid' });
    await expect(groups.addMembers(id, [])).rejects.toMatchObject({ code: 'refused_as_invalid' });
    await expect(groups.join('!')).rejects.toMatchObject({ code: 'refused_as_invalid' });
    await expect(groups.setPicture(id, Buffer.from('no image'))).rejects.toMatchObject({ code: 'refused_as_invalid' });
  });

  it('change their members with a result for each', async () => {
    const id = await made();
    const stranger = { phone: '15559999999', lid: null };
    expect(await groups.addMembers(id, [phone(cid), phone(ann), stranger])).toMatchObject([
      { member: { phone: cid.number }, outcome: 'ok', invitation: null },
      { member: { phone: ann.number }, outcome: 'already_so' },
      { outcome: 'not_found' },
    ]);
    expect(await groups.promote(id, [phone(cid)])).toMatchObject([{ outcome: 'ok' }]);
    expect(members(id)).toContainEqual([cid.number, 'admin']);
    expect(await groups.demote(id, [phone(cid), stranger])).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'not_found' },
    ]);
    expect(await groups.removeMembers(id, [phone(cid), phone(cid)])).toMatchObject([{ outcome: 'ok' }]);
    expect(members(id).map(([number]) => number)).toEqual([OWN, ann.number, bob.number]);
    bob.groups.leave(jid(id));
    expect(await groups.addMembers(id, [phone(bob)])).toMatchObject([{ outcome: 'left_recently' }]);
    await learnt('that Bob left', (fact) => fact.type === 'group_members_changed' && fact.change === 'left');
  });

  it('have a picture, made of any image', async () => {
    const id = await made();
    const png = await sharp({ create: { width: 40, height: 20, channels: 4, background: '#f00' } })
      .png()
      .toBuffer();
    expect(await groups.picture(id, 'full')).toBeNull();
    const { pictureId } = await groups.setPicture(id, png);
    expect(await groups.picture(id, 'full')).toMatchObject({ pictureId, url: expect.stringContaining('http') });
    expect(ann.groups.info(jid(id)).pictureId).toBe(pictureId);
    await groups.removePicture(id);
    expect(await groups.picture(id, 'preview')).toBeNull();
  });

  it('are joined by a link, which can be replaced', async () => {
    const { group } = ann.groups.create('Choir', [bob.number]);
    const code = ann.groups.inviteCode(group.jid);
    expect(await groups.behindInviteCode(`https://chat.whatsapp.com/${code}`)).toMatchObject({
      subject: 'Choir',
      members: [],
      memberCount: 2,
    });
    const groupId = group.jid.split('@')[0]!;
    expect(await groups.join(`https://chat.whatsapp.com/${code}?mode=ac_t`)).toEqual({ groupId, state: 'joined' });
    await expect(groups.join(code)).rejects.toMatchObject({ code: 'conflict' });
    ann.groups.revokeInviteCode(group.jid);
    await expect(groups.behindInviteCode(code)).rejects.toMatchObject({ code: 'gone' });
    await expect(groups.join('AAAAAAAAAAAAAAAAAAAAAA')).rejects.toMatchObject({ code: 'refused_as_invalid' });
    const own = await made();
    const first = await groups.inviteCode(own);
    const second = await groups.revokeInviteCode(own);
    expect([await groups.inviteCode(own), first === second]).toEqual([second, false]);
    await learnt('the new link', (fact) => fact.type === 'group_invite_changed' && fact.code === second);
    expect(cid.groups.join(second)).toMatchObject({ waits: false });
    await learnt('that Cid came', (fact) => fact.type === 'group_members_changed' && fact.change === 'joined');
  });

  it('let people wait for an admin, who answers each', async () => {
    const id = await made();
    await groups.setJoinApproval(id, true);
    const code = await groups.inviteCode(id);
    const dan = simulator.person('15550008005', { name: 'Dan' });
    for (const person of [cid, dan]) expect(person.groups.join(code)).toMatchObject({ waits: true });
    expect(await groups.joinRequests(id)).toMatchObject([
      { person: { phone: cid.number }, requestedAt: expect.any(Date), by: 'link' },
      { person: { phone: dan.number } },
    ]);
    expect(await groups.answerJoinRequests(id, [phone(cid), phone(ann)], 'approve')).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'not_found' },
    ]);
    expect(await groups.answerJoinRequests(id, [phone(dan)], 'reject')).toMatchObject([{ outcome: 'ok' }]);
    expect(members(id).map(([number]) => number)).toEqual([OWN, ann.number, bob.number, cid.number]);
    await learnt('a refusal', (fact) => fact.type === 'group_join_request' && fact.change === 'rejected');
  });

  it('let this account wait, and take that back', async () => {
    const { group } = ann.groups.create('Choir', [bob.number]);
    const groupId = group.jid.split('@')[0]!;
    ann.groups.setApproval(group.jid, true);
    expect(await groups.join(ann.groups.inviteCode(group.jid))).toEqual({ groupId, state: 'waiting' });
    expect(ann.groups.info(group.jid).requests).toEqual([OWN]);
    await groups.cancelJoinRequest(groupId);
    expect(ann.groups.info(group.jid).requests).toEqual([]);
  });

  it('are entered by an invitation for one person, as long as it is good', async () => {
    simulator.person(OWN).profile.setPrivacy('groupadd', 'none');
    const { group, results } = ann.groups.create('Choir', [OWN]);
    const { code, expiresAt } = results[0]!.invite!;
    const groupId = group.jid.split('@')[0]!;
    const invitation = { groupId, code, expiresAt: new Date(expiresAt), from: phone(ann) };
    expect(await groups.behindInvitation(invitation)).toMatchObject({ subject: 'Choir' });
    await expect(groups.acceptInvitation({ ...invitation, code: 'other' })).rejects.toMatchObject({
      code: 'refused_as_invalid',
    });
    expect(await groups.acceptInvitation(invitation)).toEqual({ groupId, state: 'joined' });
    expect(ann.groups.info(group.jid).members.map(({ number }) => number)).toEqual([ann.number, OWN]);
  });

  it('take invitations back', async () => {
    cid.profile.setPrivacy('groupadd', 'none');
    const id = await made();
    await groups.addMembers(id, [phone(cid)]);
    await groups.revokeInvitations(id, [phone(cid)]);
    expect(await groups.addMembers(id, [phone(cid)])).toMatchObject([{ outcome: 'needs_invitation' }]);
  });

  it('are left, and say so', async () => {
    const id = await brought();
    await groups.leave(id);
    expect(members(id).map(([number]) => number)).toEqual([ann.number, bob.number]);
    await learnt('that it is gone', (fact) => fact.type === 'group_gone' && fact.reason === 'left');
    await expect(groups.setSubject(id, 'Still here')).rejects.toMatchObject({ code: 'not_allowed' });
    const other = await brought();
    ann.groups.remove(jid(other), OWN);
    await learnt('a removal', (fact) => fact.type === 'group_gone' && fact.reason === 'removed');
  });

  it('show a line that this account chose for itself', async () => {
    const id = await made();
    await groups.setOwnTag(id, 'Head baker');
    await expect(groups.setOwnTag(id, 'x'.repeat(31))).rejects.toMatchObject({ code: 'refused_as_invalid' });
    const message = await ann.expectMessage((each) => Boolean(each.message.protocolMessage?.memberLabel));
    expect(message.message.protocolMessage?.memberLabel?.label).toBe('Head baker');
  });

  it('are told again after a crash that came before the change was stored', async () => {
    const id = await made();
    await learnt('that it was made', (fact) => fact.type === 'group' && fact.how === 'created');
    const failures: string[] = [];
    profile.sink.before = (call) => {
      if (call !== 'account') return;
      failures.push(call);
      throw new Error('the database is away');
    };
    ann.groups.setSubject(jid(id), 'Millers');
    await until(() => failures.length > 0, { what: 'the change to arrive' });
    await profile.connection.close();
    profile.sink.before = () => undefined;
    expect(told().some((fact) => fact.type === 'group_changed')).toBe(false);
    profile.reopen();
    await profile.connect();
    await learnt('the change', (fact) => fact.type === 'group_changed' && fact.changes.subject === 'Millers');
  });
});
