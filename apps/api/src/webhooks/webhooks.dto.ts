import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import {
  type ChatKind,
  filteredChatKinds,
  filteredMessageKinds,
  latestPayloadVersion,
  longestFilterList,
  type MessageKind,
  type ProfileId,
  secretOverlapHours,
  type WebhookPayloadVersion,
  webhookEventNames,
  webhookPayloadVersions,
} from '#contracts';
import { secretLength, type WebhookFacts, type WebhookTestResult, type WebhookWithSecret } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { PageQuery } from '../http/page.js';

const eventsDescription = `Which events are posted: \`*\` for all, also those to come, or some of ${webhookEventNames
  .map((name) => `\`${name}\``)
  .join(', ')}.`;
const headersDescription =
  'Sent with each call, for example for authorization. At most 20. Headers of HTTP itself, `webhook-*` and `x-multiwa-*` cannot be set.';

const payloadVersions = Object.keys(webhookPayloadVersions).map(Number) as WebhookPayloadVersion[];
const payloadVersionDescription = `Form of the body, kept until it is changed. ${payloadVersions
  .map((version) => `${version}: ${webhookPayloadVersions[version]}`)
  .join(' ')}`;
const secretDescription = `A signing secret of your own, ${secretLength.least} to ${secretLength.most} printable characters without spaces. Of the form \`whsec_<base64>\` what is behind the prefix is the key of \`webhook-signature\`, otherwise the text itself. Absent: a new one is made, which is safer.`;

/** Each filter looks only at events that have what it asks about; all others pass. */
export class WebhookFiltersIn {
  @ApiPropertyOptional({
    description: 'Only what happens in chats of these kinds. Events outside of chats pass.',
    enum: filteredChatKinds,
    isArray: true,
    example: ['user'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(filteredChatKinds, { each: true })
  chatKinds?: ChatKind[];

  @ApiPropertyOptional({
    description: 'Of messages, only what this profile wrote or did (true), or only what others did (false).',
    example: false,
  })
  @IfGiven()
  @IsBoolean()
  fromMe?: boolean;

  @ApiPropertyOptional({
    description: 'Of messages, only those that contain one of these.',
    enum: filteredMessageKinds,
    isArray: true,
    example: ['text', 'image'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @IsIn(filteredMessageKinds, { each: true })
  kinds?: MessageKind[];

  @ApiPropertyOptional({
    description: `Only conversations with one of these labels, by name in any case or by id, at most ${longestFilterList}. Looked at when the event is put in line.`,
    type: [String],
    example: ['new order'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(longestFilterList)
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @MaxLength(200, { each: true })
  labels?: string[];

  @ApiPropertyOptional({
    description: `Only chats of two with a contact that has one of these tags, in any case, at most ${longestFilterList}. Other chats pass, unless \`chatKinds\` says otherwise.`,
    type: [String],
    example: ['vip'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(longestFilterList)
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @MaxLength(200, { each: true })
  tags?: string[];
}

export class CreateWebhookIn {
  @ApiPropertyOptional({
    description:
      "The profile whose events are posted. Absent: the organization's own events (members, keys, accounts …), for who may read those.",
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  @IfGiven()
  @IsUUID()
  profileId?: ProfileId;

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
  @ArrayMaxSize(webhookEventNames.length)
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

  @ApiPropertyOptional({ description: 'Which of these events.', type: WebhookFiltersIn, example: { fromMe: false } })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookFiltersIn)
  filters?: WebhookFiltersIn;

  @ApiPropertyOptional({
    description: payloadVersionDescription,
    enum: payloadVersions,
    default: latestPayloadVersion,
    example: latestPayloadVersion,
  })
  @IfGiven()
  @IsIn(payloadVersions)
  payloadVersion?: WebhookPayloadVersion;

  @ApiPropertyOptional({
    description: secretDescription,
    maxLength: secretLength.most,
    example: 'a secret that nobody guesses'.replaceAll(' ', '-'),
  })
  @IfGiven()
  @IsString()
  @MaxLength(secretLength.most)
  secret?: string;
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
  @ArrayMaxSize(webhookEventNames.length)
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
      'Switching off cancels what still waits. Switching on begins with the events from then on, unless `deliverMissed` is true.',
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;

  @ApiPropertyOptional({
    description: 'Which of these events. Replaces all filters; an empty object removes them.',
    type: WebhookFiltersIn,
    example: { fromMe: false },
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => WebhookFiltersIn)
  filters?: WebhookFiltersIn;

  @ApiPropertyOptional({
    description: payloadVersionDescription,
    enum: payloadVersions,
    example: latestPayloadVersion,
  })
  @IfGiven()
  @IsIn(payloadVersions)
  payloadVersion?: WebhookPayloadVersion;

  @ApiPropertyOptional({
    description:
      'Together with `enabled: true`: first delivers what was cancelled when it was switched off, then what happened meanwhile, in order, as far as the event log still has it.',
    default: false,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  deliverMissed?: boolean;
}

export class RotateWebhookSecretIn {
  @ApiPropertyOptional({
    description: 'For how many hours calls are signed with the former secret as well.',
    minimum: secretOverlapHours.least,
    maximum: secretOverlapHours.most,
    default: secretOverlapHours.default,
    example: 24,
  })
  @IfGiven()
  @IsInt()
  @Min(secretOverlapHours.least)
  @Max(secretOverlapHours.most)
  overlapHours?: number;

  @ApiPropertyOptional({
    description: secretDescription,
    maxLength: secretLength.most,
    example: 'another-secret-that-nobody-guesses',
  })
  @IfGiven()
  @IsString()
  @MaxLength(secretLength.most)
  secret?: string;
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

export class WebhookOut {
  @ApiProperty({ description: 'Id of the webhook.', format: 'uuid', example: '0198c2f0-9e3c-7a52-b2c3-d4e5f6a7b8c9' })
  id: string;

  @ApiProperty({
    description: "The profile whose events are posted; null: the organization's own.",
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  profileId: string | null;

  @ApiProperty({ description: 'Where events are posted.', example: 'https://example.com/hooks/waypost' })
  url: string;

  @ApiProperty({ description: 'Which events are posted.', type: [String], example: ['message.received'] })
  events: string[];

  @ApiProperty({
    description: 'Which of these events; empty: all.',
    type: WebhookFiltersIn,
    example: { fromMe: false },
  })
  filters: WebhookFiltersIn;

  @ApiProperty({ description: payloadVersionDescription, enum: payloadVersions, example: latestPayloadVersion })
  payloadVersion: WebhookPayloadVersion;

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
    description: 'When it was switched off; null while it is on.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  disabledAt: string | null;

  @ApiProperty({
    description: 'Until when calls are signed with the former secret too; null when there is none.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  previousSecretUntil: string | null;

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

export function presentWebhook(facts: WebhookFacts): WebhookOut {
  return {
    id: facts.id,
    profileId: facts.profileId,
    url: facts.url,
    events: facts.events,
    filters: facts.filters,
    payloadVersion: facts.payloadVersion,
    headerNames: facts.headerNames,
    enabled: facts.enabled,
    disabledReason: facts.disabledReason,
    disabledAt: facts.disabledAt?.toISOString() ?? null,
    previousSecretUntil: overlapOf(facts.previousSecretUntil),
    failingSince: facts.failingSince?.toISOString() ?? null,
    createdAt: facts.createdAt.toISOString(),
    updatedAt: facts.updatedAt.toISOString(),
  };
}

export function presentCreatedWebhook(created: WebhookWithSecret): CreatedWebhookOut {
  return { ...presentWebhook(created.webhook), secret: created.secret };
}

export function presentTest({ status, durationMs, responseBody }: WebhookTestResult): WebhookTestOut {
  const message = `The endpoint answered with status ${status} in ${durationMs} ms.`;
  return { success: true, message, status, durationMs, responseBody };
}

function overlapOf(until: Date | null): string | null {
  return until !== null && until > new Date() ? until.toISOString() : null;
}
