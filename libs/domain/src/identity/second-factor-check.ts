import type { OrganizationId, UserId } from '#contracts';
import { findTotp, type OrganizationSealer, type Sealer, type Tx, takeBackupCode, takeTotpStep } from '#database';
import { hashBackupCode } from './backup-codes.js';
import { openTotp, totpStep } from './totp.js';

/** What proved to be right. */
export type SecondFactorKind = 'totp' | 'backup_code';

/** Looks at codes of authenticator apps and backup codes, and takes them: each is good once. */
export class SecondFactorCheck {
  constructor(private readonly sealer: Sealer) {}

  /** To be called before the transaction opens: it may need a connection of its own. */
  sealerOf(organizationId: OrganizationId): Promise<OrganizationSealer> {
    return this.sealer.forOrganization(organizationId);
  }

  /** @returns which kind of code it was, or null when it is wrong or was used before */
  async take(tx: Tx, sealer: OrganizationSealer, userId: UserId, code: string): Promise<SecondFactorKind | null> {
    const plain = code.replaceAll(/\s/g, '');
    if (!/^\d{6}$/.test(plain)) {
      return (await takeBackupCode(tx, userId, hashBackupCode(plain))) ? 'backup_code' : null;
    }
    const totp = await findTotp(tx, userId);
    if (!totp?.confirmedAt) return null;
    const step = totpStep(openTotp(sealer, userId, totp.secretSealed), plain, totp.lastStep);
    // Of two requests with one code, the second finds the step taken.
    return step !== null && (await takeTotpStep(tx, userId, step)) ? 'totp' : null;
  }
}
