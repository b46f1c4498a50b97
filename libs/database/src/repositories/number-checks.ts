import type { OrganizationId } from '#contracts';
import type { Tx } from '../transaction.js';

/** What WhatsApp answered of a phone number, and when. */
export interface NumberCheckRow {
  /** Digits. */
  phone: string;
  exists: boolean;
  lid: string | null;
  checkedAt: Date;
}

/** Answers that were given at `since` or later. */
export function findNumberChecks(
  tx: Pick<Tx, 'query'>,
  organizationId: OrganizationId,
  phones: readonly string[],
  since: Date,
): Promise<NumberCheckRow[]> {
  return tx.query<NumberCheckRow>(
    `select phone, exists, lid, checked_at as "checkedAt" from number_checks
      where organization_id = $1 and phone = any($2::text[]) and checked_at >= $3`,
    [organizationId, phones, since],
    { name: 'number_checks_find' },
  );
}

/** Keeps answers, each phone number once; older ones give way. */
export async function putNumberChecks(
  tx: Tx,
  organizationId: OrganizationId,
  answers: readonly NumberCheckRow[],
): Promise<void> {
  if (answers.length === 0) return;
  const sorted = [...answers].sort((a, b) => (a.phone < b.phone ? -1 : 1));
  await tx.query(
    `insert into number_checks as n (organization_id, phone, exists, lid, checked_at)
     select $1, given.phone, given.exists, given.lid, given.checked_at
       from unnest($2::text[], $3::boolean[], $4::text[], $5::timestamptz[]) with ordinality
            as given (phone, exists, lid, checked_at, position) order by given.position
     on conflict (organization_id, phone) do update
        set exists = excluded.exists, lid = excluded.lid, checked_at = excluded.checked_at
      where n.checked_at <= excluded.checked_at`,
    [
      organizationId,
      sorted.map((each) => each.phone),
      sorted.map((each) => each.exists),
      sorted.map((each) => each.lid),
      sorted.map((each) => each.checkedAt),
    ],
  );
}
