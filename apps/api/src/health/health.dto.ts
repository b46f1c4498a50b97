import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean } from 'class-validator';
import { IfGiven } from '../http/if-given.js';
import { checkNames } from './readiness.js';

export class ReadyQuery {
  @ApiPropertyOptional({
    description: 'Answer 503 also when only something fails that requests can be served without.',
    type: Boolean,
    default: false,
    example: false,
  })
  @IfGiven()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  strict: boolean = false;
}

export class AliveOut {
  @ApiProperty({ description: 'Always `ok`: the process answers.', example: 'ok' })
  status: string;

  @ApiProperty({ description: 'Seconds since this process started.', example: 86_400 })
  uptimeSeconds: number;
}

export class CheckOut {
  @ApiProperty({ description: 'What was looked at.', enum: checkNames, example: 'database' })
  name: string;

  @ApiProperty({ description: 'Whether it is as it should be.', example: true })
  ok: boolean;

  @ApiProperty({ description: 'Whether nothing can be answered without it.', example: true })
  isRequired: boolean;

  @ApiProperty({ description: 'What was found, and what to do.', example: 'Answered in 1 ms.' })
  detail: string;
}

export class ReadyOut {
  @ApiProperty({
    description:
      '`ready`, or `degraded` while something fails that requests can be served without. Otherwise the answer is 503 NOT_READY.',
    enum: ['ready', 'degraded'],
    example: 'ready',
  })
  status: string;

  @ApiProperty({ description: 'Every check that was made.', type: [CheckOut] })
  checks: CheckOut[];
}
