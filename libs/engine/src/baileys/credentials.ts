import { type AuthenticationCreds, BufferJSON, initAuthCreds } from '@whiskeysockets/baileys';
import type { Address } from '../address.js';
import { joinAddresses, parseJid } from '../address.js';

/** The stored credentials cannot be read: wrong encryption key, or damaged. They are never overwritten by us. */
export class CredentialsUnreadable extends Error {
  constructor(cause: unknown) {
    super('The stored credentials cannot be read.', { cause });
    this.name = 'CredentialsUnreadable';
  }
}

interface StoredCredentials {
  version: 1;
  creds: AuthenticationCreds;
  /** The phone removed this device: of no more use, kept until a person links anew. */
  endedByPhone?: true;
}

/** The credentials of one link with WhatsApp, and whether they have changed since they were last written. */
export class Credentials {
  private changed = false;
  private endedByPhone = false;

  private constructor(readonly creds: AuthenticationCreds) {}

  static fresh(): Credentials {
    return new Credentials(initAuthCreds());
  }

  /** @throws CredentialsUnreadable */
  static parse(bytes: Uint8Array): Credentials {
    try {
      const stored: StoredCredentials = JSON.parse(Buffer.from(bytes).toString('utf8'), BufferJSON.reviver);
      if (stored.version !== 1 || !stored.creds?.noiseKey) throw new Error('unknown form of credentials');
      const credentials = new Credentials(stored.creds);
      credentials.endedByPhone = stored.endedByPhone === true;
      return credentials;
    } catch (error) {
      throw new CredentialsUnreadable(error);
    }
  }

  /** True once a phone has accepted this device. */
  get isLinked(): boolean {
    return this.creds.account !== undefined && this.creds.me?.id !== undefined;
  }

  /** True when the phone ended the link: only a new link helps. */
  get isEnded(): boolean {
    return this.endedByPhone;
  }

  get self(): { address: Address; pushName: string | null } | undefined {
    const { me } = this.creds;
    const address = this.isLinked ? joinAddresses(parseJid(me?.id), parseJid(me?.lid)) : null;
    if (!address) return undefined;
    return { address, pushName: me?.name && me.name !== '~' ? me.name : null };
  }

  markChanged(): void {
    this.changed = true;
  }

  markEnded(): void {
    this.endedByPhone = true;
    this.changed = true;
  }

  /**
   * The bytes to write when something changed since the last call. Nothing is written before the device is linked: an
   * attempt to pair that failed leaves no trace.
   */
  take(): Uint8Array | null {
    if (!this.changed || !this.isLinked) return null;
    this.changed = false;
    const stored: StoredCredentials = { version: 1, creds: this.creds };
    if (this.endedByPhone) stored.endedByPhone = true;
    return Buffer.from(JSON.stringify(stored, BufferJSON.replacer));
  }

  /** The write of what `take` gave did not succeed. */
  giveBack(): void {
    this.changed = true;
  }
}
