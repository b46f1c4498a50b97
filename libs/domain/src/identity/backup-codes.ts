import { randomBytes } from 'node:crypto';
import { newId } from '#contracts';
import { hashSecret } from './api-key-format.js';

const COUNT = 10;
/** Crockford's digits: nothing that is read as something else. */
const digits = '0123456789abcdefghjkmnpqrstvwxyz';

export interface NewBackupCodes {
  /** `7k2m-9qxd-r4tz-1c8v`; shown once. 80 random bits each, so that their hashes cannot be searched. */
  codes: string[];
  stored: { id: string; hash: Buffer }[];
}

export function newBackupCodes(): NewBackupCodes {
  const codes = Array.from({ length: COUNT }, () =>
    [...randomBytes(16)]
      .map((byte) => digits[byte & 31])
      .join('')
      .replace(/(.{4})(?=.)/g, '$1-'),
  );
  return { codes, stored: codes.map((code) => ({ id: newId(), hash: hashBackupCode(code) })) };
}

/** However a person wrote it down: upper case, spaces and the letters that look like digits are taken as meant. */
export function hashBackupCode(text: string): Buffer {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return hashSecret(plain.replaceAll('o', '0').replaceAll(/[il]/g, '1'));
}
