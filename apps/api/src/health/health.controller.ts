import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { errors } from '#contracts';
import { Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { AliveOut, ReadyOut, ReadyQuery } from './health.dto.js';
import { Readiness } from './readiness.js';

@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get()
  @Public()
  @Describe('Liveness', {
    description: 'The process answers. It asks nobody else; restart the process when this fails. Also at `/health`.',
    returns: AliveOut,
  })
  alive(): AliveOut {
    return { status: 'ok', uptimeSeconds: Math.floor(process.uptime()) };
  }

  @Get('ready')
  @Public()
  @Describe('Readiness', {
    description:
      'The process can serve: its database answers and has all migrations. Send no requests here while this fails. What else is needed for accepted work to be done (job queue, storage, an engine process) is told too, and fails the probe only with `strict=true`. Also at `/health/ready`.',
    returns: ReadyOut,
    errors: ['notReady'],
  })
  async ready(@Query() { strict }: ReadyQuery): Promise<ReadyOut> {
    const checks = await this.readiness.checks();
    const failing = checks.filter(({ ok }) => !ok);
    if (failing.some(({ isRequired }) => isRequired || strict)) {
      throw errors.notReady({ details: { checks }, retryAfterSeconds: 2 });
    }
    return { status: failing.length === 0 ? 'ready' : 'degraded', checks };
  }
}
