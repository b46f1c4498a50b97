import { Body, Controller, Delete, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ConversationId, ErrorName } from '#contracts';
import { ConversationStates } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import {
  ClearQuery,
  MarkIn,
  MuteIn,
  muteUntil,
  PinChatIn,
  RemovedConversationOut,
  TimerIn,
} from './conversation-states.dto.js';
import { ConversationOut, presentConversation } from './conversations.dto.js';

const onThePhoneToo = 'On WhatsApp first, so that the phone shows the same; the profile has to be connected.';
const stateErrors: ErrorName[] = [
  'notFound',
  'profileNotConnected',
  'engineUnavailable',
  'phoneSettingsDamaged',
  'phoneSettingsNotShared',
  'notSupported',
  'refusedByWhatsapp',
];
const described = (description: string) => ({
  description: `${description} ${onThePhoneToo} Repeating it changes nothing.`,
  returns: ConversationOut,
  errors: stateErrors,
});

/** How chats stand, on all devices of the account. */
@ApiTags('Conversations')
@Controller('conversations/:id')
export class ConversationStatesController {
  constructor(private readonly states: ConversationStates) {}

  @Put('archive')
  @Can('conversations.write')
  @Describe('Archive', described('Takes the chat out of the list of the phone, and unpins it.'))
  async archive(@CurrentActor() actor: Actor, @IdParam() id: ConversationId): Promise<ConversationOut> {
    return presentConversation(await this.states.archive(actor, id, true));
  }

  @Put('unarchive')
  @Can('conversations.write')
  @Describe('Unarchive', described('Brings the chat back into the list.'))
  async unarchive(@CurrentActor() actor: Actor, @IdParam() id: ConversationId): Promise<ConversationOut> {
    return presentConversation(await this.states.archive(actor, id, false));
  }

  @Put('mute')
  @Can('conversations.write')
  @Describe('Mute', described('For a time, until a moment, for ever, or not any more.'))
  async mute(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() body: MuteIn,
  ): Promise<ConversationOut> {
    return presentConversation(await this.states.mute(actor, id, muteUntil(body)));
  }

  @Put('pin')
  @Can('conversations.write')
  @Describe('Pin', described('Puts the chat at the top of the list, or takes it down (`pinned: false`).'))
  async pin(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() body: PinChatIn,
  ): Promise<ConversationOut> {
    return presentConversation(await this.states.pin(actor, id, body.pinned ?? true));
  }

  @Put('unread')
  @Can('conversations.write')
  @Describe('Mark as unread by hand', described('A mark in the list; messages stay as they are.'))
  async mark(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() body: MarkIn,
  ): Promise<ConversationOut> {
    return presentConversation(await this.states.markUnread(actor, id, body.unread ?? true));
  }

  @Put('disappearing')
  @Can('conversations.write')
  @Describe('Let messages disappear', described('Of a chat of two, or of a group where this account may say so.'))
  async setTimer(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Body() { seconds }: TimerIn,
  ): Promise<ConversationOut> {
    return presentConversation(await this.states.setTimer(actor, id, seconds));
  }

  @Delete('messages')
  @Can('conversations.write')
  @Describe('Clear messages in a conversation', {
    ...described("Removes the messages up to now from the account's devices; others keep theirs."),
  })
  async clear(
    @CurrentActor() actor: Actor,
    @IdParam() id: ConversationId,
    @Query() { keepStarred = false }: ClearQuery,
  ): Promise<ConversationOut> {
    return presentConversation(await this.states.clear(actor, id, keepStarred));
  }

  @Delete()
  @Can('conversations.write')
  @Describe('Delete a conversation', {
    ...described("Takes the chat with its messages out of the account's devices; a later message brings it back."),
    returns: RemovedConversationOut,
  })
  async remove(@CurrentActor() actor: Actor, @IdParam() id: ConversationId): Promise<RemovedConversationOut> {
    await this.states.remove(actor, id);
    return { id, deleted: true };
  }
}
