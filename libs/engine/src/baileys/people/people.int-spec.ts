import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { Abilities } from '../../abilities/abilities.js';
import { drawnImage } from '../drawn-image.for-spec.js';
import { engineFor, TestProfile } from '../test-profile.for-spec.js';

describe('people, as WhatsApp tells of them', () => {
  let simulator: Simulator;
  let owner: Person;
  let friend: Person;
  let profile: TestProfile;
  let lastNumber = 15_550_021_000;
  const nextNumber = () => {
    lastNumber += 1;
    return String(lastNumber);
  };

  beforeAll(async () => {
    simulator = await Simulator.start();
  });
  beforeEach(async () => {
    owner = simulator.person(nextNumber(), { name: 'Owner' });
    friend = simulator.person(nextNumber(), { name: 'Friend' });
    profile = await new TestProfile(engineFor(simulator), simulator, owner.number).connect();
  });
  afterEach(() => profile.connection.close());
  afterAll(() => simulator.stop());

  const abilities = () => profile.connection.abilities as Abilities;
  const lidOf = (person: Person) => person.account.address('lid').split('@')[0]!;
  const address = (person: Person) => ({ phone: person.number, lid: lidOf(person) });
  const byPhone = (person: Person) => ({ phone: person.number, lid: null });
  const facts = (type: string) => profile.sink.accountFacts.filter((fact) => fact.type === type);
  const questions = (xmlns: string) =>
    simulator.stanzaLog().filter(({ direction, content }) => direction === 'in' && content.includes(xmlns)).length;

  it('which numbers are registered, in the order of asking, in portions', async () => {
    Object.assign(friend.profile.business.profile, { verifiedName: 'Friend Ltd' });
    const strangers = Array.from({ length: 230 }, (_, index) => `62815${String(index).padStart(8, '0')}`);
    const before = questions('usync');
    const checks = await abilities().people.check([
      strangers[0]!,
      friend.number,
      '12',
      ...strangers.slice(1),
      owner.number,
    ]);
    expect(questions('usync') - before).toBe(3);
    expect(checks).toHaveLength(233);
    expect(checks[0]).toEqual({
      phone: strangers[0],
      status: 'unregistered',
      person: null,
      isBusiness: null,
      verifiedName: null,
    });
    expect(checks[1]).toEqual({
      phone: friend.number,
      status: 'registered',
      person: address(friend),
      isBusiness: true,
      verifiedName: 'Friend Ltd',
    });
    expect(checks[2]).toMatchObject({ phone: '12', status: 'invalid' });
    expect(checks.at(-1)).toMatchObject({ status: 'registered', isBusiness: false, verifiedName: null });
  });

  it('which address belongs to which, asking only for what is not known', async () => {
    const { people } = abilities();
    const stranger = { phone: null, lid: '99999999999' };
    expect(await people.resolve([byPhone(friend), stranger])).toEqual([address(friend), stranger]);
    const before = questions('usync');
    expect(await people.resolve([byPhone(friend), { phone: null, lid: lidOf(friend) }])).toEqual([
      address(friend),
      address(friend),
    ]);
    expect(questions('usync')).toBe(before);
    await until(() => profile.sink.identities.some(({ lid }) => lid === lidOf(friend)));
  });

  it('about text, picture, devices and how long messages stay, as far as they show it', async () => {
    const { people } = abilities();
    friend.profile.setAbout('At the beach');
    friend.profile.setDisappearing(86_400);
    const pictureId = friend.profile.setPicture();
    const nobody = { phone: '15559999999', lid: null };
    const [info, none] = await people.info([byPhone(friend), nobody]);
    expect(none).toBeNull();
    expect(info).toEqual({
      person: address(friend),
      about: { text: 'At the beach', setAt: expect.any(Date), hidden: false },
      pictureId,
      isBusiness: false,
      verifiedName: null,
      devices: [{ device: 0, isPhone: true }],
      disappearsInSeconds: 86_400,
    });
    friend.profile.setPrivacy('status', 'none');
    friend.profile.setPrivacy('profile', 'none');
    const [hidden] = await people.info([byPhone(friend)]);
    expect(hidden).toMatchObject({ about: { text: null, hidden: true }, pictureId: null });
    expect(await people.picture(byPhone(friend), 'full', null)).toEqual({ outcome: 'hidden' });
    expect(await people.devices([address(owner)])).toMatchObject([
      { devices: [{ device: 0, isPhone: true }, { isPhone: false }] },
    ]);
  });

  it('pictures: where they are, and the bytes', async () => {
    const { people } = abilities();
    expect(await people.picture(byPhone(friend), 'full', null)).toEqual({ outcome: 'none' });
    expect(await people.pictureBytes(byPhone(friend), 'full')).toBeNull();
    const image = await drawnImage(200);
    const id = friend.profile.setPicture(image);
    expect(await people.picture(byPhone(friend), 'preview', null)).toMatchObject({ outcome: 'found', id });
    expect(await people.picture(byPhone(friend), 'full', id)).toEqual({ outcome: 'unchanged' });
    const found = await people.pictureBytes(byPhone(friend), 'full');
    expect(found?.id).toBe(id);
    expect(Buffer.from(found!.bytes).equals(image)).toBe(true);
  });

  it('who is blocked, by us, on the phone, and before we were linked', async () => {
    const { people } = abilities();
    const other = simulator.person(nextNumber());
    await people.block(byPhone(friend));
    expect(owner.profile.blocked).toEqual([friend.number]);
    owner.profile.block(other.number);
    await until(() => facts('block_changed').length === 2);
    expect(facts('block_changed')).toMatchObject([
      { person: address(friend), blocked: true },
      { person: address(other), blocked: true },
    ]);
    expect(await people.blocked()).toEqual(expect.arrayContaining([address(friend), address(other)]));
    await people.unblock({ phone: null, lid: lidOf(friend) });
    expect(owner.profile.blocked).toEqual([other.number]);
    await profile.connection.close();
    profile.sink.accountFacts.length = 0;
    profile.reopen();
    await profile.connect();
    await until(() => facts('block_list').length > 0);
    expect(facts('block_list')).toMatchObject([{ people: [address(other)] }]);
    await expect(abilities().people.block({ phone: '15559999999', lid: null })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  describe('notifications', () => {
    beforeEach(async () => {
      await friend.sendText(owner.number, 'we know each other');
      await profile.received('we know each other');
    });

    it('of pictures, about texts and a new identity', async () => {
      const id = friend.profile.setPicture();
      friend.profile.setAbout('New about');
      friend.profile.removePicture();
      friend.reinstall();
      await until(() => facts('identity_key_changed').length === 1);
      expect(facts('picture_changed')).toMatchObject([
        { of: { person: address(friend) }, pictureId: id, removed: false },
        { of: { person: address(friend) }, pictureId: null, removed: true },
      ]);
      expect(facts('about_changed')).toMatchObject([{ person: address(friend), about: 'New about' }]);
      expect(facts('identity_key_changed')).toMatchObject([{ person: address(friend) }]);
    });

    it('of another phone number', async () => {
      const old = friend.number;
      const next = nextNumber();
      friend.changeNumber(next);
      await until(() => facts('number_changed').length === 1);
      expect(facts('number_changed')).toMatchObject([{ person: { phone: next, lid: lidOf(friend) }, oldPhone: old }]);
    });

    it('are acknowledged only when they are stored', async () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let isHeld = false;
      profile.sink.before = (call) => {
        if (call !== 'account') return;
        isHeld = true;
        return held;
      };
      const acks = () =>
        simulator.stanzaLog().filter(({ who, direction, tag, attrs }) => {
          return who.startsWith(owner.number) && direction === 'in' && tag === 'ack' && attrs.type === 'picture';
        }).length;
      friend.profile.setPicture();
      await until(() => isHeld);
      expect(acks()).toBe(0);
      release();
      await until(() => acks() === 1);
    });
  });
});
