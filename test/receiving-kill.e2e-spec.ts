import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoggedEvent } from '#contracts';
import { Database, readEvents } from '#database';
import { type Person, Simulator } from '#simulator';
import { ApiClient, createTestDatabase, type TestDatabase, until } from '#testing';
import { type RunningApi, startApi } from '../apps/api/src/start-api.js';
import { type EngineProcess, startEngineProcess } from './engine-process.js';
import { linkProfile } from './link-profile.js';

/** What is done to messages while engines are killed -9: each thing once, and nothing lost. */

const ownNumber = '15550520001';
const count = 12;

let simulator: Simulator;
let database: TestDatabase;
let db: Database;
let api: RunningApi;
let engine: EngineProcess;
let ana: Person;

beforeAll(async () => {
  simulator = await Simulator.start();
  const caFile = join(mkdtempSync(join(tmpdir(), 'waypost-ca-')), 'ca.pem');
  await simulator.writeCaFile(caFile);
  database = await createTestDatabase({ sandbox: { url: simulator.url, rootKey: simulator.rootKeyHex, caFile } });
  db = await Database.open(database.config.database, 'killed receivers');
  api = await startApi(database.config);
  engine = await startEngineProcess(database.config);
}, 60_000);

afterAll(async () => {
  engine?.process.kill('SIGKILL');
  await api?.stop();
  await db?.close();
  await simulator?.stop();
  await database?.drop();
}, 60_000);

it('keeps reactions, new words, votes and deletions over kills -9 of the engine', async () => {
  const { client } = await ApiClient.register(api.url);
  const workspaces = await client.get('/workspaces');
  const created = await client.post('/profiles', { workspaceId: workspaces.body.data[0].id, name: 'Killed' });
  const profileId: string = created.body.data.id;
  await linkProfile(client, profileId, simulator, { number: ownNumber, name: 'Killed' });

  ana = simulator.person('15550520002', { name: 'Ana' });
  const ben = simulator.person('15550520003', { name: 'Ben' });
  const group = ana.groups.create('Killed', [ownNumber, ben.number]).group.jid;
  const poll = await ana.messages.poll(group, { question: 'Again?', options: ['Yes', 'No'] });
  await ben.expectMessage({ id: poll });
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = await ana.sendText(group, `message ${index}`);
    ids.push(id);
    const reference = { chat: group, id, from: ana.number };
    await ana.sendReaction(reference, '❤️');
    await ana.messages.edit(group, id, `edited ${index}`);
    await ben.messages.vote({ chat: group, id: poll, from: ana.number }, [index % 2 === 0 ? 'Yes' : 'No']);
    if (index % 3 === 2) await ana.messages.revoke(reference);
    if (index % 6 === 3) {
      engine.process.kill('SIGKILL');
      engine = await startEngineProcess(database.config);
    }
  }

  type Shown = { waMessageId: string; body: string | null; deletedAt: string | null; reactions: unknown[] };
  const isWhole = (message: Shown | undefined, index: number) =>
    message?.reactions.length === 1 && (index % 3 === 2 ? message.deletedAt : message.body === `edited ${index}`);
  await until(
    async () => {
      const { body } = await client.get(`/messages/profile/${profileId}?limit=100`);
      const shown = body.data as Shown[];
      return ids.every((id, index) =>
        isWhole(
          shown.find((message) => message.waMessageId === id),
          index,
        ),
      );
    },
    { what: 'everything that was done', withinMs: 90_000 },
  );
  const events = (await readEvents(db, profileId, 0, 10_000)) as LoggedEvent[];
  const told = (name: string, waMessageId: string) =>
    events.filter(
      (event) => event.name === name && 'waMessageId' in event.payload && event.payload.waMessageId === waMessageId,
    ).length;
  for (const [index, id] of ids.entries()) {
    expect([id, told('message.received', id), told('message.reacted', id), told('message.edited', id)]).toEqual([
      id,
      1,
      1,
      1,
    ]);
    expect([id, told('message.revoked', id)]).toEqual([id, index % 3 === 2 ? 1 : 0]);
  }
  // Of votes that come together the newest is told, the first two as well, and one that says the same as before is none.
  const votes = events.flatMap((event) => (event.name === 'poll.voted' ? event.payload.options : []));
  expect(votes).toEqual(votes.map((_, index) => ((votes.length - index) % 2 === 1 ? 'No' : 'Yes')));
  expect(votes.at(-1)).toBe('No');
  await simulator.settle();
  simulator.assertHealthy();
}, 240_000);
