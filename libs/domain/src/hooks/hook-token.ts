import { randomBytes } from 'node:crypto';
import { hashSecret } from '../identity/api-key-format.js';
import type { Verification, VerificationSecret } from './hook-verification.js';

/** The secret part of a hook's address: 256 bits, with letters by which secret scanners know it. */
export interface NewHookToken {
  /** Shown once, never stored. */
  token: string;
  hash: Buffer;
}

export function makeHookToken(): NewHookToken {
  const token = `wph_${randomBytes(32).toString('base64url')}`;
  return { token, hash: hashSecret(token) };
}

export function hashHookToken(token: string): Buffer {
  return hashSecret(token);
}

/** Under which a hook's secret is sealed. */
export const hookSecretContext = (hookId: string) => `hook.secret:${hookId}`;
/** Under which what a request said is sealed. */
export const hookContentContext = (requestId: string) => `hook.request:${requestId}`;

/** A secret for who is to sign or show it, in the form that the kind has. Null where the sender makes it, or needs none. */
export function generatedSecret({ kind }: Verification): VerificationSecret | null {
  switch (kind) {
    case 'hmac-sha256':
    case 'github':
    case 'bearer':
      return { secret: randomBytes(32).toString('base64url') };
    case 'standard-webhooks':
      return { secret: `whsec_${randomBytes(32).toString('base64')}` };
    default:
      return null;
  }
}
