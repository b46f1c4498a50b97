import type { OrganizationId, UserId } from '#contracts';
import type { Database } from '../database.js';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

/** What a link that was sent to a mailbox is for. */
export type EmailPurpose = 'verify_email' | 'reset_password' | 'change_email';

export interface EmailTokenRow {
  id: string;
  organizationId: OrganizationId;
  userId: UserId;
  /** The address that the link was sent to. */
  email: string;
}

/** A new link; the earlier ones of its purpose stop working. */
export async function insertEmailToken(
  tx: Tx,
  made: EmailTokenRow & { purpose: EmailPurpose; tokenHash: Buffer; expiresAt: Date },
): Promise<void> {
  await endEmailTokens(tx, made.userId, [made.purpose]);
  await tx.query(
    `insert into email_tokens (id, organization_id, user_id, purpose, token_hash, email, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [made.id, made.organizationId, made.userId, made.purpose, made.tokenHash, made.email, made.expiresAt],
  );
}

const columns = `id, organization_id as "organizationId", user_id as "userId", email`;
const open = 'used_at is null and expires_at > now()';

/** A link that still works, without using it. */
export async function findEmailToken(
  on: Queryable,
  purpose: EmailPurpose,
  tokenHash: Buffer,
): Promise<EmailTokenRow | null> {
  const [row] = await on.query<EmailTokenRow>(
    `select ${columns} from email_tokens where token_hash = $2 and purpose = $1 and ${open}`,
    [purpose, tokenHash],
  );
  return row ?? null;
}

/** Uses a link, once. */
export async function takeEmailToken(tx: Tx, purpose: EmailPurpose, tokenHash: Buffer): Promise<EmailTokenRow | null> {
  const [row] = await tx.query<EmailTokenRow>(
    `update email_tokens set used_at = now() where token_hash = $2 and purpose = $1 and ${open} returning ${columns}`,
    [purpose, tokenHash],
  );
  return row ?? null;
}

/** Open links of these purposes stop working. */
export async function endEmailTokens(tx: Tx, userId: UserId, purposes: readonly EmailPurpose[]): Promise<void> {
  await tx.query('delete from email_tokens where user_id = $1 and purpose = any($2::text[]) and used_at is null', [
    userId,
    purposes,
  ]);
}

export interface MailRequestRow {
  id: string;
  purpose: 'register' | 'verify_email' | 'reset_password';
  email: string;
  registrationId: string | null;
  ipAddress: string | null;
}

export async function insertMailRequest(on: Queryable, request: MailRequestRow): Promise<void> {
  await on.query(
    'insert into mail_requests (id, purpose, email, registration_id, ip_address) values ($1, $2, $3, $4, $5)',
    [request.id, request.purpose, request.email, request.registrationId, request.ipAddress],
  );
}

/** What waits, oldest first, without a lock. */
export async function listMailRequests(db: Database, limit: number): Promise<MailRequestRow[]> {
  return db.query<MailRequestRow>(
    `select id, purpose, email, registration_id as "registrationId", ip_address as "ipAddress"
       from mail_requests order by id limit $1`,
    [limit],
    { name: 'list_mail_requests' },
  );
}

/** Takes a request; its transaction does what was asked. @returns false when another process has it */
export async function takeMailRequest(tx: Tx, id: string): Promise<boolean> {
  const taken = await tx.query(
    `delete from mail_requests where id in (select id from mail_requests where id = $1 for update skip locked)
     returning 1`,
    [id],
  );
  return taken.length > 0;
}
