import { createRequire } from 'node:module';
import { createTestDatabase, type TestDatabase } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';

/** The document by the rules of others: Spectral's own for OpenAPI, as they come, none switched off. */
const require = createRequire(import.meta.url);
const { Spectral, Document } = require('@stoplight/spectral-core') as typeof import('@stoplight/spectral-core');
const { oas } = require('@stoplight/spectral-rulesets') as typeof import('@stoplight/spectral-rulesets');
const { Json } = require('@stoplight/spectral-parsers') as typeof import('@stoplight/spectral-parsers');

let database: TestDatabase;
let api: RunningApi;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await startApi(database.config);
});
afterAll(async () => {
  await api?.stop();
  await database?.drop();
});

it('lints clean with the rules of spectral:oas', async () => {
  const text = await (await fetch(`${api.url}/api/docs-json`)).text();
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [oas as never] });
  const found = await spectral.run(new Document(text, Json, 'openapi.json'));
  const lines = found.map(({ code, path, message }) => `${code} at ${path.join('.')}: ${message}`);
  expect(lines).toEqual([]);
});
