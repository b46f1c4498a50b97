import { Controller, Get, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ConversationId } from '#contracts';
import { Conversations, MessageHistory } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { decodeCursor, encodeCursor } from '../http/page.js';
import { presentRead, ReadOut } from '../messages/chat-actions.dto.js';
import { conversationPage } from '../messages/conversation-page.js';
import { ConversationMessagesOut, ConversationMessagesQuery } from '../messages/message.dto.js';
import {
  ConversationOut,
  ConversationsOut,
  ConversationsQuery,
  presentConversation,
  presentUnread,
  toInboxFilter,
  UnreadCountOut,
  UnreadCountQuery,
} from './conversations.dto.js';

const cursorParts = [
  /^(next|previous)$/,
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
    description:
      'The inbox of a profile: the chat with the newest message first. All filters have to fit; `total` counts what fits. Pages go both ways by cursor, or by offset.',
    returns: ConversationsOut,
    errors: ['notFound', 'searchTooSlow'],
  })
  async list(@CurrentActor() actor: Actor, @Query() query: ConversationsQuery): Promise<ConversationsOut> {
    const { profileId, limit, offset } = query;
    const cursor = decodeCursor(query.cursor, cursorParts);
    const towards = cursor?.[0] === 'previous' ? 'previous' : 'next';
    const edge = cursor && ({ towards, lastMessageAt: new Date(cursor[1]!), id: cursor[2]! } as const);
    const filter = toInboxFilter(actor, query);
    const { conversations, total } = await this.conversations.list(actor, profileId, filter, {
      edge,
      offset,
      limit: limit + 1,
    });
    const hasMore = conversations.length > limit;
    const shown = conversations.slice(0, limit);
    if (towards === 'previous') shown.reverse();
    const cursorAt = (direction: 'next' | 'previous', isThere: boolean) => {
      const last = direction === 'next' ? shown.at(-1) : shown[0];
      return isThere && last ? encodeCursor([direction, last.lastMessageAt!.toISOString(), last.id]) : null;
    };
    return {
      conversations: shown.map(presentConversation),
      total,
      nextCursor: cursorAt('next', towards === 'previous' || hasMore),
      previousCursor: cursorAt('previous', towards === 'previous' ? hasMore : cursor !== undefined),
    };
  }

  @Get('unread-count')
  @Can('conversations.read')
  @Describe('Count what is unread', {
    description: 'In all, and by profile. Deleted conversations do not count.',
    returns: UnreadCountOut,
    errors: ['notFound'],
  })
  async unread(@CurrentActor() actor: Actor, @Query() { profileId }: UnreadCountQuery): Promise<UnreadCountOut> {
    return presentUnread(await this.conversations.unread(actor, profileId));
  }

  @Get(':id')
  @Can('conversations.read')
  @Describe('Get a conversation', {
    description:
      "One chat with its newest message. One that was deleted from the account's own devices is not found until a later message brings it back.",
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
