import { type MailKind, newId, type OrganizationId } from '#contracts';
import { insertMail, type Sealer, type Tx } from '#database';

export interface MailDraft {
  /** Whose mail server sends it; null when it concerns no organization. */
  organizationId: OrganizationId | null;
  kind: MailKind;
  to: string;
  subject: string;
  /** Plain text, the link included. */
  text: string;
  /** The link in it, when there is one: shown to operators while there is no mail server. */
  link?: string;
  /** When the mail is of no use any more. It is not sent later. */
  expiresAt: Date;
}

/** What of a mail is kept sealed. */
export type MailContent = Pick<MailDraft, 'subject' | 'text' | 'link'>;

/** A mail that is ready to be part of a transaction. */
export interface PreparedMail {
  /** It goes out if, and only if, the transaction commits. */
  queue(tx: Tx): Promise<void>;
}

/**
 * Takes mails from the changes that cause them; the worker sends them (mail-deliverer.ts). Whoever causes a mail never
 * learns whether it went, since that would tell strangers which addresses exist and which mail servers work.
 */
export class MailOutbox {
  constructor(private readonly sealer: Sealer) {}

  /** Seals the content. Call it before the transaction opens: it may need a connection of its own. */
  async prepare(draft: MailDraft): Promise<PreparedMail> {
    const id = newId();
    const content: MailContent = { subject: draft.subject, text: draft.text, link: draft.link };
    const sealer = await this.sealer.forScope(draft.organizationId);
    const contentSealed = sealer.seal(JSON.stringify(content), mailContext(id));
    return {
      queue: async (tx) => {
        const { organizationId, kind, to, expiresAt } = draft;
        await insertMail(tx, { id, organizationId, kind, recipient: to, contentSealed, expiresAt });
        tx.wake('mails', id);
      },
    };
  }
}

/** Under which a mail's content is sealed. */
export const mailContext = (id: string): string => `mail:${id}`;
