import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Actor } from '#contracts';
import { Retention } from '#domain';
import { Can } from '../http/access.js';
import { CurrentActor } from '../http/current-actor.js';
import { Describe } from '../http/describe.js';
import { presentRetention, RetentionIn, RetentionOut } from './retention.dto.js';

@ApiTags('Privacy')
@Controller('privacy/retention')
export class RetentionController {
  constructor(private readonly retention: Retention) {}

  @Get()
  @Can('settings.read')
  @Describe('Get how long data are kept', {
    description: 'Each kind of data with its time and bounds, and what the last run removed.',
    returns: RetentionOut,
  })
  async get(@CurrentActor() actor: Actor): Promise<RetentionOut> {
    return presentRetention(await this.retention.get(actor));
  }

  @Put()
  @Can('retention.write')
  @Describe('Say how long data are kept', {
    description:
      'What is left out stays as it is. A shorter time acts within an hour, and what it removes cannot be brought back.',
    returns: RetentionOut,
  })
  async update(@CurrentActor() actor: Actor, @Body() body: RetentionIn): Promise<RetentionOut> {
    return presentRetention(await this.retention.update(actor, body));
  }
}
