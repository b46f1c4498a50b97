import sharp from 'sharp';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { NewslettersAbility } from '../../abilities/newsletters.js';
import type { NewsletterFact } from '../../facts/newsletter-facts.js';
import { engineFor, TestProfile } from '../test-profile.for-spec.js';

const OWN = '15550008301';

describe('newsletters', () => {
  let simulator: Simulator;
  let profile: TestProfile;
  let newsletters: NewslettersAbility;
  let ann: Person;

  beforeEach(async () => {
    simulator = await Simulator.start();
    ann = simulator.person('15550008302', { name: 'Ann' });
    profile = await new TestProfile(engineFor(simulator), simulator, OWN).connect();
    newsletters = profile.connection.abilities.newsletters!;
  });

  afterEach(async () => {
    await simulator.settle();
    await profile.connection.close();
    simulator.assertHealthy();
    await simulator.stop();
  });

  const jid = (newsletterId: string) => `${newsletterId}@newsletter`;
  const idOf = ({ jid: full }: { jid: string }) => full.split('@')[0]!;
  const learnt = (what: string, match: (fact: NewsletterFact) => boolean) =>
    until(() => (profile.sink.accountFacts as NewsletterFact[]).find(match), { what: `the fact ${what}` });

  it('are made, changed and deleted by their owner', async () => {
    const png = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#00f' } })
      .png()
      .toBuffer();
    await newsletters.acceptTerms();
    const made = await newsletters.create({ name: 'Weather', description: 'Every day', picture: png });
    expect(made).toMatchObject({ name: 'Weather', description: 'Every day', role: 'owner', muted: false });
    expect(made.pictureId).toBeTruthy();
    const changed = await newsletters.update(made.id, { name: 'Storms', picture: null, reactions: 'none' });
    expect(changed).toMatchObject({ name: 'Storms', description: 'Every day', pictureId: null, reactions: 'none' });
    expect(ann.newsletters.info(jid(made.id))).toMatchObject({ name: 'Storms', description: 'Every day' });
    expect(await newsletters.adminCount(made.id)).toBe(1);
    await learnt('the name', (fact) => fact.type === 'newsletter_changed' && fact.name === 'Storms');
    await newsletters.delete(made.id);
    await learnt('the end', (fact) => fact.type === 'newsletter_deleted' && fact.newsletterId === made.id);
    await expect(newsletters.get(made.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are found by their invite, followed, muted and left', async () => {
    const weather = ann.newsletters.create('Weather');
    const id = idOf(weather);
    expect(await newsletters.behindInvite(`https://whatsapp.com/channel/${weather.invite}`)).toMatchObject({
      id,
      name: 'Weather',
      role: 'none',
      subscriberCount: 1,
    });
    expect(await newsletters.behindInvite('0029VaNothing')).toBeNull();
    expect(await newsletters.list()).toEqual([]);
    await newsletters.follow(id);
    await learnt('that it follows', (fact) => fact.type === 'newsletter' && fact.newsletter.role === 'subscriber');
    await newsletters.setMuted(id, true);
    await learnt('that it is muted', (fact) => fact.type === 'newsletter_role' && fact.muted === true);
    expect(await newsletters.list()).toMatchObject([{ id, role: 'subscriber', muted: true }]);
    await newsletters.setMuted(id, false);
    await newsletters.unfollow(id);
    await learnt('that it left', (fact) => fact.type === 'newsletter_role' && fact.role === 'none');
    expect(ann.newsletters.info(weather.jid).followers).toBe(1);
  });

  it('are read back: posts, changes, counts as they come', async () => {
    const weather = ann.newsletters.create('Weather');
    const id = idOf(weather);
    await newsletters.follow(id);
    for (const text of ['one', 'two', 'three']) await ann.newsletters.post(weather.jid, text);
    const posts = await newsletters.posts(id, { count: 2 });
    expect(posts).toMatchObject([
      { serverId: '2', content: { kind: 'text', text: 'two' } },
      { serverId: '3', content: { kind: 'text', text: 'three' } },
    ]);
    expect(await newsletters.posts(id, { before: '2' })).toMatchObject([{ serverId: '1', views: 0, reactions: {} }]);
    expect((await newsletters.watch(id)).seconds).toBeGreaterThan(0);
    await newsletters.react(id, '3', '👍');
    await newsletters.markViewed(id, ['3']);
    await learnt('the counts', (fact) => fact.type === 'newsletter_counts' && fact.views === 1);
    expect(await newsletters.postChanges(id, { after: '2' })).toMatchObject([
      { serverId: '3', views: 1, reactions: { '👍': 1 } },
    ]);
    await newsletters.react(id, '3', null);
    expect(await newsletters.postChanges(id, { after: '2' })).toMatchObject([{ reactions: {} }]);
  });

  it('have admins and an owner, who can change', async () => {
    const made = await newsletters.create({ name: 'Weather' });
    ann.newsletters.follow(jid(made.id));
    simulator.person(OWN).newsletters.setAdmin(jid(made.id), ann.number, true);
    expect(await newsletters.adminCount(made.id)).toBe(2);
    expect(await newsletters.followers(made.id)).toMatchObject([
      { person: { phone: OWN }, role: 'owner' },
      { person: { phone: ann.number }, name: 'Ann', role: 'admin' },
    ]);
    const admin = { phone: ann.number, lid: ann.account.address('lid').split('@')[0]! };
    await newsletters.demoteAdmin(made.id, admin);
    await expect(newsletters.changeOwner(made.id, admin)).rejects.toMatchObject({ code: 'refused_as_invalid' });
    simulator.person(OWN).newsletters.setAdmin(jid(made.id), ann.number, true);
    await newsletters.changeOwner(made.id, admin);
    expect((await newsletters.get(made.id)).role).toBe('admin');
    await expect(newsletters.inviteAdmin(made.id, admin)).rejects.toMatchObject({ code: 'not_supported' });
  });

  it('refuse what only owner or admins may do, and what makes no sense', async () => {
    const id = idOf(ann.newsletters.create('Weather'));
    await newsletters.follow(id);
    await expect(newsletters.update(id, { name: 'Mine' })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(newsletters.delete(id)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(newsletters.create({ name: ' ' })).rejects.toMatchObject({ code: 'refused_as_invalid' });
    await expect(newsletters.follow('120363000000000000')).rejects.toMatchObject({ code: 'not_found' });
    const own = await newsletters.create({ name: 'Own' });
    await expect(newsletters.unfollow(own.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(newsletters.react(own.id, '99', '👍')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('that were followed before the link are listed once after it', async () => {
    const number = '15550008303';
    const person = simulator.person(number);
    const weather = ann.newsletters.create('Weather');
    person.newsletters.follow(weather.jid);
    const second = await new TestProfile(engineFor(simulator), simulator, number).connect();
    await until(() => second.sink.accountFacts.find((fact) => fact.type === 'newsletter_list'), { what: 'the list' });
    expect(second.sink.accountFacts.find((fact) => fact.type === 'newsletter')).toMatchObject({
      newsletter: { id: idOf(weather), name: 'Weather', role: 'subscriber' },
    });
    await second.connection.close();
  });
});
