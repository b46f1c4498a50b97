import { Injectable } from '@nestjs/common';
import { type Actor, errors, type LoggedEvent, type ProfileId } from '#contracts';
import { Database, readEvents, streamOwner } from '#database';

/** The event log as its organization may read it. */
@Injectable()
export class EventLog {
  constructor(private readonly db: Database) {}

  /**
   * Events of a profile's stream, or of the organization's own, after a position.
   * @throws notFound when the organization has no such stream
   */
  async read(
    actor: Actor,
    from: { profileId?: ProfileId; after: number; limit: number },
  ): Promise<{ events: LoggedEvent[]; head: number }> {
    const streamId = from.profileId ?? actor.organizationId;
    return this.db.tenant(actor, async (tx) => {
      // The head first: an event that is written in between then shows as a page that may go on, never as a missed one.
      const stream = await streamOwner(tx, streamId);
      if (stream?.organizationId !== actor.organizationId) throw errors.notFound({ details: { profileId: streamId } });
      return { events: await readEvents(tx, streamId, from.after, from.limit), head: stream.head };
    });
  }
}
