import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { errors } from '#contracts';
import { Public } from '../http/access.js';
import { Describe } from '../http/describe.js';
import { AliveOut, ReadyOut } from './health.dto.js';
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
      'The process can serve: its database answers and has all migrations. Send no requests here while this fails. Also at `/health/ready`.',
    returns: ReadyOut,
    errors: ['notReady'],
  })
  async ready(): Promise<ReadyOut> {
    const checks = await this.readiness.checks();
    if (checks.some(({ ok }) => !ok)) throw errors.notReady({ details: { checks }, retryAfterSeconds: 2 });
    return { status: 'ready', checks };
  }
}
