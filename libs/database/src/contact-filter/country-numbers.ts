import metadata from 'libphonenumber-js/metadata.max.json';

/** As libphonenumber lays them out: digits of the calling code, and patterns of national numbers by their type. */
type CountryMetadata = [callingCode: string, ...unknown[]];
type TypePattern = [pattern: string, ...unknown[]] | 0 | undefined;

const TYPES_AT = 11;
/** Places of fixed line, mobile, personal and voice-over-IP numbers among the types: those that people write from. */
const personalTypes = [0, 1, 4, 8];

const countries = metadata.countries as unknown as Record<string, CountryMetadata>;
const codes = metadata.country_calling_codes as Record<string, string[]>;

/**
 * Which phone numbers (digits with country code) belong to a country: all with its calling code, or those that fit a
 * regular expression where several countries share the code. Null for no country.
 */
export function numbersOfCountry(country: string): { prefix: string } | { pattern: string } | null {
  if (!Object.hasOwn(countries, country)) return null;
  const found = countries[country]!;
  const [code] = found;
  if (codes[code]!.length === 1) return { prefix: code };
  const types = (found[TYPES_AT] ?? []) as TypePattern[];
  const patterns = personalTypes.flatMap((at) => (types[at] ? types[at][0] : [])).filter((pattern) => pattern !== '');
  return patterns.length === 0 ? { prefix: code } : { pattern: `^${code}(?:${patterns.join('|')})$` };
}
