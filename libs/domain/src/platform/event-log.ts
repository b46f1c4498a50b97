import { Injectable } from '@nestjs/common';
import { type Actor, errors, type LoggedEvent, type ProfileId } from '#contracts';
import { Database, findProfile, readEvents, streamOwner, type Tx } from '#database';

/** The event log as its organization may read it. */
@Injectable()
export class EventLog {
  constructor(private readonly db: Database) {}

  /**
   * Events of a profile's stream, or of the organization's own, after a position. The log itself is not limited by reach
   * (whoever changes something writes to it), so that is looked at here.
   * @throws notFound when the organization has no such stream, or it is beyond the actor's reach; forbidden when that is
   * limited and the organization's own stream is asked for
   */
  async read(
    actor: Actor,
    from: { profileId?: ProfileId; after: number; limit: number },
  ): Promise<{ events: LoggedEvent[]; head: number }> {
    const streamId = from.profileId ?? actor.organizationId;
    return this.db.tenant(actor, async (tx) => {
      if (actor.reach !== 'everywhere') await this.assertWithin(tx, actor, from.profileId);
      // The head first: an event that is written in between then shows as a page that may go on, never as a missed one.
      const stream = await streamOwner(tx, streamId);
      if (stream?.organizationId !== actor.organizationId) throw errors.notFound({ details: { profileId: streamId } });
      return { events: await readEvents(tx, streamId, from.after, from.limit), head: stream.head };
    });
  }

  private async assertWithin(tx: Tx, actor: Actor, profileId: ProfileId | undefined): Promise<void> {
    if (profileId === undefined) {
      throw errors.forbidden({
        message: 'Your permission is limited to some profiles. Read their logs: give profileId.',
      });
    }
    // A deleted profile is in no place any more.
    if (!(await findProfile(tx, actor, profileId))) throw errors.notFound({ details: { profileId } });
  }
}
