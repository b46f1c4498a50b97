import type { OrganizationId } from '#contracts';
import type { Tx } from '../transaction.js';

/** Whose stream it is and how far it goes; null when nothing was ever written to it. */
export async function streamOwner(
  tx: Tx,
  streamId: string,
): Promise<{ organizationId: OrganizationId; head: number } | null> {
  const [row] = await tx.query<{ organizationId: OrganizationId; head: number }>(
    'select organization_id as "organizationId", last_seq as head from event_streams where stream_id = $1',
    [streamId],
    { name: 'stream_owner' },
  );
  return row ?? null;
}
