import { ApiProperty } from '@nestjs/swagger';

export class AliveOut {
  @ApiProperty({ description: 'Always `ok`: the process answers.', example: 'ok' })
  status: string;

  @ApiProperty({ description: 'Seconds since this process started.', example: 86_400 })
  uptimeSeconds: number;
}

export class CheckOut {
  @ApiProperty({ description: 'What was looked at.', enum: ['database', 'migrations'], example: 'database' })
  name: string;

  @ApiProperty({ description: 'Whether it is as it should be.', example: true })
  ok: boolean;

  @ApiProperty({ description: 'What was found.', example: 'answered in 1 ms' })
  detail: string;
}

export class ReadyOut {
  @ApiProperty({ description: 'Always `ready`; otherwise the answer is 503 NOT_READY.', example: 'ready' })
  status: string;

  @ApiProperty({ description: 'Every check that was made.', type: [CheckOut] })
  checks: CheckOut[];
}
