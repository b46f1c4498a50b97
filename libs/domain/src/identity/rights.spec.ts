import { holdsEverywhere, type ProfileId, permissions, reachOf, systemRoles, type WorkspaceId } from '#contracts';
import type { AssignedRole } from '#database';
import { rightsOfKey, rightsOfUser } from './rights.js';

const [w1, w2] = ['w1' as WorkspaceId, 'w2' as WorkspaceId];
const [p1, p2, p3] = ['p1' as ProfileId, 'p2' as ProfileId, 'p3' as ProfileId];
const role = (name: string, place: Partial<AssignedRole> = {}): AssignedRole => ({
  systemRole: name,
  permissions: null,
  workspaceId: null,
  profileId: null,
  ...place,
});
const own = (given: string[], place: Partial<AssignedRole> = {}): AssignedRole => ({
  ...role('', place),
  systemRole: null,
  permissions: given,
});
const key = (assignments: AssignedRole[], scopes: string[], profiles: [ProfileId, WorkspaceId | null][] = []) =>
  rightsOfKey({
    assignments,
    permissions: scopes,
    profileIds: profiles.map(([profileId]) => profileId),
    profiles: profiles.flatMap(([profileId, workspaceId]) => (workspaceId ? [{ profileId, workspaceId }] : [])),
  });

describe('the rights of a person', () => {
  it('are those of the role, everywhere', () => {
    const rights = rightsOfUser([role('viewer')]);
    expect([...rights.permissions]).toEqual([...systemRoles.viewer.permissions]);
    expect(rights.reach).toBe('everywhere');
    expect([...rightsOfUser([role('owner')]).permissions].sort()).toEqual([...permissions].sort());
  });

  it('of an unknown role are none, also of one that objects inherit, and of permissions that are none', () => {
    for (const name of ['', 'root', 'constructor', '__proto__'])
      expect(rightsOfUser([role(name)]).permissions.size).toBe(0);
    expect([...rightsOfUser([own(['messages.read', 'constructor', 'old.permission'])]).permissions]).toEqual([
      'messages.read',
    ]);
    expect(rightsOfUser([])).toEqual({
      permissions: new Set(),
      grants: [],
      reach: { workspaceIds: [], profileIds: [] },
    });
  });

  it('differ from place to place', () => {
    const rights = rightsOfUser([
      role('manager', { workspaceId: w1 }),
      role('viewer', { workspaceId: w2 }),
      role('operator', { profileId: p3 }),
    ]);
    expect(reachOf(rights, 'profiles.write')).toEqual({ workspaceIds: [w1], profileIds: [] });
    expect(reachOf(rights, 'messages.send')).toEqual({ workspaceIds: [w1], profileIds: [p3] });
    expect(reachOf(rights, 'messages.read')).toEqual({ workspaceIds: [w1, w2], profileIds: [p3] });
    expect(rights.reach).toEqual({ workspaceIds: [w1, w2], profileIds: [p3] });
  });

  it('about the organization are given only with a role for all of it', () => {
    expect(rightsOfUser([role('owner', { workspaceId: w1 })]).permissions).not.toContain('members.write');
    expect(rightsOfUser([role('owner', { workspaceId: w1 })]).permissions).toContain('accounts.write');
    expect(rightsOfUser([role('owner', { profileId: p1 })]).permissions).not.toContain('accounts.write');
    const both = rightsOfUser([role('owner', { workspaceId: w1 }), role('admin')]);
    expect(holdsEverywhere(both, 'members.write')).toBe(true);
    expect(both.permissions).not.toContain('organization.delete');
  });
});

describe('the rights of a key', () => {
  it('are its scopes, cut down to what the user may do now', () => {
    expect([...key([role('viewer')], ['messages.read', 'messages.send']).permissions]).toEqual(['messages.read']);
    expect([...key([role('viewer')], ['*']).permissions]).toEqual([...systemRoles.viewer.permissions]);
    expect(key([role('')], ['*']).permissions.size).toBe(0);
    const inOne = key([role('operator', { workspaceId: w1 })], ['messages.send']);
    expect(reachOf(inOne, 'messages.send')).toEqual({ workspaceIds: [w1], profileIds: [] });
  });

  it('with profiles hold in those alone, as far as the user reaches them', () => {
    const whole = key([role('owner')], ['*'], [[p1, w1]]);
    expect(whole.reach).toEqual({ workspaceIds: [], profileIds: [p1] });
    for (const permission of ['api-keys.write', 'members.read', 'accounts.write'] as const) {
      expect(whole.permissions).not.toContain(permission);
    }
    const some = key(
      [role('manager', { workspaceId: w1 }), role('viewer', { profileId: p3 })],
      ['*'],
      [
        [p1, w1],
        [p2, w2],
        [p3, w2],
      ],
    );
    expect(reachOf(some, 'messages.send')).toEqual({ workspaceIds: [], profileIds: [p1] });
    expect(reachOf(some, 'messages.read')).toEqual({ workspaceIds: [], profileIds: [p1, p3] });
  });

  it('whose profiles are all gone are none, not all', () => {
    const rights = key([role('owner')], ['*'], [[p1, null]]);
    expect(rights.permissions.size).toBe(0);
    expect(rights.reach).toEqual({ workspaceIds: [], profileIds: [] });
  });
});
