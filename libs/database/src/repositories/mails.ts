import type { MailKind, OrganizationId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

export type MailState = 'queued' | 'sent' | 'held' | 'failed';

export interface MailRow {
  id: string;
  organizationId: OrganizationId | null;
  kind: MailKind;
  recipient: string;
  /** Null once it was sent or its time is over. */
  contentSealed: Buffer | null;
  state: MailState;
  attempts: number;
  lastError: string | null;
  createdAt: Date;
  expiresAt: Date;
  sentAt: Date | null;
}

const columns = `id, organization_id as "organizationId", kind, recipient, content_sealed as "contentSealed", state,
  attempts, last_error as "lastError", created_at as "createdAt", expires_at as "expiresAt", sent_at as "sentAt"`;

export async function insertMail(
  tx: Tx,
  made: Pick<MailRow, 'id' | 'organizationId' | 'kind' | 'recipient' | 'expiresAt'> & { contentSealed: Buffer },
): Promise<void> {
  await tx.query(
    `insert into mails (id, organization_id, kind, recipient, content_sealed, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [made.id, made.organizationId, made.kind, made.recipient, made.contentSealed, made.expiresAt],
  );
}

/**
 * Takes due mails for one sender: nobody else gets them for two minutes, after which they are due again if their sender
 * died. Those whose time is over are ended first.
 */
export async function claimMails(db: Database, limit: number): Promise<MailRow[]> {
  return db.system(async (tx) => {
    await tx.query(
      `update mails set state = 'failed', content_sealed = null, last_error = 'It was not sent before its link expired.'
        where state in ('queued', 'held') and expires_at <= now()`,
    );
    return tx.query<MailRow>(
      `update mails set attempts = attempts + 1, next_attempt_at = now() + interval '2 minutes'
        where id in (select id from mails where state = 'queued' and next_attempt_at <= now()
                      order by next_attempt_at limit $1 for update skip locked)
       returning ${columns}`,
      [limit],
    );
  });
}

/** What became of a claimed mail. Its content, which holds a credential, goes when it is sent or its time is over. */
export async function settleMail(
  db: Database,
  id: string,
  outcome: { state: MailState; error?: string; retryInSeconds?: number },
): Promise<void> {
  await db.query(
    `update mails set state = $2, last_error = $3,
            next_attempt_at = now() + make_interval(secs => $4),
            sent_at = case when $2 = 'sent' then now() end,
            content_sealed = case when $2 = 'sent' then null else content_sealed end
      where id = $1 and state = 'queued'`,
    [id, outcome.state, outcome.error ?? null, outcome.retryInSeconds ?? 0],
  );
}

/** Mails that were held for want of a mail server are due again; of one organization when it is given. */
export async function releaseHeldMails(tx: Tx, organizationId: OrganizationId | null): Promise<void> {
  await tx.query(
    `update mails set state = 'queued', attempts = 0, next_attempt_at = now()
      where state = 'held' and ($1::uuid is null or organization_id = $1)`,
    [organizationId],
  );
}

/** Newest first; `limit` rows before `before`, in one state when it is given. Of all organizations: for operators. */
export function listMails(tx: Tx, page: { state?: MailState; before?: string; limit: number }): Promise<MailRow[]> {
  return tx.query<MailRow>(
    `select ${columns} from mails
      where ($1::text is null or state = $1) and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [page.state ?? null, page.before ?? null, page.limit],
  );
}

export async function findMail(tx: Tx, id: string): Promise<MailRow | null> {
  const [row] = await tx.query<MailRow>(`select ${columns} from mails where id = $1`, [id]);
  return row ?? null;
}

/** In line again, if its content is still there and its time not over. */
export async function retryMail(tx: Tx, id: string): Promise<MailRow | null> {
  const [row] = await tx.query<MailRow>(
    `update mails set state = 'queued', attempts = 0, next_attempt_at = now()
      where id = $1 and content_sealed is not null and expires_at > now() returning ${columns}`,
    [id],
  );
  return row ?? null;
}
