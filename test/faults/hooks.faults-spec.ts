import { Simulator } from '#simulator';
import { ApiClient, until, WaypostProcesses } from '#testing';
import { linkProfile } from '../link-profile.js';

/** Set HOOKS_REQUESTS and HOOKS_KILLS to another size. */
const setting = (name: string, usual: number) => Number(process.env[`HOOKS_${name}`] ?? usual);
const ownNumber = '15550530001';
const friendNumber = '15550530002';

it('does every action of every request once, whatever dies meanwhile', async () => {
  const [requests, kills] = [setting('REQUESTS', 120), setting('KILLS', 6)];
  const simulator = await Simulator.start();
  const waypost = await WaypostProcesses.start(simulator);
  try {
    const friend = simulator.person(friendNumber, { name: 'Ana' });
    const { client } = await ApiClient.register(waypost.url);
    const { key } = (await client.post('/api-keys', { name: 'hooks', permissions: ['*'] })).body.data;
    const keyed = ApiClient.apiKey(waypost.url, key);
    const profileId: string = (await keyed.post('/profiles', { name: 'Shop' })).body.data.id;
    await linkProfile(keyed, profileId, simulator, { number: ownNumber });
    const drafted = await keyed.post('/broadcast', {
      ...{
        profileId,
        name: 'News',
        message: { type: 'text', text: 'news {{ n }}' },
        settings: { delayMin: 0, delayMax: 0 },
      },
      recipients: { type: 'numbers', value: [friendNumber] },
    });
    const made = await keyed.post('/hooks', {
      ...{ profileId, name: 'Orders', verification: { kind: 'none' }, ratePerMinute: 6000 },
      actions: [
        { kind: 'upsert_contact', phone: '{{ body.phone }}', name: 'Person {{ body.n }}', tags: '{{ body.tag }}' },
        {
          kind: 'start_broadcast',
          broadcastId: drafted.body.data.id,
          name: 'News {{ body.n }}',
          variables: { n: '{{ body.n }}' },
        },
        { kind: 'remove_tags', phone: '{{ body.phone }}', tags: '{{ body.tag }}' },
      ],
    });
    const hook: { id: string; url: string } = made.body.data;
    const address = `${waypost.url}${new URL(hook.url).pathname}`;

    for (let n = 0; n < requests; n += 1) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `order-${n}` };
      const body = JSON.stringify({ n, phone: `1555054${String(n).padStart(4, '0')}`, tag: `t${n}` });
      await until(async () => (await fetch(address, { method: 'POST', headers, body })).status === 202, {
        withinMs: 60_000,
      });
      if (n % Math.ceil(requests / kills) === 1) waypost.kill('worker');
    }
    const ended = async (state: string) => {
      const page = await keyed.get(`/hooks/${hook.id}/requests?state=${state}&limit=200`);
      return (page.body?.data ?? []) as { attempts: number; results: { broadcastId?: string }[] }[];
    };
    const done = await until(
      async () => {
        const rows = await ended('done');
        return rows.length === requests ? rows : undefined;
      },
      { withinMs: 300_000, what: 'all requests to be done' },
    );
    expect(await ended('failed')).toEqual([]);
    expect(done.some(({ attempts }) => attempts > 1)).toBe(true);
    const started = done.map(({ results }) => results[1]!.broadcastId);
    expect(new Set(started).size).toBe(requests);

    // Every broadcast is one of a request, and the other phone got each once.
    const all = (await keyed.get('/broadcast?limit=200')).body.data as { id: string; name: string }[];
    expect(
      all
        .filter(({ name }) => name !== 'News')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(started.toSorted());
    const texts = () => friend.inbox().map(({ text }) => text);
    await until(() => texts().length >= requests, { withinMs: 120_000, what: 'the other phone to have all' });
    expect(texts().toSorted()).toEqual(Array.from({ length: requests }, (_, n) => `news ${n}`).toSorted());
    const events = (await keyed.get(`/events?profileId=${profileId}&names=contact.tagged&limit=200`)).body.data;
    expect(events).toHaveLength(requests);
  } finally {
    await waypost.stop();
    await simulator.stop();
  }
}, 900_000);
