import { appendEvents, type Database, findConversations, holdLease, readParties, resolvePersons } from '#database';
import type { TypingFact } from '#engine';
import type { OwnedProfile } from './owned-profile.js';

/** Tells of typing in chats that exist. It is of the moment: when the database is away it is not repeated. */
export class TypingRecorder {
  constructor(private readonly db: Database) {}

  /** @throws LeaseLost */
  async record(owned: OwnedProfile, fact: TypingFact): Promise<void> {
    if (fact.chat.kind !== 'user') return;
    const { organizationId, profileId } = owned.lease;
    await this.db.system(async (tx) => {
      await holdLease(tx, owned.lease);
      const { personIds } = await resolvePersons(tx, organizationId, [fact.by]);
      const conversationId = (await findConversations(tx, profileId, personIds)).get(personIds[0]!);
      if (conversationId === undefined) return;
      const [person] = await readParties(tx, profileId, personIds);
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          conversationId,
          name: 'typing.changed',
          actor: { kind: 'whatsapp' },
          payload: { conversationId, person: person!, state: fact.state },
        },
      ]);
    });
  }
}
