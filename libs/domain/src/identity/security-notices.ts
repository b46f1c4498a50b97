import { type Actor } from '#contracts';
import { type Database, findUser } from '#database';
import type { MailOutbox, PreparedMail } from '../platform/mail/mail-outbox.js';
import type { LinkMails } from './link-mails.js';

/** Tells people by mail when something about how they log in has changed: they are the first to know that it was not them. */
export class SecurityNotices {
  constructor(
    private readonly db: Database,
    private readonly outbox: MailOutbox,
    private readonly mails: LinkMails,
  ) {}

  /** A notice to the actor, for the transaction of the change. @param what a whole sentence */
  async prepare(actor: Actor, what: string): Promise<PreparedMail> {
    const user = await this.db.tenant(actor, (tx) => findUser(tx, actor.userId));
    if (!user) return { queue: async () => undefined };
    return this.outbox.prepare(this.mails.notice(user, what));
  }
}
