import {
  appendEvents,
  type Database,
  findChats,
  holdLease,
  placeKey,
  readParties,
  resolvePersons,
  roomPlace,
} from '#database';
import type { TypingFact } from '#engine';
import type { OwnedProfile } from './owned-profile.js';

/** Tells of typing in chats that exist. It is of the moment: when the database is away it is not repeated. */
export class TypingRecorder {
  constructor(private readonly db: Database) {}

  /** @throws LeaseLost */
  async record(owned: OwnedProfile, { chat, by, state }: TypingFact): Promise<void> {
    const { organizationId, profileId } = owned.lease;
    await this.db.system(async (tx) => {
      await holdLease(tx, owned.lease);
      const { personIds } = await resolvePersons(tx, organizationId, [by]);
      const place = chat.kind === 'user' ? { personId: personIds[0]! } : roomPlace(chat);
      const conversationId = (await findChats(tx, profileId, [place])).get(placeKey(place));
      if (conversationId === undefined) return;
      const [person] = await readParties(tx, profileId, personIds);
      await appendEvents(tx, [
        {
          organizationId,
          profileId,
          conversationId,
          name: 'typing.changed',
          actor: { kind: 'whatsapp' },
          payload: { conversationId, person: person!, state },
        },
      ]);
    });
  }
}
