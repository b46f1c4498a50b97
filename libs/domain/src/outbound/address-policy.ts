import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** What the internet has given out so far (RFC 4291 §2.4). Everything outside is local, special or not yet used. */
const globalUnicast: Range = ipaddr.parseCIDR('2000::/3');

/**
 * Decides which addresses the product may connect to on behalf of a user. Only addresses of the public internet pass,
 * and the operator's exceptions (OUTBOUND_ALLOWED_RANGES). Addresses that embed an IPv4 address and are translated on
 * the way (6to4, NAT64, Teredo) never pass, because nobody here can tell where they end.
 */
export class AddressPolicy {
  private readonly exceptions: Range[];

  /** @throws Error naming the first range that is not CIDR notation. */
  constructor(allowedRanges: readonly string[]) {
    this.exceptions = allowedRanges.map(parseRange);
  }

  /** Whether a literal address (dotted IPv4 or IPv6, without brackets) may be dialled. Anything unreadable may not. */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address) || address.includes('%')) return false;
    const parsed = unmapped(ipaddr.parse(address));
    if (this.exceptions.some((range) => within(parsed, range))) return true;
    if (parsed.range() !== 'unicast') return false;
    return parsed.kind() === 'ipv4' || within(parsed, globalUnicast);
  }
}

/** `::ffff:10.0.0.1` reaches 10.0.0.1, so it is judged as that. */
function unmapped(address: Address): Address {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function within(address: Address, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match([base, bits] as never);
}

function parseRange(range: string): Range {
  try {
    return ipaddr.parseCIDR(range);
  } catch {
    throw new Error(`OUTBOUND_ALLOWED_RANGES: "${range}" is not a CIDR range such as 10.0.0.0/8.`);
  }
}
