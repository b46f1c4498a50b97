import { readFileSync } from 'node:fs';
import { removals } from './removals.mjs';

describe('the cures that `npm run test:cures` takes out', () => {
  it.each(removals.map((each) => [each.cure, each] as const))('%s', (_cure, { file, find, put, spec, name }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2);
    expect(put).not.toBe(find);
    const source = readFileSync(spec, 'utf8');
    if (name) expect(source).toContain(name);
  });
});
