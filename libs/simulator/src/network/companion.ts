import { proto } from '../baileys.js';
import type { Account } from './account.js';
import { Device } from './device.js';
import type { Faults } from './faults.js';
import type { CompanionKeys } from './keys.js';

/** What a linked client proved about itself when it was paired. */
export interface CompanionIdentity {
  number: number;
  /** Its Noise static key: whoever logs in as this device must hold it. */
  noiseKey: Buffer;
  /** The signed device identity that other clients get with its prekeys. */
  signedIdentity: Buffer;
  /** What it said about itself: platform, and which history it wants. */
  deviceProps?: Buffer;
}

/** The connection of a companion, as far as others may act on it. */
export interface CompanionLink {
  cut(): void;
  stall(): void;
  resume(): void;
  /** Forgets the connection while the client still holds it open. */
  abandon(): void;
  /** Says why, in the way the service uses for this code, then closes. 428 closes without a word. */
  closeWith(code: number): void;
}

/** A device that was linked by scanning a QR code or entering a pairing code. */
export class Companion extends Device {
  /** The connection that is logged in as this device now. */
  link?: CompanionLink;
  /** True until the phone has sent it the first keys and history. */
  needsBootstrap = true;

  constructor(
    account: Account,
    readonly identity: CompanionIdentity,
    override readonly keys: CompanionKeys,
  ) {
    super(account, identity.number, keys);
  }

  /** True for a client that asked for all messages, not only recent ones. */
  get wantsFullHistory(): boolean {
    const { deviceProps } = this.identity;
    return deviceProps ? (proto.DeviceProps.decode(deviceProps).requireFullSync ?? false) : false;
  }

  override get faults(): Faults {
    return this.account.faults;
  }
}
