import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsISO8601 } from 'class-validator';
import { type LatencyFacts, mostStatisticsDays, type WebhookFigures, type WebhookStatisticsFacts } from '#domain';
import { IfGiven } from '../http/if-given.js';

const intervals = ['hour', 'day'] as const;
type Interval = (typeof intervals)[number];
const DAY_MS = 24 * 3600_000;

export class WebhookStatisticsQuery {
  @ApiPropertyOptional({
    description: `From which moment on. Absent: a day before \`to\`. At most ${mostStatisticsDays} days before it.`,
    format: 'date-time',
    example: '2026-11-20T00:00:00.000Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true }, { message: 'must be a moment in ISO 8601' })
  from?: string;

  @ApiPropertyOptional({
    description: 'Until which moment. Absent: now.',
    format: 'date-time',
    example: '2026-11-21T00:00:00.000Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true }, { message: 'must be a moment in ISO 8601' })
  to?: string;

  @ApiPropertyOptional({
    description: 'Steps of the series, in UTC.',
    enum: intervals,
    default: 'hour',
    example: 'hour',
  })
  @IfGiven()
  @IsIn(intervals)
  interval: Interval = 'hour';
}

const percentile = (percent: number) => ({
  description: `${percent} of a hundred took no longer, milliseconds; null when there were none.`,
  type: Number,
  nullable: true,
  example: 40 + percent,
});

export class WebhookLatencyOut {
  @ApiProperty(percentile(50))
  p50: number | null;

  @ApiProperty(percentile(90))
  p90: number | null;

  @ApiProperty(percentile(95))
  p95: number | null;

  @ApiProperty(percentile(99))
  p99: number | null;
}

export class WebhookFiguresOut {
  @ApiProperty({ description: 'Deliveries that were answered with 2xx.', example: 1204 })
  succeeded: number;

  @ApiProperty({ description: 'Deliveries that were given up.', example: 3 })
  exhausted: number;

  @ApiProperty({ description: 'Deliveries that were cancelled.', example: 0 })
  cancelled: number;

  @ApiProperty({ description: 'Calls that were made.', example: 1233 })
  attempts: number;

  @ApiProperty({ description: 'Calls without a 2xx answer.', example: 29 })
  failedAttempts: number;

  @ApiProperty({
    description: 'Share of calls with a 2xx answer, 0 to 1; null when none was made.',
    type: Number,
    format: 'double',
    nullable: true,
    example: 0.976,
  })
  successRate: number | null;

  @ApiProperty({ description: 'How long calls took.', type: WebhookLatencyOut })
  callMs: WebhookLatencyOut;

  @ApiProperty({
    description: 'How long it took from the event to its delivery, redeliveries left out.',
    type: WebhookLatencyOut,
  })
  delayMs: WebhookLatencyOut;
}

export class WebhookStepOut extends WebhookFiguresOut {
  @ApiProperty({
    description: 'Beginning of the hour or day.',
    format: 'date-time',
    example: '2026-11-20T08:00:00.000Z',
  })
  at: string;
}

export class WebhookStatisticsOut {
  @ApiProperty({ description: 'From which moment on.', format: 'date-time', example: '2026-11-20T00:00:00.000Z' })
  from: string;

  @ApiProperty({ description: 'Until which moment.', format: 'date-time', example: '2026-11-21T00:00:00.000Z' })
  to: string;

  @ApiProperty({ description: 'Deliveries that wait at this moment.', example: 2 })
  pending: number;

  @ApiProperty({ description: 'Of the whole time.', type: WebhookFiguresOut })
  total: WebhookFiguresOut;

  @ApiProperty({ description: 'Step by step; steps without any call are left out.', type: [WebhookStepOut] })
  series: WebhookStepOut[];
}

/** The last day, unless something else was asked for. */
export function toRange(query: WebhookStatisticsQuery): { from: Date; to: Date; interval: Interval } {
  const to = query.to === undefined ? new Date() : new Date(query.to);
  const from = query.from === undefined ? new Date(to.getTime() - DAY_MS) : new Date(query.from);
  return { from, to, interval: query.interval };
}

export function presentStatistics(
  { from, to }: { from: Date; to: Date },
  { pending, total, series }: WebhookStatisticsFacts,
): WebhookStatisticsOut {
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    pending,
    total: presentFigures(total),
    series: series.map(({ at, ...figures }) => ({ at: at.toISOString(), ...presentFigures(figures) })),
  };
}

function presentFigures(figures: WebhookFigures): WebhookFiguresOut {
  const latency = ({ p50, p90, p95, p99 }: LatencyFacts) => ({ p50, p90, p95, p99 });
  return { ...figures, callMs: latency(figures.callMs), delayMs: latency(figures.delayMs) };
}
