import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FORBIDDEN =
  /\b(Date\.now|new Date\(\)|setTimeout|setInterval|Math\.random|performance\.now|randomInt|randomUUID)\b/;
/** What may know of no other time and chance than that of the machine. */
const EXEMPT = [/^time[/\\]/, /spec\.ts$/, /^test-/];
/** Keys, salts and secrets: whoever knows the seed must not know them. */
const KEY_MATERIAL = [
  /^network[/\\](pairing-code|app-state)\.ts$/,
  /^media[/\\](certificate|cipher|host)\.ts$/,
  /^people[/\\](app-state[/\\]mutation-keys|messages[/\\]person-messages|person-files)\.ts$/,
];

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => path.endsWith('.ts') && !EXEMPT.some((one) => one.test(path)),
);
const linesOf = (path: string): string[] => readFileSync(join(ROOT, path), 'utf8').split('\n');

describe('where time and chance come from', () => {
  it('is the clock and the seed of the network', () => {
    const found = sources.flatMap((path) =>
      linesOf(path).flatMap((line, index) => (FORBIDDEN.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });

  it('is cryptography only for keys', () => {
    const found = sources.filter(
      (path) =>
        linesOf(path).some((line) => line.includes('randomBytes(')) && !KEY_MATERIAL.some((one) => one.test(path)),
    );
    expect(found).toEqual([]);
  });
});
