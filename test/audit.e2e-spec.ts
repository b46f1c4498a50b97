import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditActionNames } from '#contracts';
import { Database } from '#database';
import { type ApiAnswer, ApiClient, createTestDatabase, type Registered, type TestDatabase } from '#testing';
import { RouteTable } from '../apps/api/src/http/route-table.js';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { auditedRoutes, unauditedRoutes } from './audited-routes.js';

let test: TestDatabase;
let db: Database;
let api: RunningApi;
let owner: Registered;

beforeAll(async () => {
  test = await createTestDatabase({ outbound: { allowedRanges: ['127.0.0.0/8'] } });
  db = await Database.open(test.config.database, 'audit spec');
  api = await startApi(test.config);
  owner = await ApiClient.register(api.url);
});
afterAll(async () => {
  await api?.stop();
  await db?.close();
  await test?.drop();
});

describe('what is recorded', () => {
  it('each route that is not GET leaves an entry, or is on the list of those that need none', () => {
    const there = api.app
      .get(RouteTable)
      .routes.filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path.slice('/api/v1'.length)}`);
    const known = [...Object.keys(auditedRoutes), ...Object.keys(unauditedRoutes)];
    expect(there.filter((route) => !known.includes(route))).toEqual([]);
    expect(known.filter((route) => !there.includes(route))).toEqual([]);
    expect(known.length).toBe(new Set(known).size);
  });

  it('each action of the catalogue is recorded somewhere', () => {
    const sources = readdirSync('libs/domain/src', { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ts$/.test(name) && !/spec\.ts$/.test(name))
      .map((name) => readFileSync(join('libs/domain/src', name), 'utf8'))
      .join('\n');
    const composed = ['settings.update', 'settings.test', 'platform.settings_update', 'platform.settings_test'];
    // These are put together from the scope and what was done.
    expect(sources).toMatch(/`settings\.\$\{act\}` : `platform\.settings_\$\{act\}`/);
    expect(auditActionNames.filter((name) => !composed.includes(name) && !sources.includes(`'${name}'`))).toEqual([]);
  });

  it('is what the lists say, with who, from where, with what and which request', async () => {
    // A second login, so that there is one to end.
    await new ApiClient(api.url).post('/auth/login', { email: owner.email, password: owner.password });
    const ids: Record<string, string> = {};
    const steps: [route: string, body: unknown, takes?: (data: Record<string, string>) => Record<string, string>][] = [
      ['POST /workspaces', { name: 'Audited' }, (data) => ({ workspace: data.id! })],
      ['PUT /workspaces/:workspace', { name: 'Renamed' }],
      ['POST /accounts', { name: 'Audited' }, (data) => ({ account: data.id! })],
      ['PUT /accounts/:account', { name: 'Renamed' }],
      ['POST /profiles', { name: 'Audited' }, (data) => ({ profile: data.id! })],
      ['PUT /profiles/:profile', { name: 'Renamed' }],
      ['POST /profiles/:profile/connect', {}],
      ['POST /profiles/:profile/disconnect', {}],
      ['POST /profiles/:profile/logout', {}],
      [
        'POST /webhooks',
        { profileId: ':profile', url: 'http://127.0.0.1:9/x?token=canary', events: ['*'] },
        (data) => ({ webhook: data.id! }),
      ],
      ['PUT /webhooks/:webhook', { headers: { Authorization: 'Bearer canary' } }],
      ['DELETE /webhooks/:webhook', undefined],
      ['POST /api-keys', { name: 'Audited', permissions: ['messages.read'] }, (data) => ({ key: data.id! })],
      ['POST /api-keys/:key/rotate', {}, (data) => ({ next: data.id! })],
      ['DELETE /api-keys/:next', undefined],
      ['PUT /organizations/current', { name: 'Audited' }],
      ['POST /rbac/roles', { name: 'Readers', permissions: ['messages.read'] }, (data) => ({ role: data.id! })],
      ['PUT /rbac/roles/:role', { name: 'Lookers' }],
      ['DELETE /rbac/roles/:role', undefined],
      ['PATCH /auth/preferences', { notifyOnMessage: false }],
      ['PUT /privacy/retention', { events: 100 }],
      ['POST /account/exports', {}, (data) => ({ export: data.id! })],
      ['DELETE /account/exports/:export', undefined],
      ['DELETE /account/delete', { password: owner.password }],
      ['POST /account/erasure/cancel', {}],
      ['POST /audit/verify', {}],
      ['DELETE /profiles/:profile', undefined],
      ['DELETE /accounts/:account', undefined],
      ['DELETE /workspaces/:workspace', undefined],
      ['DELETE /auth/sessions', undefined],
    ];
    const problems: string[] = [];
    for (const [index, [route, body, takes]] of steps.entries()) {
      const [method, template] = route.split(' ') as [string, string];
      const fill = (text: string) => text.replaceAll(/:([a-z]+)\b/g, (found, name) => ids[name] ?? found);
      const sent = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body)));
      const requestId = `audit-spec-${index}`;
      const headers = { 'x-request-id': requestId, 'user-agent': 'audit spec' };
      const { status, body: answer } = await owner.client.send(method, fill(template), sent, headers);
      if (status >= 300) {
        problems.push(`${route} answered ${status} ${JSON.stringify(answer?.error)}`);
        continue;
      }
      if (takes) Object.assign(ids, takes(answer.data));
      const declared = Object.entries(auditedRoutes).find(([name]) => isSame(name, route))?.[1] ?? [];
      const entries = await db.query<{
        action: string;
        user: string;
        details: { userAgent: string; ip: string; email: string };
      }>(
        `select action, user_id as user, actor_details as details from audit_entries
          where organization_id = $1 and request_id = $2`,
        [owner.organizationId, requestId],
      );
      const found = entries.find((entry) => declared.includes(entry.action as never));
      if (!found) problems.push(`${route} left ${JSON.stringify(entries.map(({ action }) => action))}`);
      else if (
        found.user !== owner.userId ||
        found.details.userAgent !== 'audit spec' ||
        !found.details.ip ||
        found.details.email !== owner.email
      ) {
        problems.push(`${route} does not say who: ${JSON.stringify(found)}`);
      }
    }
    expect(problems).toEqual([]);
    const kept = await db.query<{ row: string }>('select e::text as row from audit_entries e');
    expect(kept.filter(({ row }) => row.includes('canary') || row.includes(owner.password))).toEqual([]);
  });

  it('knows of failed log-ins, under whose account they were tried', async () => {
    const victim = await ApiClient.register(api.url);
    await new ApiClient(api.url).post('/auth/login', { email: victim.email, password: 'not the password' });
    const { body } = await victim.client.get('/audit/logs?action=auth.login_failed');
    expect(body.data[0]).toMatchObject({ actorKind: 'anonymous', outcome: 'failure', resourceId: victim.userId });
  });
});

describe('reading it', () => {
  let reader: Registered;
  beforeAll(async () => {
    reader = await ApiClient.register(api.url);
    for (let n = 0; n < 5; n++) await reader.client.post('/workspaces', { name: `Workspace ${n}` });
    await reader.client.post('/workspaces', { name: '=cmd|calc!A1' });
  });
  const list = async (query: string): Promise<ApiAnswer> => {
    const answer = await reader.client.get(`/audit/logs?${query}`);
    expect(answer.status).toBe(200);
    return answer;
  };

  it('finds by action, thing, person, outcome and time, by cursor and by offset', async () => {
    const all = await list('action=workspace.');
    expect([all.body.data.length, all.body.meta.total]).toEqual([6, 6]);
    expect(all.body.data[0]).toMatchObject({
      ...{ action: 'workspace.create', category: 'workspace', outcome: 'success', actorKind: 'user' },
      user: { id: reader.userId, email: reader.email },
      after: { name: '=cmd|calc!A1' },
    });
    const first = await list('action=workspace.&limit=4');
    const rest = await list(`action=workspace.&limit=4&cursor=${first.body.meta.nextCursor}`);
    const ids = (answer: ApiAnswer) => answer.body.data.map((entry: { id: string }) => entry.id);
    expect([...ids(first), ...ids(rest)]).toEqual(ids(all));
    expect(ids(await list('action=workspace.&limit=4&offset=4'))).toEqual(ids(rest));
    const one = all.body.data[2];
    expect(ids(await list(`resourceType=workspace&resourceId=${one.resourceId}`))).toEqual([one.id]);
    expect((await list(`userId=${reader.userId}&action=workspace.create`)).body.meta.total).toBe(6);
    expect((await list('userId=0198c2f0-7b18-7b00-a193-0e1d2c3b4a5f')).body.data).toEqual([]);
    expect((await list('outcome=failure')).body.data).toEqual([]);
    expect((await list(`endDate=${one.createdAt}&action=workspace.`)).body.meta.total).toBe(3);
    expect((await list(`startDate=${one.createdAt}&action=workspace.`)).body.meta.total).toBe(3);
    const today = new Date().toISOString().slice(0, 10);
    expect((await list(`startDate=${today}&endDate=${today}&action=workspace.`)).body.meta.total).toBe(6);
    for (const wrong of [
      'userId=x',
      'action=%25',
      'startDate=yesterday',
      'startDate=2026-02-02&endDate=2026-01-01',
      'cursor=x',
    ]) {
      expect((await reader.client.get(`/audit/logs?${wrong}`)).status).toBe(400);
    }
  });

  it('has figures and the catalogue', async () => {
    const { body } = await reader.client.get('/audit/summary?days=7');
    expect(body.data.byAction).toContainEqual({ action: 'workspace.create', count: 6 });
    expect(body.data.byCategory).toContainEqual({ category: 'workspace', count: 6 });
    expect(body.data.daily).toHaveLength(1);
    const actions = await reader.client.get('/audit/actions');
    expect(actions.body.data).toContainEqual({
      ...{ key: 'AUTH_LOGIN', action: 'auth.login', category: 'auth' },
      description: 'A person logged in.',
    });
  });

  it('exports it in both forms, without formulas, and tells of that itself', async () => {
    const fetchFile = async (format: string) => {
      const answer = await fetch(`${api.url}/api/v1/audit/export?format=${format}&action=workspace.`, {
        headers: { authorization: `Bearer ${reader.accessToken}` },
      });
      expect(answer.status).toBe(200);
      return answer.text();
    };
    const csv = await fetchFile('csv');
    const lines = csv.trim().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toContain('createdAt,action,outcome');
    expect(csv).toContain("'=cmd|calc!A1");
    expect(csv).not.toMatch(/(^|,)"?[=+@]/m);
    const ndjson = (await fetchFile('ndjson')).trim().split('\n');
    expect(ndjson.map((line) => JSON.parse(line).action)).toEqual(Array(6).fill('workspace.create'));
    expect((await list('action=audit.export')).body.meta.total).toBe(2);
    expect((await list('action=audit.read')).body.meta.total).toBe(1);
  });

  it('is for those who may, and of the own organization only', async () => {
    const key = await reader.client.withKey(['messages.read']);
    const auditor = await reader.client.withKey(['audit.read']);
    for (const path of ['/audit/logs', '/audit/summary', '/audit/actions', '/audit/export']) {
      expect((await key.get(path)).status).toBe(403);
    }
    expect((await auditor.get('/audit/logs')).status).toBe(200);
    expect((await auditor.get('/audit/export')).status).toBe(403);
    const stranger = await ApiClient.register(api.url);
    expect(JSON.stringify((await stranger.client.get('/audit/logs')).body)).not.toContain(reader.userId);
  });

  it('verifies it, also against a head that was noted', async () => {
    const { body } = await reader.client.post('/audit/verify', {});
    expect(body.data).toMatchObject({ isIntact: true, broken: null });
    const { lastSeq: seq, lastHash: hash } = body.data;
    expect((await reader.client.post('/audit/verify', { seq, hash })).body.data.isIntact).toBe(true);
    const other = await reader.client.post('/audit/verify', {
      seq,
      hash: hash.replace(/^./, hash[0] === '0' ? '1' : '0'),
    });
    expect(other.body.data.broken).toMatchObject({ seq, reason: 'not_as_expected' });
    expect((await reader.client.post('/audit/verify', { seq })).status).toBe(400);
  });
});

function isSame(declared: string, route: string): boolean {
  const shape = (text: string) => text.replaceAll(/:[^/]+/g, ':');
  return shape(declared) === shape(route);
}
