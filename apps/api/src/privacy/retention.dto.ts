import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, ValidateIf } from 'class-validator';
import { type RetentionDays, type RetentionKind, retentionCatalogue, retentionKinds } from '#contracts';
import type { RetentionPolicy } from '#domain';

/** Days of one kind: a whole number, or null; its bounds are checked in one place, by the catalogue. */
function Days(kind: RetentionKind) {
  const { describe, default: byDefault, min, max } = retentionCatalogue[kind];
  const nullable = kind !== 'sessions' && kind !== 'exports';
  const described = ApiPropertyOptional({
    description: `${describe} ${nullable ? 'Null keeps them for ever.' : ''} By default ${byDefault ?? 'for ever'}.`,
    type: 'integer',
    nullable,
    minimum: min,
    maximum: max,
    example: byDefault ?? 365,
  });
  return (target: object, name: string) => {
    described(target, name);
    ValidateIf((_, value) => value !== undefined && value !== null)(target, name);
    IsInt()(target, name);
  };
}

/** Days by kind. What is left out stays as it is. */
export class RetentionIn implements Partial<RetentionDays> {
  @Days('messages') messages?: number | null;
  @Days('media') media?: number | null;
  @Days('uploads') uploads?: number | null;
  @Days('events') events?: number | null;
  @Days('webhookDeliveries') webhookDeliveries?: number | null;
  @Days('hookRequests') hookRequests?: number | null;
  @Days('audit') audit?: number | null;
  @Days('sessions') sessions?: number | null;
  @Days('exports') exports?: number | null;
}

export class RetentionKindOut {
  @ApiProperty({ description: 'Kind of data.', enum: retentionKinds, example: 'events' })
  kind: RetentionKind;

  @ApiProperty({ description: 'Days that it is kept; null for ever.', type: Number, nullable: true, example: 365 })
  days: number | null;

  @ApiProperty({ description: 'Whether that was chosen, or is the default.', example: false })
  isDefault: boolean;

  @ApiProperty({ description: 'Fewest days that can be chosen.', example: 7 })
  min: number;

  @ApiProperty({ description: 'Most days that can be chosen.', example: 3650 })
  max: number;

  @ApiProperty({ description: 'What belongs to it.', example: 'The event log.' })
  description: string;
}

export class RetentionRunOut {
  @ApiProperty({ description: 'When it began.', format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  startedAt: string;

  @ApiProperty({
    description: 'When it ended.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:00:02.000Z',
  })
  finishedAt: string | null;

  @ApiProperty({
    description: 'What it removed, by kind; nothing when nothing had had its time.',
    type: Object,
    additionalProperties: { type: 'integer' },
    example: { events: 1200 },
  })
  removed: Record<string, number>;
}

export class RetentionOut {
  @ApiProperty({ description: 'Each kind of data with its time.', type: [RetentionKindOut] })
  kinds: RetentionKindOut[];

  @ApiProperty({
    description: 'When somebody last chose.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  updatedAt: string | null;

  @ApiProperty({
    description: 'Who did.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f0-7b18-7b00-a193-0e1d2c3b4a5f',
  })
  updatedBy: string | null;

  @ApiProperty({
    description: 'The last time that it was enforced; null before the first.',
    type: RetentionRunOut,
    nullable: true,
  })
  lastRun: RetentionRunOut | null;
}

export function presentRetention({ days, chosen, updatedAt, updatedBy, lastRun }: RetentionPolicy): RetentionOut {
  return {
    kinds: retentionKinds.map((kind) => {
      const { min, max, describe } = retentionCatalogue[kind];
      return { kind, days: days[kind], isDefault: !chosen.includes(kind), min, max, description: describe };
    }),
    updatedAt: updatedAt?.toISOString() ?? null,
    updatedBy,
    lastRun: lastRun && {
      startedAt: lastRun.startedAt.toISOString(),
      finishedAt: lastRun.finishedAt?.toISOString() ?? null,
      removed: lastRun.removed,
    },
  };
}
