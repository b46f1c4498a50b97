import fc from 'fast-check';
import { slugOf, uniqueSlugOf } from './slug.js';

describe('slugs', () => {
  it.each([
    ['Köln & Bonn', 'koln-bonn'],
    ['  --Sales--  ', 'sales'],
    ['ÅNGSTRÖM 42', 'angstrom-42'],
  ])('%s becomes %s', (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });

  it('can stand in an address, whatever the name', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => /^[a-z0-9]+(-[a-z0-9]+)*$/.test(slugOf(name))));
    expect(uniqueSlugOf('a')).not.toBe(uniqueSlugOf('a'));
  });
});
