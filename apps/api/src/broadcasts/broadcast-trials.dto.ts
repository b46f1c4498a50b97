import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsString, Length } from 'class-validator';
import type { BroadcastEstimate } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { BroadcastReasonOut } from './broadcast-report.dto.js';

export class TestBroadcastIn {
  @ApiProperty({ description: 'Who tries it out, as for single sends.', maxLength: 100, example: '+49 151 12345678' })
  @IsString()
  @Length(1, 100)
  to: string;

  @ApiPropertyOptional({ description: 'Name of the variant; none: the first.', maxLength: 100, example: 'A' })
  @IfGiven()
  @IsName()
  variant?: string;

  @ApiPropertyOptional({
    description: 'Values for the places of the text.',
    type: Object,
    additionalProperties: true,
    example: { name: 'Ada' },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  variables?: Record<string, unknown>;
}

export class BroadcastEstimateOut {
  @ApiProperty({ description: 'How many would get it.', example: 188 })
  recipients: number;

  @ApiProperty({ description: 'How many would be left out.', example: 12 })
  excluded: number;

  @ApiProperty({
    description:
      'Why. `variables_missing` as the address books of the sending numbers are now; where several numbers may send to somebody, only if none of them has all values. `content_refused` and `wrote_meanwhile` are known at the turn of each and never here.',
    type: [BroadcastReasonOut],
  })
  exclusions: BroadcastReasonOut[];

  @ApiProperty({
    description: 'Whether everybody was looked at; else the figures are of the first hundred thousand.',
    example: true,
  })
  complete: boolean;

  @ApiProperty({
    description: 'When the first message goes out.',
    format: 'date-time',
    example: '2026-11-21T09:00:00.000Z',
  })
  firstSendAt: string;

  @ApiProperty({
    description:
      'When the last one probably does, by its pauses and hours and the rules of its numbers; null: in more than 90 days.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:25:00.000Z',
  })
  lastSendAt: string | null;

  @ApiProperty({ description: 'Milliseconds between the two.', type: Number, nullable: true, example: 1500000 })
  duration: number | null;
}

export function presentEstimate(estimate: BroadcastEstimate): BroadcastEstimateOut {
  const { counts, exclusions, isWhole, firstSendAt, lastSendAt } = estimate;
  return {
    recipients: counts.total,
    excluded: counts.excluded,
    exclusions,
    complete: isWhole,
    firstSendAt: firstSendAt.toISOString(),
    lastSendAt: lastSendAt?.toISOString() ?? null,
    duration: lastSendAt && Math.max(0, lastSendAt.getTime() - firstSendAt.getTime()),
  };
}
