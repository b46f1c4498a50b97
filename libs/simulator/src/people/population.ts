import type { Changes } from '../changes.js';
import type { MediaHost } from '../media/host.js';
import type { Account, Addressing } from '../network/account.js';
import type { Companion } from '../network/companion.js';
import { type Directory, digits } from '../network/directory.js';
import type { Network } from '../network/network.js';
import type { Counters } from '../network/observation.js';
import type { Problems } from '../network/problems.js';
import { nameOf } from '../network/router.js';
import type { SavedHolder } from '../snapshot.js';
import type { World } from '../time/world.js';
import { stanza } from '../wire/stanza.js';
import { Abilities } from './abilities.js';
import { Person } from './person.js';
import { Phone } from './phone.js';
import { Sink } from './sink.js';
import type { SinkOptions } from './sink-receipts.js';

export interface PersonOptions {
  /** The push name that others see. */
  name?: string;
  addressing?: Addressing;
}

/** Who holds the accounts of a simulation: people with phones, and sinks. An account is held by one of the two. */
export class Population {
  private readonly people = new Map<string, Person>();
  private readonly sinks = new Map<string, Sink>();

  constructor(
    private readonly parts: {
      network: Network;
      directory: Directory;
      media: MediaHost;
      problems: Problems;
      counters: Counters;
      world: World;
      changes: Changes;
      inboxLimit: number;
    },
  ) {}

  get persons(): Iterable<Person> {
    return this.people.values();
  }

  findPerson(number: string): Person | undefined {
    return this.people.get(digits(number));
  }

  findSink(number: string): Sink | undefined {
    return this.sinks.get(digits(number));
  }

  /** The account with this number; a person gets it when nobody has. */
  accountOf(number: string): Account {
    return this.findSink(number)?.account ?? this.person(number).account;
  }

  /** Made on first use. @throws when a sink has the number */
  person(number: string, options: PersonOptions = {}): Person {
    const { network, directory, media, problems, counters, world, inboxLimit } = this.parts;
    const account = directory.ensure(digits(number), options);
    const known = this.people.get(account.number);
    if (known) return known;
    if (this.sinks.has(account.number)) throw new Error(`${account.number} is a sink`);
    const { router, receipts, presence, rooms, profiles, tokens, calls, linking } = network;
    const phone = new Phone(account, {
      ...{ router, receipts, presence, rooms, directory, media, problems, counters, inboxLimit },
    });
    const abilities = new Abilities(phone, {
      ...{ directory, profiles, tokens, calls, linking, media, problems },
      meet: (other) => this.accountOf(other),
    });
    const report = (detail: string) => problems.add('simulator-error', account.number, detail);
    const person = new Person(phone, directory, media, report, abilities);
    this.people.set(account.number, person);
    abilities.number.onChanged = (earlier, oldAddress) => this.renumbered(person, earlier, oldAddress);
    this.watch(person);
    counters.add('people');
    world.journal?.account(account, false);
    phone.connect();
    return person;
  }

  /** Made on first use; options replace earlier ones. @throws when a person has the number */
  sink(number: string, options?: SinkOptions): Sink {
    const { network, directory, counters, world, inboxLimit } = this.parts;
    const account = directory.ensure(digits(number));
    const known = this.sinks.get(account.number);
    if (known) {
      if (options) known.options = options;
      return known;
    }
    if (this.people.has(account.number)) throw new Error(`${account.number} is a person`);
    const sink = new Sink(account, directory, network.receipts, inboxLimit);
    this.sinks.set(account.number, sink);
    counters.add('sinks');
    world.journal?.account(account, true);
    if (options) sink.options = options;
    return sink;
  }

  /** The LID and the chats stay. @throws when nobody has the number */
  changeNumber(number: string, next: string): Person {
    const person = this.findPerson(number);
    if (!person) throw new Error(`nobody has the number ${number} in this simulation`);
    person.changeNumber(next);
    return person;
  }

  /** A companion has caught up: the phone gives a new one what it has to know. */
  welcome(companion: Companion): void {
    const person = this.people.get(companion.account.number);
    if (!person || !companion.needsBootstrap) return;
    companion.needsBootstrap = false;
    person.abilities
      .welcome(companion)
      .catch((error: Error) => this.parts.problems.add('simulator-error', nameOf(companion), String(error.stack)));
  }

  /** Until the phones have done what they were at. */
  async idle(): Promise<void> {
    for (const { phone } of this.people.values()) await phone.idle();
  }

  save(number: string): SavedHolder {
    const person = this.people.get(number);
    if (!person) return { kind: 'sink', options: this.sinks.get(number)?.options };
    const { phone, habits, isOnline } = person;
    const queue = [...phone.device.queue].map(({ node }) => node);
    return {
      kind: 'person',
      ...{ isOnline, habits, queue },
      behaviours: person.behaviours.list,
      phone: phone.snapshot(),
      abilities: person.abilities.snapshot(),
    };
  }

  restore(number: string, saved: SavedHolder): void {
    if (saved.kind === 'sink') {
      this.sink(number, saved.options);
      return;
    }
    const person = this.person(number);
    person.goOffline();
    person.habits = saved.habits;
    person.behaviours.replace(saved.behaviours ?? []);
    person.phone.restore(saved.phone);
    person.abilities.restore(saved.abilities);
    for (const node of saved.queue) person.phone.device.queue.add(node);
    person.phone.device.queue.remembersAll = false;
    if (saved.isOnline) person.goOnline();
  }

  private renumbered(person: Person, earlier: string, oldAddress: string): void {
    this.people.delete(earlier);
    this.people.set(person.number, person);
    // Changes are told under the number that the person has.
    this.watch(person);
    // Baileys reads the old address from it (`GROUP_PARTICIPANT_CHANGE_NUMBER`).
    const { groups } = this.parts.network.rooms.groups;
    const change = stanza('modify', {}, [stanza('participant', { jid: oldAddress })]);
    for (const group of groups.of(person.account)) groups.notices.changed(group, person.account, change);
  }

  private watch({ account, phone }: Person): void {
    const { changes } = this.parts;
    const { number } = account;
    account.onChange = () => changes.emit(() => ({ kind: 'person', number }));
    phone.inbox.onAppend = (message) => changes.emit(() => ({ kind: 'message', number, record: message.toJSON() }));
    phone.receipts.onAppend = (record) => changes.emit(() => ({ kind: 'receipt', number, record }));
    phone.typing.onAppend = (record) => changes.emit(() => ({ kind: 'typing', number, record }));
    phone.chats.onChange = () => changes.emit(() => ({ kind: 'chats', number }));
    account.onChange();
  }
}
