import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsIn, IsISO8601, IsUUID } from 'class-validator';
import { type RedeliveryState, redeliveryStates, webhookEventNames } from '#contracts';
import type {
  DeliveryFilters,
  WebhookAttemptRow,
  WebhookDeliveryRow,
  WebhookDeliveryState,
  WebhookRedeliveryRow,
} from '#database';
import type { OpenedDelivery, RedeliveryDraft } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const deliveryStates: WebhookDeliveryState[] = ['pending', 'succeeded', 'exhausted', 'cancelled'];
const endedStates = ['succeeded', 'exhausted', 'cancelled'] as const;
const isMoment = () => IsISO8601({ strict: true }, { message: 'must be a moment in ISO 8601' });

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only deliveries in this state.', enum: deliveryStates, example: 'exhausted' })
  @IfGiven()
  @IsIn(deliveryStates)
  state?: WebhookDeliveryState;

  @ApiPropertyOptional({ description: 'Only deliveries of this event.', example: 'message.received' })
  @IfGiven()
  @IsIn(webhookEventNames, { message: 'must be the name of an event' })
  event?: string;

  @ApiPropertyOptional({
    description: 'Only deliveries of this entry of the event log.',
    format: 'uuid',
    example: '0198c2f1-0a3c-7e11-9a2b-3c4d5e6f7a8b',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  eventId?: string;

  @ApiPropertyOptional({
    description: 'Nothing that was put in line before this moment.',
    format: 'date-time',
    example: '2026-11-21T00:00:00.000Z',
  })
  @IfGiven()
  @isMoment()
  from?: string;

  @ApiPropertyOptional({
    description: 'Nothing that was put in line from this moment on.',
    format: 'date-time',
    example: '2026-11-22T00:00:00.000Z',
  })
  @IfGiven()
  @isMoment()
  to?: string;
}

export class RedeliverIn {
  @ApiProperty({
    description: 'Deliveries that were first put in line from this moment on.',
    format: 'date-time',
    example: '2026-11-21T00:00:00.000Z',
  })
  @isMoment()
  from: string;

  @ApiPropertyOptional({
    description: 'And before this moment. Absent: until now.',
    format: 'date-time',
    example: '2026-11-22T00:00:00.000Z',
  })
  @IfGiven()
  @isMoment()
  to?: string;

  @ApiPropertyOptional({
    description:
      'How they ended: `exhausted` and `cancelled` are all that failed, `succeeded` repeats what was delivered.',
    enum: endedStates,
    isArray: true,
    default: ['exhausted', 'cancelled'],
    example: ['exhausted'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(endedStates, { each: true })
  states?: (typeof endedStates)[number][];

  @ApiPropertyOptional({
    description: 'Only deliveries of these events.',
    type: [String],
    example: ['message.received'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(webhookEventNames.length)
  @IsIn(webhookEventNames, { each: true, message: 'must be names of events' })
  events?: string[];
}

export class WebhookDeliveryOut {
  @ApiProperty({
    description: 'Id of the delivery: the `webhook-id` of all its calls.',
    format: 'uuid',
    example: '0198c2f1-0a4d-7b63-83d4-e5f6a7b8c9d0',
  })
  id: string;

  @ApiProperty({
    description: 'Id of the event in the log.',
    format: 'uuid',
    example: '0198c2f1-0a3c-7e11-9a2b-3c4d5e6f7a8b',
  })
  eventId: string;

  @ApiProperty({ description: 'Name of the event.', example: 'message.received' })
  event: string;

  @ApiProperty({
    description:
      '`pending`: to be tried now or again. `succeeded`: answered with 2xx. `exhausted`: given up after ten tries or a 410. `cancelled`: the webhook was switched off or deleted before.',
    enum: deliveryStates,
    example: 'succeeded',
  })
  state: WebhookDeliveryState;

  @ApiProperty({ description: 'Calls so far, in all rounds.', example: 1 })
  attempts: number;

  @ApiProperty({ description: 'How often it was put in line again on request.', example: 0 })
  redeliveries: number;

  @ApiProperty({
    description: 'Status of the last answer; null when none came.',
    type: Number,
    nullable: true,
    example: 200,
  })
  lastStatus: number | null;

  @ApiProperty({ description: 'When it was queued.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it was done with.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.041Z',
  })
  endedAt: string | null;
}

export class WebhookAttemptOut {
  @ApiProperty({ description: 'Which call it was, from 1.', example: 1 })
  attempt: number;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  at: string;

  @ApiProperty({
    description: 'Status of the answer; null when none came.',
    type: Number,
    nullable: true,
    example: 200,
  })
  status: number | null;

  @ApiProperty({
    description: 'Why no answer came: a stable reason, a colon and a sentence.',
    type: String,
    nullable: true,
    example: null,
  })
  error: string | null;

  @ApiProperty({ description: 'Time from the call to the end of the answer, milliseconds.', example: 41 })
  durationMs: number;

  @ApiProperty({ description: 'The first 4 KiB of the answer.', type: String, nullable: true, example: 'ok' })
  responseBody: string | null;
}

export class WebhookDeliveryDetailsOut extends WebhookDeliveryOut {
  @ApiProperty({ description: 'Each call, first one first.', type: [WebhookAttemptOut] })
  calls: WebhookAttemptOut[];

  @ApiProperty({
    description:
      'The body of a call, as it would be made now. Null when the event is not in the log any more, or you may not read events.',
    type: Object,
    additionalProperties: true,
    nullable: true,
    example: {
      type: 'message.received',
      timestamp: '2026-11-21T08:30:00.000Z',
      event: 'message.received',
      profileId: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
      data: { text: 'Hello' },
    },
  })
  payload: Record<string, unknown> | null;
}

export class WebhookRedeliveryOut {
  @ApiProperty({
    description: 'Id of the redelivery.',
    format: 'uuid',
    example: '0198c2f3-1b5e-7c74-94e5-f6a7b8c9d0e1',
  })
  id: string;

  @ApiProperty({
    description:
      '`queued`, `running`, `completed`: all is in line, or `cancelled`: on request, or because the webhook was switched off.',
    enum: redeliveryStates,
    example: 'completed',
  })
  state: RedeliveryState;

  @ApiProperty({
    description: 'Deliveries from this moment on.',
    format: 'date-time',
    example: '2026-11-21T00:00:00.000Z',
  })
  from: string;

  @ApiProperty({ description: 'And before this moment.', format: 'date-time', example: '2026-11-22T00:00:00.000Z' })
  to: string;

  @ApiProperty({ description: 'How they had ended.', enum: endedStates, isArray: true, example: ['exhausted'] })
  states: string[];

  @ApiProperty({ description: 'Of which events; empty: of all.', type: [String], example: [] })
  events: string[];

  @ApiProperty({ description: 'Deliveries that were put in line again.', example: 12 })
  queued: number;

  @ApiProperty({ description: 'Deliveries whose event is not in the log any more.', example: 0 })
  skipped: number;

  @ApiProperty({ description: 'When it was asked for.', format: 'date-time', example: '2026-11-22T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({
    description: 'When it was done.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-22T08:30:00.412Z',
  })
  endedAt: string | null;
}

export function toDeliveryFilters({ state, event, eventId, from, to }: DeliveriesQuery): DeliveryFilters {
  return { state, event, eventId, from: momentOf(from), to: momentOf(to) };
}

export function toRedeliveryDraft({ from, to, states, events }: RedeliverIn): RedeliveryDraft {
  return { from: new Date(from), to: momentOf(to), states, events };
}

function momentOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

export function presentDelivery(row: WebhookDeliveryRow): WebhookDeliveryOut {
  return {
    id: row.id,
    eventId: row.eventId,
    event: row.eventName,
    state: row.state,
    attempts: row.attempts,
    redeliveries: row.redeliveries,
    lastStatus: row.lastStatus,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export function presentOpenedDelivery({ delivery, attempts, payload }: OpenedDelivery): WebhookDeliveryDetailsOut {
  return { ...presentDelivery(delivery), calls: attempts.map(presentAttempt), payload: payload && { ...payload } };
}

function presentAttempt(row: WebhookAttemptRow): WebhookAttemptOut {
  const { attempt, at, status, error, durationMs, responseBody } = row;
  return { attempt, at: at.toISOString(), status, error, durationMs, responseBody };
}

export function presentRedelivery(row: WebhookRedeliveryRow): WebhookRedeliveryOut {
  return {
    ...{
      id: row.id,
      state: row.state,
      states: row.states,
      events: row.events,
      queued: row.queued,
      skipped: row.skipped,
    },
    from: row.fromAt.toISOString(),
    to: row.toAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
