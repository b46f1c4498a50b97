import type { Address } from '../address.js';
import type { MethodsOf } from './ability.js';
import type { About, DeviceInfo } from './people.js';

/** What others see of this account. */
export interface OwnProfile {
  address: Address;
  pushName: string | null;
  about: About;
  pictureId: string | null;
  isBusiness: boolean;
  verifiedName: string | null;
}

/** The longest that WhatsApp's own clients take. */
export const ownProfileLimits = { nameCharacters: 25, aboutCharacters: 139 } as const;

/** What others see of this account, and the devices that are linked to it. */
export interface OwnProfileAbility {
  read(): Promise<OwnProfile>;
  /** The name that others see who have not saved another. Goes to all devices of the account. @throws as `ChatsAbility` */
  setName(name: string): Promise<void>;
  setAbout(about: string): Promise<void>;
  /**
   * Sets the picture: any image that is readable, cut to a square of 640 pixels.
   * @throws EngineError `refused_as_invalid` when it is no image
   * @returns its id, null when WhatsApp told none
   */
  setPicture(image: Uint8Array): Promise<{ pictureId: string | null }>;
  removePicture(): Promise<void>;
  /** The devices of this account. WhatsApp tells their numbers, no names. */
  devices(): Promise<(DeviceInfo & { isThis: boolean })[]>;
  /** @throws EngineError `not_supported`: only the phone can remove another linked device */
  unlinkDevice(device: number): Promise<void>;
}

export const ownProfileMethods: MethodsOf<OwnProfileAbility> = {
  read: 'reads',
  setName: 'changes',
  setAbout: 'changes',
  setPicture: 'changes',
  removePicture: 'changes',
  devices: 'reads',
  unlinkDevice: 'changes',
};
