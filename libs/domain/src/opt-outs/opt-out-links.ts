import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { ProfileId } from '#contracts';
import type { Address } from '#engine';

/** Where the page is, below the address of the installation. */
export const OPT_OUT_PATH = '/api/v1/opt-out/';
const MAC_BYTES = 16;
/** Profile (16), what the number is (1), the number (8). */
const CONTENT_BYTES = 25;
const TOKEN = /^[A-Za-z0-9_-]{55}$/;

/** Whom a link opts out of the campaigns of which profile. */
export interface OptOutLinkTarget {
  profileId: ProfileId;
  address: Address;
}

/**
 * The links with which people opt out of the campaigns of a profile. A link holds the profile and the number, sealed, so
 * that it needs no row, works for ever, survives merges of contacts, and tells nobody anything; the same person gets the
 * same link. Only this installation can make one.
 */
export class OptOutLinks {
  private readonly macKey: Buffer;
  private readonly sealKey: Buffer;

  constructor(
    encryptionKey: string,
    /** Without a slash at its end. */
    private readonly publicUrl: string,
  ) {
    const keyFor = (use: string) => Buffer.from(hkdfSync('sha256', encryptionKey, '', `waypost opt-out ${use}`, 32));
    this.macKey = keyFor('mac');
    this.sealKey = keyFor('seal');
  }

  /**
   * The link for somebody: what `{{opt_out_link}}` in a campaign's text stands for.
   * @param address as the campaign writes to it; its phone number where it has one
   */
  linkFor(profileId: ProfileId, address: Address): string {
    return `${this.publicUrl}${OPT_OUT_PATH}${this.tokenFor(profileId, address)}`;
  }

  tokenFor(profileId: ProfileId, { phone, lid }: Address): string {
    const content = Buffer.alloc(CONTENT_BYTES);
    content.write(profileId.replaceAll('-', ''), 'hex');
    content[16] = phone === null ? 1 : 0;
    content.writeBigUInt64BE(BigInt(phone ?? lid!), 17);
    // The check is the start of the cipher too, so that equal content gives equal links and nothing else does.
    const mac = this.mac(content);
    const cipher = createCipheriv('aes-256-ctr', this.sealKey, mac);
    return Buffer.concat([mac, cipher.update(content), cipher.final()]).toString('base64url');
  }

  /** Null when the token is not one of ours. */
  open(token: string): OptOutLinkTarget | null {
    if (!TOKEN.test(token)) return null;
    const bytes = Buffer.from(token, 'base64url');
    const mac = bytes.subarray(0, MAC_BYTES);
    const decipher = createDecipheriv('aes-256-ctr', this.sealKey, mac);
    const content = Buffer.concat([decipher.update(bytes.subarray(MAC_BYTES)), decipher.final()]);
    if (!timingSafeEqual(mac, this.mac(content))) return null;
    const number = content.readBigUInt64BE(17).toString();
    const hex = content.toString('hex', 0, 16);
    const profileId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as ProfileId;
    return { profileId, address: content[16] === 1 ? { phone: null, lid: number } : { phone: number, lid: null } };
  }

  private mac(content: Buffer): Buffer {
    return createHmac('sha256', this.macKey).update(content).digest().subarray(0, MAC_BYTES);
  }
}
