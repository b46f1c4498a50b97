import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Person, Simulator } from '#simulator';
import { ApiClient, createTestDatabase, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type EngineProcess, startEngineProcess } from './engine-process.js';
import { linkProfile } from './link-profile.js';

/** Two engine processes, one profile, and an owner that falls asleep in the middle of its work. */

const ownNumber = '15550400001';

let simulator: Simulator;
let database: TestDatabase;
let api: RunningApi;
let log: pg.Client;
const engines: EngineProcess[] = [];

beforeAll(async () => {
  simulator = await Simulator.start();
  const caFile = join(mkdtempSync(join(tmpdir(), 'waypost-ca-')), 'ca.pem');
  await simulator.writeCaFile(caFile);
  database = await createTestDatabase({ sandbox: { url: simulator.url, rootKey: simulator.rootKeyHex, caFile } });
  api = await startApi(database.config);
  log = new pg.Client({ connectionString: database.superuserUrl });
  await log.connect();
  engines.push(await startEngineProcess(database.config), await startEngineProcess(database.config));
}, 60_000);

afterAll(async () => {
  for (const engine of engines) {
    engine.process.kill('SIGCONT');
    engine.process.kill('SIGKILL');
  }
  await log.end();
  await api.stop();
  await simulator.stop();
  await database.drop();
}, 60_000);

it('hands the number of a paused owner to the other within 15 s, and the sleeper writes and sends nothing more', async () => {
  const { client } = await ApiClient.register(api.url);
  const workspaces = await client.get('/workspaces');
  const profile = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Moved' });
  const profileId: string = profile.body.data.id;
  await linkProfile(client, profileId, simulator, { number: ownNumber, name: 'Moved' });
  const isConnected = async () => (await client.get(`/profiles/${profileId}/status`)).body.data.status === 'connected';
  const people = Array.from({ length: 5 }, (_, index) => simulator.person(`1555041000${index}`));
  const send = async (index: number, text: string) => {
    const answer = await client.post('/messages/text', { profileId, to: people[index % 5]!.number, text, wait: 0 });
    expect(answer.status).toBeLessThan(300);
    sent.push({ text, to: people[index % 5]! });
  };
  const sent: { text: string; to: Person }[] = [];
  await send(0, 'before');
  await people[0]!.expectMessage('before');

  const first = await ownerOf(profileId);
  for (let index = 0; index < 20; index += 1) await send(index, `around the pause ${index}`);
  first.engine.process.kill('SIGSTOP');
  const paused = performance.now();
  await send(0, 'after the pause');
  await people[0]!.expectMessage('after the pause', { timeoutMs: 15_000 });
  expect(performance.now() - paused).toBeLessThan(15_000);

  const second = await ownerOf(profileId);
  expect(second.epoch).toBeGreaterThan(first.epoch);
  expect(second.engine.port).not.toBe(first.engine.port);

  first.engine.process.kill('SIGCONT');
  for (let index = 0; index < 20; index += 1) await send(index, `after the resume ${index}`);
  for (const { text, to } of sent) await to.expectMessage(text);
  await until(async () => (await ownerOf(profileId)).engine.port === second.engine.port && isConnected());

  // The other phones saw each text under one id only, and the sleeper did not take the number back.
  for (const { text, to } of sent) {
    const ids = to.inbox().flatMap((message) => (message.text === text ? message.id : []));
    expect([text, new Set(ids).size]).toEqual([text, 1]);
  }
  expect((await ownerOf(profileId)).epoch).toBe(second.epoch);
  await simulator.settle();
  simulator.assertHealthy();
}, 90_000);

/** Which process owns the profile. Only to aim the pause: the verdict is drawn from the phones. */
async function ownerOf(profileId: string): Promise<{ engine: EngineProcess; epoch: number }> {
  const { rows } = await log.query(
    `select h.address, l.epoch::int as epoch from profile_leases l join engine_hosts h on h.id = l.host_id
      where l.profile_id = $1`,
    [profileId],
  );
  const port = Number(new URL(rows[0].address).port);
  return { engine: engines.find((engine) => engine.port === port)!, epoch: rows[0].epoch };
}
