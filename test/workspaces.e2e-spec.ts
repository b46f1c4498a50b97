import { Database } from '#database';
import { type ApiAnswer, ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type Owner, samples } from './route-samples.js';

let database: TestDatabase;
let db: Database;
let api: RunningApi;
let user: Registered;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await Database.open(database.config.database, 'workspaces spec');
  api = await startApi(database.config);
  user = await ApiClient.register(api.url);
});

afterAll(async () => {
  await api?.stop();
  await db?.close();
  await database?.drop();
});

async function lastEvent(): Promise<unknown> {
  const { meta } = (await user.client.get('/events?limit=1')).body;
  return (await user.client.get(`/events?after=${meta.head - 1}`)).body.data[0];
}

describe('workspaces', () => {
  it('are created, read, changed and deleted, each with its event', async () => {
    const created = await user.client.post('/workspaces', {
      name: 'Köln & Bonn',
      description: 'West',
      settings: { costCentre: '4711' },
      unknown: 'is dropped',
    });
    expect(created.status).toBe(201);
    const { id } = created.body.data;
    expect(created.body.data).toEqual({
      id,
      name: 'Köln & Bonn',
      slug: 'koln-bonn',
      description: 'West',
      settings: { costCentre: '4711' },
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    });
    expect(await lastEvent()).toMatchObject({ name: 'workspace.created', payload: { id, name: 'Köln & Bonn' } });

    const changed = await user.client.put(`/workspaces/${id}`, { name: 'Bonn', settings: {} });
    expect(changed.body.data).toMatchObject({ name: 'Bonn', slug: 'koln-bonn', description: 'West', settings: {} });
    expect((await user.client.get(`/workspaces/${id}`)).body.data).toEqual(changed.body.data);
    expect(await lastEvent()).toMatchObject({ name: 'workspace.updated', actor: { kind: 'user', id: user.userId } });

    expect((await user.client.delete(`/workspaces/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await user.client.get(`/workspaces/${id}`)).status).toBe(404);
    expect(await lastEvent()).toMatchObject({ name: 'workspace.deleted' });
  });

  it('have slugs of their own within the organization, not beyond', async () => {
    const { id } = (await user.client.post('/workspaces', { name: 'A', slug: 'taken' })).body.data;
    for (const body of [{ name: 'B', slug: 'taken' }, { name: 'Taken!' }]) {
      const { status, body: answer } = await user.client.post('/workspaces', body);
      expect([status, answer.error.code]).toEqual([409, 'SLUG_TAKEN']);
    }
    const other = await user.client.post('/workspaces', { name: 'Other' });
    expect((await user.client.put(`/workspaces/${other.body.data.id}`, { slug: 'taken' })).body.error.code).toBe(
      'SLUG_TAKEN',
    );
    expect((await user.client.put(`/workspaces/${id}`, { slug: 'taken' })).status).toBe(200);
    const stranger = await ApiClient.register(api.url);
    expect((await stranger.client.post('/workspaces', { name: 'A', slug: 'taken' })).status).toBe(201);
  });

  it.each([
    ['an empty name', { name: '' }, 'name'],
    ['no name', {}, 'name'],
    ['a slug with capitals', { name: 'x', slug: 'Nope' }, 'slug'],
    ['settings that are a list', { name: 'x', settings: [1] }, 'settings'],
    ['settings that are null', { name: 'x', settings: null }, 'settings'],
    ['a description of 1001 characters', { name: 'x', description: 'x'.repeat(1001) }, 'description'],
  ])('refuse %s', async (_, body, path) => {
    const { status, body: answer } = await user.client.post('/workspaces', body);
    expect([status, answer.error.code, answer.error.fields?.[0].path]).toEqual([400, 'VALIDATION_ERROR', path]);
  });

  it('page by cursor without gap or repeat, while others come', async () => {
    const { client } = await ApiClient.register(api.url);
    for (const name of ['b', 'c', 'd', 'e']) await client.post('/workspaces', { name });
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: ApiAnswer = await client.get(`/workspaces?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      if (cursor === '') await client.post('/workspaces', { name: 'f' });
      cursor = body.meta.nextCursor;
    }
    expect(seen).toEqual(['Default', 'b', 'c', 'd', 'e', 'f']);
    for (const bad of ['nonsense', 'W10', Buffer.from('["1; drop table"]').toString('base64url')]) {
      expect((await client.get(`/workspaces?cursor=${bad}`)).body.error.code).toBe('INVALID_CURSOR');
    }
    for (const limit of ['0', '201', 'ten', '1.5', '']) {
      expect((await client.get(`/workspaces?limit=${limit}`)).status).toBe(400);
    }
  });

  it('are deleted only when empty', async () => {
    const { workspaceId, accountId } = await samples.accountId!(db, user as unknown as Owner);
    const refused = await user.client.delete(`/workspaces/${workspaceId}`);
    expect([refused.status, refused.body.error.code]).toEqual([409, 'NOT_EMPTY']);
    expect((await user.client.delete(`/accounts/${accountId}`)).status).toBe(200);
    expect((await user.client.delete(`/workspaces/${workspaceId}`)).status).toBe(200);
  });

  it('never lose an account that is created while they are deleted', async () => {
    for (let round = 0; round < 10; round++) {
      const { workspaceId } = await samples.workspaceId!(db, user as unknown as Owner);
      const [created, deleted] = await Promise.all([
        user.client.post('/accounts', { name: 'racing', workspaceId }),
        user.client.delete(`/workspaces/${workspaceId}`),
      ]);
      expect([
        [201, 409],
        [404, 200],
      ]).toContainEqual([created.status, deleted.status]);
    }
  });
});

describe('accounts', () => {
  it('are created in the oldest workspace or the named one, changed and deleted', async () => {
    const [first] = (await user.client.get('/workspaces?limit=1')).body.data;
    const inFirst = await user.client.post('/accounts', { name: 'Shop' });
    expect([inFirst.status, inFirst.body.data.workspaceId]).toEqual([201, first.id]);

    const { workspaceId } = await samples.workspaceId!(db, user as unknown as Owner);
    const { data } = (await user.client.post('/accounts', { name: 'Named', workspaceId })).body;
    expect((await user.client.get(`/accounts?workspaceId=${workspaceId}`)).body.data).toEqual([data]);

    const changed = await user.client.put(`/accounts/${data.id}`, { description: 'numbers', workspaceId: first.id });
    expect(changed.body.data).toMatchObject({ name: 'Named', description: 'numbers', workspaceId });
    expect(await lastEvent()).toMatchObject({ name: 'account.updated', payload: { id: data.id, name: 'Named' } });
    expect((await user.client.delete(`/accounts/${data.id}`)).status).toBe(200);
    expect((await user.client.get(`/accounts/${data.id}`)).status).toBe(404);
  });

  it('are deleted only without profiles', async () => {
    const { accountId } = await samples.profileId!(db, user as unknown as Owner);
    const { status, body } = await user.client.delete(`/accounts/${accountId}`);
    expect([status, body.error.code]).toEqual([409, 'NOT_EMPTY']);
  });
});

describe('the event log', () => {
  it('is read from any position in order, and says how far it goes', async () => {
    const { client, organizationId } = await ApiClient.register(api.url);
    const { body } = await client.get('/events?after=2&limit=1');
    expect(body.data).toMatchObject([{ seq: 3, name: 'account.created', profileId: null }]);
    expect(body.meta).toMatchObject({ limit: 1, nextCursor: '3', head: 4 });
    const end = await client.get('/events?after=4');
    expect([end.body.data, end.body.meta.nextCursor]).toEqual([[], null]);
    const stranger = await user.client.get(`/events?profileId=${organizationId}`);
    expect([stranger.status, stranger.body.error.code]).toEqual([404, 'NOT_FOUND']);
    for (const query of ['after=-1', 'after=x', 'limit=0', 'profileId=x', 'names=x', 'kinds=x', 'order=x', 'from=x']) {
      expect((await client.get(`/events?${query}`)).status).toBe(400);
    }
  });

  it('is read backwards, by name, kind and time, and every page says where the next one begins', async () => {
    const { client } = await ApiClient.register(api.url);
    const made: string[] = [];
    for (const name of ['A', 'B', 'C']) made.push((await client.post('/workspaces', { name })).body.data.id);
    const all = (await client.get('/events?limit=200')).body;
    const seqs = (list: { seq: number }[]) => list.map(({ seq }) => seq);
    expect(seqs(all.data)).toEqual(Array.from({ length: all.meta.head }, (_, index) => index + 1));

    const walk = async (query: string, next: 'after' | 'before') => {
      const found: { seq: number; name: string; payload: { id: string } }[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { body } = await client.get(`/events?${query}${cursor && `&${next}=${cursor}`}`);
        found.push(...body.data);
        cursor = body.meta.nextCursor;
      }
      return found;
    };
    expect(seqs(await walk('order=desc&limit=3', 'before'))).toEqual(seqs(all.data).reverse());
    expect(seqs(await walk('limit=3', 'after'))).toEqual(seqs(all.data));
    expect(seqs((await client.get('/events?after=1&before=4')).body.data)).toEqual([2, 3]);

    const mine = await walk('names=workspace.created,workspace.deleted&limit=1', 'after');
    expect(mine.slice(-3).map(({ payload }) => payload.id)).toEqual(made);
    expect(await walk('kinds=workspace&limit=2&order=desc', 'before')).toEqual(mine.toReversed());
    expect(await walk('names=api_key.created', 'after')).toEqual([]);

    const at = all.data.at(-2).occurredAt;
    const later = all.data.filter(({ occurredAt }: { occurredAt: string }) => occurredAt >= at);
    expect(seqs(await walk(`from=${at}&limit=1`, 'after'))).toEqual(seqs(later));
    expect(seqs(await walk(`to=${at}&limit=4`, 'after'))).toEqual(
      seqs(all.data.filter(({ occurredAt }: { occurredAt: string }) => occurredAt < at)),
    );
    expect(await walk('from=2100-01-01T00:00:00Z', 'after')).toEqual([]);
    expect((await client.get('/events?conversationId=0198c2f1-3e4f-7051-ac6d-7e8f9a0b1c2d')).body.data).toEqual([]);
  });
});
