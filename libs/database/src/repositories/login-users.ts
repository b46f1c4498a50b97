import type { SessionId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

/** Null also for people who have no password. */
export async function findPasswordHash(on: Queryable, userId: UserId): Promise<string | null> {
  const [row] = await on.query<{ hash: string | null }>('select password_hash as hash from users where id = $1', [
    userId,
  ]);
  return row?.hash ?? null;
}

/** What signing in has to know of a person besides the password. */
export interface LoginFacts {
  emailVerifiedAt: Date | null;
  /** Whether somebody logged in to the account from this address within 30 days. */
  isKnownAddress: boolean;
}

/** The same statement, whether there is such a person or not. */
export async function findLoginFacts(
  on: Queryable,
  userId: UserId | null,
  ipAddress: string | null,
): Promise<LoginFacts> {
  const [row] = await on.query<LoginFacts>(
    `select (select email_verified_at from users where id = $1) as "emailVerifiedAt",
            exists (select 1 from sessions where user_id = $1 and ip_address = $2
                       and created_at > now() - interval '30 days') as "isKnownAddress"`,
    [userId, ipAddress],
    { name: 'login_facts' },
  );
  return row!;
}

export async function setPasswordHash(tx: Tx, userId: UserId, hash: string): Promise<void> {
  await tx.query('update users set password_hash = $2 where id = $1', [userId, hash]);
}

/** Puts a hash of present parameters in the place of an older one of the same password. */
export async function replacePasswordHash(on: Queryable, userId: UserId, old: string, hash: string): Promise<void> {
  await on.query('update users set password_hash = $3 where id = $1 and password_hash = $2', [userId, old, hash]);
}

/** @returns false when the person has another address meanwhile, or it is verified already */
export async function setEmailVerified(tx: Tx, userId: UserId, email: string): Promise<boolean> {
  const set = await tx.query(
    'update users set email_verified_at = now() where id = $1 and email = $2 and email_verified_at is null returning 1',
    [userId, email],
  );
  return set.length > 0;
}

/** Gives a person a verified address. Throws PostgreSQL's unique violation when somebody else has it. */
export async function setEmail(tx: Tx, userId: UserId, email: string): Promise<void> {
  await tx.query('update users set email = $2, email_verified_at = now() where id = $1', [userId, email]);
}

export async function readPreferences(on: Queryable, userId: UserId): Promise<Record<string, unknown>> {
  const [row] = await on.query<{ preferences: Record<string, unknown> }>(
    'select preferences from users where id = $1',
    [userId],
  );
  return row?.preferences ?? {};
}

/** Merges changes into what a person chose. @returns all of it */
export async function mergePreferences(
  tx: Tx,
  userId: UserId,
  changes: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const [row] = await tx.query<{ preferences: Record<string, unknown> }>(
    'update users set preferences = preferences || $2::jsonb where id = $1 returning preferences',
    [userId, JSON.stringify(changes)],
  );
  return row?.preferences ?? {};
}

export interface SessionRow {
  id: SessionId;
  ipAddress: string | null;
  userAgent: string | null;
  method: string;
  createdAt: Date;
  lastActiveAt: Date;
  expiresAt: Date;
}

/** The person's sessions that have not ended, last used first. */
export async function listSessions(
  tx: Tx,
  userId: UserId,
  page: { before?: { lastActiveAt: string; id: string }; limit: number },
): Promise<SessionRow[]> {
  return tx.query<SessionRow>(
    `select id, ip_address as "ipAddress", user_agent as "userAgent", method, created_at as "createdAt",
            last_active_at as "lastActiveAt", expires_at as "expiresAt"
       from sessions
      where user_id = $1 and ended_at is null and expires_at > now()
        and ($2::timestamptz is null or (last_active_at, id) < ($2, $3::uuid))
      order by last_active_at desc, id desc limit $4`,
    [userId, page.before?.lastActiveAt ?? null, page.before?.id ?? null, page.limit],
  );
}

/** Null when it has ended. */
export async function findSessionStart(on: Queryable, sessionId: string): Promise<Date | null> {
  const [row] = await on.query<{ createdAt: Date }>(
    'select created_at as "createdAt" from sessions where id = $1 and ended_at is null',
    [sessionId],
  );
  return row?.createdAt ?? null;
}

/** Ends the person's sessions: one, or all but one, or all. @returns which ended by this call */
export async function endSessionsOf(
  tx: Tx,
  userId: UserId,
  which: { only: string } | { except: string | null },
  reason: string,
): Promise<SessionId[]> {
  const ended = await tx.query<{ id: SessionId }>(
    `update sessions set ended_at = now(), end_reason = $4
      where user_id = $1 and ended_at is null and ($2::uuid is null or id = $2) and ($3::uuid is null or id <> $3)
     returning id`,
    [userId, 'only' in which ? which.only : null, 'except' in which ? which.except : null, reason],
  );
  return ended.map(({ id }) => id);
}
