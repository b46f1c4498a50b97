import { type CountryCode, getCountries, getCountryCallingCode, Metadata } from 'libphonenumber-js/max';

/** What holds for the numbers behind one country calling code, in all countries that share it. */
interface Plan {
  /** Lengths of national numbers that are possible in each of them. */
  lengths: Set<number>;
  /** What stands in front of a number when it is dialled at home. */
  prefixes: RegExp[];
}

/** The parts of the library's numbering plans that its types leave out. */
interface NumberingPlan {
  possibleLengths(): number[] | undefined;
  nationalPrefixForParsing(): string | undefined;
}

let plans: Map<string, Plan> | undefined;

/**
 * Whether digits with country code are a possible number as they stand, so that reading them changes nothing: of a known
 * country, of a length that is possible there, without the prefix of calls at home. Nearly all numbers are; the others need
 * the library, which takes some thirty times as long. False says nothing.
 */
export function isPlainNumber(digits: string): boolean {
  plans ??= readPlans();
  // No calling code begins with another one.
  for (let length = 1; length <= 3; length += 1) {
    const plan = plans.get(digits.slice(0, length));
    if (!plan) continue;
    const national = digits.slice(length);
    return plan.lengths.has(national.length) && !plan.prefixes.some((prefix) => prefix.exec(national)?.[0]);
  }
  return false;
}

function readPlans(): Map<string, Plan> {
  const byCode = new Map<string, Plan>();
  for (const country of getCountries()) {
    const plan = planOf(country);
    const lengths = plan.possibleLengths() ?? [];
    const before = byCode.get(getCountryCallingCode(country));
    const prefix = plan.nationalPrefixForParsing();
    byCode.set(getCountryCallingCode(country), {
      lengths: new Set(before ? lengths.filter((length) => before.lengths.has(length)) : lengths),
      prefixes: [...(before?.prefixes ?? []), ...(prefix ? [new RegExp(`^(?:${prefix})`)] : [])],
    });
  }
  return byCode;
}

function planOf(country: CountryCode): NumberingPlan {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  return metadata.numberingPlan as unknown as NumberingPlan;
}
