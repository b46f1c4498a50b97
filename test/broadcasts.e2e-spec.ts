import { until } from '#testing';
import { describeAudiences, describeContents } from './broadcast-audiences.js';
import {
  arrived,
  beginWorld,
  blockedContact,
  create,
  get,
  inDatabase,
  ownNumbers,
  quick,
  recipients,
  sinks,
  start,
  state,
  upload,
  world,
} from './broadcast-world.js';
import { linkProfile } from './link-profile.js';

/** Broadcasts through the whole product, judged by what the other phones got. */

beforeAll(beginWorld, 60_000);

afterAll(() => world.waypost?.stop(), 60_000);

describeAudiences();
describeContents();

describe('a broadcast', () => {
  it('reaches everybody once, says who was left out and why, and counts what receipts say', async () => {
    const numbers = sinks(0, 30);
    const contactId = await blockedContact('15550601001');
    const id = await create({
      message: { type: 'text', text: 'Hi {{name | default: "there"}}, {{code}}!' },
      recipients: {
        type: 'people',
        value: [
          { to: world.ana.number, variables: { name: 'Ana', code: 'A1' } },
          { to: `+1 555-060-1000`, variables: { code: 'again' } },
          { to: '15550601002' },
          { to: 'nobody' },
          { to: ownNumbers[1], variables: { code: 'x' } },
          ...numbers.map((to, i) => ({ to, variables: { code: `S${i}` } })),
        ],
        more: [{ type: 'contacts', value: [contactId] }],
      },
      senders: world.profiles,
    });
    expect(await get(id)).toMatchObject({ status: 'draft', stats: { total: 0 }, startedAt: null });
    const started = await start(id);
    expect([started.status, started.body.data]).toEqual([
      200,
      { success: true, message: 'Broadcast started', recipientCount: 36, status: 'running' },
    ]);
    const done = await state(id, 'completed');
    expect(done.stats).toMatchObject({
      total: 31,
      sent: 31,
      pending: 0,
      failed: 0,
      excluded: 5,
      successRate: 100,
      progress: 100,
    });
    expect((await world.ana.expectMessage({ text: 'Hi Ana, A1!' }, { timeoutMs: 30_000 })).text).toBe('Hi Ana, A1!');
    expect(world.ana.inbox().filter(({ text }) => text?.startsWith('Hi'))).toHaveLength(1);
    for (const number of numbers) expect(world.waypost.simulator.findSink(number)!.count).toBe(1);

    const left = await recipients(id, '&status=excluded');
    expect(left.recipients.map((one: { reason: string }) => one.reason).sort()).toEqual([
      'blocked',
      'invalid_address',
      'own_number',
      'repeated',
      'variables_missing',
    ]);
    await until(async () => (await get(id)).stats.delivered === 31, { what: 'all receipts' });
    const { body } = await world.client.get(`/broadcast/${id}/stats?step=60`);
    expect(body.data).toMatchObject({
      id,
      status: 'completed',
      stats: { delivered: 31 },
      duration: expect.any(Number),
    });
    const over = (what: 'queued' | 'sent' | 'optedOut') =>
      body.data.timeline.reduce((all: number, step: Record<typeof what, number>) => all + step[what], 0);
    expect([over('queued'), over('sent'), over('optedOut')]).toEqual([31, 31, 0]);
    expect(body.data.senders.map((one: { profileId: string }) => one.profileId).sort()).toEqual(
      [...world.profiles].sort(),
    );
    const file = await fetch(`${world.waypost.api.url}/api/v1/broadcast/${id}/recipients/export?status=excluded`, {
      headers: { authorization: `Bearer ${world.accessToken}` },
    });
    const lines = (await file.text()).trim().split('\n');
    expect([file.status, lines.length]).toEqual([200, 6]);
    expect(lines.join()).toContain('own_number');
    const first = (await recipients(id, '&offset=0')).recipients[0];
    expect(first).toMatchObject({
      position: 0,
      phone: world.ana.number,
      status: expect.stringMatching(/delivered|read/),
      attempts: 1,
    });
    expect((await world.client.get(`/messages/${first.messageId}`)).body.data).toMatchObject({
      batchId: id,
      body: 'Hi Ana, A1!',
    });
  }, 60_000);

  it('knows who answered', async () => {
    const late = sinks(500, 1)[0]!;
    const id = await create({
      message: { type: 'text', text: 'A question?' },
      recipients: { type: 'numbers', value: [world.ana.number, late] },
      settings: { delayMin: 5000, delayMax: 5000, batchPause: 0 },
    });
    await start(id);
    const question = await world.ana.expectMessage({ text: 'A question?' }, { timeoutMs: 30_000 });
    await world.ana.reply(question, 'An answer!');
    await until(async () => (await get(id)).stats.replied === 1, { what: 'the answer to be counted' });
    expect((await recipients(id, '&replied=true')).recipients).toMatchObject([
      { phone: world.ana.number, repliedAt: expect.any(String) },
    ]);
    const events = (await world.client.get(`/events?profileId=${world.profiles[0]}&limit=200`)).body.data;
    const names = events.map(({ name }: { name: string }) => name);
    for (const name of ['broadcast.started', 'broadcast.replied', 'broadcast.progressed'])
      expect(names).toContain(name);
    await world.client.post(`/broadcast/${id}/cancel`);
    await until(async () => (await get(id)).stats.pending === 0);
  }, 60_000);

  it('can be estimated and tried out before it starts', async () => {
    const variants = [
      { name: 'Short', share: 1, message: { type: 'text', text: 'Short {{n}}' } },
      { name: 'Long', share: 1, message: { type: 'text', text: 'A long one' } },
    ];
    const settings = { delayMin: 6000, delayMax: 6000, batchPause: 0 };
    const value = [...sinks(700, 100), 'nobody', '15550610700'];
    const id = await create({ variants, recipients: { type: 'numbers', value }, settings });
    const estimate = await world.client.post(`/broadcast/${id}/estimate`);
    const { exclusions, recipients: reached, excluded, duration } = estimate.body.data;
    expect([estimate.status, estimate.body.data.complete, reached + excluded]).toEqual([200, true, 102]);
    // Those who would get the text that has a place for a value.
    expect(exclusions).toEqual([
      { reason: 'variables_missing', count: excluded - 2 },
      { reason: 'invalid_address', count: 1 },
      { reason: 'repeated', count: 1 },
    ]);
    expect([excluded > 20, excluded < 80]).toEqual([true, true]);
    expect(duration / reached).toBeGreaterThan(5_000);
    expect(duration / reached).toBeLessThan(7_000);
    expect((await recipients(id)).total).toBe(0);
    const holes = await world.client.post(`/broadcast/${id}/test`, { to: world.ana.number });
    expect([holes.status, holes.body.error]).toMatchObject([
      422,
      { code: 'TEMPLATE_VARIABLES_MISSING', details: { missing: ['n'] } },
    ]);
    await world.client.post(`/broadcast/${id}/test`, { to: world.ana.number, variables: { n: 7 } });
    await world.ana.expectMessage({ text: 'Short 7' }, { timeoutMs: 30_000 });
    await world.client.post(`/broadcast/${id}/test`, { to: world.ana.number, variant: 'Long' });
    await world.ana.expectMessage({ text: 'A long one' }, { timeoutMs: 30_000 });
  }, 60_000);

  it('is estimated without those who lack a value, whom it then leaves out', async () => {
    const { client, profiles } = world;
    const numbers = sinks(2600, 8);
    const contact = async (index: number, more: object, profileId = profiles[0]) => {
      const kept = await client.post('/contacts', { profileId, phone: `+${numbers[index]}`, ...more });
      expect([kept.status, kept.body.error]).toEqual([201, undefined]);
      return kept.body.data.id as string;
    };
    const contacts = [
      await contact(0, { name: 'All', metadata: { code: 1 } }),
      await contact(1, { name: 'No code', metadata: { code: null } }),
      await contact(2, { name: 'No city', metadata: { code: 2, city: null } }),
      await contact(3, { metadata: { code: 'no name' } }),
    ];
    await contact(6, { name: 'Known', metadata: { code: 6 } });
    const people = [
      { to: numbers[4], variables: { name: 'All', code: 'x' } },
      { to: numbers[5], variables: { name: null, code: 'x' } },
      { to: numbers[6], variables: { code: null } },
    ];
    const text = '{{name}} of {{city}}: {{code}} {{contact.plan}} {{other | default: "-"}} {{opt_out_link}} {{phone}}';
    const draft = {
      message: { type: 'text', text },
      recipients: { type: 'people', value: people, more: [{ type: 'contacts', value: contacts }] },
      settings: { ...quick, variables: { city: 'Berlin', code: null } },
    };
    const id = await create(draft);
    const estimate = async (of: string) => (await client.post(`/broadcast/${of}/estimate`)).body.data;
    const exclusions = [{ reason: 'variables_missing', count: 5 }];
    expect(await estimate(id)).toMatchObject({ recipients: 2, excluded: 5, exclusions });
    expect(await get(id)).toMatchObject({ status: 'draft', stats: { total: 0, excluded: 0 } });
    await start(id);
    expect((await state(id, 'completed')).stats).toMatchObject({ total: 2, sent: 2, excluded: 5 });
    expect((await client.get(`/broadcast/${id}/stats`)).body.data.exclusions).toEqual(exclusions);
    expect(numbers.filter((number) => arrived([number]) > 0)).toEqual([numbers[0], numbers[4]]);

    const uploadId = await upload(`Mobile;Name;Code\n+${numbers[4]};Ada;A1\n+${numbers[5]};Bo;\n`);
    const lines = await create({ ...draft, recipients: { type: 'file', file: { uploadId } } });
    expect(await estimate(lines)).toMatchObject({ recipients: 1, excluded: 1 });

    // Known to the second number alone: whether it hears from that one is not known yet.
    await contact(7, { name: 'Of the other', metadata: { code: 7 } }, profiles[1]);
    const recipients = { type: 'numbers', value: [numbers[7]] };
    expect(await estimate(await create({ ...draft, recipients }))).toMatchObject({ recipients: 0, excluded: 1 });
    const shared = await create({ ...draft, recipients, senders: profiles });
    expect(await estimate(shared)).toMatchObject({ recipients: 1, excluded: 0 });
  }, 60_000);

  it('rests when it is paused, goes on when it is resumed, and ends when it is cancelled', async () => {
    const numbers = sinks(1000, 60);
    const id = await create({
      message: { type: 'text', text: 'Slowly. No more: {{opt_out_link}}' },
      recipients: { type: 'numbers', value: numbers },
      settings: { delayMin: 100, delayMax: 150, batchPause: 0 },
    });
    await start(id);
    await until(async () => (await get(id)).stats.sent >= 3, { what: 'the first to be sent', withinMs: 30_000 });
    expect((await world.client.post(`/broadcast/${id}/pause`)).body.data.status).toBe('paused');
    await until(
      async () => {
        const before = arrived(numbers);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return arrived(numbers) === before;
      },
      { what: 'nothing to arrive any more' },
    );
    const resting = arrived(numbers);
    expect(resting).toBeLessThan(60);
    const waiting = (await recipients(id, '&status=queued')).recipients.at(-1);
    expect((await world.client.get(`/messages/${waiting.messageId}`)).body.data).toMatchObject({
      waitingFor: { code: 'broadcast_paused' },
      body: expect.stringMatching(/^Slowly\. No more: http.+\/opt-out\/[\w-]{55}$/),
    });
    expect((await world.client.post(`/broadcast/${id}/resume`)).body.data.status).toBe('running');
    await until(() => arrived(numbers) > resting, { what: 'it to go on' });
    const cancelled = (await world.client.post(`/broadcast/${id}/cancel`)).body.data;
    expect(cancelled.status).toBe('cancelled');
    const { stats } = await until(
      async () => {
        const now = await get(id);
        return now.stats.pending === 0 && now;
      },
      { what: 'all to have ended' },
    );
    expect(stats).toMatchObject({ total: 60, failed: 0, unknown: 0, sent: 60 - stats.cancelled });
    expect(arrived(numbers)).toBe(stats.sent);
    expect((await world.client.post(`/broadcast/${id}/resume`)).body.error.code).toBe('BROADCAST_STATE');
    expect((await world.client.delete(`/broadcast/${id}`)).body.data).toEqual({ id, deleted: true });
    expect((await world.client.get(`/broadcast/${id}`)).status).toBe(404);
  }, 60_000);
});

describe('when a broadcast sends', () => {
  it('is at its times, each with a broadcast of its own, until it is cancelled', async () => {
    const [number] = sinks(2000, 1);
    const recipients = { type: 'numbers', value: [number] };
    const id = await create({ message: { type: 'text', text: 'Every minute' }, recipients });
    const schedule = (body: object) => world.client.post(`/broadcast/${id}/schedule`, body);
    const scheduledAt = new Date(Date.now() + 2_000).toISOString();
    expect((await schedule({ scheduledAt, recurrence: 'FREQ=NEVER' })).body.error.code).toBe('VALIDATION_ERROR');
    expect((await schedule({ scheduledAt: '2020-01-01T00:00:00Z' })).status).toBe(400);
    const scheduled = (await schedule({ scheduledAt, recurrence: 'FREQ=MINUTELY;INTERVAL=30' })).body.data;
    expect(scheduled).toMatchObject({ status: 'scheduled', scheduledAt, recurrence: 'FREQ=MINUTELY;INTERVAL=30' });
    expect(scheduled.nextOccurrences).toHaveLength(5);
    expect((await start(id)).body.error.code).toBe('BROADCAST_STATE');
    const message = { type: 'text', text: 'Changed' };
    expect((await world.client.put(`/broadcast/${id}`, { message })).body.data).toMatchObject({
      message,
      status: 'scheduled',
    });
    await until(() => arrived([number!]) === 1, { what: 'the first occurrence', withinMs: 20_000 });
    const [child, ...more] = (await world.client.get(`/broadcast?parentId=${id}`)).body.data;
    expect([child, more]).toMatchObject([{ parentId: id, message, scheduledAt, recurrence: null }, []]);
    await state(child.id, 'completed');
    expect(await get(id)).toMatchObject({ status: 'scheduled', stats: { total: 0 }, missedCount: 0 });
    expect((await world.client.post(`/broadcast/${id}/cancel`)).body.data).toMatchObject({
      status: 'cancelled',
      nextOccurrences: [],
    });
  }, 60_000);

  it('keeps to the hours of the day, which can be changed while it rests', async () => {
    const [number] = sinks(2100, 1);
    const hour = (plus: number) => `${String((new Date().getUTCHours() + plus) % 24).padStart(2, '0')}:00`;
    const id = await create({
      message: { type: 'text', text: 'By day' },
      recipients: { type: 'numbers', value: [number] },
      settings: { ...quick, dailyWindow: { from: hour(3), to: hour(5) } },
    });
    await start(id);
    await until(async () => (await get(id)).listed === 1, { what: 'the list' });
    expect((await get(id)).stats).toMatchObject({ pending: 1, queued: 0 });
    await world.client.post(`/broadcast/${id}/pause`);
    const words = await world.client.put(`/broadcast/${id}`, { message: { type: 'text', text: 'x' } });
    expect(words.body.error.code).toBe('BROADCAST_STATE');
    expect((await world.client.put(`/broadcast/${id}`, { settings: { dailyWindow: null } })).status).toBe(200);
    expect(arrived([number!])).toBe(0);
    await world.client.post(`/broadcast/${id}/resume`);
    await state(id, 'completed');
    expect(arrived([number!])).toBe(1);
  }, 60_000);

  it('tries again what failed for a passing reason, and nothing else', async () => {
    const value = sinks(2200, 2);
    const settings = { ...quick, delayMin: 1500, delayMax: 1500 };
    const id = await create({
      message: { type: 'text', text: 'Again' },
      recipients: { type: 'numbers', value },
      settings,
    });
    world.waypost.simulator.faults(ownNumbers[0]!).nackNext(500, 1);
    await start(id);
    const [first] = await until(
      async () => {
        const waiting = (await recipients(id, '&status=pending&reason=rejected_500')).recipients;
        return waiting.length > 0 && waiting;
      },
      { what: 'the refusal', withinMs: 20_000 },
    );
    expect(first).toMatchObject({ attempts: 1, retryAt: expect.any(String) });
    world.waypost.simulator.faults(ownNumbers[0]!).nackNext(479, 1);
    await until(async () => (await get(id)).stats.failed === 1, { what: 'the failure for good', withinMs: 20_000 });
    await inDatabase((db) =>
      db.query('update broadcast_recipients set retry_at = now() where broadcast_id = $1', [id]),
    );
    expect((await state(id, 'completed')).stats).toMatchObject({ sent: 1, failed: 1 });
    expect(value.map((number) => world.waypost.simulator.findSink(number)!.count).sort()).toEqual([0, 1]);
    expect((await recipients(id, '&status=failed')).recipients).toMatchObject([{ attempts: 1 }]);
    const { failures, timeline } = (await world.client.get(`/broadcast/${id}/stats?step=60`)).body.data;
    expect(failures).toEqual([{ reason: 'rejected_479', count: 1 }]);
    expect(timeline.flatMap((step: { failures: object[] }) => step.failures)).toEqual(failures);
  }, 60_000);

  it('stops for whoever writes meanwhile', async () => {
    const [first] = sinks(2300, 1);
    const id = await create({
      message: { type: 'text', text: 'Still there?' },
      recipients: { type: 'numbers', value: [first, world.ana.number] },
      settings: { delayMin: 8_000, delayMax: 8_000, batchPause: 0, stopOnReply: true },
    });
    await start(id);
    await until(() => arrived([first!]) === 1, { what: 'the first message' });
    await world.ana.sendText(ownNumbers[0]!, 'I am here');
    expect((await state(id, 'completed')).stats).toMatchObject({ sent: 1, pending: 0 });
    expect((await recipients(id, '&reason=wrote_meanwhile')).recipients).toMatchObject([{ phone: world.ana.number }]);
    expect(world.ana.inbox().filter(({ text }) => text === 'Still there?')).toEqual([]);
  }, 60_000);

  it('goes on with another number when one is deleted, and reaches nobody twice', async () => {
    const numbers = sinks(2400, 12);
    const lost = (await world.client.post('/profiles', { name: 'Lost' })).body.data.id;
    await linkProfile(world.client, lost, world.waypost.simulator, { number: '15550600009' });
    const id = await create({
      message: { type: 'text', text: 'Whoever sends it' },
      recipients: { type: 'numbers', value: numbers },
      settings: { delayMin: 400, delayMax: 400, batchPause: 0 },
      senders: [lost],
    });
    await start(id);
    await until(() => arrived(numbers) >= 2, { what: 'the first to arrive', withinMs: 20_000 });
    await world.client.post(`/profiles/${lost}/disconnect`);
    await until(async () => (await world.client.delete(`/profiles/${lost}`)).status === 200, {
      what: 'it to be deleted',
    });
    const failed = await state(id, 'failed');
    expect([failed.statusReason, failed.senders]).toEqual(['sender_deleted', []]);
    expect((await world.client.put(`/broadcast/${id}`, { senders: [world.profiles[1]] })).status).toBe(200);
    await world.client.post(`/broadcast/${id}/resume`);
    const { stats } = await state(id, 'completed');
    expect(stats.sent + stats.unknown).toBe(12);
    for (const one of (await recipients(id)).recipients) {
      const { count } = world.waypost.simulator.findSink(one.phone)!;
      expect([count, one.status]).toEqual(one.status === 'unknown' ? [expect.any(Number), 'unknown'] : [1, one.status]);
      expect(count).toBeLessThan(2);
    }
  }, 60_000);
});
