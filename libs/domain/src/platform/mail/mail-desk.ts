import { type Actor, errors } from '#contracts';
import { type Database, findMail, listMails, type MailRow, type MailState, retryMail, type Sealer } from '#database';
import { recordAudit } from '../audit-trail.js';
import { inScope } from '../settings/in-scope.js';
import { type MailContent, mailContext } from './mail-outbox.js';

/** A mail with what it says. */
export interface OpenedMail {
  mail: MailRow;
  /** Null once it was sent or its time is over. */
  content: MailContent | null;
}

/**
 * What administrators of the installation do with mails that did not go out. Nobody else sees them: the link of another
 * person's password reset is that person's account.
 */
export class MailDesk {
  constructor(
    private readonly db: Database,
    private readonly sealer: Sealer,
  ) {}

  /** Newest first, without contents. */
  list(actor: Actor, page: { state?: MailState; before?: string; limit: number }): Promise<MailRow[]> {
    return inScope(this.db, actor, null, (tx) => listMails(tx, page));
  }

  /** With its text and link, which is recorded. @throws notFound */
  async read(actor: Actor, id: string): Promise<OpenedMail> {
    const mail = await inScope(this.db, actor, null, async (tx) => {
      const found = await findMail(tx, id);
      if (!found) throw errors.notFound({ details: { id } });
      const resource = { type: 'mail', id, name: found.kind };
      await recordAudit(tx, actor, { action: 'platform.mail_read', resource });
      return found;
    });
    if (!mail.contentSealed) return { mail, content: null };
    const opener = await this.sealer.forScope(mail.organizationId);
    return { mail, content: JSON.parse(String(opener.open(mail.contentSealed, mailContext(id)))) };
  }

  /** Puts a mail that was held or given up in line again, as long as its content is there. @throws notFound, conflict */
  async retry(actor: Actor, id: string): Promise<MailRow> {
    return inScope(this.db, actor, null, async (tx) => {
      if (!(await findMail(tx, id))) throw errors.notFound({ details: { id } });
      const mail = await retryMail(tx, id);
      if (!mail) throw errors.mailGone();
      await recordAudit(tx, actor, {
        action: 'platform.mail_retry',
        resource: { type: 'mail', id, name: mail.kind },
      });
      tx.wake('mails', id);
      return mail;
    });
  }
}
