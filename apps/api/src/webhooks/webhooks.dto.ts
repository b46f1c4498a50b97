import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
} from 'class-validator';
import { type ProfileId, webhookEventNames } from '#contracts';
import type { WebhookAttemptRow, WebhookDeliveryRow, WebhookDeliveryState } from '#database';
import type { WebhookFacts, WebhookTestResult } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const eventsDescription = `Which events are posted: \`*\` for all, also those to come, or some of ${webhookEventNames
  .map((name) => `\`${name}\``)
  .join(', ')}.`;
const headersDescription =
  'Sent with each call, for example for authorization. At most 20. Headers of HTTP itself, `webhook-*` and `x-multiwa-*` cannot be set.';
const deliveryStates: WebhookDeliveryState[] = ['pending', 'succeeded', 'exhausted', 'cancelled'];

export class CreateWebhookIn {
  @ApiProperty({
    description: 'The profile whose events are posted.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  @IsUUID()
  profileId: ProfileId;

  @ApiProperty({
    description: 'Where events are posted. http or https, on the public internet.',
    maxLength: 2048,
    example: 'https://example.com/hooks/waypost',
  })
  @IsString()
  @MaxLength(2048)
  url: string;

  @ApiProperty({ description: eventsDescription, type: [String], example: ['message.received', 'message.read'] })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  events: string[];

  @ApiPropertyOptional({
    description: headersDescription,
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { authorization: 'Bearer abc' },
  })
  @IfGiven()
  @IsObject()
  headers?: Record<string, unknown>;
}

export class UpdateWebhookIn {
  @ApiPropertyOptional({
    description: 'Where events are posted from now on, also those that still wait.',
    maxLength: 2048,
    example: 'https://example.com/hooks/waypost',
  })
  @IfGiven()
  @IsString()
  @MaxLength(2048)
  url?: string;

  @ApiPropertyOptional({ description: eventsDescription, type: [String], example: ['*'] })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  events?: string[];

  @ApiPropertyOptional({
    description: `${headersDescription} Replaces all; an empty object removes them.`,
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { authorization: 'Bearer def' },
  })
  @IfGiven()
  @IsObject()
  headers?: Record<string, unknown>;

  @ApiPropertyOptional({
    description:
      'Switching off cancels what still waits. Switching on begins with the events from then on; what happened meanwhile is in the event log.',
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}

export class WebhooksQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only the webhooks of this profile.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  @IsOptional()
  @IsUUID()
  profileId?: ProfileId;
}

export class DeliveriesQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only deliveries in this state.', enum: deliveryStates, example: 'exhausted' })
  @IsOptional()
  @IsIn(deliveryStates)
  state?: WebhookDeliveryState;
}

export class WebhookOut {
  @ApiProperty({ description: 'Id of the webhook.', format: 'uuid', example: '0198c2f0-9e3c-7a52-b2c3-d4e5f6a7b8c9' })
  id: string;

  @ApiProperty({
    description: 'The profile whose events are posted.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  profileId: string;

  @ApiProperty({ description: 'Where events are posted.', example: 'https://example.com/hooks/waypost' })
  url: string;

  @ApiProperty({ description: 'Which events are posted.', type: [String], example: ['message.received'] })
  events: string[];

  @ApiProperty({ description: 'Names of the custom headers; their values are secret.', type: [String], example: [] })
  headerNames: string[];

  @ApiProperty({ description: 'Whether events are posted at present.', example: true })
  enabled: boolean;

  @ApiProperty({
    description:
      'Why it was switched off without being asked: `endpoint_gone` (it answered 410) or `endpoint_failing` (five days of nothing but failures).',
    type: String,
    nullable: true,
    example: null,
  })
  disabledReason: string | null;

  @ApiProperty({
    description: 'When the present run of failures began; null when the last call succeeded.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  failingSince: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export class CreatedWebhookOut extends WebhookOut {
  @ApiProperty({
    description:
      'Signs every call, as Standard Webhooks says (`webhook-signature`); the key of `X-MultiWA-Signature` is this whole text. Shown only here.',
    example: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDdu8cEXSMCXI=',
  })
  secret: string;
}

export class DeletedWebhookOut {
  @ApiProperty({ description: 'Id of the webhook.', format: 'uuid', example: '0198c2f0-9e3c-7a52-b2c3-d4e5f6a7b8c9' })
  id: string;

  @ApiProperty({ description: 'Always true: nothing is posted from now on.', example: true })
  deleted: boolean;
}

export class WebhookTestOut {
  @ApiProperty({ description: 'Always true; a failure is an error.', example: true })
  success: boolean;

  @ApiProperty({ description: 'What came, for people.', example: 'The endpoint answered with status 200 in 41 ms.' })
  message: string;

  @ApiProperty({ description: 'Status of the answer.', example: 200 })
  status: number;

  @ApiProperty({ description: 'Time from the call to the end of the answer, milliseconds.', example: 41 })
  durationMs: number;

  @ApiProperty({ description: 'The first 4 KiB of the answer.', example: 'ok' })
  responseBody: string;
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

  @ApiProperty({ description: 'Calls so far.', example: 1 })
  attempts: number;

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

export class WebhookDeliveryWithAttemptsOut extends WebhookDeliveryOut {
  @ApiProperty({ description: 'Each call, first one first.', type: [WebhookAttemptOut] })
  calls: WebhookAttemptOut[];
}

export function presentWebhook(facts: WebhookFacts): WebhookOut {
  return {
    id: facts.id,
    profileId: facts.profileId,
    url: facts.url,
    events: facts.events,
    headerNames: facts.headerNames,
    enabled: facts.enabled,
    disabledReason: facts.disabledReason,
    failingSince: facts.failingSince?.toISOString() ?? null,
    createdAt: facts.createdAt.toISOString(),
    updatedAt: facts.updatedAt.toISOString(),
  };
}

export function presentCreatedWebhook(created: { webhook: WebhookFacts; secret: string }): CreatedWebhookOut {
  return { ...presentWebhook(created.webhook), secret: created.secret };
}

export function presentTest({ status, durationMs, responseBody }: WebhookTestResult): WebhookTestOut {
  const message = `The endpoint answered with status ${status} in ${durationMs} ms.`;
  return { success: true, message, status, durationMs, responseBody };
}

export function presentDelivery(row: WebhookDeliveryRow): WebhookDeliveryOut {
  return {
    id: row.id,
    eventId: row.eventId,
    event: row.eventName,
    state: row.state,
    attempts: row.attempts,
    lastStatus: row.lastStatus,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export function presentDeliveryWithAttempts(found: {
  delivery: WebhookDeliveryRow;
  attempts: WebhookAttemptRow[];
}): WebhookDeliveryWithAttemptsOut {
  return {
    ...presentDelivery(found.delivery),
    calls: found.attempts.map(({ attempt, at, status, error, durationMs, responseBody }) => ({
      ...{ attempt, at: at.toISOString(), status, error, durationMs, responseBody },
    })),
  };
}
