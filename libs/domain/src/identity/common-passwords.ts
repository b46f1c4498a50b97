import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Bytes of a hash that are kept (scripts/common-passwords.mjs). */
const WIDTH = 5;

let list: Buffer | undefined;

/** Whether the text, lower case, is one of some 63,000 passwords that guessing begins with. */
export function isListed(text: string): boolean {
  list ??= readFileSync(new URL('./common-passwords.bin', import.meta.url));
  const wanted = createHash('sha256').update(text).digest().subarray(0, WIDTH);
  let [low, high] = [0, list.length / WIDTH];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = wanted.compare(list, middle * WIDTH, (middle + 1) * WIDTH);
    if (order === 0) return true;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return false;
}

const leet: Record<string, string> = { '@': 'a', 4: 'a', 3: 'e', 1: 'i', '!': 'i', 0: 'o', $: 's', 5: 's', 7: 't' };

/**
 * Whether a password, lower case, is one of those, or one of them dressed up as people do to satisfy a minimum: digits and
 * signs around it (`sunshine2024!!`), letters swapped for signs (`p@ssw0rd1234`), or twice in a row.
 */
export function isCommonPassword(password: string): boolean {
  if (isListed(password)) return true;
  const core = password.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return [password, core].some((text) => [text, plain(text)].some((form) => isListed(form) || isListedTwice(form)));
}

function plain(text: string): string {
  const swapped = [...text].map((sign) => leet[sign] ?? sign).join('');
  return swapped.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
}

function isListedTwice(text: string): boolean {
  const half = text.length / 2;
  return Number.isInteger(half) && text.slice(0, half) === text.slice(half) && isListed(text.slice(0, half));
}
