import type { Abilities } from './abilities/abilities.js';
import type { AccountFact } from './account-fact.js';
import type { Address } from './address.js';
import { userChat } from './chat-address.js';
import type { ContactUnderTest, EngineUnderTest, ProfileUnderTest } from './engine.conformance.js';

/** A profile whose account can be looked at on its own phone. */
export interface AccountUnderTest extends ProfileUnderTest {
  readonly facts: readonly AccountFact[];
  /** The account's own phone, acted by the test. */
  readonly phone: {
    isArchived(chat: Address): boolean;
    archive(chat: Address): Promise<void>;
    hasBlocked(person: Address): boolean;
    block(person: Address): void;
    /** The names in its address book. */
    contactNames(): string[];
  };
}

/** Somebody who can also call, and shows something of themselves. */
export interface CallerUnderTest extends ContactUnderTest {
  /** @returns the id of the call */
  ring(to: Address): string;
  /** Whether the call was refused. */
  isRefused(callId: string): boolean;
  setAbout(text: string): void;
}

export interface AccountEngineUnderTest extends EngineUnderTest {
  profile(): Promise<AccountUnderTest>;
  contact(): CallerUnderTest;
}

/** What every engine promises that has the abilities of the account: chats, people, calls, own profile. */
export function describeAccount(name: string, world: () => AccountEngineUnderTest): void {
  describe(`${name} keeps the promises of the account's abilities`, () => {
    let profile: AccountUnderTest;
    let contact: CallerUnderTest;

    beforeEach(async () => {
      profile = await world().profile();
      contact = world().contact();
    });
    afterEach(() => profile.connection.close());

    const abilities = () => profile.connection.abilities as Abilities;
    const told = <Type extends AccountFact['type']>(type: Type) =>
      profile.facts.filter((fact): fact is Extract<AccountFact, { type: Type }> => fact.type === type);

    it('sets chats for all devices, tells what is set on the phone, and a repeat changes nothing', async () => {
      const chat = userChat(contact.address);
      await world().until(() =>
        abilities()
          .chats.archive(chat, true, null)
          .then(
            () => true,
            () => false,
          ),
      );
      await world().until(() => profile.phone.isArchived(contact.address));
      await abilities().chats.archive(chat, true, null);
      await abilities().chats.archive(chat, false, null);
      await world().until(() => !profile.phone.isArchived(contact.address));
      await profile.phone.archive(contact.address);
      await world().until(() => told('chat_archived').at(-1)?.archived);
      expect(told('chat_archived').at(-1)).toMatchObject({ chat: { kind: 'user' }, source: 'app_state' });
    });

    it('tells again what was set while it was closed', async () => {
      await world().until(() =>
        abilities()
          .chats.archive(userChat(contact.address), false, null)
          .then(
            () => true,
            () => false,
          ),
      );
      await profile.connection.close();
      await profile.phone.archive(contact.address);
      await profile.reopen();
      await world().until(() => told('chat_archived').at(-1)?.archived);
    });

    it('says of each number whether it is registered, in the order of asking', async () => {
      const asked = [world().nobody.phone!, contact.address.phone!];
      expect(await abilities().people.check(asked)).toMatchObject([
        { phone: asked[0], status: 'unregistered', person: null },
        { phone: asked[1], status: 'registered', person: contact.address },
      ]);
    });

    it('knows both forms of an address, and says honestly what it does not know', async () => {
      const half = { phone: contact.address.phone, lid: null };
      const stranger = { phone: null, lid: '99999999999' };
      expect(await abilities().people.resolve([half, stranger])).toEqual([contact.address, stranger]);
    });

    it('shows what a person shows, null for nobody', async () => {
      contact.setAbout('Here I am');
      const [info, nobody] = await abilities().people.info([contact.address, world().nobody]);
      expect(info).toMatchObject({ person: contact.address, about: { text: 'Here I am', hidden: false } });
      expect(nobody).toBeNull();
    });

    it('blocks on all devices, and hears of it from them', async () => {
      await abilities().people.block(contact.address);
      expect(profile.phone.hasBlocked(contact.address)).toBe(true);
      await abilities().people.unblock(contact.address);
      profile.phone.block(contact.address);
      await world().until(() => told('block_changed').length > 2);
      expect(await abilities().people.blocked()).toEqual([contact.address]);
    });

    it('keeps the address book of the phone', async () => {
      await world().until(() =>
        abilities()
          .people.saveContact(contact.address, { fullName: 'Con Tact' })
          .then(
            () => true,
            () => false,
          ),
      );
      await world().until(() => profile.phone.contactNames().includes('Con Tact'));
      await abilities().people.removeContact(contact.address);
      await world().until(() => !profile.phone.contactNames().includes('Con Tact'));
      expect(told('person_named').map(({ names }) => names.saved)).toEqual(['Con Tact', null]);
    });

    it('tells of calls and refuses them, and says that it cannot make any', async () => {
      const callId = contact.ring(profile.address);
      await world().until(() => told('call').some((call) => call.callId === callId && call.state === 'ringing'));
      await abilities().calls.reject(callId, contact.address);
      await world().until(() => contact.isRefused(callId));
      const error = await abilities()
        .calls.place(contact.address, 'audio')
        .catch((reason) => reason);
      expect(error).toMatchObject({ code: 'not_supported', facts: { retryable: false, outcome: 'not_sent' } });
    });

    it('reads and changes what others see of the account', async () => {
      await abilities().ownProfile.setAbout('Open');
      expect(await abilities().ownProfile.read()).toMatchObject({
        address: profile.address,
        about: { text: 'Open' },
      });
      await abilities().privacy.set('lastSeen', 'none');
      expect(await abilities().privacy.read()).toMatchObject({ lastSeen: 'none' });
    });
  });
}
