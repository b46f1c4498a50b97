import type { Registered } from '#testing';
import { ApiWithoutEngine } from './api-without-engine.js';

/** Profiles over HTTP, without an engine: what the api itself promises. */
describe('profiles', () => {
  let waypost: ApiWithoutEngine;
  let owner: Registered;

  beforeAll(async () => {
    waypost = await ApiWithoutEngine.start();
    owner = await waypost.register();
  });

  afterAll(() => waypost?.stop());

  const create = async (body: object = { name: 'Support' }) => (await owner.client.post('/profiles', body)).body.data;
  const names = async (profileId: string) =>
    (
      await waypost.db.query<{ name: string }>('select name from events where stream_id = $1 order by seq', [profileId])
    ).map((event) => event.name);

  it('are created in the default workspace and account, listed, changed and deleted', async () => {
    const created = await owner.client.post('/profiles', { name: 'Support', settings: { team: 'north' } });
    expect(created.status).toBe(201);
    const { id, accountId } = created.body.data;
    expect(created.body.data).toMatchObject({
      name: 'Support',
      status: 'disconnected',
      code: 'never_connected',
      action: 'connect',
      phone: null,
      settings: { team: 'north' },
    });
    const listed = await owner.client.get('/profiles?limit=200');
    expect(listed.body.data).toContainEqual(created.body.data);
    const changed = await owner.client.put(`/profiles/${id}`, { name: 'Sales' });
    expect(changed.body.data).toMatchObject({ name: 'Sales', accountId, settings: { team: 'north' } });
    expect((await owner.client.delete(`/profiles/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await owner.client.get(`/profiles/${id}`)).status).toBe(404);
    expect(await names(id)).toEqual(['profile.created', 'profile.updated', 'profile.deleted']);
  });

  it('take the older name of the name, and none that is empty', async () => {
    expect(await create({ displayName: 'Older' })).toMatchObject({ name: 'Older', displayName: 'Older' });
    const missing = await owner.client.post('/profiles', {});
    expect([missing.status, missing.body.error.fields[0].path]).toEqual([400, 'name']);
    expect((await owner.client.post('/profiles', { name: ' ' })).status).toBe(400);
  });

  it('are reached through their account, and not through another', async () => {
    const other = (await owner.client.post('/accounts', { name: 'Other' })).body.data.id;
    const { id, accountId } = await create();
    for (const path of ['', '/status', '/qr']) {
      expect((await owner.client.get(`/accounts/${accountId}/profiles/${id}${path}`)).status).toBe(200);
      expect((await owner.client.get(`/accounts/${other}/profiles/${id}${path}`)).status).toBe(404);
    }
    expect((await owner.client.post(`/accounts/${other}/profiles/${id}/connect`)).status).toBe(404);
    expect((await owner.client.delete(`/accounts/${other}/profiles/${id}`)).status).toBe(404);
    const made = await owner.client.post(`/accounts/${other}/profiles`, { name: 'There' });
    expect(made.body.data.accountId).toBe(other);
    const listed = (await owner.client.get(`/accounts/${other}/profiles`)).body.data;
    expect(listed.map((profile: { id: string }) => profile.id)).toEqual([made.body.data.id]);
    const moved = await owner.client.put(`/profiles/${id}`, { accountId: other });
    expect(moved.body.data.accountId).toBe(other);
  });

  it('wait for an engine when they are connected, and say so everywhere', async () => {
    const { id } = await create();
    const connected = await owner.client.post(`/profiles/${id}/connect`);
    expect([connected.status, connected.body.data.code]).toEqual([200, 'waiting_for_engine']);
    const again = await owner.client.post(`/profiles/${id}/connect`);
    expect(again.body.data).toMatchObject({ code: 'waiting_for_engine', since: connected.body.data.since });
    const qr = await owner.client.get(`/profiles/${id}/qr`);
    expect(qr.body.data).toEqual({
      qr: null,
      qrText: null,
      expiresAt: null,
      status: 'connecting',
      code: 'waiting_for_engine',
      message: expect.any(String),
      action: 'wait',
    });
    const status = await owner.client.get(`/profiles/${id}/status`);
    expect(status.body.data).toMatchObject({ status: 'connecting', health: null, engineConnected: null });
    expect(await names(id)).toEqual(['profile.created', 'profile.desired_state_changed', 'connection.changed']);
  });

  it('are disconnected and logged out at once when no engine holds them', async () => {
    const { id } = await create();
    await owner.client.post(`/profiles/${id}/connect`);
    expect((await owner.client.post(`/profiles/${id}/disconnect`)).body.data.code).toBe('disconnected_by_user');
    expect((await owner.client.post(`/profiles/${id}/logout`)).body.data.code).toBe('logged_out_by_user');
    expect((await owner.client.post(`/profiles/${id}/connect`)).body.data.code).toBe('waiting_for_engine');
  });

  it('leave a logout to the next engine when WhatsApp must be told', async () => {
    const { id } = await create();
    const [{ organizationId }] = (await waypost.db.query(
      'select organization_id as "organizationId" from profiles where id = $1',
      [id],
    )) as [{ organizationId: string }];
    await waypost.db.query(
      `insert into engine_credentials (profile_id, organization_id, sealed) values ($1, $2, 'x')`,
      [id, organizationId],
    );
    expect((await owner.client.post(`/profiles/${id}/logout`)).body.data.code).toBe('logging_out');
  });

  it('forget a dead link when they are connected after a logout', async () => {
    const { id } = await create();
    await waypost.db.query(
      `with dead as (update profile_connections set state = 'logged_out', code = 'logged_out_from_phone'
                      where profile_id = $1 returning organization_id)
       insert into engine_credentials (profile_id, organization_id, sealed) select $1, organization_id, 'x' from dead`,
      [id],
    );
    await owner.client.post(`/profiles/${id}/connect`);
    expect(await waypost.db.query('select 1 from engine_credentials where profile_id = $1', [id])).toEqual([]);
  });

  it('are not deleted while they are wanted connected', async () => {
    const { id } = await create();
    await owner.client.post(`/profiles/${id}/connect`);
    const refused = await owner.client.delete(`/profiles/${id}`);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'PROFILE_CONNECTED']);
    await owner.client.post(`/profiles/${id}/disconnect`);
    expect((await owner.client.delete(`/profiles/${id}`)).status).toBe(200);
  });

  it('are deleted with their messages and webhooks', async () => {
    const id = await waypost.profile(owner);
    await owner.client.post('/messages/text', { profileId: id, to: '+4915112345678', text: 'x', wait: 0 });
    expect((await owner.client.delete(`/profiles/${id}`)).status).toBe(200);
    for (const table of ['messages', 'message_keys', 'outbox', 'conversations', 'profile_leases']) {
      expect(await waypost.db.query(`select 1 from ${table} where profile_id = $1`, [id])).toEqual([]);
    }
  });

  it('give pairing codes only for their own number, and say when no engine is there', async () => {
    const id = await waypost.profile(owner, { phoneNumber: '4915112345678' });
    const other = await owner.client.post(`/profiles/${id}/pairing-code`, { phoneNumber: '+49 151 99999999' });
    expect([other.status, other.body.error.fields[0].path]).toEqual([400, 'phoneNumber']);
    const senseless = await owner.client.post(`/profiles/${id}/pairing-code`, { phoneNumber: 'mine' });
    expect(senseless.status).toBe(400);
  });

  it('are restarted only by an engine', async () => {
    const { id } = await create();
    expect((await owner.client.post(`/profiles/${id}/restart`)).body.error.code).toBe('PROFILE_NOT_CONNECTED');
    await owner.client.post(`/profiles/${id}/connect`);
    expect((await owner.client.post(`/profiles/${id}/restart`)).body.error.code).toBe('ENGINE_UNAVAILABLE');
  });

  it('answer once to repeats with an Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'make-it-once' };
    const [first, second] = [
      await owner.client.post('/profiles', { name: 'Once' }, headers),
      await owner.client.post('/profiles', { name: 'Once' }, headers),
    ];
    expect(second!.body.data).toEqual(first!.body.data);
    const all = (await owner.client.get('/profiles?limit=200')).body.data as { name: string }[];
    expect(all.filter((profile) => profile.name === 'Once')).toHaveLength(1);
  });
});
