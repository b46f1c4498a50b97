import { io, type Socket } from 'socket.io-client';
import { systemRoleIds } from '#contracts';
import { Database } from '#database';
import { type ApiAnswer, ApiClient, createTestDatabase, type Registered, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { People, type Person } from './access-people.js';
import { buildPlace, type Place } from './access-places.js';

let database: TestDatabase;
let db: Database;
let api: RunningApi;
/** Registered first, so administrator of the installation, who can read mails that did not go out. */
let operator: Registered;
let owner: Registered;
let people: People;
let place: Place;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'organizations spec');
  api = await startApi(database.config);
  operator = await ApiClient.register(api.url);
});
beforeEach(async () => {
  owner = await ApiClient.register(api.url);
  people = new People(db, api, owner);
  place = await buildPlace(db, owner);
});
afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

const word = () => Math.random().toString(36).slice(2);
const code = ({ status, body }: ApiAnswer) => [status, body?.error?.code ?? 'none'];
const names = async (client: ApiClient) =>
  (await client.get('/events?limit=200')).body.data.map(({ name }: { name: string }) => name);
const member = (role: Parameters<People['with']>[0][number]['role'] = 'viewer') =>
  people.with([{ role, in: 'organization' }]);

/** The token in the last mail to an address. */
async function tokenFor(email: string): Promise<string> {
  const { body } = await operator.client.get('/platform/mails?limit=200');
  const mail = body.data.find(({ to, recipient }: { to?: string; recipient?: string }) => (to ?? recipient) === email);
  const { data } = (await operator.client.get(`/platform/mails/${mail.id}`)).body;
  return new URL(data.link).hash.slice('#token='.length);
}

async function follow(person: Pick<Person, 'accessToken'>, profileId: string): Promise<Socket> {
  const auth = { token: person.accessToken };
  const socket = io(`${api.url}/ws`, { transports: ['websocket'], reconnection: false, forceNew: true, auth });
  await new Promise((resolve) => socket.once('connect', () => resolve(undefined)));
  const answer = await socket.timeout(10_000).emitWithAck('subscribe:profile', { profileId });
  expect(answer).toMatchObject({ success: true });
  return socket;
}

describe('the organization', () => {
  it('is read and changed, with its event and its entry in the audit trail', async () => {
    const { client, organizationId } = owner;
    const { data } = (await client.get('/organizations/current')).body;
    expect(data).toMatchObject({ id: organizationId, settings: {} });
    const changed = await client.put('/organizations/current', { name: 'New Name', settings: { a: 1 } });
    expect(changed.body.data).toMatchObject({ name: 'New Name', slug: data.slug, settings: { a: 1 } });
    expect((await client.put('/organizations/current', { name: '' })).status).toBe(400);
    expect(await names(client)).toContain('organization.updated');
    const [entry] = (await client.get('/audit/logs?action=org.update')).body.data;
    expect(entry).toMatchObject({ action: 'org.update' });
    expect(code(await (await member('viewer')).session.put('/organizations/current', { name: 'x' }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
  });

  it('is handed on to another member, after showing who one is', async () => {
    const { client, password } = owner;
    const next = await member('operator');
    const to = (body: object) => client.post('/organizations/current/transfer', body);
    expect(code(await to({ userId: next.userId, password: 'wrong' }))).toEqual([403, 'REAUTHENTICATION_FAILED']);
    expect(code(await to({ userId: operator.userId, password }))).toEqual([404, 'NOT_FOUND']);
    expect((await to({ userId: owner.userId, password })).status).toBe(400);
    expect((await to({ userId: next.userId, password })).body.data).toMatchObject({ role: 'owner' });
    // Both changes act with the next request.
    expect((await next.session.get('/organizations/members')).status).toBe(200);
    expect(code(await to({ userId: next.userId, password }))).toEqual([403, 'FORBIDDEN']);
    expect((await client.get(`/organizations/members/${owner.userId}`)).body.data.role).toBe('admin');
  });
});

describe('invitations', () => {
  it('bring a person in by a mailed link, once', async () => {
    const { client } = owner;
    const email = `Bo.${word()}@Example.com`;
    const invited = await client.post('/organizations/invitations', { email, role: 'manager', expiresInDays: 3 });
    expect(invited.status).toBe(201);
    expect(invited.body.data).toMatchObject({ email: email.toLowerCase(), role: 'manager', status: 'open' });
    expect(JSON.stringify(invited.body)).not.toContain('wpi_');
    const token = await tokenFor(email.toLowerCase());
    const nobody = new ApiClient(api.url);
    const seen = await nobody.post('/invitations/lookup', { token });
    expect(seen.body.data).toMatchObject({ email: email.toLowerCase(), role: 'manager', name: null });

    expect((await nobody.post('/invitations/accept', { token, password: 'eight green kettles' })).status).toBe(400);
    const weak = await nobody.post('/invitations/accept', { token, name: 'Bo', password: 'short' });
    expect(code(weak)).toEqual([400, 'VALIDATION_ERROR']);
    const accepted = await nobody.post('/invitations/accept', { token, name: 'Bo', password: 'eight green kettles' });
    expect([accepted.status, accepted.body.data.user.role]).toEqual([201, 'manager']);
    const bo = ApiClient.bearer(api.url, accepted.body.data.accessToken);
    expect((await bo.get('/profiles')).status).toBe(200);
    expect((await bo.get('/api-keys')).status).toBe(403);
    for (const path of ['lookup', 'accept']) {
      const again = await nobody.post(`/invitations/${path}`, { token, name: 'Bo', password: 'eight green kettles' });
      expect(code(again)).toEqual([404, 'INVITATION_INVALID']);
    }
    expect((await client.get('/organizations/invitations')).body.data[0]).toMatchObject({ status: 'accepted' });
    expect((await client.get('/organizations/invitations?open=true')).body.data).toEqual([]);
    expect(await names(client)).toEqual(
      expect.arrayContaining(['invitation.created', 'invitation.accepted', 'member.joined']),
    );
  });

  it('can be limited to places, be sent again and be revoked', async () => {
    const { client } = owner;
    const email = `${word()}@example.com`;
    const { workspaceId } = place;
    const draft = { email, role: 'operator', name: 'Eve', workspaceIds: [workspaceId] };
    const { id } = (await client.post('/organizations/members', draft)).body.data;
    expect(code(await client.post('/organizations/invitations', draft))).toEqual([409, 'INVITATION_OPEN']);
    const first = await tokenFor(email);
    expect((await client.post(`/organizations/invitations/${id}/resend`, {})).body.data.status).toBe('open');
    const second = await tokenFor(email);
    const nobody = new ApiClient(api.url);
    const accept = (token: string) => nobody.post('/invitations/accept', { token, password: 'eight green kettles' });
    expect(code(await accept(first))).toEqual([404, 'INVITATION_INVALID']);
    const { data } = (await accept(second)).body;
    const eve = ApiClient.bearer(api.url, data.accessToken);
    expect((await eve.get('/workspaces')).body.data.map(({ id: seen }: { id: string }) => seen)).toEqual([workspaceId]);

    const other = { ...draft, email: `${word()}@example.com` };
    const revoked = (await client.post('/organizations/invitations', other)).body.data.id;
    expect((await client.delete(`/organizations/invitations/${revoked}`)).body.data.status).toBe('revoked');
    expect(code(await client.delete(`/organizations/invitations/${revoked}`))).toEqual([409, 'INVITATION_CLOSED']);
    expect(code(await client.post(`/organizations/invitations/${revoked}/resend`, {}))).toEqual([
      409,
      'INVITATION_CLOSED',
    ]);
    expect(code(await accept(await tokenFor(other.email)))).toEqual([404, 'INVITATION_INVALID']);
  });

  it('give no more than who invites holds, then and when they are accepted', async () => {
    const admin = await member('admin');
    const invite = (role: string, more: object = {}) =>
      admin.session.post('/organizations/invitations', { email: `${word()}@example.com`, role, ...more });
    expect(code(await invite('owner'))).toEqual([403, 'FORBIDDEN']);
    expect(code(await invite('nonsense'))).toEqual([400, 'VALIDATION_ERROR']);
    expect(code(await invite('viewer', { workspaceIds: [operator.organizationId] }))).toEqual([404, 'NOT_FOUND']);
    expect(code(await invite('viewer', { email: owner.email }))).toEqual([409, 'MEMBER_EXISTS']);

    const email = `${word()}@example.com`;
    expect((await invite('admin', { email, name: 'Zoe' })).status).toBe(201);
    const token = await tokenFor(email);
    await owner.client.put(`/organizations/members/${admin.userId}/role`, { role: 'viewer' });
    const nobody = new ApiClient(api.url);
    const accepted = await nobody.post('/invitations/accept', { token, password: 'eight green kettles' });
    expect(code(accepted)).toEqual([404, 'INVITATION_INVALID']);
  });

  it('do not tell whether an address has an account elsewhere, until its owner has the link', async () => {
    const { client } = owner;
    const invited = await client.post('/organizations/invitations', { email: operator.email, role: 'viewer' });
    expect(invited.status).toBe(201);
    const token = await tokenFor(operator.email);
    const nobody = new ApiClient(api.url);
    const accepted = await nobody.post('/invitations/accept', { token, name: 'x', password: 'eight green kettles' });
    expect(code(accepted)).toEqual([409, 'EMAIL_TAKEN']);
    expect((await client.get('/organizations/invitations')).body.data[0].status).toBe('open');
  });

  it('run out', async () => {
    const email = `${word()}@example.com`;
    await owner.client.post('/organizations/invitations', { email, role: 'viewer', name: 'Late' });
    const token = await tokenFor(email);
    await db.query(`update invitations set expires_at = now() where email = $1`, [email]);
    const nobody = new ApiClient(api.url);
    const accepted = await nobody.post('/invitations/accept', { token, password: 'eight green kettles' });
    expect(code(accepted)).toEqual([404, 'INVITATION_INVALID']);
    // The address can be invited anew.
    expect((await owner.client.post('/organizations/invitations', { email, role: 'viewer' })).status).toBe(201);
  });
});

describe('members', () => {
  it('are listed with their roles, page by page', async () => {
    for (const role of ['viewer', 'operator', 'manager'] as const) await member(role);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: ApiAnswer = await owner.client.get(
        `/organizations/members?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.data.map(({ role }: { role: string }) => role));
      cursor = body.meta.nextCursor;
    }
    expect(seen).toEqual(['owner', 'viewer', 'operator', 'manager']);
  });

  it('get another role at once, also on open sockets', async () => {
    const person = await member('operator');
    const socket = await follow(person, place.profileId);
    const ended: unknown[] = [];
    socket.on('subscription:ended', (payload) => ended.push(payload));
    const own = ['organization.read', 'profiles.read'];
    const { id: roleId } = (await owner.client.post('/rbac/roles', { name: word(), permissions: own })).body.data;
    expect((await person.key.get(`/conversations?profileId=${place.profileId}`)).status).toBe(200);
    const changed = await owner.client.put(`/organizations/members/${person.userId}/role`, { role: roleId });
    expect(changed.body.data.roles).toMatchObject([{ roleId, permissions: own }]);
    await until(() => ended.length === 1);
    const of = { room: 'profile', id: place.profileId, profileId: place.profileId };
    expect(ended).toEqual([{ ...of, code: 'FORBIDDEN', message: expect.any(String) }]);
    for (const client of [person.session, person.key]) {
      expect((await client.get(`/conversations?profileId=${place.profileId}`)).status).toBe(403);
      expect((await client.get('/profiles')).status).toBe(200);
    }
    // The role itself is changed for all who have it.
    await owner.client.put(`/rbac/roles/${roleId}`, { permissions: [...own, 'conversations.read'] });
    expect((await person.session.get(`/conversations?profileId=${place.profileId}`)).status).toBe(200);
    socket.disconnect();
  });

  it('are cut off when deactivated or removed, sockets and keys too', async () => {
    for (const act of ['deactivate', 'remove'] as const) {
      const person = await member('operator');
      const socket = await follow(person, place.profileId);
      const path = `/organizations/members/${person.userId}`;
      const answer = await (act === 'remove' ? owner.client.delete(path) : owner.client.post(`${path}/deactivate`));
      expect(answer.status).toBe(200);
      await until(() => socket.disconnected);
      expect((await person.session.get('/profiles')).status).toBe(401);
      expect((await person.key.get('/profiles')).status).toBe(401);
      if (act === 'remove') {
        expect(code(await owner.client.get(path))).toEqual([404, 'NOT_FOUND']);
        continue;
      }
      expect((await owner.client.post(`${path}/reactivate`)).body.data.isActive).toBe(true);
      expect((await person.key.get('/profiles')).status).toBe(200);
      // A session that was ended stays ended.
      expect((await person.session.get('/profiles')).status).toBe(401);
    }
  });

  it('who may do more than one does cannot be changed', async () => {
    const admin = await member('admin');
    const path = `/organizations/members/${owner.userId}`;
    for (const answer of [
      await admin.session.put(`${path}/role`, { role: 'viewer' }),
      await admin.session.post(`${path}/deactivate`),
      await admin.session.delete(path),
      await admin.session.delete(`/rbac/users/${owner.userId}/organizations/${owner.organizationId}`),
    ]) {
      expect(code(answer)).toEqual([403, 'FORBIDDEN']);
    }
    expect(code(await admin.session.put(`/organizations/members/${admin.userId}/role`, { role: 'owner' }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
  });

  it('the last owner stays', async () => {
    const { client, userId, organizationId } = owner;
    const path = `/organizations/members/${userId}`;
    for (const answer of [
      await client.put(`${path}/role`, { role: 'admin' }),
      await client.post(`${path}/deactivate`),
      await client.delete(path),
      await client.delete(`/rbac/users/${userId}/organizations/${organizationId}`),
      await client.post('/rbac/assign', { userId, roleId: 'viewer' }),
    ]) {
      expect(code(answer)).toEqual([409, 'LAST_OWNER']);
    }
    expect((await client.get('/auth/me')).status).toBe(200);
  });

  it('of two owners who leave at once one stays', async () => {
    for (let round = 0; round < 8; round++) {
      const [one, two] = [await member('owner'), await member('owner')];
      await owner.client.put(`/organizations/members/${owner.userId}/role`, { role: 'admin' });
      const results = await Promise.all([
        round % 2
          ? one.session.delete(`/organizations/members/${one.userId}`)
          : one.session.put(`/organizations/members/${two.userId}/role`, { role: 'viewer' }),
        two.session.post(`/organizations/members/${two.userId}/deactivate`),
      ]);
      const [{ owners }] = (await db.query<{ owners: number }>(
        `select count(*) as owners from role_assignments a join users u on u.id = a.user_id and u.is_active
          where a.organization_id = $1 and a.system_role = 'owner'`,
        [owner.organizationId],
      )) as [{ owners: number }];
      expect([owners, results.map(({ status }) => status)]).toEqual([1, expect.any(Array)]);
      await db.query(`delete from role_assignments where organization_id = $1 and system_role = 'owner'`, [
        owner.organizationId,
      ]);
      await db.query(`update role_assignments set system_role = 'owner' where user_id = $1`, [owner.userId]);
    }
  });
});

describe('roles', () => {
  it('are made, changed and deleted; those of the system are not', async () => {
    const { client } = owner;
    const listed = (await client.get('/rbac/roles')).body.data;
    expect(listed.map(({ id }: { id: string }) => id)).toEqual(Object.values(systemRoleIds));
    expect(listed[0]).toMatchObject({ name: 'owner', isSystem: true, uses: 1 });
    const draft = { name: 'Night shift', permissions: ['messages.read', 'message:send', 'messages.read'] };
    const made = await client.post('/rbac/roles', draft);
    expect(made.status).toBe(201);
    const { id } = made.body.data;
    expect(made.body.data).toMatchObject({ permissions: ['messages.read', 'messages.send'], isSystem: false, uses: 0 });
    expect(code(await client.post('/rbac/roles', draft))).toEqual([409, 'ROLE_NAME_TAKEN']);
    expect(code(await client.post('/rbac/roles', { ...draft, name: 'Owner' }))).toEqual([409, 'ROLE_NAME_TAKEN']);
    const unknown = await client.post('/rbac/roles', { name: 'x', permissions: ['messages.read', 'root', '*'] });
    expect(unknown.body.error.fields.map(({ path }: { path: string }) => path)).toEqual([
      'permissions.1',
      'permissions.2',
    ]);
    const changed = await client.put(`/rbac/roles/${id}`, { description: 'after hours' });
    expect(changed.body.data).toMatchObject({ name: 'Night shift', description: 'after hours' });

    const person = await member();
    await client.post('/rbac/assign', { userId: person.userId, roleId: id, profileIds: [place.profileId] });
    expect(code(await client.delete(`/rbac/roles/${id}`))).toEqual([409, 'ROLE_IN_USE']);
    const roles = (await client.get(`/rbac/users/${person.userId}/roles`)).body.data;
    expect(roles).toMatchObject([{ role: 'viewer' }, { role: 'Night shift', profileId: place.profileId }]);
    const held = (await client.get(`/rbac/users/${person.userId}/permissions`)).body.data;
    expect(held).toContainEqual({
      permission: 'messages.send',
      everywhere: false,
      workspaceIds: [],
      profileIds: [place.profileId],
    });
    await client.delete(`/rbac/users/${person.userId}/roles/${roles[1].id}`);
    expect((await client.delete(`/rbac/roles/${id}`)).status).toBe(200);
    expect((await client.get(`/rbac/roles/${id}`)).status).toBe(404);

    for (const name of Object.values(systemRoleIds)) {
      expect(code(await client.put(`/rbac/roles/${name}`, { permissions: [] }))).toEqual([409, 'SYSTEM_ROLE']);
      expect(code(await client.delete(`/rbac/roles/${name}`))).toEqual([409, 'SYSTEM_ROLE']);
    }
    const seeded = await client.post(`/rbac/organizations/${owner.organizationId}/seed`);
    expect(seeded.body.data.map(({ name }: { name: string }) => name)).toHaveLength(5);
  });

  it('cannot be filled or given with what one does not hold', async () => {
    const held = ['roles.write', 'members.write', 'members.read', 'profiles.read'] as const;
    const person = await people.with([
      { role: [...held], in: 'organization' },
      { role: 'manager', in: { workspaceId: place.workspaceId } },
    ]);
    const other = await member();
    const make = (permissions: string[]) => person.session.post('/rbac/roles', { name: word(), permissions });
    const refused = await make(['profiles.read', 'messages.read', 'settings.write']);
    expect([...code(refused), refused.body.error.details]).toEqual([
      403,
      'FORBIDDEN',
      { missing: ['messages.read', 'settings.write'] },
    ]);
    const { id } = (await make(['profiles.read'])).body.data;
    expect(code(await person.session.put(`/rbac/roles/${id}`, { permissions: ['settings.write'] }))).toEqual([
      403,
      'FORBIDDEN',
    ]);
    const assign = (roleId: string, more: object = {}) =>
      person.key.post('/rbac/assign', { userId: other.userId, roleId, ...more });
    // The other may do more in the whole organization, so is not this person's to change.
    expect(code(await assign(id))).toEqual([403, 'FORBIDDEN']);
    await owner.client.delete(`/rbac/users/${other.userId}/organizations/${owner.organizationId}`);
    expect(code(await assign('manager'))).toEqual([403, 'FORBIDDEN']);
    expect((await assign('manager', { workspaceIds: [place.workspaceId] })).status).toBe(200);
    expect((await assign('manager', { profileIds: [place.profileId] })).status).toBe(200);
    const elsewhere = await buildPlace(db, owner);
    expect(code(await assign('manager', { profileIds: [elsewhere.profileId] }))).toEqual([403, 'FORBIDDEN']);
  });
});

describe('the end of an organization', () => {
  it('is for its only member, after showing who one is, and can be cancelled', async () => {
    const { client, password } = owner;
    const person = await member('admin');
    const end = (body: object, by = client) => by.send('DELETE', '/organizations/current', body);
    expect(code(await end({ password }, person.session))).toEqual([403, 'FORBIDDEN']);
    expect(code(await end({ password }))).toEqual([409, 'NOT_EMPTY']);
    await client.delete(`/organizations/members/${person.userId}`);
    expect(code(await end({ password: 'wrong' }))).toEqual([403, 'REAUTHENTICATION_FAILED']);
    const scheduled = await end({ password, graceDays: 7 });
    expect([scheduled.status, scheduled.body.data.kind ?? scheduled.body.data.erasure?.kind]).toEqual([
      202,
      'organization',
    ]);
    expect((await client.post('/account/erasure/cancel')).status).toBeLessThan(300);
    expect((await client.get('/organizations/current')).status).toBe(200);
  });
});
