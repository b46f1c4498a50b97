import { generateSecret, generateURI, verifySync } from 'otplib/functional';
import type { UserId } from '#contracts';
import type { OrganizationSealer } from '#database';

/** Seconds of a code, as authenticator apps take for granted. */
const PERIOD = 30;

/** A new secret, and the address that authenticator apps read from a QR code. */
export function newTotp(email: string): { secret: string; uri: string } {
  const secret = generateSecret();
  return { secret, uri: generateURI({ issuer: 'Waypost', label: email, secret, period: PERIOD }) };
}

/**
 * The time step of a right code, or null. Clocks may differ by one step. A code of `lastStep` or before is wrong, because
 * a code is good once (RFC 6238 §5.2).
 */
export function totpStep(secret: string, code: string, lastStep: number, atMs = Date.now()): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const result = verifySync({
    secret,
    token: code,
    period: PERIOD,
    epoch: Math.floor(atMs / 1000),
    epochTolerance: PERIOD,
  });
  // Compared here: the library throws where our clock went back behind the last step.
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : null;
}

/** Under which the secret of a person's authenticator app is sealed. */
const contextOf = (userId: UserId) => `totp.secret:${userId}`;

export function sealTotp(sealer: OrganizationSealer, userId: UserId, secret: string): Buffer {
  return sealer.seal(secret, contextOf(userId));
}

export function openTotp(sealer: OrganizationSealer, userId: UserId, sealed: Uint8Array): string {
  return sealer.open(sealed, contextOf(userId)).toString();
}
