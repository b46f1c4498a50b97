import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { type ChatAddress, parseChat } from '#engine';
import type { MappedFields } from './mapped-fields.js';

/** Whether numbers without country code can be read as those of this country. */
export function isCountry(code: string): boolean {
  return isSupportedCountry(code);
}

/** Digits of a phone number, empty when it is none. Without country code it is one of the given country. */
export function phoneOf(fields: MappedFields, name: string, country: string | null): string {
  const phone = digitsOf(fields.needed(name), country);
  if (phone === null) fields.wrong(name, wrongPhone(country));
  return phone ?? '';
}

/** Where to send to: a phone number, or a chat as single sends take it. Null when it is neither. */
export function recipientAt(fields: MappedFields, name: string, country: string | null): ChatAddress | null {
  const given = fields.needed(name);
  const digits = given.includes('@') ? given : digitsOf(given, country);
  const chat = digits === null ? null : parseChat(digits);
  if (chat === null && given !== '') fields.wrong(name, `${wrongPhone(country)}, or the id of a chat`);
  return chat;
}

/** One person, as contacts are named. */
export type PersonAddress = Extract<ChatAddress, { kind: 'user' }>;

/** Whose contact is meant: a phone number, or the address of one person. Null when it is neither. */
export function personAt(fields: MappedFields, name: string, country: string | null): PersonAddress | null {
  const chat = recipientAt(fields, name, country);
  if (chat === null || chat.kind === 'user') return chat;
  fields.wrong(name, wrongPhone(country));
  return null;
}

/** Numbers that are already whole are taken as they are, also without plus, as long as they are no national ones. */
function digitsOf(given: string, country: string | null): string | null {
  const national = country === null ? undefined : parsePhoneNumberFromString(given, country as CountryCode);
  if (national?.isValid()) return national.number.slice(1);
  const whole = parseChat(given);
  return whole?.kind === 'user' ? whole.phone : null;
}

const wrongPhone = (country: string | null) =>
  country === null
    ? 'must be a phone number with country code'
    : `must be a phone number, with country code or of ${country}`;
