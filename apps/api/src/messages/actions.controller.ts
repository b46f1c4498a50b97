import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ErrorName, MessageAction } from '#contracts';
import { MessageActions, type QueuedAction } from '#domain';
import { Can } from '../http/access.js';
import { type Answer, answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { ActionIn, ActionOut, EditIn, EventAnswerIn, PinMessageIn, ReactionIn, VoteIn } from './actions.dto.js';
import { type Outcome, StateWatch } from './await-state.js';

const promise =
  'Queued like a message and done in its turn in the chat; it shows here when WhatsApp has it. 201: done, or it certainly failed (`success: false`). 202: under way; an event `action.changed` tells the end.';
const actionErrors: ErrorName[] = ['notFound', 'profileNotLinked', 'actionNotPossible'];
const described = (description: string) => ({
  description: `${description} ${promise}`,
  returns: ActionOut,
  status: [201, 202],
  errors: actionErrors,
});
const DEFAULT_WAIT_SECONDS = 5;

/** What can be done to messages that are there. */
@ApiTags('Messages')
@Controller('messages')
export class ActionsController {
  constructor(
    private readonly actions: MessageActions,
    private readonly watch: StateWatch,
  ) {}

  @Post('reaction')
  @Can('messages.send')
  @Idempotent()
  @Describe('Send a reaction', described('One emoji on a message; a new one takes the place of the one before.'))
  react(
    @CurrentActor() actor: Actor,
    @Body() body: ReactionIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'reaction', emoji: body.emoji || null }, idempotency);
  }

  @Post('edit')
  @Can('messages.send')
  @Idempotent()
  @Describe('Edit a message', described('New words for an own message. WhatsApp takes edits for 15 minutes.'))
  edit(
    @CurrentActor() actor: Actor,
    @Body() body: EditIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'edit', text: body.text }, idempotency);
  }

  @Post('delete-for-everyone')
  @Can('messages.send')
  @Idempotent()
  @Describe(
    'Delete a message for everyone',
    described('An own message, within about two days; in a group an admin may delete those of others too.'),
  )
  revoke(
    @CurrentActor() actor: Actor,
    @Body() body: ActionIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'revoke' }, idempotency);
  }

  @Post('pin')
  @Can('messages.send')
  @Idempotent()
  @Describe('Pin a message', described('Shows it at the top of the chat to everyone in it, for a time.'))
  pin(
    @CurrentActor() actor: Actor,
    @Body() body: PinMessageIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'pin', seconds: body.seconds }, idempotency);
  }

  @Post('vote')
  @Can('messages.send')
  @Idempotent()
  @Describe('Vote in a poll', described('The vote of this account; it replaces the one before.'))
  vote(
    @CurrentActor() actor: Actor,
    @Body() body: VoteIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'poll_vote', options: body.options }, idempotency);
  }

  @Post('event-answer')
  @Can('messages.send')
  @Idempotent()
  @Describe('Answer an event', described('Says whether this account comes.'))
  answerEvent(
    @CurrentActor() actor: Actor,
    @Body() body: EventAnswerIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    return this.act(actor, body, { kind: 'event_response', response: body.response }, idempotency);
  }

  private async act(
    actor: Actor,
    { profileId, messageId, wait }: ActionIn,
    action: MessageAction,
    idempotency: IdempotencyScope,
  ): Promise<Answer<ActionOut>> {
    const once = idempotency.storing(queued);
    const accepted = await this.actions.accept(actor, profileId, { target: messageId, action }, once);
    const waitMs = (wait ?? DEFAULT_WAIT_SECONDS) * 1000;
    const outcome = await this.watch.settled(profileId, accepted.id, accepted.seq, waitMs);
    return outcome ? answer(201, present(accepted, outcome)) : queued(accepted);
  }
}

const queued = (action: QueuedAction): Answer<ActionOut> =>
  answer(202, present(action, { state: 'queued', reason: null }));

const failures = ['failed', 'cancelled', 'expired'];

function present(action: QueuedAction, { state, reason }: Outcome): ActionOut {
  const { id, messageId, conversationId, waMessageId } = action;
  return {
    success: !failures.includes(state),
    actionId: id,
    messageId,
    conversationId,
    waMessageId,
    status: state,
    error: reason,
  };
}
