import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { parseRecipient, readDialled } from '#engine';
import { isPlainNumber } from './plain-number.js';

/** Why something is no phone number, with what to do. */
export interface PhoneProblem {
  code: 'phone_missing' | 'phone_invalid' | 'phone_rounded' | 'phone_without_country';
  message: string;
}

/** Marks that spreadsheets and phones put around numbers: blanks of all kinds, directions, an apostrophe in front. */
const around =
  /^['’\s\u00a0\u200b-\u200f\u202a-\u202f\u2060\u2066-\u2069\ufeff]+|[\s\u00a0\u200b-\u200f\u202a-\u202f\u2060\u2066-\u2069\ufeff]+$/g;
const inside = /[\u00a0\u200b-\u200f\u202a-\u202f\u2060\u2066-\u2069\u2007\u2009\ufeff]/g;
const dashes = /[\u2010-\u2015\u2212]/g;

/** Whether numbers without country code can be read as those of the country. */
export function isCountry(code: string): code is CountryCode {
  return isSupportedCountry(code);
}

/**
 * Reads a phone number as people keep it in files: in any notation, with `00` or a plus, or without both when the country
 * is known, which `readDialled` decides. The same number comes out the same whatever its notation: digits with country
 * code. Import and the files of broadcasts read numbers here.
 */
export function readPhone(text: string, country: string | null): { phone: string } | { problem: PhoneProblem } {
  // ="0812…" is how Excel is made to keep a zero.
  const unwrapped = /^="(.*)"$/.exec(text.trim())?.[1] ?? text;
  const marked = unwrapped.replace(around, '').replace(inside, ' ').replace(dashes, '-');
  // Programs that took it for a decimal number write one: 6281234567890.0.
  const written = marked.replace(/^(\d{7,})\.0$/, '$1');
  if (written === '') return no('phone_missing', 'has no phone number');
  if (/^\d+([.,]\d+)?e\+?\d+$/i.test(written)) {
    return no('phone_rounded', 'was rounded by a spreadsheet; format the column as text and save the file again');
  }
  if (/@/.test(written)) {
    const address = parseRecipient(written);
    return address?.phone ? { phone: address.phone } : no('phone_invalid', 'must be a phone number');
  }
  if (!/^\+?[\d\s().\-/]{3,40}$/.test(written)) {
    return no('phone_invalid', 'must be a phone number: digits, blanks, dashes, brackets and a plus in front');
  }
  const digits = written.replace(/\D/g, '');
  const international = written.startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : null;
  if (international !== null) return readInternational(international);
  if (country !== null) {
    const read = readDialled(digits, country as CountryCode);
    if ('phone' in read) return read;
    return read.unclear === 'neither'
      ? no('phone_invalid', `is neither a number of ${country} nor one with country code`)
      : no(
          'phone_invalid',
          `may be a number of ${country} or one with country code; write a plus and the country code`,
        );
  }
  if (digits.startsWith('0')) {
    return no('phone_without_country', 'has no country code; write it as +62812…, or give the import a defaultCountry');
  }
  return readInternational(digits);
}

function readInternational(digits: string): { phone: string } | { problem: PhoneProblem } {
  if (/^[1-9]\d{6,14}$/.test(digits) && isPlainNumber(digits)) return { phone: digits };
  const parsed = parsePhoneNumberFromString(`+${digits}`);
  if (!parsed?.isPossible())
    return no('phone_invalid', 'has too many or too few digits for a number with country code');
  // As recipients are read everywhere, so that both ways name the same person.
  const address = parseRecipient(`+${digits}`);
  return address?.phone ? { phone: address.phone } : no('phone_invalid', 'must be a phone number with country code');
}

function no(code: PhoneProblem['code'], message: string): { problem: PhoneProblem } {
  return { problem: { code, message } };
}
