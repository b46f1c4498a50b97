import type { Database } from '../database.js';

/**
 * Since when the oldest answer of each profile has been due: interactive sends to people who wrote. Others may wait on
 * purpose, because the send governor paces them. Profiles where none waits are left out.
 */
export async function findOldestDueAnswers(db: Database, profileIds: string[]): Promise<Map<string, Date>> {
  const rows = await db.query<{ profileId: string; dueAt: Date }>(
    `select held.id as "profileId", oldest.not_before as "dueAt"
       from unnest($1::uuid[]) as held (id)
       cross join lateral (
         select not_before from outbox o
          where o.profile_id = held.id and o.lane = 0 and o.standing = 0 and o.not_before <= now()
          order by o.not_before limit 1
       ) oldest`,
    [profileIds],
    { name: 'outbox_oldest_answers' },
  );
  return new Map(rows.map(({ profileId, dueAt }) => [profileId, dueAt]));
}
