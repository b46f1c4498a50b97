import { isInRanges, isWithinRanges, parseIpRanges } from './ip-ranges.js';

describe('address ranges', () => {
  it('are kept as networks', () => {
    expect(
      parseIpRanges(['203.0.113.7', '203.0.113.7/24', '2001:db8::1', '2001:DB8::/32', '203.0.113.0/24'], 'r'),
    ).toEqual(['203.0.113.7/32', '203.0.113.0/24', '2001:db8::1/128', '2001:db8::/32']);
  });

  it.each(['', 'home', '1', '0x7f.1', '203.0.113.0/33', '203.0.113.0/', '203.0.113/24', '::1/129', '*'])(
    'refuse %p by name',
    (range) => {
      expect(() => parseIpRanges(['10.0.0.0/8', range], 'ipRanges')).toThrow(
        expect.objectContaining({ fields: [expect.objectContaining({ path: 'ipRanges.1' })] }),
      );
    },
  );

  it.each([
    ['203.0.113.9', ['203.0.113.0/24'], true],
    ['::ffff:203.0.113.9', ['203.0.113.0/24'], true],
    ['203.0.114.9', ['203.0.113.0/24'], false],
    ['2001:db8::9', ['203.0.113.0/24', '2001:db8::/32'], true],
    ['2001:db9::9', ['2001:db8::/32'], false],
    ['10.0.0.1', [], false],
    ['unknown', ['0.0.0.0/0', '::/0'], false],
    [undefined, ['0.0.0.0/0'], false],
  ])('%s in %j: %s', (address, ranges, is) => {
    expect(isInRanges(address, ranges)).toBe(is);
  });

  it('are compared as wholes', () => {
    expect(isWithinRanges('10.1.0.0/16', ['10.0.0.0/8'])).toBe(true);
    expect(isWithinRanges('10.0.0.0/7', ['10.0.0.0/8'])).toBe(false);
    expect(isWithinRanges('11.0.0.0/16', ['10.0.0.0/8'])).toBe(false);
  });
});
