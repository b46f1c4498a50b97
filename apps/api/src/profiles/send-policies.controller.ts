import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor, ProfileId } from '#contracts';
import { SendPolicies } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { IdParam } from '../http/id-param.js';
import { presentState, SendPolicyIn, SendPolicyOut, SendPolicyStateOut } from './send-policies.dto.js';

@ApiTags('Profiles')
@Controller('profiles/:id/send-policy')
export class SendPoliciesController {
  constructor(private readonly policies: SendPolicies) {}

  @Get()
  @Can('profiles.read')
  @Describe('Get how carefully a profile sends', {
    description: 'The rules of the send governor: pauses, limits, warm-up, quiet hours and safeguards.',
    returns: SendPolicyOut,
    errors: ['notFound'],
  })
  async get(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<SendPolicyOut> {
    return this.policies.get(actor, id);
  }

  @Put()
  @Can('profiles.write')
  @Describe('Say how carefully a profile sends', {
    description:
      'What is left out stays as it is; null switches a limit off. Holds from the next message on, also for those that wait already.',
    returns: SendPolicyOut,
    errors: ['notFound'],
  })
  async update(
    @CurrentActor() actor: Actor,
    @IdParam() id: ProfileId,
    @Body() body: SendPolicyIn,
  ): Promise<SendPolicyOut> {
    return this.policies.update(actor, id, body);
  }

  @Get('state')
  @Can('profiles.read')
  @Describe('Get where the send governor stands', {
    description:
      'What was counted today, what is left of each limit, whether circuit breaker or time-lock make something rest, and for each kind of message whether it may go now, or why not and until when.',
    returns: SendPolicyStateOut,
    errors: ['notFound'],
  })
  async state(@CurrentActor() actor: Actor, @IdParam() id: ProfileId): Promise<SendPolicyStateOut> {
    return presentState(await this.policies.state(actor, id));
  }
}
