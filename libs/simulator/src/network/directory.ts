import { createHash } from 'node:crypto';
import { jidDecode } from '../baileys.js';
import type { World } from '../time/world.js';
import { Account, type Addressing } from './account.js';
import type { Device } from './device.js';

/** A phone number as people write it, without what only helps the eye. */
export const digits = (number: string): string => number.replace(/[+\s()-]/g, '');

/** Every account of the simulated network, by phone number and by LID. */
export class Directory {
  private readonly byNumber = new Map<string, Account>();
  private readonly byLid = new Map<string, Account>();

  constructor(
    private readonly defaultAddressing: Addressing,
    readonly world: World,
  ) {}

  get accounts(): IterableIterator<Account> {
    return this.byNumber.values();
  }

  get size(): number {
    return this.byNumber.size;
  }

  /** The account of a phone number, made on first use. */
  ensure(number: string, options: { name?: string; addressing?: Addressing; lid?: string } = {}): Account {
    if (!/^\d{5,15}$/.test(number)) throw new Error(`not a phone number (5 to 15 digits): "${number}"`);
    let account = this.byNumber.get(number);
    if (!account) {
      const lid = options.lid ?? this.freeLid(number);
      const { name = number, addressing = this.defaultAddressing } = options;
      account = new Account(number, lid, name, addressing, this.world);
      this.byNumber.set(number, account);
      this.byLid.set(lid, account);
      return account;
    }
    if (options.name !== undefined) account.name = options.name;
    if (options.addressing !== undefined) account.addressing = options.addressing;
    if (options.name !== undefined || options.addressing !== undefined) account.onChange?.();
    return account;
  }

  /** Throws when nobody can take this number. */
  checkFree(number: string): void {
    if (!/^\d{5,15}$/.test(number)) throw new Error(`not a phone number (5 to 15 digits): "${number}"`);
    if (this.byNumber.has(number)) throw new Error(`somebody has the number ${number} already`);
  }

  /** Gives an account another number. Its LID stays. Throws when somebody has that number. */
  renumber(account: Account, number: string): void {
    this.checkFree(number);
    this.byNumber.delete(account.number);
    account.number = number;
    this.byNumber.set(number, account);
  }

  find(number: string): Account | undefined {
    return this.byNumber.get(number);
  }

  /** The account behind an address of either form, whatever device it names. */
  accountAt(jid: string | undefined): Account | undefined {
    const decoded = jidDecode(jid);
    if (!decoded) return undefined;
    if (decoded.server === 'lid') return this.byLid.get(decoded.user);
    return decoded.server === 's.whatsapp.net' ? this.byNumber.get(decoded.user) : undefined;
  }

  /** The very device that an address names; without a device part, the phone. */
  deviceAt(jid: string | undefined): Device | undefined {
    return this.accountAt(jid)?.devices.get(jidDecode(jid)?.device ?? 0);
  }

  /** Derived from the number, so that a test that names numbers sees the same LIDs every time. */
  private freeLid(number: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const digest = createHash('sha256').update(`${number}/${attempt}`).digest();
      const lid = `1${(digest.readBigUInt64BE() % 100_000_000_000_000n).toString().padStart(14, '0')}`;
      if (!this.byLid.has(lid)) return lid;
    }
  }
}
