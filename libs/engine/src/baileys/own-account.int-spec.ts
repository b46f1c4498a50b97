import sharp from 'sharp';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { Abilities } from '../abilities/abilities.js';
import type { CallFact } from '../facts/call-facts.js';
import { drawnImage } from './drawn-image.for-spec.js';
import { engineFor, TestProfile } from './test-profile.for-spec.js';

describe('the account itself', () => {
  let simulator: Simulator;
  let owner: Person;
  let friend: Person;
  let profile: TestProfile;
  let lastNumber = 15_550_022_000;
  const nextNumber = () => {
    lastNumber += 1;
    return String(lastNumber);
  };

  beforeAll(async () => {
    simulator = await Simulator.start();
  });
  const link = async (options: ConstructorParameters<typeof TestProfile>[3] = {}) => {
    owner = simulator.person(nextNumber(), { name: 'Owner' });
    friend = simulator.person(nextNumber(), { name: 'Friend' });
    profile = await new TestProfile(engineFor(simulator), simulator, owner.number, options).connect();
  };
  afterEach(() => profile.connection.close());
  afterAll(() => simulator.stop());

  const abilities = () => profile.connection.abilities as Abilities;
  const lidOf = (person: Person) => person.account.address('lid').split('@')[0]!;
  const address = (person: Person) => ({ phone: person.number, lid: lidOf(person) });

  describe('own profile', () => {
    beforeEach(() => link());

    it('is read, and changed for all who see it', async () => {
      const { ownProfile } = abilities();
      await ownProfile.setAbout('Open till nine');
      expect(owner.profile.about).toBe('Open till nine');
      const { pictureId } = await ownProfile.setPicture(await drawnImage(900, 'png'));
      expect(owner.profile.pictureId).toBe(pictureId);
      const shown = await abilities().people.pictureBytes(address(owner), 'full');
      expect(await sharp(shown!.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 640 });
      expect(await ownProfile.read()).toEqual({
        address: address(owner),
        pushName: 'Owner',
        about: { text: 'Open till nine', setAt: expect.any(Date), hidden: false },
        pictureId,
        isBusiness: false,
        verifiedName: null,
      });
      await ownProfile.removePicture();
      expect(owner.profile.pictureId).toBeUndefined();
      const told = () => profile.sink.accountFacts.filter(({ type }) => type === 'picture_changed');
      await until(() => told().length > 1);
      expect(told()).toMatchObject([
        { of: { person: address(owner) }, pictureId, removed: false },
        { pictureId: null, removed: true },
      ]);
    });

    it('refuses what is no picture, and texts that are too long', async () => {
      const { ownProfile } = abilities();
      const refused = { code: 'refused_as_invalid', facts: { outcome: 'not_sent' } };
      await expect(ownProfile.setPicture(Buffer.from('no picture'))).rejects.toMatchObject(refused);
      await expect(ownProfile.setAbout('x'.repeat(140))).rejects.toMatchObject(refused);
    });

    it('knows its devices, and that only the phone can remove one', async () => {
      const { ownProfile } = abilities();
      expect(await ownProfile.devices()).toEqual([
        { device: 0, isPhone: true, isThis: false },
        { device: expect.any(Number), isPhone: false, isThis: true },
      ]);
      await expect(ownProfile.unlinkDevice(0)).rejects.toMatchObject({ code: 'not_supported' });
    });
  });

  describe('privacy', () => {
    beforeEach(() => link());

    it('is read and changed in our words', async () => {
      const { privacy } = abilities();
      expect(await privacy.read()).toEqual({
        lastSeen: 'all',
        online: 'all',
        picture: 'all',
        about: 'all',
        readReceipts: 'all',
        groupsAdd: 'all',
        calls: 'all',
        messages: 'all',
      });
      await privacy.set('lastSeen', 'contacts');
      await privacy.set('groupsAdd', 'contacts_except');
      await privacy.set('calls', 'known');
      await privacy.set('online', 'match_last_seen');
      expect(owner.profile.privacy('last')).toBe('contacts');
      expect(owner.profile.privacy('groupadd')).toBe('contact_blacklist');
      expect(await privacy.read()).toMatchObject({
        lastSeen: 'contacts',
        groupsAdd: 'contacts_except',
        calls: 'known',
        online: 'match_last_seen',
      });
      await expect(privacy.set('readReceipts', 'contacts')).rejects.toMatchObject({ code: 'refused_as_invalid' });
    });

    it('tells to whom statuses are shown', async () => {
      expect(await abilities().privacy.statusAudience()).toEqual({ audience: 'contacts', people: [] });
      owner.status.setAudience('except', [friend.number]);
      expect(await abilities().privacy.statusAudience()).toMatchObject({
        audience: 'contacts_except',
        people: [{ lid: lidOf(friend) }],
      });
    });

    it('sets how long new chats keep messages, and tells the other one of a chat', async () => {
      const { chats } = abilities();
      await chats.setDefaultTimer(86_400);
      expect(owner.account.card.disappearing.seconds).toBe(86_400);
      await chats.setTimer({ kind: 'user', ...address(friend) }, 604_800, '3EB0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1');
      await until(() => friend.chats.disappearingSeconds(owner.number) === 604_800);
      expect(profile.sink.accountFacts.find(({ type }) => type === 'chat_timer_changed')).toMatchObject({
        chat: { kind: 'user', phone: friend.number },
        seconds: 604_800,
      });
      await chats.setTimer({ kind: 'user', ...address(friend) }, null, '3EB0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA2');
      await until(() => friend.chats.disappearingSeconds(owner.number) === 0);
    });
  });

  describe('calls', () => {
    const calls = (callId: string) =>
      profile.sink.accountFacts.filter((fact): fact is CallFact => fact.type === 'call' && fact.callId === callId);
    const reached = (callId: string, state: CallFact['state']) =>
      until(() => calls(callId).some((call) => call.state === state), { what: `a call to be ${state}` });

    it('ring, and are refused', async () => {
      await link();
      const id = friend.calls.ring(owner.number, { video: true });
      await reached(id, 'ringing');
      expect(calls(id)).toMatchObject([
        { from: address(friend), groupId: null, isVideo: true, source: 'notification' },
      ]);
      await abilities().calls.reject(id, { phone: friend.number, lid: null });
      await until(() => friend.calls.stateOf(id) === 'rejected');
      await reached(id, 'rejected');
    });

    it('are answered on the phone, end, or are given up', async () => {
      await link();
      const answered = friend.calls.ring(owner.number);
      await reached(answered, 'ringing');
      owner.calls.accept(answered);
      await reached(answered, 'accepted');
      friend.calls.hangUp(answered);
      await reached(answered, 'ended');
      const group = friend.calls.ringGroup('120363000000000001@g.us', [owner.number]);
      await reached(group, 'ringing');
      expect(calls(group)).toMatchObject([{ groupId: '120363000000000001', isVideo: false }]);
      friend.calls.hangUp(group);
      await reached(group, 'ended');
    });

    it('are refused by themselves when that is wanted', async () => {
      await link({ rejectsCalls: true });
      const id = friend.calls.ring(owner.number);
      await until(() => friend.calls.stateOf(id) === 'rejected');
      await reached(id, 'rejected');
    });

    it('are acknowledged only when they are stored', async () => {
      await link();
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
          return who.startsWith(owner.number) && direction === 'in' && tag === 'ack' && attrs.class === 'call';
        }).length;
      const id = friend.calls.ring(owner.number);
      await until(() => isHeld);
      expect(acks()).toBe(0);
      release();
      await until(() => acks() > 0);
      friend.calls.hangUp(id);
    });

    it('have links, and cannot be made', async () => {
      await link();
      const { url } = await abilities().calls.createLink('video', null);
      expect(url).toMatch(/^https:\/\/call\.whatsapp\.com\/video\/[0-9a-f]{22}$/);
      await expect(abilities().calls.place(address(friend), 'audio')).rejects.toMatchObject({ code: 'not_supported' });
    });
  });

  describe('business', () => {
    beforeEach(() => link());

    it('profiles are read and changed; others have none', async () => {
      const { business } = abilities();
      expect(await business.profile(address(friend))).toBeNull();
      await expect(business.update({ description: 'no business' })).rejects.toMatchObject({ code: 'not_found' });
      expect(owner.profile.business.products).toEqual([]);
      const hours = {
        timeZone: 'Asia/Jakarta',
        days: [
          { day: 'mon', mode: 'specific_hours', openMinute: 480, closeMinute: 1_020 },
          { day: 'sun', mode: 'open_24h', openMinute: null, closeMinute: null },
        ] as const,
      };
      await business.update({
        address: 'Jalan Merdeka 1',
        description: 'Everything for the garden',
        email: 'shop@example.com',
        websites: ['https://a.example.com', 'https://b.example.com'],
        hours: { ...hours, days: [...hours.days] },
      });
      expect(await business.profile(address(owner))).toEqual({
        address: 'Jalan Merdeka 1',
        description: 'Everything for the garden',
        email: 'shop@example.com',
        websites: ['https://a.example.com', 'https://b.example.com'],
        categories: [],
        hours,
        coverPhotoId: null,
      });
    });

    it('catalogs, collections and orders are read page by page', async () => {
      const { business } = abilities();
      const shop = friend.profile.business;
      for (let index = 1; index <= 3; index += 1) {
        shop.products.push({
          ...{ id: `p${index}`, name: `Plant ${index}`, price: 25_000, currency: 'IDR', isHidden: false },
          ...{ description: 'green', imageUrls: ['https://media.example.com/plant.jpg'] },
        });
      }
      shop.collections.push({ id: 'c1', name: 'Spring', productIds: ['p1'] });
      shop.orders.push({
        ...{ id: 'o1', token: 'secret', currency: 'IDR', total: 50_000 },
        items: [{ productId: 'p2', quantity: 2 }],
      });
      const first = await business.catalog(address(friend), { limit: 2, cursor: null });
      expect(first.products).toMatchObject([
        { id: 'p1', name: 'Plant 1', priceThousandths: 25_000, currency: 'IDR', isHidden: false },
        { id: 'p2' },
      ]);
      const second = await business.catalog(address(friend), { limit: 2, cursor: first.cursor });
      expect(second).toMatchObject({ products: [{ id: 'p3' }], cursor: null });
      expect(await business.collections(address(friend))).toMatchObject([
        { id: 'c1', name: 'Spring', products: [{ id: 'p1' }] },
      ]);
      expect(await business.order('o1', 'secret')).toMatchObject({
        currency: 'IDR',
        totalThousandths: 50_000,
        items: [{ productId: 'p2', quantity: 2 }],
      });
      await expect(business.order('o1', 'wrong')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('links lead to businesses, and the own one can be renewed', async () => {
      const { business } = abilities();
      friend.profile.business.links.push({ code: 'ABCDEF1234', message: 'Is it open?' });
      expect(await business.resolveLink('https://wa.me/message/ABCDEF1234')).toMatchObject({
        person: { lid: lidOf(friend) },
        pushName: 'Friend',
        verifiedName: null,
        message: 'Is it open?',
      });
      await expect(business.resolveLink('wrong link')).rejects.toMatchObject({ code: 'refused_as_invalid' });
      await expect(business.resolveLink('NOTTHERE1')).rejects.toMatchObject({ code: 'not_found' });
      const { url } = await business.contactLink(false);
      expect(url).toMatch(/^https:\/\/wa\.me\/qr\/[0-9A-F]{20}$/);
      expect((await business.contactLink(false)).url).toBe(url);
      expect((await business.contactLink(true)).url).not.toBe(url);
    });
  });
});
