import { generateSync } from 'otplib/functional';
import { hashBackupCode, newBackupCodes } from './backup-codes.js';
import { newTotp, totpStep } from './totp.js';

const at = Date.UTC(2026, 10, 21, 8, 30, 5);
const step = Math.floor(at / 30_000);
const { secret, uri } = newTotp('ana@example.com');
const code = (steps: number) => generateSync({ secret, epoch: at / 1000 + 30 * steps });

describe('codes of an authenticator app', () => {
  it('are right in their step and the ones beside it, and nowhere else', () => {
    expect([-1, 0, 1].map((steps) => totpStep(secret, code(steps), 0, at))).toEqual([step - 1, step, step + 1]);
    expect([-3, -2, 2, 3].map((steps) => totpStep(secret, code(steps), 0, at))).toEqual([null, null, null, null]);
  });

  it('are wrong once their step or a later one was taken, also when the clock went back', () => {
    expect(totpStep(secret, code(0), step, at)).toBeNull();
    expect(totpStep(secret, code(-1), step, at)).toBeNull();
    expect(totpStep(secret, code(1), step, at)).toBe(step + 1);
    expect(totpStep(secret, code(0), step + 100, at)).toBeNull();
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '000000; drop'])('%j is none', (text) => {
    expect(totpStep(secret, text, 0, at)).toBeNull();
  });

  it('are what apps that read the QR code show', () => {
    expect(uri).toBe(`otpauth://totp/Waypost:ana%40example.com?secret=${secret}&issuer=Waypost`);
  });
});

it('backup codes are found however they are written down', () => {
  const { codes, stored } = newBackupCodes();
  expect(new Set(codes).size).toBe(10);
  expect(codes[0]).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
  expect(hashBackupCode(` ${codes[0]!.toUpperCase().replaceAll('-', ' ')}`)).toEqual(stored[0]!.hash);
  expect(hashBackupCode('oil0')).toEqual(hashBackupCode('0110'));
  expect(hashBackupCode(codes[1]!)).not.toEqual(stored[0]!.hash);
});
