import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, BroadcastId } from '#contracts';
import { BroadcastEstimates, BroadcastTrials, recipientOf } from '#domain';
import { Can } from '../http/access.js';
import type { Answer } from '../http/answer.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { Idempotency, IdempotencyScope, Idempotent } from '../http/idempotency.js';
import { SendOut } from '../messages/send.dto.js';
import { queuedAnswer, SendAnswers } from '../messages/send-answers.js';
import { fileErrors } from '../messages/single-sends.js';
import { BroadcastEstimateOut, presentEstimate, TestBroadcastIn } from './broadcast-trials.dto.js';

/** What can be known of a broadcast before it starts. */
@ApiTags('Broadcasts')
@Controller('broadcast')
export class BroadcastTrialsController {
  constructor(
    private readonly estimates: BroadcastEstimates,
    private readonly trials: BroadcastTrials,
    private readonly answers: SendAnswers,
  ) {}

  @Post(':id/estimate')
  @Can('broadcasts.read')
  @Describe('Estimate a broadcast', {
    description:
      'Who would get it, who would be left out and why, and how long it would take. Nothing is sent, and nothing is kept. Also counted is who would be left out at their turn because the text needs a value that is not there now (`variables_missing`). What only the filled-in text would show (`content_refused`), and what changes until then, is not.',
    returns: BroadcastEstimateOut,
    status: 200,
    errors: ['notFound', 'broadcastState'],
  })
  async estimate(@CurrentActor() actor: Actor, @IdParam() id: BroadcastId): Promise<BroadcastEstimateOut> {
    return presentEstimate(await this.estimates.estimate(actor, id));
  }

  @Post(':id/test')
  @Can('broadcasts.execute')
  @Idempotent()
  @Describe('Send a test of a broadcast', {
    description: 'Sends what it says to one number at once, from its profile. It is no recipient, and not counted.',
    returns: SendOut,
    status: [201, 202],
    errors: [...fileErrors, 'templateVariablesMissing', 'notSupported'],
  })
  async test(
    @CurrentActor() actor: Actor,
    @IdParam() id: BroadcastId,
    @Body() { to, variant, variables = {} }: TestBroadcastIn,
    @Idempotency() idempotency: IdempotencyScope,
  ): Promise<Answer<SendOut>> {
    const trial = { to: recipientOf(to, 'to'), variant, values: variables };
    return this.answers.of(await this.trials.send(actor, id, trial, idempotency.storing(queuedAnswer)), undefined);
  }
}
