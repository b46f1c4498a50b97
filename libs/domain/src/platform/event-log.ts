import { Injectable } from '@nestjs/common';
import { type Actor, errors, type LoggedEvent, type ProfileId } from '#contracts';
import {
  Database,
  type EventFilter,
  findProfile,
  positionAt,
  readEvents,
  searchEvents,
  streamOwner,
  type Tx,
} from '#database';

/** Positions that one request looks through when it asks for some of the events only. */
const MOST_LOOKED_THROUGH = 20_000;

/** What is asked of a log: forwards from a position, or backwards from one; absent: from its beginning, or its end. */
export interface LogPage extends EventFilter {
  profileId?: ProfileId;
  after?: number;
  before?: number;
  newestFirst: boolean;
  limit: number;
}

export interface ReadLog {
  events: LoggedEvent[];
  /** Position of the newest event. */
  head: number;
  /** Where to go on: the `after` of the next page, or the `before` when the newest come first; null: nothing is left. */
  next: number | null;
}

/** The event log as its organization may read it. */
@Injectable()
export class EventLog {
  constructor(private readonly db: Database) {}

  /**
   * Events of a profile's stream, or of the organization's own. A page that was asked for with filters may have fewer than
   * it may, even none, while `next` says where to go on. The log itself is not limited by reach (whoever changes something
   * writes to it), so that is looked at here.
   * @throws notFound when the organization has no such stream, or it is beyond the actor's reach; forbidden when that is
   * limited and the organization's own stream is asked for
   */
  async read(actor: Actor, page: LogPage): Promise<ReadLog> {
    const streamId = page.profileId ?? actor.organizationId;
    return this.db.tenant(actor, async (tx) => {
      if (actor.reach !== 'everywhere') await this.assertWithin(tx, actor, page.profileId);
      // The head first: an event that is written in between then shows as a page that may go on, never as a missed one.
      const stream = await streamOwner(tx, streamId);
      if (stream?.organizationId !== actor.organizationId) throw errors.notFound({ details: { profileId: streamId } });
      const { head } = stream;
      return { head, ...(await this.page(tx, streamId, head, page)) };
    });
  }

  private async page(tx: Tx, streamId: string, head: number, page: LogPage): Promise<Omit<ReadLog, 'head'>> {
    const { after = 0, newestFirst, limit, names, conversationId, from, to } = page;
    const isWhole = !newestFirst && !names && !conversationId && !from && !to && page.before === undefined;
    if (isWhole) {
      const events = await readEvents(tx, streamId, after, limit);
      const last = events.at(-1)?.seq ?? after;
      return { events, next: last < head ? last : null };
    }
    const first = from ? await positionAt(tx, streamId, head, from) : 1;
    const end = to ? await positionAt(tx, streamId, head, to) : head + 1;
    const above = Math.max(after, first - 1);
    const below = Math.min(page.before ?? end, end);
    const window = newestFirst
      ? { above: Math.max(above, below - 1 - MOST_LOOKED_THROUGH), below }
      : { above, below: Math.min(below, above + 1 + MOST_LOOKED_THROUGH) };
    const events = await searchEvents(tx, streamId, page, { ...window, newestFirst, limit });
    return { events, next: nextOf(events, { above, below }, window, page) };
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

interface Between {
  above: number;
  below: number;
}

/** @param asked all positions that were asked for @param seen those of them that were looked through */
function nextOf(events: LoggedEvent[], asked: Between, seen: Between, { newestFirst, limit }: LogPage): number | null {
  const isFull = events.length === limit;
  if (newestFirst) {
    const lowest = isFull ? events.at(-1)!.seq : seen.above + 1;
    return lowest - 1 > asked.above ? lowest : null;
  }
  const highest = isFull ? events.at(-1)!.seq : seen.below - 1;
  return highest + 1 < asked.below ? highest : null;
}
