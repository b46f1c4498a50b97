import { olderOperations } from '../apps/api/src/http/older-paths.js';
import { ApiWithoutEngine } from './api-without-engine.js';

/** The operations of an older document: below /api without a version, answered by the routes of v1. */
let waypost: ApiWithoutEngine;

beforeAll(async () => {
  waypost = await ApiWithoutEngine.start();
});
afterAll(() => waypost?.stop());

const operations = olderOperations.map((operation) => operation.split(' ') as [string, string]);

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(`${waypost.api.url}${path}`, init);
  // biome-ignore lint/suspicious/noExplicitAny: any answer of the api
  return { status: answer.status, body: (await answer.json()) as any };
}

it.each(operations)('%s %s is a route of v1', async (method, path) => {
  const sent = method === 'POST' || method === 'PATCH';
  const init = { method, ...(sent ? { body: '{}', headers: { 'content-type': 'application/json' } } : {}) };
  const named = path.replaceAll(/:[^/]+/g, '01980000-0000-7000-8000-000000000000');
  const [older, v1] = [await ask(`/api${named}`, init), await ask(`/api/v1${named}`, init)];
  expect([older.status, older.body.error.code]).toEqual([v1.status, v1.body.error.code]);
});

it('answers as v1 does', async () => {
  const owner = await waypost.register();
  const { key } = (await owner.client.post('/api-keys', { name: 'Old', permissions: ['*'] })).body.data;
  const headers = { 'x-api-key': key as string, 'content-type': 'application/json' };
  const made = await ask('/api/profiles', { method: 'POST', body: JSON.stringify({ name: 'Old' }), headers });
  expect([made.status, made.body.success]).toEqual([201, true]);
  const one = await ask(`/api/profiles/${made.body.data.id}?x=1`, { headers });
  expect(one.body.data).toMatchObject({ id: made.body.data.id, name: 'Old' });
});
