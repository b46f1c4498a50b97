import { validate, version } from 'uuid';
import { idTime, newId } from './ids.js';

it('makes UUIDs of the seventh kind that rise in the order in which they are made, and no two the same', () => {
  const before = Date.now();
  const ids = Array.from({ length: 100_000 }, () => newId<string>());
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(idTime(ids[0]!)).toBeGreaterThanOrEqual(before);
  // What follows the time and the counter is random: no two share it, although many share the rest.
  expect(new Set(ids.map((id) => id.slice(-8))).size).toBeGreaterThan(99_990);
});
