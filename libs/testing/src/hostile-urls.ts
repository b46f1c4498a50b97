import ipaddr from 'ipaddr.js';

/**
 * Generates URLs that try to reach places a user must not reach, for the specs of the guard: each special range of the
 * IANA registries, each notation of an address, and the tricks around them. Deterministic.
 */
const blockedV4 = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.254',
  '100.64.0.1',
  '100.127.255.254',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.254',
  '192.0.0.1',
  '192.0.0.170',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.255.254',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.254',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
];

const blockedV6 = [
  '::',
  '::1',
  '::2',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:2::1',
  '2001:4:112::1',
  '2001:10::1',
  '2001:20::1',
  '2001:30::1',
  '2001:db8::1',
  '2620:4f:8000::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd12:3456:789a::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
  '4000::1',
];

/** Prefixes under which an IPv4 address hides in an IPv6 one. */
const embeddings: ((v4: string) => string)[] = [
  (v4) => `::ffff:${v4}`,
  (v4) => `::ffff:0:${v4}`,
  (v4) => `::${v4}`,
  (v4) => `64:ff9b::${v4}`,
  (v4) => `64:ff9b:1::${v4}`,
  (v4) => `2002:${pairs(v4)}::1`,
  (v4) => `2001:0:${pairs(v4)}::1`,
  (v4) => `0:0:0:0:0:ffff:${pairs(v4)}`,
];

function pairs(v4: string): string {
  const [a, b, c, d] = octets(v4);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function octets(v4: string): [number, number, number, number] {
  return v4.split('.').map(Number) as [number, number, number, number];
}

/** Every way in which C libraries and browsers have ever written an IPv4 address. */
function notations(v4: string): string[] {
  const [a, b, c, d] = octets(v4);
  const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const octal = (n: number) => `0${n.toString(8)}`;
  return [
    v4,
    `${v4}.`,
    String(whole),
    hex(whole),
    `0X${whole.toString(16).toUpperCase()}`,
    octal(whole),
    `${a}.${(b << 16) | (c << 8) | d}`,
    `${a}.${b}.${(c << 8) | d}`,
    [a, b, c, d].map(hex).join('.'),
    [a, b, c, d].map(octal).join('.'),
    `${hex(a)}.${octal(b)}.${c}.${d}`,
    `000${a.toString(8).padStart(4, '0')}.${b}.${c}.${d}`,
    // Full-width digits and the ideographic full stop, which IDNA maps to the plain ones.
    v4.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    v4.replaceAll('.', '。'),
    [...v4].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(''),
  ];
}

function notations6(v6: string): string[] {
  const written = [v6, v6.toUpperCase()];
  if (ipaddr.isValid(v6)) {
    const parsed = ipaddr.parse(v6) as ipaddr.IPv6;
    written.push(
      parsed.toNormalizedString(),
      (parsed as ipaddr.IPv6 & { toFixedLengthString(): string }).toFixedLengthString(),
    );
  }
  return [...new Set(written)].map((text) => `[${text}]`);
}

/** Hosts as a URL writes them. Those with a zone id are not URLs at all; the guard must say so, not guess. */
export function hostileHosts(): string[] {
  return [
    ...blockedV4.flatMap(notations),
    ...blockedV6.flatMap(notations6),
    ...embeddings.flatMap((embed) => blockedV4.flatMap((v4) => notations6(embed(v4)))),
    ...['fe80::1%25eth0', 'fe80::1%eth0', '::1%25lo', '::1%251'].map((zone) => `[${zone}]`),
  ];
}

/** Complete URLs to a port where the spec listens. */
export function hostileUrls(port: number): string[] {
  const hosts = hostileHosts();
  return [
    ...hosts.map((host) => `http://${host}:${port}/`),
    ...hosts.map((host) => `https://${host}:${port}/hook?x=1`),
    // An allowed-looking user name before the real host, and the other way round.
    ...hosts.map((host) => `http://hooks.example.com@${host}:${port}/`),
    ...hosts.map((host) => `http://hooks.example.com%2F@${host}:${port}/`),
    ...hosts.map((host) => `http:\\\\${host}:${port}\\`),
    ...hosts.map((host) => `HTTP:${host}:${port}`),
    ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'ip6-localhost', 'ｌｏｃａｌｈｏｓｔ'].map(
      (name) => `http://${name}:${port}/`,
    ),
    ...['ftp', 'file', 'gopher', 'data', 'ws', 'unix', 'dict', 'javascript'].map(
      (scheme) => `${scheme}://127.0.0.1:${port}/`,
    ),
    '',
    '   ',
    'http://',
    'http:///',
    '//127.0.0.1/',
    '/hook',
    'http://:80/',
    `http://[::1/${port}`,
    `http://127.0.0.1:${port}\t/`,
    `ht\ntp://127.0.0.1:${port}/`,
    `http://user:password@example.com:${port}/`,
    `http://${'a'.repeat(3000)}.example.com/`,
  ];
}
