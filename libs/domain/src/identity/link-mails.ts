import { type OrganizationId, type PagePath, pages } from '#contracts';
import type { UserRow } from '#database';
import type { MailDraft } from '../platform/mail/mail-outbox.js';

/** How long the links of mails work. */
export const EMAIL_LINK_HOURS = { reset_password: 1, verify_email: 24, change_email: 24, register: 24 } as const;

type Recipient = Pick<UserRow, 'organizationId' | 'email' | 'name'>;

/**
 * The mails about signing in. Tokens stand behind `#`: what comes after it is not sent to servers, so it is in no log of a
 * proxy and no referrer.
 */
export class LinkMails {
  constructor(private readonly publicUrl: string) {}

  readonly resetPassword = (user: Recipient, token: string): MailDraft =>
    this.withLink(user.organizationId, user.email, 'reset_password', {
      subject: 'Set a new password',
      link: this.page(pages.resetPassword, { token }),
      before: `Hello ${user.name},\n\nsomebody, probably you, asked for a new password for ${user.email}. Set it here:`,
      after: 'The link works once, for one hour. If it was not you, do nothing: your password stays as it is.',
      hours: EMAIL_LINK_HOURS.reset_password,
    });

  readonly verifyEmail = (user: Recipient, token: string): MailDraft =>
    this.withLink(user.organizationId, user.email, 'verify_email', {
      subject: 'Confirm your e-mail address',
      link: this.page(pages.verifyEmail, { token }),
      before: `Hello ${user.name},\n\nplease confirm that ${user.email} is your address:`,
      after: 'The link works once, for one day.',
      hours: EMAIL_LINK_HOURS.verify_email,
    });

  /** Sent to the new address; only its link makes the change. */
  changeEmail(user: Recipient, newEmail: string, token: string): MailDraft {
    return this.withLink(user.organizationId, newEmail, 'verify_email', {
      subject: 'Confirm your new e-mail address',
      link: this.page(pages.changeEmail, { token }),
      before: `Hello ${user.name},\n\nyour account ${user.email} is to have the address ${newEmail}. Confirm it here:`,
      after: 'The link works once, for one day. If you do not know what this is about, do nothing.',
      hours: EMAIL_LINK_HOURS.change_email,
    });
  }

  finishRegistration(email: string, token: string): MailDraft {
    return this.withLink(null, email, 'verify_email', {
      subject: 'Finish your registration',
      link: this.page(pages.verifyEmail, { registration: token }),
      before: `Hello,\n\nsomebody, probably you, registered ${email}. To finish, follow this link and enter the password that you chose:`,
      after: 'The link works for one day. If it was not you, do nothing: there is no account yet.',
      hours: EMAIL_LINK_HOURS.register,
    });
  }

  /** In place of a registration's link, where the address has an account. */
  alreadyRegistered(user: Recipient): MailDraft {
    return this.withLink(user.organizationId, user.email, 'security_notice', {
      subject: 'You have an account already',
      link: this.page(pages.forgotPassword),
      before: `Hello ${user.name},\n\nsomebody, probably you, tried to register ${user.email}. It has an account already: log in as usual. If you do not know your password, ask for a new one:`,
      after: 'If it was not you, do nothing.',
      hours: 24,
    });
  }

  /** In place of the link to change an address, where it is somebody's already. */
  addressWanted(user: Recipient): MailDraft {
    return this.withLink(user.organizationId, user.email, 'security_notice', {
      subject: 'Your address was given for another account',
      link: this.page(pages.forgotPassword),
      before: `Hello ${user.name},\n\nsomebody, perhaps you, wants to use ${user.email} for another account. It belongs to yours, so nothing was changed. If you do not know the password of yours, ask for a new one:`,
      after: 'Otherwise there is nothing to do.',
      hours: 24,
    });
  }

  /** Asks somebody to join an organization. @param by who invites */
  invitation(
    by: { organizationId: OrganizationId; organizationName: string; name: string },
    to: string,
    token: string,
    expiresAt: Date,
  ): MailDraft {
    const link = this.page(pages.invitation, { token });
    const day = expiresAt.toISOString().slice(0, 10);
    const text = `Hello,\n\n${by.name} invites you to join ${by.organizationName} on Waypost:\n\n${link}\n\nThe link works once, until ${day}. If you do not know what this is about, do nothing.\n`;
    const subject = `Join ${by.organizationName}`;
    return { organizationId: by.organizationId, kind: 'invitation', to, subject, link, text, expiresAt };
  }

  /** Tells a person that something about their log-in changed. @param what a whole sentence */
  notice(user: Recipient, what: string, to = user.email): MailDraft {
    return this.withLink(user.organizationId, to, 'security_notice', {
      subject: 'Your account was changed',
      link: this.page(pages.forgotPassword),
      before: `Hello ${user.name},\n\n${what}\n\nIf it was not you, set a new password at once, which ends all sessions:`,
      after: 'If it was you, there is nothing to do.',
      hours: 72,
    });
  }

  private page(path: PagePath, secret?: Record<string, string>): string {
    return `${this.publicUrl}${path}${secret ? `#${new URLSearchParams(secret)}` : ''}`;
  }

  private withLink(
    organizationId: OrganizationId | null,
    to: string,
    kind: MailDraft['kind'],
    {
      subject,
      link,
      before,
      after,
      hours,
    }: { subject: string; link: string; before: string; after: string; hours: number },
  ): MailDraft {
    const expiresAt = new Date(Date.now() + hours * 3600_000);
    return { organizationId, kind, to, subject, link, text: `${before}\n\n${link}\n\n${after}\n`, expiresAt };
  }
}
