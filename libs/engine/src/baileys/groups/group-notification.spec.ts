import type { BinaryNode } from '@whiskeysockets/baileys';
import { parseGroupNotification } from './group-notification.js';

const me = { id: '15550001:7@s.whatsapp.net', lid: '9001:7@lid' };
const ann = { phone: '15550002', lid: '9002' };
const bob = { phone: '15550003', lid: '9003' };

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode['content']): BinaryNode => ({
  tag,
  attrs,
  ...(content === undefined ? {} : { content }),
});
const person = ({ phone, lid }: typeof ann, attrs: Record<string, string> = {}) =>
  node('participant', { jid: `${lid}@lid`, phone_number: `${phone}@s.whatsapp.net`, ...attrs });
const own = node('participant', { jid: '9001@lid', phone_number: '15550001@s.whatsapp.net' });

/** As the server sends it for a change by Ann (whatsmeow, group.go). */
function notification(...changes: BinaryNode[]): BinaryNode {
  return node(
    'notification',
    {
      from: '120363001122@g.us',
      type: 'w:gp2',
      id: '2863748127',
      t: '1763740800',
      participant: '9002@lid',
      participant_pn: '15550002@s.whatsapp.net',
      addressing_mode: 'lid',
    },
    changes,
  );
}

const parse = (...changes: BinaryNode[]) => parseGroupNotification(notification(...changes), me);
const where = { groupId: '120363001122', by: ann, at: new Date(1_763_740_800_000), source: 'notification' };

describe('a notification about a group', () => {
  it('tells who was added, and who came by the link', () => {
    const versions = { prev_v_id: '10', v_id: '11' };
    expect(parse(node('add', versions, [person(bob)])).facts).toEqual([
      {
        type: 'group_members_changed',
        ...where,
        change: 'added',
        members: [{ ...bob, role: 'member' }],
        versions: { before: '10', after: '11' },
      },
    ]);
    expect(parse(node('add', { reason: 'invite' }, [person(bob)])).facts).toMatchObject([{ change: 'joined' }]);
    expect(parse(node('add', {}, [person(ann)])).facts).toMatchObject([{ change: 'joined', versions: null }]);
  });

  it('tells who was removed and who left, and that this account did', () => {
    expect(parse(node('remove', {}, [person(bob)])).facts).toMatchObject([{ change: 'removed', members: [bob] }]);
    expect(parse(node('remove', {}, [person(ann)])).facts).toMatchObject([{ change: 'left', members: [ann] }]);
    expect(parse(node('remove', {}, [own])).facts).toMatchObject([
      { type: 'group_members_changed', change: 'removed', members: [{ lid: '9001', isSelf: true }] },
      { type: 'group_gone', reason: 'removed', by: ann },
    ]);
  });

  it('tells the roles that members get and lose', () => {
    expect(parse(node('promote', {}, [person(bob)])).facts).toMatchObject([
      { change: 'promoted', members: [{ ...bob, role: 'admin' }] },
    ]);
    expect(parse(node('demote', {}, [person(bob, { type: 'admin' })])).facts).toMatchObject([
      { change: 'demoted', members: [{ ...bob, role: 'member' }] },
    ]);
  });

  it.each([
    [node('subject', { subject: 'Bakers', s_t: '1763740800' }), { subject: 'Bakers' }],
    [
      node('description', { id: 'D1' }, [node('body', {}, Buffer.from('We bake'))]),
      { description: 'We bake', descriptionId: 'D1' },
    ],
    [node('description', { id: 'D1' }, [node('delete')]), { description: null, descriptionId: null }],
    [node('announcement', { v_id: '3' }), { announceOnly: true }],
    [node('not_announcement'), { announceOnly: false }],
    [node('locked'), { locked: true }],
    [node('unlocked'), { locked: false }],
    [node('ephemeral', { expiration: '86400' }), { disappearsInSeconds: 86_400 }],
    [node('not_ephemeral'), { disappearsInSeconds: null }],
    [node('member_add_mode', {}, Buffer.from('all_member_add')), { memberAddMode: 'all' }],
    [node('member_add_mode', {}, Buffer.from('admin_add')), { memberAddMode: 'admins' }],
    [node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]), { joinApproval: true }],
    [node('membership_approval_mode', {}, [node('community_join', { state: 'off' })]), { joinApproval: false }],
    [node('not_allow_non_admin_sub_group_creation'), { membersMayAddGroups: false }],
  ])('tells what was changed: %#', (change, changes) => {
    expect(parse(change)).toEqual({ facts: [{ type: 'group_changed', ...where, changes }], stale: [] });
  });

  it('tells the whole group to who came into it', () => {
    const group = node(
      'group',
      {
        id: '120363001122',
        subject: 'Bakers',
        s_t: '1763740000',
        s_o: '9002@lid',
        s_o_pn: '15550002@s.whatsapp.net',
        creation: '1763740000',
        creator: '9002@lid',
        creator_pn: '15550002@s.whatsapp.net',
        addressing_mode: 'lid',
        p_v_id: '4',
      },
      [node('announcement'), person(ann, { type: 'superadmin' }), own, person(bob, { error: '403' })],
    );
    expect(parse(node('create', { reason: 'invite' }, [group])).facts).toMatchObject([
      {
        type: 'group',
        how: 'joined',
        by: ann,
        group: {
          subject: 'Bakers',
          owner: ann,
          addressing: 'lid',
          announceOnly: true,
          memberVersion: '4',
          members: [
            { ...ann, role: 'superadmin' },
            { phone: '15550001', lid: '9001', role: 'member', isSelf: true },
          ],
          kind: 'group',
        },
      },
    ]);
    expect(parse(node('create', { type: 'new' }, [group])).facts).toMatchObject([{ how: 'created' }]);
  });

  it('tells requests to be let in, taken back or refused', () => {
    const asked = node('created_membership_requests', { request_method: 'InviteLink' }, [person(ann)]);
    expect(parse(asked).facts).toMatchObject([{ type: 'group_join_request', person: ann, change: 'created' }]);
    const gone = (who: typeof ann) => node('revoked_membership_requests', {}, [person(who)]);
    expect(parse(gone(ann)).facts).toMatchObject([{ person: ann, change: 'revoked' }]);
    expect(parse(gone(bob)).facts).toMatchObject([{ person: bob, change: 'rejected', by: ann }]);
  });

  it('tells which community a group belongs to, to both', () => {
    const group = node('group', { jid: '120363009999@g.us', subject: 'Village' });
    expect(parse(node('link', { link_type: 'parent_group' }, [group])).facts).toMatchObject([
      { groupId: '120363001122', changes: { communityId: '120363009999' } },
    ]);
    expect(parse(node('unlink', { unlink_type: 'sub_group' }, [group])).facts).toMatchObject([
      { groupId: '120363009999', changes: { communityId: null } },
    ]);
    expect(parse(node('link', { link_type: 'sibling_group' }, [group])).facts).toEqual([]);
  });

  it('tells that a group ended, and that its link is another', () => {
    expect(parse(node('delete', { reason: 'deactivated' })).facts).toMatchObject([
      { type: 'group_gone', reason: 'deleted' },
    ]);
    expect(parse(node('invite', { code: 'AbC' })).facts).toMatchObject([{ type: 'group_invite_changed', code: 'AbC' }]);
  });

  it('knows when it does not know: a number changed, a change of which the group is missing', () => {
    expect(parse(node('modify', {}, [person(bob)]))).toEqual({ facts: [], stale: ['120363001122'] });
    expect(parse(node('create', {}))).toEqual({ facts: [], stale: ['120363001122'] });
    expect(parse(node('growth_locked', { expiration: '1' }))).toEqual({ facts: [], stale: [] });
  });
});
