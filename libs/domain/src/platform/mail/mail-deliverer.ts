import { claimMails, type Database, type MailRow, releaseHeldMails, type Sealer, settleMail } from '#database';
import type { OutboundClient } from '../../outbound/outbound-client.js';
import type { Logger } from '../logger.js';
import { type Turn, WorkLoop } from '../work-loop.js';
import { type MailContent, mailContext } from './mail-outbox.js';
import type { SmtpSettings } from './smtp-settings.js';
import { SmtpRefused, sendBySmtp } from './smtp-transport.js';

const atOnce = 10;
/** Tries of one mail, about two hours in all; its time may be over sooner. */
const mostAttempts = 10;

/**
 * Sends queued mails. A crash between mail server and record leads to a second mail under the same Message-ID, never to
 * a lost one. Without a mail server a mail is held, and its link is written to the log for the operator; it goes out
 * when a server is set while the link still works.
 */
export class MailDeliverer {
  private readonly loop: WorkLoop;
  private hasLookedAtHeld = false;

  constructor(
    private readonly parts: {
      db: Database;
      sealer: Sealer;
      smtp: SmtpSettings;
      outbound: OutboundClient;
      log: Logger;
    },
  ) {
    this.loop = new WorkLoop({
      db: parts.db,
      log: parts.log,
      channel: 'mails',
      turn: () => this.turn(),
      failed: 'claiming mails failed; it is tried again',
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Takes nothing more and waits for mails under way. */
  stop(): Promise<void> {
    return this.loop.stop();
  }

  private async turn(): Promise<Turn> {
    if (!this.hasLookedAtHeld) {
      this.hasLookedAtHeld = true;
      await this.retryHeld();
    }
    const mails = await claimMails(this.parts.db, atOnce);
    await Promise.all(mails.map((mail) => this.deliver(mail)));
    return mails.length < atOnce ? 'nothing' : 'more';
  }

  /** SMTP_URL may have been set since they were held. */
  private async retryHeld(): Promise<void> {
    const { db, smtp, log } = this.parts;
    try {
      if (await smtp.access(null)) await db.system((tx) => releaseHeldMails(tx, null));
    } catch (error) {
      log.warn({ err: error }, 'held mails were not looked at');
    }
  }

  private async deliver(mail: MailRow): Promise<void> {
    const { db, log } = this.parts;
    try {
      const content = await this.contentOf(mail);
      const access = await this.parts.smtp.access(mail.organizationId);
      if (!access) {
        await settleMail(db, mail.id, { state: 'held' });
        const { kind, recipient } = mail;
        log.warn(
          { mail: mail.id, kind, recipient, link: content.link },
          'no mail server is set; pass this link on yourself',
        );
        return;
      }
      await sendBySmtp(access, this.parts.outbound, {
        to: mail.recipient,
        subject: content.subject,
        text: content.text,
        messageId: `<${mail.id}@waypost>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      await settleMail(db, mail.id, { state: 'sent' });
    } catch (error) {
      await this.failed(mail, error);
    }
  }

  private async failed(mail: MailRow, error: unknown): Promise<void> {
    const { db, log } = this.parts;
    const isFinal = (error instanceof SmtpRefused && error.isFinal) || mail.attempts >= mostAttempts;
    const sentence = error instanceof SmtpRefused ? error.message : 'It could not be sent.';
    log.warn({ err: error, mail: mail.id, kind: mail.kind, attempts: mail.attempts }, 'a mail was not sent');
    const retryInSeconds = Math.min(30 * 2 ** (mail.attempts - 1), 1800);
    await settleMail(
      db,
      mail.id,
      isFinal ? { state: 'failed', error: sentence } : { state: 'queued', error: sentence, retryInSeconds },
    );
  }

  private async contentOf(mail: MailRow): Promise<MailContent> {
    const sealer = await this.parts.sealer.forScope(mail.organizationId);
    return JSON.parse(String(sealer.open(mail.contentSealed!, mailContext(mail.id))));
  }
}
