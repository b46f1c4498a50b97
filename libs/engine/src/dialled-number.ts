import { type CountryCode, Metadata, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** `either`: digits that may be a number of the country or one with country code; `neither`: that can be none of both. */
export type DialledNumber = { phone: string } | { unclear: 'either' | 'neither' };

/** The parts of the library's numbering plans that its types leave out. */
interface NumberingPlan {
  nationalPrefix(): string | undefined;
  type(type: 'FIXED_LINE' | 'MOBILE'): { possibleLengths(): number[] } | undefined;
}

/**
 * Reads digits without a plus as somebody means them who said which country is theirs: as they are dialled there, or with
 * a country code that lost its plus.
 *
 * 1. A valid number of the country is that, also when it lost its leading 0. Only a landline without its 0 gives way to a
 *    mobile with country code: 6281… could be a landline of Germany, and is a mobile of Indonesia.
 * 2. What is none is the valid number with country code.
 * 3. Of what no numbering plan knows (new ranges, numbers for tests) the length decides; and where people dial a 0 in front
 *    of their numbers, one without it has a country code.
 *
 * What stays open is not guessed.
 */
export function readDialled(digits: string, country: CountryCode): DialledNumber {
  const home = parse(digits, country);
  if (isMobile(home)) return { phone: written(home!) };
  // No country code begins with 0.
  const abroad = digits.startsWith('0') ? undefined : parse(`+${digits}`);
  const isHome = home?.isValid() ?? false;
  if (isMobile(abroad) && (!isHome || needsZero(home!))) return { phone: written(abroad!) };
  if (isHome) return { phone: written(home!) };
  if (abroad?.isValid()) return { phone: written(abroad) };
  const possible = readPossible(home, abroad);
  if (possible === 'either' || possible === 'neither') return { unclear: possible };
  // What the library takes for a national prefix and leaves out may be a part of a number that nobody knows.
  return { phone: possible === abroad ? digits : written(possible) };
}

/**
 * Undefined also for what is longer than numbers may be anywhere: some plans of countries allow it. And for what is another
 * number when it is read again, because there is still a national prefix in it: 0 14 0947… is none of Brazil.
 */
function parse(text: string, country?: CountryCode): PhoneNumber | undefined {
  const parsed = parsePhoneNumberFromString(text, country);
  if (!parsed || !/^\+[1-9]\d{6,14}$/.test(parsed.number)) return undefined;
  return parsePhoneNumberFromString(parsed.number)?.number === parsed.number ? parsed : undefined;
}

/** Which of two readings it is when no numbering plan knows either of them. */
function readPossible(
  home: PhoneNumber | undefined,
  abroad: PhoneNumber | undefined,
): PhoneNumber | 'either' | 'neither' {
  const [isHome, isAbroad] = [home?.isPossible(), abroad?.isPossible()];
  if (!isHome || !isAbroad) return isHome ? home! : isAbroad ? abroad! : 'neither';
  if (home!.number === abroad!.number) return home!;
  const [fitsHome, fitsAbroad] = [isAsLongAsPeoples(home!), isAsLongAsPeoples(abroad!)];
  if (fitsHome !== fitsAbroad) return fitsHome ? home! : abroad!;
  return fitsAbroad && needsZero(home!) ? abroad! : 'either';
}

function isMobile(number: PhoneNumber | undefined): boolean {
  return /MOBILE/.test(number?.getType() ?? '');
}

/** Whether it is as long as landlines or mobiles there. Services have numbers of many more lengths. */
function isAsLongAsPeoples(number: PhoneNumber): boolean {
  const plan = planOf(number);
  return (['FIXED_LINE', 'MOBILE'] as const).some((type) =>
    plan.type(type)?.possibleLengths().includes(number.nationalNumber.length),
  );
}

/** Whether people write a 0 in front of such a number at home. In Brazil they dial one, and do not write it. */
function needsZero(number: PhoneNumber): boolean {
  const atHome = number.formatNational({ nationalPrefix: false });
  const isUsual = atHome !== number.nationalNumber;
  return planOf(number).nationalPrefix() === '0' && (/^\(?0/.test(atHome) || !isUsual);
}

function planOf({ country, countryCallingCode }: PhoneNumber): NumberingPlan {
  const metadata = new Metadata();
  // It takes calling codes too, which its types leave out.
  metadata.selectNumberingPlan(country ?? (countryCallingCode as unknown as CountryCode));
  return metadata.numberingPlan as unknown as NumberingPlan;
}

function written({ number }: PhoneNumber): string {
  return number.slice(1);
}
