import type { Account } from '../network/account.js';
import type { Business } from '../network/accounts/business.js';
import type { PrivacySetting } from '../network/accounts/privacy.js';
import type { PrivacyTokens } from '../network/accounts/privacy-tokens.js';
import type { Profiles } from '../network/accounts/profiles.js';
import type { Directory } from '../network/directory.js';
import { type DirtyKind, markDirty } from '../network/dirty-bits.js';
import { drawnPicture } from './history/drawn-picture.js';
import type { Phone } from './phone.js';

/** What others see of a person, and whom the person lets see it; changed on the phone. */
export class PersonProfile {
  private readonly account: Account;

  constructor(
    private readonly phone: Phone,
    private readonly profiles: Profiles,
    private readonly directory: Directory,
    private readonly tokens: PrivacyTokens,
  ) {
    this.account = phone.account;
  }

  get about(): string {
    return this.account.about;
  }

  get pictureId(): string | undefined {
    return this.account.pictureId;
  }

  setAbout(text: string): void {
    this.profiles.setAbout(this.account, text, this.phone.device);
  }

  /** Sets the profile picture; without an image, one is drawn. Returns its id. */
  setPicture(image?: Uint8Array): string {
    const drawn = image ?? drawnPicture(this.account.world.random.fork(`picture/${this.account.number}`), 200);
    const id = this.profiles.setPicture(this.account, Buffer.from(drawn), this.phone.device);
    if (!id) throw new Error('the picture is empty');
    return id;
  }

  removePicture(): void {
    this.profiles.setPicture(this.account, undefined, this.phone.device);
  }

  /** Changes a privacy setting; `except` names the people that `contact_blacklist` leaves out. */
  setPrivacy(setting: PrivacySetting, value: string, except: string[] = []): void {
    const exempt = except.map((number) => this.known(number));
    const options = { by: this.phone.device, ...(exempt.length ? { exempt } : {}) };
    if (!this.profiles.setPrivacy(this.account, setting, value, options)) {
      throw new Error(`the privacy setting ${setting} cannot be "${value}"`);
    }
  }

  privacy(setting: PrivacySetting): string {
    return this.account.privacy.get(setting) ?? 'all';
  }

  block(number: string): void {
    this.profiles.block(this.account, this.known(number), this.phone.device);
  }

  unblock(number: string): void {
    this.profiles.unblock(this.account, this.known(number), this.phone.device);
  }

  /** Phone numbers of blocked people. */
  get blocked(): string[] {
    return [...this.account.blocked].flatMap((jid) => this.directory.accountAt(jid)?.number ?? []);
  }

  /** Gives somebody the token that makes their messages wanted; phones do it when they write to them. */
  giveToken(number: string): void {
    const { clock } = this.account.world;
    this.tokens.issue(this.account, this.known(number), Math.floor(clock.now() / 1000));
  }

  /** True when somebody has given this person a token that is still good. */
  hasTokenFrom(number: string): boolean {
    return this.tokens.isWarm(this.account, this.known(number));
  }

  /** How long new chats keep messages, in seconds; 0 for ever. */
  setDisappearing(seconds: number): void {
    this.profiles.setDisappearing(this.account, seconds, this.phone.device);
  }

  /** The name under which the person can be found without a phone number. */
  setUsername(username: string | undefined): void {
    this.account.card.username = username;
  }

  /** The server tells every client of the account to fetch something anew, now or at its next login. */
  markDirty(kind: DirtyKind): void {
    markDirty(this.account, kind);
  }

  /** Makes the account a WhatsApp Business account and returns what it shows, to be changed in place. */
  get business(): Business {
    return this.account.card.ensureBusiness();
  }

  get isBusiness(): boolean {
    return this.account.card.business !== undefined;
  }

  private known(number: string): Account {
    const account = this.directory.find(number);
    if (!account) throw new Error(`nobody has the number ${number} in this simulation`);
    return account;
  }
}
