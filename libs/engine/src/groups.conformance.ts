import { groupChat } from './chat-address.js';
import type { ContactUnderTest, EngineUnderTest, ProfileUnderTest } from './engine.conformance.js';

/** What every engine promises of groups. Part of the suite of the port: an engine without the ability skips it. */
export function describeGroups(name: string, world: () => EngineUnderTest): void {
  describe(`${name} keeps the promises of the groups ability`, () => {
    let profile: ProfileUnderTest;
    let first: ContactUnderTest;
    let second: ContactUnderTest;

    beforeEach(async () => {
      profile = await world().profile();
      first = world().contact();
      second = world().contact();
    });

    afterEach(() => profile.connection.close());

    const groups = () => profile.connection.abilities.groups!;
    const texts = (contact: ContactUnderTest) => contact.received.map(({ text }) => text);
    const say = (groupId: string, text: string) =>
      profile.connection.send(
        groupChat(groupId),
        { content: { kind: 'text', text } },
        { waMessageId: world().newId() },
      );
    const made = async () => {
      const { group } = await groups().create({ subject: 'Made', members: [first.address, second.address] });
      return group.id;
    };

    it('makes groups, and says what became of each member', async () => {
      const { group, members } = await groups().create({
        subject: 'Made',
        members: [first.address, world().nobody],
      });
      expect(group).toMatchObject({ subject: 'Made', memberCount: 2 });
      expect(group.members.find(({ isSelf }) => isSelf)).toMatchObject({ phone: profile.address.phone });
      expect(members.map(({ outcome }) => outcome).sort()).toEqual(['not_found', 'ok']);
      expect((await groups().list()).map(({ id }) => id)).toContain(group.id);
    });

    it('brings a message to every member, and to nobody who was removed', async () => {
      const id = await made();
      await say(id, 'for both');
      await world().until(() => [first, second].every((contact) => texts(contact).includes('for both')));
      expect(await groups().removeMembers(id, [second.address])).toMatchObject([{ outcome: 'ok' }]);
      await say(id, 'for one');
      await world().until(() => texts(first).includes('for one'));
      expect(texts(second)).not.toContain('for one');
    });

    it('sends to groups after a restart as before', async () => {
      const id = await made();
      await profile.connection.close();
      await profile.reopen();
      await say(id, 'after the restart');
      await world().until(() => texts(second).includes('after the restart'));
    });

    it('changes what is asked for, and can say it afterwards', async () => {
      const id = await made();
      await groups().setSubject(id, 'Renamed');
      await groups().setDescription(id, 'What it is for');
      await groups().setAnnounceOnly(id, true);
      expect(await groups().get(id)).toMatchObject({
        subject: 'Renamed',
        description: 'What it is for',
        announceOnly: true,
      });
    });

    it('refuses with a code and a sentence, and nothing was done', async () => {
      const id = await made();
      await groups().leave(id);
      await expect(groups().setSubject(id, 'No more mine')).rejects.toMatchObject({
        code: 'not_allowed',
        facts: { retryable: false, outcome: 'not_sent' },
      });
      await expect(say(id, 'still here')).rejects.toMatchObject({ facts: { outcome: 'not_sent' } });
      await expect(groups().get('120363000000000000')).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
