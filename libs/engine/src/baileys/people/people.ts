import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { NumberCheck, PeopleAbility, PersonInfo, Picture } from '../../abilities/people.js';
import { type Address, joinAddresses, parseJid } from '../../address.js';
import { EngineError } from '../../engine.js';
import type { AppStateSync } from '../app-state/app-state-sync.js';
import { settingChanges } from '../app-state/setting-changes.js';
import { ask } from '../ask.js';
import type { LiveSocket } from '../live-socket.js';
import type { PeopleDirectory } from './people-directory.js';
import { isSame } from './people-directory.js';
import type { PictureOwner, Pictures } from './pictures.js';

const unknownAbout = { text: null, setAt: null, hidden: false };

/** See `PeopleAbility`. */
export class BaileysPeople implements PeopleAbility {
  constructor(
    private readonly live: LiveSocket,
    private readonly directory: PeopleDirectory,
    private readonly pictures: Pictures,
    private readonly settings: AppStateSync,
  ) {}

  async check(phones: string[]): Promise<NumberCheck[]> {
    const asked = [...new Set(phones)].filter(isPlausible);
    const answers = await this.directory.ask(
      ['business', 'contact', 'lid'],
      asked.map((phone) => ({ phone })),
    );
    const byPhone = new Map(answers.map((answer) => [answer.askedPhone ?? answer.person?.phone, answer]));
    return phones.map((phone) => {
      const answer = byPhone.get(phone);
      const none = { phone, person: null, isBusiness: null, verifiedName: null };
      if (!isPlausible(phone) || answer?.contact === 'invalid') return { ...none, status: 'invalid' };
      if (answer?.contact !== 'in') return { ...none, status: 'unregistered' };
      const { person, isBusiness, verifiedName } = answer;
      return {
        phone,
        status: 'registered',
        person: joinAddresses(person, { phone, lid: null }),
        isBusiness,
        verifiedName,
      };
    });
  }

  async resolve(people: Address[]): Promise<Address[]> {
    const known = await Promise.all(people.map((person) => this.live.book.complete(person)));
    const missing = known.filter(({ phone, lid }) => phone && !lid);
    if (missing.length === 0) return known;
    const answers = await this.directory.about(['lid'], missing);
    const found = answers.flatMap((answer) => answer?.person ?? []);
    return known.map((person) => joinAddresses(person, found.find((each) => isSame(each, person)) ?? null)!);
  }

  async info(people: Address[]): Promise<(PersonInfo | null)[]> {
    const topics = ['business', 'status', 'picture', 'devices', 'disappearing_mode', 'lid'] as const;
    const answers = await this.directory.about([...topics], people);
    return Promise.all(
      answers.map(async (answer, index) => {
        // Of nobody the server says nothing, or that there are no devices.
        if (!answer?.devices) return null;
        const { about, pictureId, isBusiness, verifiedName, devices, disappearsInSeconds } = answer;
        const person = await this.live.book.complete(joinAddresses(people[index]!, answer.person)!);
        return {
          ...{ person, pictureId, isBusiness, verifiedName, devices, disappearsInSeconds },
          about: about ?? unknownAbout,
        };
      }),
    );
  }

  async devices(people: Address[]): ReturnType<PeopleAbility['devices']> {
    const answers = await this.directory.about(['devices', 'lid'], people);
    return answers.map((answer, index) => ({
      person: joinAddresses(people[index]!, answer?.person ?? null)!,
      devices: answer?.devices ?? [],
    }));
  }

  picture(of: PictureOwner, size: 'preview' | 'full', known: string | null): Promise<Picture> {
    return this.pictures.find(of, size, known);
  }

  pictureBytes(of: PictureOwner, size: 'preview' | 'full'): ReturnType<PeopleAbility['pictureBytes']> {
    return this.pictures.bytes(of, size);
  }

  block(person: Address): Promise<void> {
    return this.setBlocked(person, true);
  }

  unblock(person: Address): Promise<void> {
    return this.setBlocked(person, false);
  }

  async blocked(): Promise<Address[]> {
    const answer = await ask('reading the block list', () => this.live.socket().query(blockListIq('get')));
    const people = await Promise.all(readBlockList(answer).map((person) => this.live.book.complete(person)));
    this.live.facts.add({ type: 'block_list', at: new Date(), source: 'lookup', people });
    return people;
  }

  async saveContact(person: Address, names: { fullName: string; firstName?: string }): Promise<void> {
    await this.settings.push(settingChanges.saveContact(await this.live.book.complete(person), names));
  }

  async removeContact(person: Address): Promise<void> {
    await this.settings.push(settingChanges.removeContact(await this.live.book.complete(person)));
  }

  /** The server wants the LID, and with a block the phone number beside it (whatsmeow, privacysettings and user.go). */
  private async setBlocked(person: Address, blocked: boolean): Promise<void> {
    const [{ phone, lid } = person] = await this.resolve([person]);
    if (!lid || (blocked && !phone)) {
      throw new EngineError('not_found', 'WhatsApp does not know this person by number and LID. (blocking)', {
        retryable: false,
        outcome: 'not_sent',
      });
    }
    const item: BinaryNode = {
      tag: 'item',
      attrs: {
        action: blocked ? 'block' : 'unblock',
        jid: `${lid}@lid`,
        ...(blocked ? { pn_jid: `${phone}@s.whatsapp.net` } : {}),
      },
    };
    await ask('changing the block list', () => this.live.socket().query(blockListIq('set', item)));
    this.live.facts.add({ type: 'block_changed', at: new Date(), source: 'lookup', person: { phone, lid }, blocked });
  }
}

const isPlausible = (phone: string): boolean => /^[1-9]\d{4,14}$/.test(phone);

function blockListIq(type: 'get' | 'set', item?: BinaryNode): BinaryNode {
  return {
    tag: 'iq',
    attrs: { xmlns: 'blocklist', to: 's.whatsapp.net', type },
    ...(item ? { content: [item] } : {}),
  };
}

function readBlockList(answer: BinaryNode): Address[] {
  return getBinaryNodeChildren(getBinaryNodeChild(answer, 'list'), 'item').flatMap(
    ({ attrs }) => joinAddresses(parseJid(attrs.jid), parseJid(attrs.pn_jid)) ?? [],
  );
}
