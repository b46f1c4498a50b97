import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, MessageId } from '#contracts';
import { MessageSearcher } from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { decodeIdCursor, toPage } from '../http/page.js';
import { FoundMessageOut, MessageSearchQuery, presentFound, toMessageQuestion } from './message-search.dto.js';

@ApiTags('Messages')
@Controller('messages/search')
export class MessageSearchController {
  constructor(private readonly searcher: MessageSearcher) {}

  @Get()
  @Can('messages.read')
  @Describe('Search messages', {
    description:
      'By their words: text, captions, file names, questions and options of polls, names in contact cards, places and events. Newest first. All filters have to fit.',
    returns: [FoundMessageOut],
    page: true,
    errors: ['notFound', 'searchTooSlow'],
  })
  async search(@CurrentActor() actor: Actor, @Query() query: MessageSearchQuery): Promise<Page<FoundMessageOut>> {
    const before = decodeIdCursor<MessageId>(query.cursor);
    const found = await this.searcher.search(actor, toMessageQuestion(query, before));
    return toPage(found, query.limit, ({ message }) => [message.id], presentFound);
  }
}
