import { Database } from '#database';
import type { Person } from '#simulator';
import { ApiClient, type ApiClient as Client, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** The numbers that send. */
export const ownNumbers = ['15550600001', '15550600002'];
/** Without any pause. */
export const quick = { delayMin: 0, delayMax: 0, batchPause: 0 };

/** What the stories of broadcasts play in: an installation with two numbers, and a person called Ana. */
export const world = {} as {
  waypost: Installation;
  client: Client;
  accessToken: string;
  profiles: string[];
  ana: Person;
};

export async function beginWorld(): Promise<void> {
  world.waypost = await Installation.start();
  const { client, accessToken } = await ApiClient.register(world.waypost.api.url);
  const ana = world.waypost.simulator.person('15550601000', { name: 'Ana' });
  Object.assign(world, { client, accessToken, ana, profiles: [] });
  for (const number of ownNumbers) {
    const { id } = (await client.post('/profiles', { name: number })).body.data;
    await linkProfile(client, id, world.waypost.simulator, { number });
    world.profiles.push(id);
  }
}

/** Phones that only count what they get, from this number on. */
export const sinks = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const number = String(15550610000 + from + i);
    world.waypost.simulator.sink(number);
    return number;
  });

/** How many messages these phones got together. */
export const arrived = (numbers: string[]) =>
  numbers.reduce((all, number) => all + world.waypost.simulator.findSink(number)!.count, 0);

/** A draft of the first number. @returns its id */
export async function create(body: object): Promise<string> {
  const draft = { profileId: world.profiles[0], name: 'Offer', settings: quick, ...body };
  const answer = await world.client.post('/broadcast', draft);
  expect([answer.status, answer.body.error]).toEqual([201, undefined]);
  return answer.body.data.id;
}

export const start = (id: string) => world.client.post(`/broadcast/${id}/start`);
export const get = async (id: string) => (await world.client.get(`/broadcast/${id}`)).body.data;
/** Waits until it stands there. */
export const state = (id: string, wanted: string) =>
  until(async () => (await get(id)).status === wanted && (await get(id)), {
    what: `${id} to be ${wanted}`,
    withinMs: 30_000,
  });
export const recipients = async (id: string, query = '') =>
  (await world.client.get(`/broadcast/${id}/recipients?limit=200${query}`)).body.data;

/** A file with this text. @returns the id of the upload */
export async function upload(text: string): Promise<string> {
  const form = new FormData();
  form.set('file', new Blob([text], { type: 'text/csv' }), 'people.csv');
  const headers = { authorization: `Bearer ${world.accessToken}` };
  const url = `${world.waypost.api.url}/api/v1/uploads/media`;
  const answer = await fetch(url, { method: 'POST', headers, body: form });
  return ((await answer.json()) as { data: { id: string } }).data.id;
}

/** A contact of the first number, made by a message to it, whom the account has blocked. */
export async function blockedContact(number: string): Promise<string> {
  const person = world.waypost.simulator.person(number, { name: 'blocked' });
  await person.sendText(ownNumbers[0]!, 'hello');
  return inDatabase((db) =>
    until(async () => {
      const [row] = await db.query<{ id: string }>(
        `update contacts c set is_blocked = true from identities i
          where i.person_id = c.person_id and i.value = $1 and c.profile_id = $2 returning c.id`,
        [number, world.profiles[0]],
      );
      return row?.id;
    }),
  );
}

export async function inDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await Database.open(world.waypost.config.database, 'broadcasts spec');
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
