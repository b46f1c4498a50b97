import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { EventLog } from '#domain';
import { Can } from '../http/access.js';
import { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { EventOut, EventsQuery, presentEvent, toLogPage } from './events.dto.js';

@ApiTags('Events')
@Controller('events')
export class EventsController {
  constructor(private readonly log: EventLog) {}

  @Get()
  @Can('events.read')
  @Describe('Read the event log', {
    description:
      'Whatever happens is one event in an ordered log: one log for each profile, and one for the organization itself. Read it from the last `seq` that you have and nothing is missed, however long you were away; or with `order=desc` backwards from the newest. `meta.head` is the position of the newest event; `meta.nextCursor` is the `after` of the next page (the `before`, with `order=desc`), null when nothing is left. With filters a page may have fewer events than `limit`, even none, and still go on: each request looks through 20,000 positions at most.',
    returns: [EventOut],
    page: true,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: EventsQuery): Promise<Page<EventOut>> {
    const { events, head, next } = await this.log.read(actor, toLogPage(query));
    const nextCursor = next === null ? null : String(next);
    return new Page(events.map(presentEvent), { limit: query.limit, nextCursor, head });
  }
}
