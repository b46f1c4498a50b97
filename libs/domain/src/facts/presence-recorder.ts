import { appendEvents, type Database, holdLease, readParties, resolvePersons } from '#database';
import type { PresenceFact } from '#engine';
import type { OwnedProfile } from '../messaging/owned-profile.js';

/** Tells that somebody came or went. It is of the moment: when the database is away it is not repeated. */
export class PresenceRecorder {
  constructor(private readonly db: Database) {}

  /** @throws LeaseLost */
  async record(owned: OwnedProfile, { person, online, lastSeenAt }: PresenceFact): Promise<void> {
    const { organizationId, profileId } = owned.lease;
    await this.db.system(async (tx) => {
      await holdLease(tx, owned.lease);
      const { personIds } = await resolvePersons(tx, organizationId, [person]);
      const [party] = await readParties(tx, profileId, personIds);
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          name: 'presence.changed',
          actor: { kind: 'whatsapp' },
          payload: { person: party!, online, lastSeenAt: lastSeenAt?.toISOString() ?? null },
        },
      ]);
    });
  }
}
