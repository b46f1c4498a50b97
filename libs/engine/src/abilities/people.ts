import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';

/** Whether a phone number is on WhatsApp. */
export interface NumberCheck {
  /** As it was asked for. */
  phone: string;
  /** `invalid`: no number that WhatsApp would take. */
  status: 'registered' | 'unregistered' | 'invalid';
  /** Of a registered number; the LID where WhatsApp tells it. */
  person: Address | null;
  /** Whether it is a WhatsApp Business account; null of numbers that are not registered. */
  isBusiness: boolean | null;
  /** The name of a business as WhatsApp has verified it. */
  verifiedName: string | null;
}

/** The about text of a person; `hidden`: WhatsApp does not show it to this account. */
export interface About {
  text: string | null;
  setAt: Date | null;
  hidden: boolean;
}

/** A device that a person uses WhatsApp with. WhatsApp tells numbers only: 0 is the phone. */
export interface DeviceInfo {
  device: number;
  isPhone: boolean;
}

/** What WhatsApp tells about a person. What it does not tell is null. */
export interface PersonInfo {
  person: Address;
  about: About;
  /** Null: none, or not shown to this account. */
  pictureId: string | null;
  isBusiness: boolean;
  verifiedName: string | null;
  devices: DeviceInfo[];
  /** How long new chats with them keep messages; null: as long as nobody deletes them. */
  disappearsInSeconds: number | null;
}

/**
 * The picture of a person or a group. `none`: there is none; `hidden`: WhatsApp does not show it to this account;
 * `unchanged`: it is still the one that the caller has.
 */
export type Picture =
  | { outcome: 'found'; id: string /** Of WhatsApp's own host; ends to work after some days. */; url: string }
  | { outcome: 'none' | 'hidden' | 'unchanged' };

/** People, as far as WhatsApp tells of them. */
export interface PeopleAbility {
  /**
   * Which of these numbers are on WhatsApp, in the order of asking. Asked in portions and paced: WhatsApp restricts
   * accounts that ask about many strangers.
   * @param phones digits with country code
   */
  check(phones: string[]): Promise<NumberCheck[]>;
  /**
   * Both forms of each address. What is known here is not asked for; a LID leads to a phone number only when this account
   * has learnt it, as nobody can be asked for that.
   */
  resolve(people: Address[]): Promise<Address[]>;
  /** In the order of asking; null for who is not on WhatsApp. */
  info(people: Address[]): Promise<(PersonInfo | null)[]>;
  /** Their devices, our own account's included. */
  devices(people: Address[]): Promise<{ person: Address; devices: DeviceInfo[] }[]>;
  /** @param known the id of the picture that the caller has */
  picture(of: Address | { groupId: string }, size: 'preview' | 'full', known: string | null): Promise<Picture>;
  /** The picture itself, a JPEG; null where there is none or it is hidden. */
  pictureBytes(
    of: Address | { groupId: string },
    size: 'preview' | 'full',
  ): Promise<{ id: string; bytes: Uint8Array } | null>;
  /** Who is blocked can neither write nor call nor see more than a stranger. */
  block(person: Address): Promise<void>;
  unblock(person: Address): Promise<void>;
  /** Everybody who is blocked. Tells the sink too. */
  blocked(): Promise<Address[]>;
  /** Puts a person into the phone's address book, or renames them there. @throws as `ChatsAbility` */
  saveContact(person: Address, names: { fullName: string; firstName?: string }): Promise<void>;
  /** Takes them out again; chat and messages stay. @throws as `ChatsAbility` */
  removeContact(person: Address): Promise<void>;
}

export const peopleMethods: MethodsOf<PeopleAbility> = {
  check: 'reads',
  resolve: 'reads',
  info: 'reads',
  devices: 'reads',
  picture: 'reads',
  pictureBytes: 'reads',
  block: 'changes',
  unblock: 'changes',
  blocked: 'reads',
  saveContact: 'changes',
  removeContact: 'changes',
};
