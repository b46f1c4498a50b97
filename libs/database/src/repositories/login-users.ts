import type { OrganizationId, SessionId, UserId } from '#contracts';
import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

/** Null also for people who have no password. */
export async function findPasswordHash(on: Queryable, userId: UserId): Promise<string | null> {
  const [row] = await on.query<{ hash: string | null }>('select password_hash as hash from users where id = $1', [
    userId,
  ]);
  return row?.hash ?? null;
}

/** How a person can log in. */
export interface LoginWays {
  hasPassword: boolean;
  passkeys: number;
  /** Links to the identity provider. */
  identities: number;
}

/** The person stays locked until the end of the transaction, so that two requests cannot take away the last two ways. */
export async function loginWaysOf(tx: Tx, userId: UserId): Promise<LoginWays> {
  await tx.query('select 1 from users where id = $1 for no key update', [userId]);
  const [row] = await tx.query<LoginWays>(
    `select password_hash is not null as "hasPassword",
            (select count(*)::int from passkeys where user_id = $1) as passkeys,
            (select count(*)::int from external_logins where user_id = $1) as identities
       from users where id = $1`,
    [userId],
  );
  return row ?? { hasPassword: false, passkeys: 0, identities: 0 };
}

/** What a person sees of their own log-in. */
export interface LoginOverview {
  hasPassword: boolean;
  emailVerifiedAt: Date | null;
  isPlatformAdmin: boolean;
  totp: boolean;
  passkeys: number;
  backupCodes: number;
}

export async function loginOverviewOf(tx: Tx, userId: UserId): Promise<LoginOverview | null> {
  const [row] = await tx.query<LoginOverview>(
    `select password_hash is not null as "hasPassword", email_verified_at as "emailVerifiedAt",
            is_platform_admin as "isPlatformAdmin",
            exists (select 1 from totp_secrets where user_id = $1 and confirmed_at is not null) as totp,
            (select count(*)::int from passkeys where user_id = $1) as passkeys,
            (select count(*)::int from backup_codes where user_id = $1 and used_at is null) as "backupCodes"
       from users where id = $1`,
    [userId],
    { name: 'login_overview' },
  );
  return row ?? null;
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

/** The person's sessions that have not ended, newest first: the order of their use changes while one reads. */
export async function listSessions(
  tx: Tx,
  userId: UserId,
  page: { before?: SessionId; limit: number },
): Promise<SessionRow[]> {
  return tx.query<SessionRow>(
    `select id, ip_address as "ipAddress", user_agent as "userAgent", method, created_at as "createdAt",
            last_active_at as "lastActiveAt", expires_at as "expiresAt"
       from sessions
      where user_id = $1 and ended_at is null and expires_at > now()
        and ($2::uuid is null or id < $2)
      order by id desc limit $3`,
    [userId, page.before ?? null, page.limit],
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

/** How the person of a session logged in; null when it has ended. */
export async function findSessionMethod(on: Queryable, sessionId: string): Promise<string | null> {
  const [row] = await on.query<{ method: string }>('select method from sessions where id = $1 and ended_at is null', [
    sessionId,
  ]);
  return row?.method ?? null;
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

export interface NewUser {
  id: UserId;
  organizationId: OrganizationId;
  email: string;
  name: string;
  /** Null for who logs in through the identity provider only. */
  passwordHash: string | null;
  /** Whether mail to the address was shown to arrive: by an invitation's link, or by the identity provider. */
  isEmailVerified: boolean;
}

/** A person without any role yet, in an organization that is there. @returns false when the address is taken */
export async function insertUser(tx: Tx, user: NewUser): Promise<boolean> {
  const inserted = await tx.query(
    `insert into users (id, organization_id, email, name, password_hash, email_verified_at)
     values ($1, $2, $3, $4, $5, case when $6 then now() end) on conflict (email) do nothing returning 1`,
    [user.id, user.organizationId, user.email, user.name, user.passwordHash, user.isEmailVerified],
  );
  return inserted.length > 0;
}

export async function findOrganizationBySlug(on: Queryable, slug: string): Promise<OrganizationId | null> {
  const [row] = await on.query<{ id: OrganizationId }>('select id from organizations where slug = $1', [slug]);
  return row?.id ?? null;
}

export interface UserByEmail {
  id: UserId;
  organizationId: OrganizationId;
  isActive: boolean;
  emailVerifiedAt: Date | null;
}

/** By address, over the whole installation. */
export async function findUserByEmail(on: Queryable, email: string): Promise<UserByEmail | null> {
  const [row] = await on.query<UserByEmail>(
    `select id, organization_id as "organizationId", is_active as "isActive", email_verified_at as "emailVerifiedAt"
       from users where email = $1`,
    [email],
  );
  return row ?? null;
}
