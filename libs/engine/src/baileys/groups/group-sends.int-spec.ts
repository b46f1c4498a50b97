import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { GroupsAbility } from '../../abilities/groups.js';
import { groupChat } from '../../chat-address.js';
import { engineFor, messageId, TestProfile } from '../test-profile.for-spec.js';

const OWN = '15550008101';

describe('sending to groups', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let groups: GroupsAbility;
  let ann: Person;
  let bob: Person;

  beforeEach(async () => {
    simulator = await Simulator.start({ logLimit: 20_000 });
    ann = simulator.person('15550008102', { name: 'Ann' });
    bob = simulator.person('15550008103', { name: 'Bob' });
    profile = await new TestProfile(engineFor(simulator), simulator, OWN).connect();
    groups = profile.connection.abilities.groups!;
  });

  afterEach(async () => {
    await profile.connection.close();
    await simulator.stop();
  });

  const jid = (groupId: string) => `${groupId}@g.us`;
  const phone = ({ number }: Person) => ({ phone: number, lid: null });
  const told = (type: string) => profile.sink.accountFacts.filter((fact) => fact.type === type);

  async function say(groupId: string, text: string, readers: Person[]): Promise<void> {
    const waMessageId = messageId();
    const content = { content: { kind: 'text', text } } as const;
    await profile.connection.send(groupChat(groupId), content, { waMessageId });
    await Promise.all(readers.map((reader) => reader.expectMessage({ text })));
  }

  /** How often the server was asked about one group, or about all. */
  const questions = (tag: 'query' | 'participating') =>
    simulator
      .stanzaLog()
      .filter(({ attrs, content }) => attrs.xmlns === 'w:g2' && attrs.type === 'get' && content.includes(tag)).length;

  /** Groups of Ann's with this account in each. */
  async function brought(count: number, others = [bob.number]): Promise<string[]> {
    const made = Array.from({ length: count }, (_, n) => ann.groups.create(`Group ${n}`, [OWN, ...others]).group);
    await until(() => told('group').length >= count, { what: 'every group to be known', withinMs: 60_000 });
    return made.map((group) => group.jid.split('@')[0]!);
  }

  it('asks nobody who is in a group: notifications have told, and the store keeps it over a restart', async () => {
    const [first, second] = await brought(2);
    await say(first!, 'one', [ann, bob]);
    await say(first!, 'two', [ann, bob]);
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await say(first!, 'three', [ann, bob]);
    await say(second!, 'four', [ann, bob]);
    expect(questions('query')).toBe(0);
    expect(questions('participating')).toBe(1);
  });

  it('writes to 200 groups under the limit of the server for questions', async () => {
    simulator.limits = { groupQueriesPerMinute: 5 };
    const ids = await brought(200, []);
    for (const id of ids) await say(id, `to ${id}`, []);
    await ann.expectMessage({ text: `to ${ids.at(-1)}` });
    expect(questions('query')).toBe(0);
  }, 300_000);

  it('looks a group up once when nothing is stored of it, however many messages wait for it', async () => {
    const [id] = await brought(1);
    profile.store.rosters.clear();
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => say(id!, text, [ann, bob])));
    expect(questions('query')).toBe(1);
  });

  it('reaches who came while it was away, with one look-up after the server said that its list is old', async () => {
    const [id] = await brought(1);
    await say(id!, 'before', [ann, bob]);
    const cid = simulator.person('15550008104', { name: 'Cid' });
    ann.groups.add(jid(id!), cid.number);
    await until(() => told('group_members_changed').length > 0, { what: 'the newcomer to be told' });
    // What was missed: the store is as it was before Cid came.
    const roster = profile.store.rosters.get(id!)!;
    const members = roster.members.filter((member) => member !== cid.account.address('lid').split('@')[0]);
    profile.store.rosters.set(id!, { ...roster, members });
    await profile.connection.close();
    profile.reopen();
    await profile.connect();
    await say(id!, 'with an old list', [ann, bob]);
    await until(async () => {
      await say(id!, `for everybody ${messageId()}`, [ann, bob]);
      return cid.inbox().some(({ text }) => text?.startsWith('for everybody'));
    });
    expect(questions('query')).toBe(1);
  });

  it('does not look up again and again what the server hashes otherwise', async () => {
    const [id] = await brought(1);
    await groups.get(id!);
    const before = questions('query');
    for (const text of ['a', 'b', 'c']) await say(id!, text, [ann, bob]);
    expect(questions('query')).toBe(before);
  });

  it('takes a new key when somebody was removed, so that the old one opens nothing more', async () => {
    const [id] = await brought(1);
    await say(id!, 'for three', [ann, bob]);
    const keys = () => senderKeys(profile);
    const before = keys();
    ann.groups.remove(jid(id!), bob.number);
    await until(() => told('group_members_changed').length > 0, { what: 'the removal to be told' });
    await until(() => keys().length === 0, { what: 'the old key to be gone' });
    await say(id!, 'for two', [ann]);
    expect(keys()).toHaveLength(1);
    expect(keys()).not.toEqual(before);
    expect(bob.inbox().map(({ text }) => text)).toEqual(['for three']);
  });

  it('takes a new key when a removal was never told', async () => {
    const [id] = await brought(1);
    await say(id!, 'for three', [ann, bob]);
    const before = senderKeys(profile);
    await profile.connection.close();
    const roster = profile.store.rosters.get(id!)!;
    const left = bob.account.address('lid').split('@')[0];
    profile.store.rosters.set(id!, { ...roster, members: roster.members.filter((member) => member !== left) });
    profile.reopen();
    await profile.connect();
    await say(id!, 'for two', [ann]);
    expect(senderKeys(profile)).not.toEqual(before);
  });

  it('says so when this account is no member, before anything is sent', async () => {
    const [id] = await brought(1);
    ann.groups.remove(jid(id!), OWN);
    await until(() => told('group_gone').length > 0, { what: 'the removal to be told' });
    await expect(say(id!, 'hello?', [])).rejects.toMatchObject({ code: 'not_allowed', facts: { outcome: 'not_sent' } });
  });

  it('keeps the timer of the group on its messages', async () => {
    const { group } = await groups.create({ subject: 'Short', members: [phone(ann)], disappearsInSeconds: 86_400 });
    await say(group.id, 'soon gone', [ann]);
    const sent = simulator.stanzaLog().filter(({ tag, attrs }) => tag === 'message' && attrs.to === jid(group.id));
    expect(sent[0]!.attrs.expiration).toBe('86400');
  });
});

/** Which keys the profile's store has for sending to groups, with their content. */
function senderKeys({ store }: TestProfile): string[] {
  return [...store.keys]
    .filter(([name]) => name.startsWith('sender-key/') && name.includes('@g.us::'))
    .map(([, value]) => signingKey(Buffer.from(value).toString('utf8')));
}

/** What names a key: it stays the same while the chain of the key moves on. */
function signingKey(record: string): string {
  return /"senderSigningKey":\{.*?\}\}/.exec(record)?.[0] ?? record;
}
