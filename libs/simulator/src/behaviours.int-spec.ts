import type { Behaviour } from './people/behaviours/behaviour.js';
import type { Person } from './people/person.js';
import { newNetworkIdentity, Simulation } from './simulation.js';
import { DrivenClock } from './time/clock.js';

const identity = newNetworkIdentity();

describe('what people do by themselves', () => {
  let clock: DrivenClock;
  let simulation: Simulation;
  let ana: Person;
  let ben: Person;

  beforeEach(() => {
    clock = new DrivenClock();
    simulation = new Simulation({ clock, seed: 'people' }, identity);
    ana = simulation.person('6281300000001', { name: 'Ana' });
    ben = simulation.person('6281300000002', { name: 'Ben' });
  });

  afterEach(async () => {
    simulation.assertHealthy();
    await simulation.close();
  });

  const textsOf = (person: Person): (string | undefined)[] => person.inbox().map(({ text }) => text);

  async function write(text: string): Promise<string> {
    const id = await ana.sendText(ben.number, text);
    await clock.advance(0);
    return id;
  }

  const statesOf = (id: string): string[] =>
    ana.phone.receipts.list().flatMap((one) => (one.id === id ? [one.state] : []));

  it('echo', async () => {
    ben.behaviours.begin({ does: 'echo', prefix: 'heard: ', afterMs: 1_000 });
    await write('hello');
    await clock.advance(999);
    expect(textsOf(ana)).toEqual([]);
    await clock.advance(1);
    expect(textsOf(ana)).toEqual(['heard: hello']);
  });

  it('reply after a while, by chance', async () => {
    ben.behaviours.begin({ does: 'reply', texts: ['yes', 'no'], afterMs: [1_000, 2_000], chance: 0.5 });
    for (let n = 0; n < 20; n += 1) await write(`question ${n}`);
    await clock.advance(2_000);
    const answers = textsOf(ana);
    expect(answers.length).toBeGreaterThan(3);
    expect(answers.length).toBeLessThan(17);
    expect(new Set(answers)).toEqual(new Set(['yes', 'no']));
  });

  it('opt out with STOP, once', async () => {
    ben.behaviours.begin({ does: 'opt-out', afterMessages: 2 });
    for (const text of ['offer', 'better offer', 'last offer']) await write(text);
    await clock.advance(0);
    expect(textsOf(ana)).toEqual(['STOP']);
  });

  it('read after a while, and never with never-read', async () => {
    ben.behaviours.begin({ does: 'read', afterMs: 500 });
    const read = await write('read me');
    await clock.advance(500);
    expect(statesOf(read)).toEqual(['delivered', 'read']);
    const endIt = ben.behaviours.begin({ does: 'never-read' });
    const unread = await write('do not read me');
    await clock.advance(60_000);
    expect(statesOf(unread)).toEqual(['delivered']);
    endIt();
    expect(ben.behaviours.list).toEqual([{ does: 'read', afterMs: 500 }]);
  });

  it('flood', async () => {
    ben.behaviours.begin({ does: 'flood', to: ana.number, count: 3, everyMs: 10 });
    await clock.advance(1_000);
    expect(textsOf(ana)).toEqual(['flood 1', 'flood 2', 'flood 3']);
  });

  it('flood with what was encrypted before', async () => {
    ben.behaviours.begin({ does: 'flood', to: ana.number, count: 3, everyMs: 10, afterMs: 500, encryptsFirst: true });
    await clock.advance(499);
    expect(textsOf(ana)).toEqual([]);
    await clock.advance(1_000);
    expect(textsOf(ana)).toEqual(['flood 1', 'flood 2', 'flood 3']);
  });

  it('chat with friends until it ends', async () => {
    const end = ben.behaviours.begin({ does: 'chat', with: [ana.number], everyMs: 1_000 });
    await clock.advance(3_000);
    expect(textsOf(ana)).toHaveLength(3);
    end();
    await clock.advance(60_000);
    expect(textsOf(ana)).toHaveLength(3);
  });

  it('come and go', async () => {
    ben.behaviours.begin({ does: 'come-and-go', onlineMs: 10_000, offlineMs: 5_000 });
    await clock.advance(10_000);
    expect(ben.isOnline).toBe(false);
    const id = await write('while away');
    expect(statesOf(id)).toEqual([]);
    await clock.advance(5_000);
    expect(ben.isOnline).toBe(true);
    expect(statesOf(id)).toEqual(['delivered']);
  });

  it('block who writes', async () => {
    ben.behaviours.begin({ does: 'block', afterMs: 100 });
    await write('once');
    await clock.advance(100);
    await write('never more');
    expect(textsOf(ben)).toEqual(['once']);
  });

  it('leave groups', async () => {
    const { jid: group } = ana.groups.create('Group', [ben.number]).group;
    await clock.advance(0);
    ben.behaviours.begin({ does: 'leave-groups', afterMs: 100 });
    await ana.sendText(group, 'welcome');
    await clock.advance(100);
    expect(ben.groups.list().map(({ jid }) => jid)).not.toContain(group);
  });

  it('change number, once', async () => {
    const { jid: group } = ana.groups.create('Neighbours', [ben.number]).group;
    await write('to the old number');
    ben.behaviours.begin({ does: 'change-number', to: '+62 813 0000 0099', afterMs: 60_000 });
    await clock.advance(59_000);
    expect(ben.number).toBe('6281300000002');
    await clock.advance(1_000);
    expect(ben.number).toBe('6281300000099');
    expect(simulation.findPerson('6281300000099')).toBe(ben);
    expect(simulation.findPerson('6281300000002')).toBeUndefined();
    expect(ben.behaviours.list).toEqual([]);
    await write('to the new number');
    await ben.sendText(group, 'still a member');
    await clock.advance(0);
    expect(textsOf(ben)).toEqual(['to the old number', 'to the new number']);
    expect(textsOf(ana)).toEqual(['still a member']);
  });

  it('change to a number that somebody has: nothing changes, and it is told', async () => {
    ben.behaviours.begin({ does: 'change-number', to: ana.number });
    await clock.advance(0);
    expect(ben.number).toBe('6281300000002');
    const [problem] = simulation.problems;
    expect(problem?.detail).toContain(`could not change-number: somebody has the number ${ana.number} already`);
    simulation.clearProblems();
  });

  it('install WhatsApp again, with another identity', async () => {
    const identity = (): string => Buffer.from(ben.phone.signal.identity.identity.public).toString('hex');
    await write('before');
    const before = identity();
    ben.behaviours.begin({ does: 'reinstall', afterMs: [1_000, 2_000] });
    await clock.advance(2_000);
    expect(identity()).not.toBe(before);
    expect(ben.behaviours.list).toEqual([]);
    await write('after');
    await clock.advance(0);
    expect(textsOf(ben)).toEqual(['before', 'after']);
  });

  it('several at once, as data that can be saved', async () => {
    const behaviours: Behaviour[] = [
      { does: 'read', afterMs: 10 },
      { does: 'echo', prefix: '' },
    ];
    ben.behaviours.replace(behaviours);
    const copy = new Simulation({ clock, seed: 'people' }, identity);
    copy.restore(JSON.parse(JSON.stringify(simulation.snapshot())));
    expect(copy.person(ben.number).behaviours.list).toEqual(behaviours);
    await copy.close();
    const id = await write('both');
    await clock.advance(10);
    expect(textsOf(ana)).toEqual(['both']);
    expect(statesOf(id)).toContain('read');
  });
});
