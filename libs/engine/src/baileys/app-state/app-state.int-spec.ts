import { proto } from '@whiskeysockets/baileys';
import { type Person, Simulator } from '#simulator';
import { until } from '#testing';
import type { Abilities } from '../../abilities/abilities.js';
import { groupChat, userChat } from '../../chat-address.js';
import { mutedForEver } from '../../facts/chat-facts.js';
import { engineFor, TestProfile } from '../test-profile.for-spec.js';

const never = () => new Promise<void>(() => undefined);

describe('settings that all devices share', () => {
  let simulator: Simulator;
  let owner: Person;
  let friend: Person;
  let profile: TestProfile;
  let lastNumber = 15_550_020_000;
  const nextNumber = () => {
    lastNumber += 1;
    return String(lastNumber);
  };

  beforeAll(async () => {
    simulator = await Simulator.start();
  });
  beforeEach(() => {
    owner = simulator.person(nextNumber(), { name: 'Owner' });
    friend = simulator.person(nextNumber(), { name: 'Friend' });
    profile = new TestProfile(engineFor(simulator), simulator, owner.number);
  });
  afterEach(() => profile.connection.close());
  afterAll(() => simulator.stop());

  const abilities = () => profile.connection.abilities as Abilities;
  const chat = () => userChat({ phone: friend.number, lid: null });
  const facts = (type: string) => profile.sink.accountFacts.filter((fact) => fact.type === type);
  const told = (type: string, what: object) =>
    until(() => facts(type).find((fact) => matches(fact, what)), { what: `${type} ${JSON.stringify(what)}` });
  const friendLid = () => friend.account.address('lid').split('@')[0]!;

  /** Linked, and all settings of the phone are here. */
  async function linked(): Promise<void> {
    await profile.connect();
    await told('label_changed', { labelId: 'end' });
  }

  async function ready(): Promise<void> {
    await owner.settings.saveLabel({ id: 'end', name: 'the last of all' });
    await linked();
  }

  describe('from the phone', () => {
    it('are all here after linking, without another change', async () => {
      await owner.settings.archive(friend.number);
      await owner.settings.mute(friend.number);
      await owner.settings.saveContacts({ number: friend.number, name: 'Frida' });
      await owner.settings.saveLabel({ id: '3', name: 'Customers', color: 5 });
      await owner.settings.labelChat(friend.number, '3');
      await owner.settings.star(friend.number, { id: 'M1', fromMe: true });
      await ready();
      const lid = friendLid();
      expect(facts('chat_archived')).toMatchObject([{ chat: { kind: 'user', lid }, archived: true }]);
      expect(facts('chat_muted')).toMatchObject([{ chat: { lid }, until: mutedForEver }]);
      expect(facts('person_named')).toMatchObject([
        { person: { phone: friend.number, lid }, names: { saved: 'Frida' }, source: 'history' },
      ]);
      expect(facts('label_changed')[0]).toMatchObject({ labelId: '3', name: 'Customers', color: 5, deleted: false });
      expect(facts('label_set')).toMatchObject([{ labelId: '3', on: { chat: { lid } }, set: true }]);
      expect(facts('message_starred')).toMatchObject([{ target: { waMessageId: 'M1', fromMe: true }, starred: true }]);
    });

    it('come as they are changed, and each way', async () => {
      await ready();
      const group = '120363000000000077';
      await owner.settings.pin(friend.number);
      await owner.settings.pin(friend.number, false);
      await owner.settings.mute(friend.number, 1_900_000_000_000);
      await owner.settings.unmute(friend.number);
      await owner.settings.markChatUnread(friend.number);
      await owner.settings.markChatRead(friend.number);
      await owner.settings.clearChat(friend.number);
      await owner.settings.deleteChat(friend.number);
      await owner.settings.archive(`${group}@g.us`);
      const participant = friend.account.address('lid');
      await owner.settings.deleteForMe(`${group}@g.us`, { id: 'M2', fromMe: false, participant });
      await owner.settings.labelMessage(friend.number, 'M3', '1');
      await owner.settings.saveContacts({ number: friend.number, name: 'Frida' });
      await owner.settings.removeContact(friend.number);
      await told('person_named', { names: { saved: null } });
      await told('label_set', { on: { target: { waMessageId: 'M3' } } });
      await told('message_deleted_for_me', {});
      await told('chat_archived', {});
      expect(facts('chat_pinned')).toMatchObject([{ pinned: true }, { pinned: false }, { pinned: false }]);
      expect(facts('chat_muted')).toMatchObject([{ until: new Date(1_900_000_000_000) }, { until: null }]);
      expect(facts('chat_marked')).toMatchObject([{ unread: true }, { unread: false }]);
      expect(facts('chat_cleared')).toMatchObject([{ keepsStarred: false, upTo: expect.any(Date) }]);
      expect(facts('chat_deleted')).toMatchObject([{ upTo: expect.any(Date) }]);
      expect(facts('chat_archived')).toMatchObject([{ chat: groupChat(group), archived: true }]);
      expect(facts('message_deleted_for_me')).toMatchObject([
        { chat: groupChat(group), target: { waMessageId: 'M2', fromMe: false, author: { lid: friendLid() } } },
      ]);
    });

    it('may be more than one page and lie at the media host', async () => {
      for (let id = 1; id <= 120; id += 1) await owner.settings.saveLabel({ id: String(id), name: `Label ${id}` });
      await ready();
      expect(new Set(facts('label_changed').map((fact) => (fact as { labelId: string }).labelId)).size).toBe(121);
    });

    it('rename the account', async () => {
      await ready();
      await owner.settings.setPushName('New name');
      await until(() => profile.changes.at(-1)?.self?.pushName === 'New name', { what: 'the new name' });
    });
  });

  describe('to the phone', () => {
    beforeEach(ready);

    it('archive, pin, mute, mark, clear and remove chats', async () => {
      const { chats } = abilities();
      const newest = { target: { waMessageId: 'M1', fromMe: true, author: null }, sentAt: new Date() };
      await chats.pin(chat(), true);
      await until(() => owner.settings.chat(friend.number).pinned);
      await chats.archive(chat(), true, newest);
      await until(() => owner.settings.chat(friend.number).archived);
      expect(owner.settings.chat(friend.number).pinned).toBe(false);
      await chats.archive(chat(), false, null);
      await until(() => !owner.settings.chat(friend.number).archived);
      await chats.mute(chat(), mutedForEver);
      await until(() => owner.settings.chat(friend.number).mutedUntil === -1);
      await chats.mute(chat(), new Date(1_900_000_000_000));
      await until(() => owner.settings.chat(friend.number).mutedUntil === 1_900_000_000_000);
      await chats.mute(chat(), null);
      await until(() => owner.settings.chat(friend.number).mutedUntil === undefined);
      await chats.markUnread(chat(), true, newest);
      await until(() => owner.settings.chat(friend.number).markedUnread);
      await chats.markUnread(chat(), false, newest);
      await until(() => !owner.settings.chat(friend.number).markedUnread);
      await chats.clear(chat(), true, newest);
      await until(() => owner.settings.chat(friend.number).clearedAt);
      await chats.remove(chat(), newest);
      await until(() => owner.settings.chat(friend.number).deletedAt);
      // Told like what is done on the phone.
      await told('chat_deleted', { chat: { phone: friend.number } });
      expect(facts('chat_cleared')).toMatchObject([{ keepsStarred: true }]);
      simulator.assertHealthy();
    });

    it('star, delete for me, and label', async () => {
      const { chats, labels } = abilities();
      const targets = ['S1', 'S2'].map((waMessageId) => ({ waMessageId, fromMe: false, author: null }));
      await chats.star(chat(), targets, true);
      await until(() => owner.settings.isStarred(friend.number, 'S2'));
      expect(owner.settings.isStarred(friend.number, 'S1')).toBe(true);
      await chats.star(chat(), targets.slice(0, 1), false);
      await until(() => !owner.settings.isStarred(friend.number, 'S1'));
      await chats.deleteForMe(chat(), targets[0]!, new Date());
      await owner.settings.expectChange('deleteMessageForMe', { matches: ({ about }) => about[1] === 'S1' });
      await labels.save('7', { name: 'Hot', color: 2 });
      await labels.setOnChat('7', chat(), true);
      await until(() => owner.settings.chat(friend.number).labels.includes('7'));
      await labels.setOnChat('7', chat(), false);
      await until(() => !owner.settings.chat(friend.number).labels.includes('7'));
      await labels.setOnMessage('7', chat(), 'S1', true);
      await owner.settings.expectChange('label_message', { matches: ({ about }) => about[2] === 'S1' });
      await labels.remove('7', { name: 'Hot', color: 2 });
      await until(() => !owner.settings.labels.some(({ id }) => id === '7'));
      expect(await told('label_changed', { labelId: '7', deleted: true })).toBeDefined();
    });

    it('save and remove contacts, and rename the account', async () => {
      const { people, ownProfile } = abilities();
      const person = { phone: friend.number, lid: null };
      await people.saveContact(person, { fullName: 'Frida Friend' });
      await until(() => owner.settings.contacts.some(({ name }) => name === 'Frida Friend'));
      await people.removeContact(person);
      await until(() => owner.settings.contacts.length === 0);
      // The sum is right after something was taken out: the next change is taken.
      await people.saveContact(person, { fullName: 'Frida again' });
      await until(() => owner.settings.contacts.some(({ name }) => name === 'Frida again'));
      await ownProfile.setName('Shop');
      await until(() => owner.name === 'Shop');
      await until(() => profile.changes.at(-1)?.self?.pushName === 'Shop');
      await expect(ownProfile.setName('x'.repeat(26))).rejects.toMatchObject({ code: 'refused_as_invalid' });
      simulator.assertHealthy();
    });

    it('are made anew when the phone was faster', async () => {
      const { chats } = abilities();
      const mine = Array.from({ length: 5 }, (_, index) => chats.pin(chat(), index % 2 === 0));
      const theirs = Array.from({ length: 5 }, (_, index) => owner.settings.archive(friend.number, index % 2 === 0));
      await Promise.all([...mine, ...theirs]);
      await until(() => owner.settings.chat(friend.number).archived);
      await simulator.settle();
      expect((await chats.resync(false)).map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
      simulator.assertHealthy();
    });
  });

  it('cannot be changed without the keys of the phone, which is asked for them', async () => {
    await ready();
    await profile.connection.close();
    for (const key of profile.store.keys.keys()) {
      if (key.startsWith('app-state-sync-key/')) profile.store.keys.delete(key);
    }
    owner.goOffline();
    profile.reopen();
    await profile.connect();
    await expect(abilities().chats.pin(chat(), true)).rejects.toMatchObject({
      code: 'app_state_keys_missing',
      facts: { retryable: true, outcome: 'not_sent' },
    });
    owner.goOnline();
    const pin = () => abilities().chats.pin(chat(), true);
    await until(() =>
      pin().then(
        () => true,
        () => false,
      ),
    );
    await until(() => owner.settings.chat(friend.number).pinned);
  });

  describe('that are damaged', () => {
    const version = (collection: string) => `app-state-sync-version/${collection}`;

    it('here: all of them are fetched again, and the link stays', async () => {
      await owner.settings.pin(friend.number);
      await ready();
      await told('chat_pinned', { pinned: true });
      await until(() => profile.store.keys.has(version('regular_low')));
      const known = JSON.parse(Buffer.from(profile.store.keys.get(version('regular_low'))!).toString());
      known.indexValueMap = {};
      profile.store.keys.set(version('regular_low'), Buffer.from(JSON.stringify(known)));
      await owner.settings.archive(friend.number);
      await told('chat_archived', { archived: true });
      expect((await abilities().chats.resync(false)).every(({ outcome }) => outcome === 'ok')).toBe(true);
      await abilities().chats.archive(chat(), false, null);
      await until(() => !owner.settings.chat(friend.number).archived);
      expect(profile.codes.at(-1)).toBe('connected');
      simulator.assertHealthy();
    });

    it('at the server: the rest is read, nothing is written on top, and nobody is unlinked', async () => {
      await owner.settings.pin(friend.number);
      await ready();
      await told('chat_pinned', { pinned: true });
      const { appState } = owner.account;
      const patch = proto.SyncdPatch.decode(appState.patchesSince('regular_low', 0)![0]!.data);
      patch.patchMac = Buffer.alloc(32, 7);
      appState.submit('regular_low', 1, Buffer.from(proto.SyncdPatch.encode(patch).finish()));
      await owner.settings.mute(friend.number);
      await told('chat_muted', { until: mutedForEver });
      const outcomes = await abilities().chats.resync(false);
      expect(outcomes).toContainEqual({ collection: 'regular_low', outcome: 'damaged' });
      expect(outcomes.filter(({ outcome }) => outcome === 'ok')).toHaveLength(4);
      await expect(abilities().chats.pin(chat(), false)).rejects.toMatchObject({ code: 'app_state_damaged' });
      await abilities().chats.mute(chat(), null);
      await until(() => owner.settings.chat(friend.number).mutedUntil === undefined);
      expect(profile.codes.at(-1)).toBe('connected');
    });
  });

  describe('are not lost when the process dies', () => {
    async function crash(): Promise<void> {
      const { store, sink } = profile;
      store.before = never;
      sink.before = never;
      simulator.faults(profile.number).cut();
      await until(() => !profile.connection.health.isOpen, { what: 'the socket to be cut' });
      void profile.connection.close();
      store.before = () => undefined;
      sink.before = () => undefined;
      profile.reopen();
    }

    it('between hearing of a change and storing it', async () => {
      await ready();
      let arrived = false;
      profile.sink.before = (call) => {
        if (call !== 'account') return;
        arrived = true;
        return never();
      };
      await owner.settings.archive(friend.number);
      await until(() => arrived);
      expect(facts('chat_archived')).toEqual([]);
      await crash();
      await profile.connect();
      await told('chat_archived', { archived: true });
    });

    it('between storing a change and remembering its version: it comes again and says the same', async () => {
      await ready();
      let stuck = false;
      profile.store.before = (operation) => {
        if (operation !== 'commit' || facts('chat_archived').length === 0) return;
        stuck = true;
        return never();
      };
      await owner.settings.archive(friend.number);
      await until(() => stuck);
      await crash();
      await profile.connect();
      await until(() => facts('chat_archived').length === 2);
      expect(facts('chat_archived')).toMatchObject([{ archived: true }, { archived: true }]);
    });

    it('when the sink fails for a while', async () => {
      await ready();
      let failures = 0;
      profile.sink.before = (call) => {
        if (call !== 'account' || failures === 3) return;
        failures += 1;
        throw new Error('the database restarts');
      };
      await owner.settings.archive(friend.number);
      await told('chat_archived', { archived: true });
      expect(failures).toBe(3);
    });

    it('nor are the keys that the phone shares only once', async () => {
      let committed = false;
      profile.store.before = (operation) => {
        if (operation === 'commit' && committed) return never();
        committed = [...profile.store.keys.keys()].some((key) => key.startsWith('app-state-sync-key/'));
        return committed ? never() : undefined;
      };
      await owner.settings.saveLabel({ id: 'end', name: 'the last of all' });
      await profile.connect();
      await until(() => committed);
      await crash();
      await profile.connect();
      await told('label_changed', { labelId: 'end' });
    });
  });
});

function matches(value: unknown, what: unknown): boolean {
  if (what === null || typeof what !== 'object') return value === what;
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(what).every(([key, part]) => matches((value as Record<string, unknown>)[key], part));
}
