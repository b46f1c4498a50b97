import { newId } from '#contracts';
import type { InboundAction } from '#engine';
import type { Tx } from '../transaction.js';

/** How long an action waits for its message. What is over is swept (sweeping.ts). */
const WAIT_DAYS = 7;
/** Most that wait for one profile; what comes beyond is forgotten. */
const MOST = 10_000;

/** Keeps actions whose messages are not here (yet). One that is kept already is not kept twice. */
export async function keepWaitingActions(
  tx: Tx,
  owner: { organizationId: string; profileId: string },
  facts: InboundAction[],
): Promise<void> {
  await tx.query(
    `insert into waiting_actions (id, organization_id, profile_id, target_wa_message_id, wa_message_id, fact, expires_at)
     select new.id, $1, $2, new.target, new.wa_message_id, new.fact, now() + make_interval(days => $7)
       from unnest($3::uuid[], $4::text[], $5::text[], $6::jsonb[]) as new (id, target, wa_message_id, fact)
      where (select count(*) from (select from waiting_actions where profile_id = $2 limit $8) w) < $8
     on conflict do nothing`,
    [
      owner.organizationId,
      owner.profileId,
      facts.map(() => newId()),
      facts.map((fact) => fact.target.waMessageId),
      facts.map((fact) => fact.waMessageId),
      facts.map((fact) => JSON.stringify({ ...fact, journalId: null })),
      WAIT_DAYS,
      MOST,
    ],
    { name: 'waiting_keep' },
  );
}

/** Takes the actions that wait for messages with these WhatsApp ids, in the order in which they came. */
export async function takeWaitingActions(tx: Tx, profileId: string, waMessageIds: string[]): Promise<InboundAction[]> {
  const rows = await tx.query<{ id: string; fact: InboundAction & { sentAt: string } }>(
    `delete from waiting_actions where profile_id = $1 and target_wa_message_id = any($2::text[]) returning id, fact`,
    [profileId, waMessageIds],
    { name: 'waiting_take' },
  );
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ fact }) => ({ ...fact, sentAt: new Date(fact.sentAt) }));
}
