import type { Address } from '#engine';
import type { Tx } from '../transaction.js';
import type { Lease } from './leases.js';

/** Keeps who may see statuses, with the messages that they are; what is no status is left out. */
export async function insertStatusAudiences(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  messages: { id: string; audience: Address[] | null }[],
): Promise<void> {
  const statuses = messages.filter(({ audience }) => audience !== null);
  if (statuses.length === 0) return;
  await tx.query(
    `insert into status_audiences (message_id, organization_id, profile_id, audience)
     select status.id, $1, $2, status.audience from unnest($3::uuid[], $4::jsonb[]) as status (id, audience)`,
    [
      owner.organizationId,
      owner.profileId,
      statuses.map(({ id }) => id),
      statuses.map(({ audience }) => JSON.stringify(audience)),
    ],
  );
}

/** Who may see a status of ours; null of other messages. */
export async function findStatusAudience(tx: Tx, messageId: string): Promise<Address[] | null> {
  const [row] = await tx.query<{ audience: Address[] }>('select audience from status_audiences where message_id = $1', [
    messageId,
  ]);
  return row?.audience ?? null;
}

/** The same by the message, or by the message that this one does something to. */
export async function findAudienceOf(db: Pick<Tx, 'query'>, messageId: string): Promise<Address[] | null> {
  const [row] = await db.query<{ audience: Address[] }>(
    `select s.audience from messages m join status_audiences s on s.message_id in (m.id, m.target_message_id)
      where m.id = $1`,
    [messageId],
  );
  return row?.audience ?? null;
}

/** Keeps whom a status goes to, for what is still to be sent of it and for later; only while the lease lasts. */
export async function keepAudience(
  db: Pick<Tx, 'query'>,
  lease: Lease,
  messageId: string,
  audience: Address[],
): Promise<void> {
  await db.query(
    `with lease as (
       select organization_id from profile_leases where profile_id = $1 and host_id = $2 and epoch = $3 for key share
     ), kept as (
       update outbox o set audience = $5::jsonb from lease where o.message_id = $4 and o.claimed_epoch = $3
       returning o.message_id, lease.organization_id
     )
     insert into status_audiences (message_id, organization_id, profile_id, audience)
     select message_id, organization_id, $1, $5::jsonb from kept on conflict (message_id) do nothing`,
    [lease.profileId, lease.hostId, lease.epoch, messageId, JSON.stringify(audience)],
  );
}

/** Whom the account's phone has in its address book, without those who are blocked. */
export function listSavedPeople(db: Pick<Tx, 'query'>, profileId: string): Promise<Address[]> {
  return db.query<Address>(
    `select (select value from identities i where i.person_id = c.person_id and kind = 'phone'
              order by id desc limit 1) as phone,
            (select value from identities i where i.person_id = c.person_id and kind = 'lid'
              order by id desc limit 1) as lid
       from contacts c where c.profile_id = $1 and c.saved_name is not null and not c.is_blocked`,
    [profileId],
  );
}

/** Takes a person out of all of them. */
export async function eraseFromAudiences(tx: Tx, organizationId: string, digits: string[]): Promise<number> {
  const rows = await tx.query(
    `update status_audiences s
        set audience = (select coalesce(jsonb_agg(one), '[]') from jsonb_array_elements(s.audience) one
                         where not (one ->> 'phone' = any($2::text[]) or one ->> 'lid' = any($2::text[])) is true)
      where s.organization_id = $1
        and exists (select from jsonb_array_elements(s.audience) one
                     where one ->> 'phone' = any($2::text[]) or one ->> 'lid' = any($2::text[]))
     returning 1`,
    [organizationId, digits],
  );
  return rows.length;
}
