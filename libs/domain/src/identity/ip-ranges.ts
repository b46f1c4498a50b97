import ipaddr from 'ipaddr.js';
import { errors } from '#contracts';

/**
 * Ranges in the form in which they are kept: CIDR, a single address as /32 or /128.
 * @param path the field that they came from
 * @throws validation naming those that are none
 */
export function parseIpRanges(given: readonly string[], path: string): string[] {
  const problems = given.flatMap((range, index) =>
    normal(range) === null
      ? [{ path: `${path}.${index}`, message: 'must be an address or a CIDR range such as 203.0.113.0/24' }]
      : [],
  );
  if (problems.length > 0) throw errors.validation({ fields: problems });
  return [...new Set(given.map((range) => normal(range)!))];
}

/** Whether one of the ranges contains the address. What cannot be read is in none; `::ffff:` addresses count as IPv4. */
export function isInRanges(address: string | undefined, ranges: readonly string[]): boolean {
  if (address === undefined || !ipaddr.isValid(address)) return false;
  const asked = ipaddr.process(address);
  return ranges.some((range) => {
    const [base, bits] = ipaddr.parseCIDR(range);
    return asked.kind() === base.kind() && asked.match([base, bits] as never);
  });
}

/** Whether every address of the range is in one of the others. */
export function isWithinRanges(range: string, others: readonly string[]): boolean {
  const [base, bits] = ipaddr.parseCIDR(range);
  return others.some((other) => Number(other.split('/')[1]) <= bits && isInRanges(base.toString(), [other]));
}

function normal(text: string): string | null {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  // `1` and `0x7f.1` are addresses to the library; people who write them made a mistake.
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (!isV4 && !(address.includes(':') && !address.includes('%') && ipaddr.IPv6.isValid(address))) return null;
  const most = isV4 ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (prefix > most) return null;
  const Family = isV4 ? ipaddr.IPv4 : ipaddr.IPv6;
  return `${Family.networkAddressFromCIDR(`${address}/${prefix}`)}/${prefix}`;
}
