import { Database, erasePerson, findGroupRoster, mergePersons, resolvePersons } from '#database';
import type { AccountFact, GroupFact, GroupInfo, GroupMember } from '#engine';
import { createTestDatabase, type TestDatabase } from '#testing';
import { OwnedForSpec } from '../messaging/owned-profile.for-spec.js';
import { FactRecorder } from './fact-recorder.js';
import { groupFactHandlers } from './group-facts.js';

describe('what is stored of groups', () => {
  let database: TestDatabase;
  let db: Database;
  let recorder: FactRecorder;
  let owned: OwnedForSpec;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await Database.open(database.config.database, 'group facts spec');
    recorder = new FactRecorder(db, groupFactHandlers);
  });

  beforeEach(async () => {
    owned = await OwnedForSpec.build(db);
  });

  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const ann: GroupMember = { phone: '15550000002', lid: '9002', role: 'superadmin' };
  const bob: GroupMember = { phone: '15550000003', lid: '9003', role: 'member' };
  const cid: GroupMember = { phone: null, lid: '9004', role: 'member' };
  const self: GroupMember = { phone: '15550009999', lid: '9001', role: 'member', isSelf: true };
  const at = new Date('2026-05-01T12:00:00Z');
  const head = { groupId: '120363001', by: ann, at, source: 'notification' } as const;

  const info = (over: Partial<GroupInfo> = {}): GroupInfo => ({
    id: '120363001',
    subject: 'Bakers',
    subjectSetBy: ann,
    subjectSetAt: null,
    description: null,
    descriptionId: null,
    descriptionSetBy: null,
    descriptionSetAt: null,
    owner: ann,
    createdAt: at,
    addressing: 'lid',
    members: [ann, bob, self],
    memberCount: 3,
    memberVersion: '5',
    announceOnly: false,
    locked: false,
    memberAddMode: 'all',
    joinApproval: false,
    disappearsInSeconds: null,
    kind: 'group',
    communityId: null,
    membersMayAddGroups: false,
    ...over,
  });

  const group = (over: Partial<GroupInfo> = {}, how: 'created' | 'joined' | 'looked_up' = 'joined'): GroupFact => ({
    type: 'group',
    group: info(over),
    by: how === 'looked_up' ? null : ann,
    how,
    at,
    source: how === 'looked_up' ? 'lookup' : 'notification',
  });

  const members = (
    change: 'added' | 'joined' | 'removed' | 'left' | 'promoted' | 'demoted',
    of: GroupMember[],
    versions: [string, string] | null = null,
  ): GroupFact => {
    const [before, after] = versions ?? ['', ''];
    return { type: 'group_members_changed', ...head, change, members: of, versions: versions && { before, after } };
  };

  const record = (...facts: AccountFact[]) => recorder.record(owned, facts);
  const roster = () => findGroupRoster(db, owned.profile.profileId, '120363001');
  const events = async (name: string) => (await owned.events()).filter((event) => event.name === name);
  const row = async () => {
    const [found] = await db.query<Record<string, unknown>>('select * from groups where profile_id = $1', [
      owned.profile.profileId,
    ]);
    return found!;
  };

  it('is the whole group, told once however often it comes', async () => {
    await record(group());
    await record(group());
    expect(await owned.eventNames()).toEqual(['group.joined']);
    expect((await events('group.joined'))[0]!.payload).toMatchObject({
      chatId: '120363001@g.us',
      subject: 'Bakers',
      how: 'joined',
      by: { phone: '15550000002' },
      byMe: false,
      memberCount: 3,
    });
    expect(await row()).toMatchObject({ subject: 'Bakers', own_role: 'member', member_add_mode: 'all' });
    expect(await roster()).toEqual({
      addressing: 'lid',
      members: expect.arrayContaining(['9001', '9002', '9003']),
      disappearsInSeconds: null,
      memberVersion: '5',
    });
  });

  it('is a thousand members in a few statements, without an event for each', async () => {
    const many = Array.from(
      { length: 1_023 },
      (_, n): GroupMember => ({ phone: null, lid: String(70_000 + n), role: 'member' }),
    );
    await record(group({ members: [self, ...many], memberCount: 1_024 }, 'looked_up'));
    expect((await roster())!.members).toHaveLength(1_024);
    expect(await owned.eventNames()).toEqual(['group.joined']);
  });

  it('follows who comes and goes, and tells only what was another before', async () => {
    await record(group());
    await record(members('added', [cid], ['5', '6']), members('promoted', [{ ...bob, role: 'admin' }]));
    await record(members('added', [cid], ['5', '6']), members('left', [bob], ['6', '7']));
    expect((await owned.eventNames()).slice(1)).toEqual([
      'group.member_joined',
      'group.member_role_changed',
      'group.member_left',
    ]);
    expect((await events('group.member_joined'))[0]!.payload).toMatchObject({
      change: 'added',
      members: [{ phone: null, lid: '9004', role: 'member', isMe: false }],
    });
    expect(await roster()).toMatchObject({
      members: expect.arrayContaining(['9001', '9002', '9004']),
      memberVersion: '7',
    });
    expect(await row()).toMatchObject({ member_count: 3 });
  });

  it('is not taken for complete after a change was missed, until it is looked up', async () => {
    await record(group());
    await record(members('added', [cid], ['8', '9']));
    expect(await roster()).toBeNull();
    await record(group({ members: [ann, cid, self], memberVersion: '9' }, 'looked_up'));
    expect([...(await roster())!.members].sort()).toEqual(['9001', '9002', '9004']);
  });

  it('leaves out what is older than what a look has shown', async () => {
    await record(group({ memberVersion: '9' }));
    await record(members('added', [cid], ['6', '7']));
    expect((await roster())!.members).not.toContain('9004');
    expect(await owned.eventNames()).toEqual(['group.joined']);
  });

  it('tells what a look shows that no notification told', async () => {
    await record(group());
    await record(group({ subject: 'Millers', members: [{ ...ann, role: 'admin' }, cid, self] }, 'looked_up'));
    expect((await owned.eventNames()).slice(1).sort()).toEqual([
      'group.member_joined',
      'group.member_left',
      'group.member_role_changed',
      'group.updated',
    ]);
  });

  it('follows settings, each told with what is another now', async () => {
    await record(group());
    const changed = (changes: object): GroupFact => ({ type: 'group_changed', ...head, changes });
    await record(changed({ subject: 'Millers' }), changed({ announceOnly: true, disappearsInSeconds: 86_400 }));
    await record(changed({ announceOnly: true }), changed({ communityId: '120363009' }));
    expect((await events('group.updated')).map(({ payload }) => (payload as { changes: object }).changes)).toEqual([
      { subject: 'Millers' },
      { announceOnly: true, disappearsInSeconds: 86_400 },
      { communityChatId: '120363009@g.us' },
    ]);
    expect(await roster()).toMatchObject({ disappearsInSeconds: 86_400 });
  });

  it('gives the conversation of a group its subject as name', async () => {
    const { organizationId, profileId } = owned.profile;
    await db.query(
      `insert into conversations (id, organization_id, profile_id, kind, room_id)
       values (gen_random_uuid(), $1, $2, 'group', '120363001')`,
      [organizationId, profileId],
    );
    await record(group());
    await record({ type: 'group_changed', ...head, changes: { subject: 'Millers' } });
    const [chat] = await db.query<{ id: string; name: string }>(
      `select id, name from conversations where profile_id = $1 and kind = 'group'`,
      [profileId],
    );
    expect(chat!.name).toBe('Millers');
    expect((await events('group.updated'))[0]!.payload).toMatchObject({ conversationId: chat!.id });
  });

  it('ends when this account leaves, is removed, or is not listed any more', async () => {
    const gone: GroupFact = { type: 'group_gone', ...head, reason: 'removed' };
    await record(group());
    await record(members('removed', [self]), gone);
    await record(gone);
    expect(await owned.eventNames()).toEqual(['group.joined', 'group.left']);
    expect(await roster()).toBeNull();
    expect(await row()).toMatchObject({ own_role: null, gone_reason: 'removed' });
    await record(group());
    await record({ type: 'group_list', groupIds: ['120363777'], at, source: 'lookup' });
    expect((await owned.eventNames()).slice(2)).toEqual(['group.joined', 'group.left']);
  });

  it('knows who waits to be let in', async () => {
    await record(group());
    const request = (change: 'created' | 'revoked' | 'rejected'): GroupFact => ({
      type: 'group_join_request',
      ...head,
      person: cid,
      change,
    });
    await record(request('created'), request('created'));
    await record(request('rejected'));
    await record(request('rejected'), request('created'), members('added', [cid]));
    expect((await owned.eventNames()).slice(1)).toEqual([
      'group.join_requested',
      'group.join_request_ended',
      'group.join_requested',
      'group.member_joined',
    ]);
    expect(await db.query('select 1 from group_join_requests')).toEqual([]);
  });

  it('tells a new invite link once, without the link', async () => {
    await record(group());
    const fact: GroupFact = { type: 'group_invite_changed', ...head, code: 'SECRET' };
    await record(fact);
    await record(fact);
    const told = await events('group.invite_changed');
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).not.toContain('SECRET');
  });

  it('says nothing of groups that are not known', async () => {
    await record(members('added', [cid]), { type: 'group_changed', ...head, changes: { subject: 'x' } });
    expect(await owned.eventNames()).toEqual([]);
  });

  it('goes with a person who turns out to be another, and without one who is erased', async () => {
    await record(group({ members: [ann, self, cid] }));
    const { organizationId } = owned.profile;
    await db.system(async (tx) => {
      const { personIds } = await resolvePersons(tx, organizationId, [
        { phone: '15550000004', lid: null },
        { phone: null, lid: '9004' },
      ]);
      await mergePersons(tx, personIds);
    });
    expect((await roster())!.members).toContain('9004');
    await db.system(async (tx) => {
      const { personIds } = await resolvePersons(tx, organizationId, [{ phone: null, lid: '9004' }]);
      await erasePerson(tx, personIds[0]!);
    });
    // Still a member there: who is in the group is asked anew before anything is sent.
    expect(await roster()).toBeNull();
    const left = await db.query('select 1 from group_members where address = $1 and organization_id = $2', [
      '9004',
      organizationId,
    ]);
    expect(left).toEqual([]);
  });
});
