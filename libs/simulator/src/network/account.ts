import type { BinaryNode } from '../baileys.js';
import type { World } from '../time/world.js';
import { SERVER } from '../wire/stanza.js';
import { AccountCard } from './accounts/account-card.js';
import { AppState } from './app-state.js';
import { Companion } from './companion.js';
import type { Device } from './device.js';
import { Faults } from './faults.js';
import { Restriction } from './restriction.js';

/**
 * How an account sees other people: by LID with the phone number beside it, or by phone number with the LID beside it.
 * One rule for all 1:1 traffic of an account; a mixture makes strict clients ask for retries.
 */
export type Addressing = 'lid' | 'pn';

const DEFAULT_PRIVACY = {
  readreceipts: 'all',
  last: 'all',
  online: 'all',
  profile: 'all',
  status: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};

/** One WhatsApp user: a phone number and a LID, with a phone and any number of companions. */
export class Account {
  readonly devices = new Map<number, Device>();
  readonly privacy = new Map<string, string>(Object.entries(DEFAULT_PRIVACY));
  /** LID addresses that this account has blocked. */
  readonly blocked = new Set<string>();
  /** Accounts it has exchanged messages with: they hear of its new and removed devices. */
  readonly peers = new Set<Account>();
  /** Devices that asked to be told when this account comes and goes. */
  readonly watchers = new Set<Device>();
  readonly appState = new AppState();
  /** Called after a companion was removed, whoever did it. */
  onCompanionRemoved?: () => void;
  /** What the server keeps about the person: address book, tokens, business… */
  readonly card = new AccountCard();
  readonly faults: Faults;
  readonly restriction: Restriction;
  about = 'Hey there! I am using WhatsApp.';
  pictureId?: string;
  nextDevice = 1;
  /** Called when what others may show of this account has changed: its name, its devices and who of them is there. */
  onChange?: () => void;

  constructor(
    /** Phone number, digits only. It changes only through the directory. */
    public number: string,
    /** The other, hidden identifier, digits only. */
    readonly lid: string,
    /** The push name. */
    public name: string,
    public addressing: Addressing,
    /** The time and the chance of its network. */
    readonly world: World,
  ) {
    this.restriction = new Restriction(this);
    this.faults = new Faults(
      (device) => this.companions.filter((one) => device === undefined || one.number === device),
      this.restriction,
      world.clock,
    );
  }

  get companions(): Companion[] {
    return [...this.devices.values()].filter((device) => device instanceof Companion);
  }

  address(form: Addressing, device = 0): string {
    const suffix = device ? `:${device}` : '';
    return form === 'lid' ? `${this.lid}${suffix}@lid` : `${this.number}${suffix}@${SERVER}`;
  }

  deliver(node: BinaryNode, options: { except?: Device; only?: number } = {}): void {
    for (const device of this.devices.values()) {
      if (device === options.except) continue;
      if (options.only === undefined || options.only === device.number) device.deliver(node);
    }
  }
}
