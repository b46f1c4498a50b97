import { LimitedLog } from './limited-log.js';

it('writes 168,000 warnings of two hours as a few hundred lines, and says how many it left out', () => {
  const lines: { facts: object; line: string }[] = [];
  let now = 0;
  const log = new LimitedLog({ warn: (facts, line) => void lines.push({ facts, line }) }, () => now);
  const count = 168_000;
  for (let failure = 1; failure <= count; failure += 1) {
    now = (failure / count) * 2 * 3_600_000;
    log.warn({ failure }, 'a message could not be decrypted');
  }
  expect(lines.length).toBeLessThanOrEqual(241);
  expect(lines[0]).toEqual({ facts: { failure: 1 }, line: 'a message could not be decrypted' });
  expect(lines[1]!.facts).toMatchObject({ leftOut: expect.any(Number) });
  log.warn({}, 'of another kind');
  expect(lines.at(-1)!.line).toBe('of another kind');
});
