import type { Account } from '../network/account.js';
import { audienceOf } from '../network/accounts/audience.js';
import { type Directory, digits } from '../network/directory.js';
import type { Linking } from '../network/linking.js';
import { notification, stanza } from '../wire/stanza.js';
import type { Phone } from './phone.js';

/** What happens to an account as a whole: WhatsApp is installed anew, or the person takes another number. */
export class PersonNumber {
  private readonly account: Account;
  /** Called when the person has another number, with the number and the address from before. */
  onChanged?: (earlier: string, oldAddress: string) => void;

  constructor(
    private readonly phone: Phone,
    private readonly directory: Directory,
    private readonly linking: Linking,
  ) {
    this.account = phone.account;
  }

  /**
   * Installs WhatsApp again: new keys, no sessions, and linked devices are gone. Everybody who talked to the person is
   * told that the identity changed (`encrypt` › `identity`, as Baileys `identity-change-handler` reads it).
   */
  reinstall(): void {
    this.unlinkAll();
    this.phone.signal.reinstall();
    for (const other of audienceOf(this.account, this.directory)) {
      other.deliver(notification('encrypt', [stanza('identity')], this.account.address(other.addressing)));
    }
  }

  /**
   * Takes another phone number. The LID stays, so that chats go on; linked devices are gone. Others get `contacts` ›
   * `modify`, the form in which WA Web hears of it; Baileys acknowledges it and does no more. Throws when somebody has the
   * number already.
   */
  change(next: string): void {
    const number = digits(next);
    this.directory.checkFree(number);
    this.unlinkAll();
    const old = this.account.address('pn');
    const earlier = this.account.number;
    this.directory.renumber(this.account, number);
    const { clock } = this.account.world;
    const change = stanza('modify', { old, new: this.account.address('pn'), new_lid: this.account.address('lid') });
    for (const other of audienceOf(this.account, this.directory)) {
      const node = notification('contacts', [change], this.account.address(other.addressing));
      other.deliver({ ...node, attrs: { ...node.attrs, t: String(Math.floor(clock.now() / 1000)) } });
    }
    this.onChanged?.(earlier, old);
  }

  private unlinkAll(): void {
    for (const companion of this.account.companions) this.linking.remove(companion, 'phone');
  }
}
