import type { GroupMetadata } from '@whiskeysockets/baileys';
import { TestBench, type TestClient } from './test-client.js';

const OWNER = '6281200000001';
const OTHER_OWNER = '6281200000009';
const FRIEND = '6281300000002';
const AUNT = '6281300000003';

const pn = (number: string): string => `${number}@s.whatsapp.net`;

describe('communities', () => {
  const bench = new TestBench();
  let gateway: TestClient;

  beforeEach(async () => {
    await bench.start({ seed: 'communities' });
    bench.simulator.person(FRIEND, { name: 'Friend' });
    bench.simulator.person(AUNT, { name: 'Aunt' });
    gateway = await bench.linked(OWNER);
  });

  afterEach(() => bench.stop());

  const healthy = async (): Promise<void> => {
    await bench.simulator.settle();
    bench.simulator.assertHealthy();
  };

  const created = async (): Promise<GroupMetadata> => {
    const made = (await gateway.socket.communityCreate('Village', 'All who live here')) as GroupMetadata | null;
    if (!made) throw new Error('no community was made');
    return made;
  };

  it('are made with an announcement group and a general chat', async () => {
    const community = await created();
    expect(community).toMatchObject({ subject: 'Village', desc: 'All who live here', isCommunity: true });
    const { linkedGroups, isCommunity } = await gateway.socket.communityFetchLinkedGroups(community.id);
    expect(isCommunity).toBe(true);
    expect(linkedGroups.map(({ subject }) => subject)).toEqual(['Village', 'General']);
    const announcements = await gateway.socket.groupMetadata(linkedGroups[0]?.id ?? '');
    expect(announcements).toMatchObject({ isCommunityAnnounce: true, announce: true, linkedParent: community.id });
    const id = await gateway.sendText(community.id, 'nobody writes to the community itself');
    expect(await gateway.expectAck(id)).toMatchObject({ error: '403' });
    await healthy();
  });

  it('get groups that are made in them or linked to them, whose members belong to them then', async () => {
    const friend = bench.simulator.person(FRIEND);
    const community = await created();
    const within = (await gateway.socket.communityCreateGroup(
      'Choir',
      [pn(FRIEND)],
      community.id,
    )) as GroupMetadata | null;
    expect(within).toMatchObject({ subject: 'Choir', linkedParent: community.id });
    const alone = await gateway.socket.groupCreate('Bakers', [pn(AUNT)]);
    await gateway.socket.communityLinkGroup(alone.id, community.id);
    expect((await gateway.socket.groupMetadata(alone.id)).linkedParent).toBe(community.id);
    const { linkedGroups, communityJid } = await gateway.socket.communityFetchLinkedGroups(alone.id);
    expect(communityJid).toBe(community.id);
    expect(linkedGroups.map(({ subject }) => subject)).toEqual(['Village', 'General', 'Choir', 'Bakers']);
    const everybody = (await gateway.socket.groupMetadata(community.id)).participants.map(
      ({ phoneNumber }) => phoneNumber,
    );
    expect(everybody).toEqual([pn(OWNER), pn(FRIEND), pn(AUNT)]);

    // The announcements reach everybody, and only admins write them.
    const announcements = linkedGroups[0]?.id ?? '';
    await gateway.sendText(announcements, 'to the whole village');
    await friend.expectMessage('to the whole village');
    await bench.simulator.person(AUNT).expectMessage('to the whole village');
    await expect(friend.sendText(announcements, 'me too')).rejects.toThrow('403');
    expect(friend.chats.open(announcements)?.readOnly).toBe(true);

    // A member of the community comes into another of its groups.
    expect(friend.groups.joinGroupIn(community.id, alone.id)).toEqual({ waits: false });
    await friend.sendText(alone.id, 'bread?');
    await gateway.expectText('bread?');

    await gateway.socket.communityUnlinkGroup(alone.id, community.id);
    expect((await gateway.socket.groupMetadata(alone.id)).linkedParent).toBeUndefined();
    await healthy();
  });

  it('refuse what is not allowed', async () => {
    const other = await bench.linked(OTHER_OWNER);
    const community = await created();
    const own = await other.socket.groupCreate('Own', []);
    await expect(other.socket.communityLinkGroup(own.id, community.id)).rejects.toMatchObject({ data: 403 });
    await expect(gateway.socket.communityLinkGroup(own.id, community.id)).rejects.toMatchObject({ data: 403 });
    await expect(gateway.socket.communityUnlinkGroup(own.id, community.id)).rejects.toMatchObject({ data: 404 });
    await healthy();
  });

  it('lose people everywhere at once, are left, and end', async () => {
    const friend = bench.simulator.person(FRIEND);
    const community = await created();
    const choir = (await gateway.socket.communityCreateGroup(
      'Choir',
      [pn(FRIEND), pn(AUNT)],
      community.id,
    )) as GroupMetadata;
    const [removed] = await gateway.socket.communityParticipantsUpdate(community.id, [pn(AUNT)], 'remove');
    expect(removed?.status).toBe('200');
    expect(bench.simulator.person(AUNT).groups.list()).toEqual([]);
    friend.groups.leaveCommunity(community.id);
    expect(friend.groups.list()).toEqual([]);
    await gateway.socket.communityUpdateSubject(community.id, 'Town');
    await gateway.socket.communityMemberAddMode(community.id, 'admin_add');
    await gateway.socket.communityJoinApprovalMode(community.id, 'off');
    const code = (await gateway.socket.communityInviteCode(community.id)) ?? '';
    expect(friend.groups.join(code)).toEqual({ jid: community.id, waits: false });
    expect(await gateway.socket.communityRevokeInvite(community.id)).not.toBe(code);
    expect(await gateway.socket.groupMetadata(community.id)).toMatchObject({ subject: 'Town', memberAddMode: false });

    bench.simulator.person(OWNER).groups.deactivate(community.id);
    await expect(gateway.socket.groupMetadata(community.id)).rejects.toMatchObject({ data: 404 });
    expect((await gateway.socket.groupMetadata(choir.id)).linkedParent).toBeUndefined();
    await healthy();
  });

  it('have settings, invitations and requests like groups', async () => {
    const friend = bench.simulator.person(FRIEND);
    const aunt = bench.simulator.person(AUNT);
    const { id: jid } = await created();
    await gateway.socket.communitySettingUpdate(jid, 'locked');
    await gateway.socket.communityToggleEphemeral(jid, 86_400);
    expect(await gateway.socket.groupMetadata(jid)).toMatchObject({ restrict: true, ephemeralDuration: 86_400 });
    await gateway.socket.communityToggleEphemeral(jid, 0);
    const code = (await gateway.socket.communityInviteCode(jid)) ?? '';
    expect(friend.groups.join(code)).toEqual({ jid, waits: true });
    expect(aunt.groups.join(code)).toEqual({ jid, waits: true });
    const requests = await gateway.socket.communityRequestParticipantsList(jid);
    expect(requests.map(({ phone_number }) => phone_number)).toEqual([pn(FRIEND), pn(AUNT)]);
    const answered = await gateway.socket.communityRequestParticipantsUpdate(jid, [pn(FRIEND)], 'approve');
    expect(answered.map(({ status }) => status)).toEqual(['200']);
    await gateway.socket.communityRequestParticipantsUpdate(jid, [pn(AUNT)], 'reject');
    expect((await gateway.socket.communityParticipantsUpdate(jid, [pn(FRIEND)], 'promote'))[0]?.status).toBe('200');

    const other = await bench.linked(OTHER_OWNER);
    await gateway.socket.communityJoinApprovalMode(jid, 'off');
    await other.socket.communityAcceptInvite(code);
    expect((await other.socket.groupMetadata(jid)).size).toBe(3);
    // Whoever is in the community gets its announcements.
    const [announcements] = (await other.socket.communityFetchLinkedGroups(jid)).linkedGroups;
    expect(announcements?.size).toBe(3);
    await gateway.socket.communityRevokeInviteV4(jid, pn(AUNT));
    // The real network answers with a group, as this one does, and Baileys looks for another tag.
    await expect(gateway.socket.communityMetadata(jid)).rejects.toThrow(TypeError);
    await expect(gateway.socket.communityGetInviteInfo(code)).rejects.toThrow(TypeError);
    await expect(gateway.socket.communityUpdateDescription(jid, 'new')).rejects.toThrow(TypeError);
    expect(await gateway.socket.communityFetchAllParticipating()).toEqual({});
    await gateway.socket.groupUpdateDescription(jid, 'new');
    expect((await gateway.socket.groupMetadata(jid)).desc).toBe('new');
    await healthy();
  });

  it('are left by a client with all their groups', async () => {
    const community = await created();
    await gateway.socket.communityLeave(community.id);
    expect(await gateway.socket.groupFetchAllParticipating()).toEqual({});
    await healthy();
  });
});
