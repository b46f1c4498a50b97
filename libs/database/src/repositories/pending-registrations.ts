import type { Tx } from '../transaction.js';

type Queryable = Pick<Tx, 'query'>;

export interface PendingRegistration {
  id: string;
  email: string;
  name: string;
  organizationName: string;
  passwordHash: string;
}

const columns = 'id, email, name, organization_name as "organizationName", password_hash as "passwordHash"';

/** Pending registrations of one address that are kept; the oldest give way. */
const OPEN_AT_ONCE = 5;

export async function insertPendingRegistration(
  tx: Tx,
  made: PendingRegistration & { expiresAt: Date },
): Promise<void> {
  await tx.query(
    `with crowded as (
       delete from pending_registrations where id in (
         select id from pending_registrations where email = $2 order by id desc offset ${OPEN_AT_ONCE - 1}))
     insert into pending_registrations (id, email, name, organization_name, password_hash, expires_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [made.id, made.email, made.name, made.organizationName, made.passwordHash, made.expiresAt],
  );
}

/** Gives a registration the token of the link that is mailed for it. */
export async function setRegistrationToken(tx: Tx, id: string, tokenHash: Buffer): Promise<boolean> {
  const set = await tx.query(
    'update pending_registrations set token_hash = $2 where id = $1 and expires_at > now() returning 1',
    [id, tokenHash],
  );
  return set.length > 0;
}

export async function findPendingRegistration(on: Queryable, tokenHash: Buffer): Promise<PendingRegistration | null> {
  const [row] = await on.query<PendingRegistration>(
    `select ${columns} from pending_registrations where token_hash = $1 and expires_at > now()`,
    [tokenHash],
  );
  return row ?? null;
}

/** The newest of an address, for sending its link again. */
export async function newestRegistrationOf(on: Queryable, email: string): Promise<PendingRegistration | null> {
  const [row] = await on.query<PendingRegistration>(
    `select ${columns} from pending_registrations where email = $1 and expires_at > now() order by id desc limit 1`,
    [email],
  );
  return row ?? null;
}

/** Removes a registration that becomes real, with all others of its address. @returns false when it is gone already */
export async function takePendingRegistration(tx: Tx, id: string): Promise<boolean> {
  const taken = await tx.query<{ id: string }>(
    `delete from pending_registrations where email = (select email from pending_registrations where id = $1 for update)
     returning id`,
    [id],
  );
  return taken.some((row) => row.id === id);
}
