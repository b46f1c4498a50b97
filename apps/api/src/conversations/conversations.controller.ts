import { Controller, Get, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ConversationId } from '#contracts';
import { Conversations, MessageHistory } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeCursor, toPage } from '../http/page.js';
import { presentRead, ReadOut } from '../messages/chat-actions.dto.js';
import { conversationPage } from '../messages/conversation-page.js';
import { ConversationMessagesOut, ConversationMessagesQuery } from '../messages/message.dto.js';
import { ConversationOut, ConversationsOut, ConversationsQuery, presentConversation } from './conversations.dto.js';

const cursorParts = [
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
];

@ApiTags('Conversations')
@Controller('conversations')
export class ConversationsController {
  constructor(
    private readonly conversations: Conversations,
    private readonly history: MessageHistory,
  ) {}

  @Get()
  @Can('conversations.read')
  @Describe('List conversations', {
    description: 'The inbox of a profile: the chat with the newest message first. `total` counts all of them.',
    returns: ConversationsOut,
    errors: ['notFound'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: ConversationsQuery): Promise<ConversationsOut> {
    const { profileId, type, unread, limit, offset } = query;
    const cursor = decodeCursor(query.cursor, cursorParts);
    const after = cursor && { lastMessageAt: new Date(cursor[0]!), id: cursor[1]! };
    const filter = { kind: type, unreadOnly: unread, after, offset };
    const { conversations, total } = await this.conversations.list(actor, profileId, filter, limit + 1);
    const page = toPage(
      conversations,
      limit,
      ({ lastMessageAt, id }) => [lastMessageAt!.toISOString(), id],
      presentConversation,
    );
    return { conversations: page.items, total, nextCursor: page.meta.nextCursor };
  }

  @Get(':id')
  @Can('conversations.read')
  @Describe('Get a conversation', {
    description: 'One chat with its newest message.',
    returns: ConversationOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ConversationId): Promise<ConversationOut> {
    return presentConversation(await this.conversations.get(actor, id));
  }

  @Get(':id/messages')
  @Can('messages.read')
  @Describe('List messages in a conversation', {
    description:
      'The newest messages, or those before or after a given one; within the page oldest first. `nextCursor` goes on in the same direction.',
    returns: ConversationMessagesOut,
    errors: ['notFound'],
  })
  messages(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Query() query: ConversationMessagesQuery,
  ): Promise<ConversationMessagesOut> {
    return conversationPage(this.history, actor, id, query);
  }

  @Put(':id/read')
  @Can('conversations.write')
  @Describe('Mark a conversation read', {
    description:
      'All unread messages are read here at once, and the other person is told by read receipts. When WhatsApp cannot be told now, the answer says so (`receiptSent: false`).',
    returns: ReadOut,
    errors: ['notFound'],
  })
  async markRead(@CurrentActor() actor: Actor, @IdParam() id: ConversationId): Promise<ReadOut> {
    return presentRead(await this.conversations.markRead(actor, id));
  }
}
