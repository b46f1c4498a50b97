import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readDialled } from './dialled-number.js';

/**
 * A WhatsApp user by phone number, by LID, or by both. The only file of the product that knows JIDs; everyone else
 * holds an `Address`. At least one of the two is set.
 */
export interface Address {
  /** Digits with country code, no plus. */
  phone: string | null;
  /** Digits of the LID. */
  lid: string | null;
}

const PHONE_SERVER = 's.whatsapp.net';
const LID_SERVER = 'lid';

/**
 * Reads a recipient as callers write it: a phone number with country code (plus, spaces and dashes tolerated),
 * `<phone>@s.whatsapp.net`, `<phone>@c.us` or `<lid>@lid`. Null when it is none of them.
 */
export function parseRecipient(input: string): Address | null {
  const trimmed = input.trim();
  const jid = /^(\d{5,20})@(s\.whatsapp\.net|c\.us|lid)$/.exec(trimmed);
  if (jid) return jid[2] === LID_SERVER ? { phone: null, lid: jid[1]! } : phoneAddress(jid[1]!);
  if (!/^\+?[\d\s().-]{7,30}$/.test(trimmed)) return null;
  return phoneAddress(trimmed.replace(/\D/g, ''));
}

/**
 * Digits with country code. No country code begins with 0: such a number is one as dialled at home (0151…) or with the
 * prefix for abroad (0049…), and where it leads depends on who dials. A national prefix behind the country code (+44 0…)
 * is taken out when that makes a valid number, and only then.
 */
function phoneAddress(digits: string): Address | null {
  if (!/^[1-9]\d{6,14}$/.test(digits)) return null;
  const parsed = parsePhoneNumberFromString(`+${digits}`);
  return { phone: parsed?.isValid() ? parsed.number.slice(1) : digits, lid: null };
}

/**
 * Reads a phone number as people write it. Digits with country code, or null when it is none. Digits that are a valid number
 * with their country code are that, for so we write them ourselves; others are read as those of the country. Whether
 * anybody has the number is not judged: numbering plans lag behind what is given out.
 * @param country of two letters: where a number that is written as dialled at home (0151…) is dialled. Without it such a
 *   number is none.
 */
export function parsePhone(input: string, country?: string | null): string | null {
  const trimmed = input.trim();
  if (!/^\+?[\d\s()./-]{4,30}$/.test(trimmed)) return null;
  const digits = trimmed.replace(/\D/g, '');
  if (country && isSupportedCountry(country) && !trimmed.startsWith('+') && !isKnown(digits)) {
    const read = readDialled(digits, country);
    if ('phone' in read) return read.phone;
  }
  return phoneAddress(digits)?.phone ?? null;
}

/** Whether a numbering plan has a phone number, given as digits with country code. */
function isKnown(phone: string): boolean {
  return parsePhoneNumberFromString(`+${phone}`)?.isValid() ?? false;
}

/** The country of a phone number as two letters; null where it cannot be told, or where nobody has such a number. */
export function countryOf(phone: string): string | null {
  const parsed = parsePhoneNumberFromString(`+${phone}`);
  return parsed?.isValid() ? (parsed.country ?? null) : null;
}

/** Reads a JID of any device of a user; null for groups, broadcasts, newsletters and servers. */
export function parseJid(jid: string | null | undefined): Address | null {
  const match = /^(\d+)(?:_\d+)?(?::\d+)?@(s\.whatsapp\.net|c\.us|lid|hosted|hosted\.lid)$/.exec(jid ?? '');
  if (!match) return null;
  return match[2]!.endsWith('lid') ? { phone: null, lid: match[1]! } : { phone: match[1]!, lid: null };
}

/** Joins what two forms of one user's address say. */
export function joinAddresses(a: Address | null, b: Address | null): Address | null {
  if (!a || !b) return a ?? b;
  return { phone: a.phone ?? b.phone, lid: a.lid ?? b.lid };
}

/** The JID to send to: the phone number's where known, as WhatsApp resolves it to the LID itself. */
export function toJid(address: Address): string {
  return address.phone ? `${address.phone}@${PHONE_SERVER}` : `${address.lid}@${LID_SERVER}`;
}
