import { Body, Controller, Get, Inject, Post, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type Config, publicUrlOf } from '#config';
import type { Actor, ConversationId, MessageId, ProfileId } from '#contracts';
import {
  Conversations,
  linkSeconds,
  MediaReader,
  MessageDetails,
  MessageHistory,
  messageView,
  recipientOf,
  TypingSignals,
} from '#domain';
import { Can } from '../http/access.js';
import type { Page } from '../http/answer.js';
import { CONFIG } from '../http/config.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { MarkReadIn, presentRead, ReadOut, TypingIn, TypingOut } from './chat-actions.dto.js';
import { conversationPage, profilePage } from './conversation-page.js';
import { MediaLinkOut, MediaLinkQuery } from './media.dto.js';
import { mediaResponse } from './media-response.js';
import { ConversationMessagesOut, ConversationMessagesQuery, MessageOut, ProfileMessagesQuery } from './message.dto.js';
import { MessageWithPollOut, presentPoll } from './message-details.dto.js';

/** How long a request waits for a file that is still at WhatsApp, milliseconds. */
const FETCH_WAIT_MS = 20_000;

@ApiTags('Messages')
@Controller('messages')
export class MessagesController {
  constructor(
    private readonly history: MessageHistory,
    private readonly details: MessageDetails,
    private readonly conversations: Conversations,
    private readonly typing: TypingSignals,
    private readonly media: MediaReader,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('typing')
  @Can('messages.send')
  @Describe('Show that you are typing', {
    description: 'Shows “typing…” or “recording audio…” to the other person, or ends it. Needs a live connection.',
    returns: TypingOut,
    status: 200,
    errors: ['notFound', 'profileNotLinked', 'recipientInvalid', 'profileNotConnected', 'engineUnavailable'],
  })
  async setTyping(@CurrentActor() actor: Actor, @Body() body: TypingIn): Promise<TypingOut> {
    const state = body.state ?? 'composing';
    await this.typing.set(actor, body.profileId, {
      to: recipientOf(body.to, 'to'),
      state: state === 'available' ? 'paused' : state,
      durationMs: body.duration ?? undefined,
    });
    return { success: true, state, to: body.to };
  }

  @Post('mark-read')
  @Can('conversations.write')
  @Describe('Mark messages of a chat read', {
    description:
      'They are read here at once, and the other person is told by read receipts. When WhatsApp cannot be told now, the answer says so (`receiptSent: false`) and names the messages, to be repeated later.',
    returns: ReadOut,
    status: 200,
    errors: ['notFound', 'recipientInvalid'],
  })
  async markRead(@CurrentActor() actor: Actor, @Body() body: MarkReadIn): Promise<ReadOut> {
    const { profileId, chatId, messageIds } = body;
    const ids = messageIds?.length ? messageIds : undefined;
    return presentRead(await this.conversations.markChatRead(actor, profileId, recipientOf(chatId, 'chatId'), ids));
  }

  @Get('profile/:profileId')
  @Can('messages.read')
  @Describe('List messages for a profile', {
    description:
      'All chats of the profile in one list, newest first. `nextCursor` goes on in the same direction: to older messages, or with `after` to newer ones.',
    returns: [MessageOut],
    page: true,
    errors: ['notFound'],
  })
  listOfProfile(
    @CurrentActor() actor: Actor,
    @IdParam('profileId') profileId: ProfileId,
    @Query() query: ProfileMessagesQuery,
  ): Promise<Page<MessageOut>> {
    return profilePage(this.history, actor, profileId, query);
  }

  @Get('conversation/:conversationId')
  @Can('messages.read')
  @Describe('List messages in a conversation', {
    description:
      'The newest messages, or those before or after a given one; within the page oldest first. `nextCursor` goes on in the same direction.',
    returns: ConversationMessagesOut,
    errors: ['notFound'],
  })
  listOfConversation(
    @CurrentActor() actor: Actor,
    @IdParam('conversationId') conversationId: ConversationId,
    @Query() query: ConversationMessagesQuery,
  ): Promise<ConversationMessagesOut> {
    return conversationPage(this.history, actor, conversationId, query);
  }

  @Get(':id')
  @Can('messages.read')
  @Describe('Get a single message', {
    description:
      "With its present state, a poll with its votes. `id` is ours (`messageId` of a send). What was deleted or cleared from the account's own devices is not found.",
    returns: MessageWithPollOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<MessageWithPollOut> {
    const message = await this.history.get(actor, id);
    const { content, revokedAt } = message;
    const isPoll = content.kind === 'poll' && revokedAt === null;
    const poll = isPoll ? presentPoll(content.options, await this.details.answers(actor, id)) : null;
    return { ...messageView(message), poll };
  }

  @Get(':id/media')
  @Can('messages.read')
  @Describe('Download the media of a message', {
    description:
      'The file as it is, whole or in ranges. One that is still at WhatsApp, because the settings say so (`GET /settings/media`), is fetched now, which may take some seconds.',
    returns: 'file',
    errors: [
      'notFound',
      'mediaNotAvailable',
      'mediaPending',
      'mediaInfected',
      'mediaNotScanned',
      'rangeNotSatisfiable',
    ],
  })
  async file(
    @CurrentActor() actor: Actor,
    @IdParam() id: MessageId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    return mediaResponse(this.media, await this.media.find(actor, id, FETCH_WAIT_MS), request, response);
  }

  @Get(':id/media/link')
  @Can('messages.read')
  @Describe('Get a link to the media of a message', {
    description:
      'An address under which this one file can be fetched without further credentials until it expires, for an `<img>` or for another service. Whoever has it can see the file.',
    returns: MediaLinkOut,
    errors: ['notFound', 'mediaNotAvailable', 'mediaPending', 'mediaInfected', 'mediaNotScanned'],
  })
  async mediaLink(
    @CurrentActor() actor: Actor,
    @IdParam() id: MessageId,
    @Query() { expiresIn }: MediaLinkQuery,
  ): Promise<MediaLinkOut> {
    const { token, expiresAt } = await this.media.link(actor, id, expiresIn ?? linkSeconds.default, FETCH_WAIT_MS);
    return { url: `${publicUrlOf(this.config)}/api/v1/media/${token}`, expiresAt: expiresAt.toISOString() };
  }

  @Get(':id/media/thumbnail')
  @Can('messages.read')
  @Describe('Get a thumbnail of the media of a message', {
    description:
      'A small JPEG of the picture or film of a received message, made soon after its file was stored. (`content.thumbnail` is what the sender wants shown, there from the start.)',
    returns: 'file',
    errors: ['notFound', 'mediaNotAvailable', 'mediaPending', 'mediaInfected', 'mediaNotScanned'],
  })
  async thumbnail(@CurrentActor() actor: Actor, @IdParam() id: MessageId): Promise<StreamableFile> {
    const jpeg = await this.media.thumbnail(await this.media.find(actor, id, FETCH_WAIT_MS));
    return new StreamableFile(jpeg, { type: 'image/jpeg', disposition: 'inline', length: jpeg.length });
  }
}
