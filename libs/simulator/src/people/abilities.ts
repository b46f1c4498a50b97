import type { BinaryNode, proto } from '../baileys.js';
import type { MediaHost } from '../media/host.js';
import type { Account } from '../network/account.js';
import type { PrivacyTokens } from '../network/accounts/privacy-tokens.js';
import type { Profiles } from '../network/accounts/profiles.js';
import type { Calls } from '../network/calls.js';
import type { Companion } from '../network/companion.js';
import type { Directory } from '../network/directory.js';
import type { Linking } from '../network/linking.js';
import type { Problems } from '../network/problems.js';
import { PersonSettings } from './app-state/person-settings.js';
import { SettingsKeeper } from './app-state/settings-keeper.js';
import { PersonHistory } from './history/person-history.js';
import type { SavedArchive } from './history/phone-archive.js';
import { PersonCalls } from './person-calls.js';
import { PersonFiles } from './person-files.js';
import { PersonNumber } from './person-number.js';
import { PersonProfile } from './person-profile.js';
import type { Phone } from './phone.js';
import type { PhoneTask } from './phone-task.js';

/** The parts of the network that abilities use. */
export interface AbilityServices {
  directory: Directory;
  profiles: Profiles;
  tokens: PrivacyTokens;
  calls: Calls;
  linking: Linking;
  media: MediaHost;
  problems: Problems;
  /** The account of a number. Who has none is made, with a phone. */
  meet(number: string): Account;
}

export interface SavedAbilities {
  history: SavedArchive;
}

/** What a person can do besides exchanging messages. */
export class Abilities implements PhoneTask {
  readonly settings: PersonSettings;
  readonly history: PersonHistory;
  readonly profile: PersonProfile;
  readonly calls: PersonCalls;
  readonly files: PersonFiles;
  readonly number: PersonNumber;
  private readonly tasks: PhoneTask[];

  constructor(
    private readonly phone: Phone,
    services: AbilityServices,
  ) {
    const { directory, media, problems } = services;
    this.settings = new PersonSettings({ account: phone.account, media, problems }, directory);
    this.history = new PersonHistory(phone, directory, media, this.settings, services.meet);
    this.profile = new PersonProfile(phone, services.profiles, directory, services.tokens);
    this.calls = new PersonCalls(phone, services.calls, directory);
    this.files = new PersonFiles(phone, media, this.history.archive);
    this.number = new PersonNumber(phone, directory, services.linking);
    const keeper = new SettingsKeeper(phone, this.settings);
    this.tasks = [keeper, this.history, this.calls, this.files];
    phone.account.onCompanionRemoved = () => void keeper.renewKey();
    phone.tasks.push(this);
  }

  /** A newly linked companion gets the keys of the settings and the history. */
  async welcome(companion: Companion): Promise<void> {
    await this.phone.sendPeer(companion, this.settings.sync.keyShare(companion));
    await this.history.sendAll(companion);
  }

  async take(node: BinaryNode): Promise<void> {
    for (const task of this.tasks) await task.take?.(node);
  }

  async takePeer(from: Companion, message: proto.IMessage, id: string): Promise<void> {
    for (const task of this.tasks) await task.takePeer?.(from, message, id);
  }

  snapshot(): SavedAbilities {
    return { history: this.history.snapshot() };
  }

  /** Also catches up with what the server has kept of the settings. */
  restore(saved: SavedAbilities | undefined): void {
    if (saved) this.history.restore(saved.history);
    void this.settings.sync.pull();
  }
}
