import { Database } from '#database';
import { OptOutLinks } from '#domain';
import type { Person } from '#simulator';
import { ApiClient, until } from '#testing';
import { Installation } from './installation.js';
import { linkProfile } from './link-profile.js';

/** People who want no more campaigns say so with a word or by a link; judged by what their phones and the log show. */
const ownNumber = '15550610001';
const anaNumber = '15550610002';
const benNumber = '15550610003';

let waypost: Installation;
let db: Database;
let client: ApiClient;
let profileId: string;
let ana: Person;

beforeAll(async () => {
  waypost = await Installation.start();
  db = await Database.open(waypost.config.database, 'opt-outs spec');
  ana = waypost.simulator.person(anaNumber, { name: 'Ana' });
  ({ client } = await ApiClient.register(waypost.api.url));
  profileId = (await client.post('/profiles', { name: 'Shop' })).body.data.id;
  await linkProfile(client, profileId, waypost.simulator, { number: ownNumber, name: 'Shop' });
}, 120_000);

afterAll(async () => {
  await db?.close();
  await waypost?.stop();
}, 60_000);

/** How often the log tells of each change. */
async function changes(): Promise<Record<string, number>> {
  const rows = await db.query<{ name: string; count: number }>(
    `select name, count(*) as count from events where profile_id = $1 and name like 'contact.opted%' group by name`,
    [profileId],
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

const optedOut = async (number: string) =>
  (
    await db.query<{ source: string | null }>(
      `select c.opted_out_source as source from contacts c
         join identities i on i.person_id = c.person_id and i.kind = 'phone'
        where c.profile_id = $1 and i.value = $2`,
      [profileId, number],
    )
  )[0];

it('by a word: opted out, answered once, and back again', async () => {
  const path = `/profiles/${profileId}/opt-out-settings`;
  expect((await client.get(path)).body.data).toMatchObject({ enabled: true, confirmation: null });
  const both = await client.put(path, { keywords: ['Stop', 'Start'], returnKeywords: ['start!'] });
  expect([both.status, both.body.error.fields[0].path]).toEqual([400, 'returnKeywords']);
  const answers = { confirmation: 'You are out.', returnConfirmation: 'You are in.' };
  const set = await client.put(path, { keywords: ['Stop', 'STOP', 'Berhenti'], ...answers });
  expect(set.body.data).toMatchObject({ enabled: true, keywords: ['Stop', 'Berhenti'], ...answers });

  await ana.sendText(ownNumber, 'please do not stop');
  await ana.sendText(ownNumber, ' stop! ');
  await ana.expectMessage('You are out.');
  expect(await optedOut(anaNumber)).toEqual({ source: 'keyword' });
  // Again, which changes nothing and is not answered: what comes after it is.
  await ana.sendText(ownNumber, 'BERHENTI');
  await ana.sendText(ownNumber, 'Mulai');
  await ana.expectMessage('You are in.');
  expect(await optedOut(anaNumber)).toEqual({ source: null });
  expect(await changes()).toEqual({ 'contact.opted_out': 1, 'contact.opted_in': 1 });
  expect(ana.inbox().filter(({ text }) => text === 'You are out.')).toHaveLength(1);

  await client.put(path, { enabled: false });
  await ana.sendText(ownNumber, 'Stop');
  const head = async () =>
    (
      await db.query<{ behind: boolean }>(
        `select c.seq < (select max(seq) from events where stream_id = $1 and name = 'message.received') as behind
         from event_cursors c where c.reader = 'opt_outs' and c.stream_id = $1`,
        [profileId],
      )
    )[0]!;
  await until(async () => {
    const [last] = await db.query<{ text: string }>(
      `select payload #>> '{content,text}' as text from events where stream_id = $1 and name = 'message.received'
        order by seq desc limit 1`,
      [profileId],
    );
    return last?.text === 'Stop' && !(await head()).behind;
  });
  expect(await optedOut(anaNumber)).toEqual({ source: null });
}, 60_000);

it('by a link: opening it changes nothing, the button does, for strangers too', async () => {
  const links = new OptOutLinks(waypost.config.secrets.encryptionKey, waypost.api.url);
  const link = links.linkFor(profileId as never, { phone: benNumber, lid: null });
  const visit = async (url: string, method = 'GET', accept = 'text/html') => {
    const answer = await fetch(url, { method, headers: { accept } });
    return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
  };
  const opened = await visit(link);
  expect([opened.status, opened.type]).toEqual([200, 'text/html; charset=utf-8']);
  expect(opened.text).toContain(`+${ownNumber}`);
  expect(opened.text).toContain('<form method="post"><button>');
  expect(await optedOut(benNumber)).toBeUndefined();

  for (let times = 0; times < 2; times++) expect((await visit(link, 'POST')).text).toContain('<h1>Done</h1>');
  expect(await optedOut(benNumber)).toEqual({ source: 'link' });
  const form = /action="([^"]+)"/.exec((await visit(link, 'POST')).text)![1]!;
  expect((await visit(new URL(form, link).href, 'POST')).text).toContain('Welcome back');
  expect(await optedOut(benNumber)).toEqual({ source: null });

  const wrong = `${link.slice(0, -1)}${link.endsWith('A') ? 'Q' : 'A'}`;
  expect(await visit(wrong)).toMatchObject({ status: 404, text: expect.stringContaining('does not work') });
  const asked = await visit(wrong, 'POST', 'application/json');
  expect([asked.status, JSON.parse(asked.text).error.code]).toEqual([400, 'LINK_INVALID']);
});
