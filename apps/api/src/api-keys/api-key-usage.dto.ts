import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import type { ApiKeyCall } from '#database';
import { IfGiven } from '../http/if-given.js';

export class ApiKeyUsageQuery {
  @ApiPropertyOptional({ description: 'How many days back.', minimum: 1, maximum: 90, default: 30, example: 30 })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(90)
  days: number = 30;
}

export class ApiKeyUsageOut {
  @ApiProperty({ description: 'The day, UTC.', format: 'date', example: '2026-11-21' })
  day: string;

  @ApiProperty({ description: 'The operation, by its id in this document.', example: 'SendsController_text' })
  operation: string;

  @ApiProperty({ description: 'How many calls there were.', example: 412 })
  calls: number;

  @ApiProperty({ description: 'How many of them were answered with 4xx.', example: 3 })
  refused: number;

  @ApiProperty({ description: 'How many of them were answered with 5xx.', example: 0 })
  failed: number;
}

export class ApiKeyCallOut {
  @ApiProperty({ description: 'Id of the call.', format: 'uuid', example: '0198c2f3-1a2b-7c3d-8e4f-5a6b7c8d9e0f' })
  id: string;

  @ApiProperty({ description: 'When it was answered.', format: 'date-time', example: '2026-11-21T09:12:00.000Z' })
  at: string;

  @ApiProperty({ description: 'HTTP method.', example: 'POST' })
  method: string;

  @ApiProperty({ description: 'Path, without the query.', example: '/api/v1/messages/text' })
  path: string;

  @ApiProperty({ description: 'The operation, by its id in this document.', example: 'SendsController_text' })
  operation: string;

  @ApiProperty({ description: 'Status of the answer.', example: 201 })
  status: number;

  @ApiProperty({ description: 'From where it came.', type: String, nullable: true, example: '203.0.113.9' })
  ip: string | null;

  @ApiProperty({
    description: 'Id of the request, as in `x-request-id`.',
    example: 'b2f1c7de-7d0a-4a35-9f5e-0c1d2e3f4a5b',
  })
  requestId: string;
}

export function presentCall({ at, ...call }: ApiKeyCall): ApiKeyCallOut {
  return { ...call, at: at.toISOString() };
}
