import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * `wp_` + 40 random letters and digits (238 bits) + 6 that are computed from them. With the check, a mistyped or cut key
 * is told apart without asking the database, and secret scanners can recognise ours without false alarms.
 */
const PREFIX = 'wp_';
const BODY = 40;
const CHECK = 6;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = new RegExp(`^${PREFIX}[0-9A-Za-z]{${BODY + CHECK}}$`);

/** How many characters of a key are kept readable, for recognition. */
const SHOWN = 11;

export interface NewApiKey {
  /** The key itself. Shown once, never stored. */
  key: string;
  prefix: string;
  hash: Buffer;
}

export function makeApiKey(): NewApiKey {
  const body = Array.from({ length: BODY }, () => alphabet[randomInt(alphabet.length)]).join('');
  const key = PREFIX + body + checkOf(body);
  return { key, prefix: key.slice(0, SHOWN), hash: hashSecret(key) };
}

/** Whether the text has the form of a key, check included. It says nothing about whether the key exists. */
export function isApiKeyForm(text: string): boolean {
  return FORM.test(text) && text.endsWith(checkOf(text.slice(PREFIX.length, PREFIX.length + BODY)));
}

/**
 * How secrets of full random strength are stored and looked up. They need no slow hash: nobody guesses 200 bits.
 */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function checkOf(body: string): string {
  let rest = crc32(body);
  let check = '';
  for (let i = 0; i < CHECK; i++) {
    check = alphabet[rest % alphabet.length] + check;
    rest = Math.floor(rest / alphabet.length);
  }
  return check;
}
