import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { DeliveryState, MediaKind, ProfileId } from '#contracts';
import type { BatchItemRow, BatchRow } from '#database';
import {
  type BatchProgress,
  type BatchWithItems,
  type BatchWithProgress,
  type BulkRequest,
  MAX_BULK_MESSAGES,
  type TemplateVariables,
} from '#domain';
import { OffsetPageQuery } from '../http/page.js';
import { IsVariables } from './is-variables.js';

const kinds: ('text' | MediaKind)[] = ['text', 'image', 'video', 'audio', 'document'];
const MAX_TEXT = 65_536;

class BulkContentIn {
  @ApiPropertyOptional({
    description: 'Of texts. `{name}` and `{{name}}` are replaced by the variable; unknown ones stay as they are.',
    type: String,
    nullable: true,
    maxLength: MAX_TEXT,
    example: 'Hello {name}!',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  text?: string | null;

  @ApiPropertyOptional({
    description: 'Of media: a public http(s) address. One that occurs several times is fetched once.',
    type: String,
    nullable: true,
    maxLength: 2048,
    example: 'https://example.com/catalogue/shoes.jpg',
  })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  url?: string | null;

  @ApiPropertyOptional({
    description: 'Text under an image, video or document, with variables as in `text`.',
    type: String,
    nullable: true,
    maxLength: MAX_TEXT,
    example: 'New for you, {name}',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  caption?: string | null;

  @ApiPropertyOptional({
    description: 'Of documents: the name that the recipient sees.',
    type: String,
    nullable: true,
    maxLength: 255,
    example: 'menu.pdf',
  })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  filename?: string | null;

  @ApiPropertyOptional({
    description: 'Of documents whose content does not tell their type.',
    type: String,
    nullable: true,
    maxLength: 150,
    example: 'text/csv',
  })
  @IsOptional()
  @IsString()
  @MaxLength(150)
  mimetype?: string | null;

  @ApiPropertyOptional({
    description: 'Of audio: send as a voice message.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  ptt?: boolean | null;
}

class BulkMessageIn {
  @ApiProperty({ description: 'The recipient, as for single sends.', maxLength: 100, example: '628123456789@c.us' })
  @IsString()
  @Length(1, 100)
  chatId: string;

  @ApiProperty({ description: 'What kind of message.', enum: kinds, example: 'text' })
  @IsIn(kinds)
  type: 'text' | MediaKind;

  @ApiProperty({ description: 'What it says.', type: BulkContentIn, example: { text: 'Hello {name}!' } })
  @IsObject()
  @ValidateNested()
  @Type(() => BulkContentIn)
  content: BulkContentIn;

  @ApiPropertyOptional({
    description: 'Values for this recipient: texts, numbers or booleans under at most 50 names.',
    type: Object,
    nullable: true,
    additionalProperties: true,
    example: { name: 'Ana' },
  })
  @IsOptional()
  @IsVariables()
  variables?: TemplateVariables;
}

class BulkOptionsIn {
  @ApiPropertyOptional({
    description: 'Least pause between two messages, milliseconds.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: 60_000,
    default: 3000,
    example: 5000,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(60_000)
  delayBetweenMessages?: number | null;

  @ApiPropertyOptional({
    description: 'Adds up to two seconds at random to each pause.',
    type: Boolean,
    nullable: true,
    default: true,
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  randomizeDelay?: boolean | null;

  @ApiPropertyOptional({
    description: 'When a message fails, cancel those that have not been sent.',
    type: Boolean,
    nullable: true,
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  stopOnError?: boolean | null;
}

export class BulkSendIn {
  @ApiProperty({
    description: 'The profile that sends.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description:
      'Your own name for the batch. A profile takes each name once, for ever: a repeat is 409. To repeat a request safely use Idempotency-Key.',
    type: String,
    nullable: true,
    maxLength: 128,
    example: 'newsletter-2026-11',
  })
  @IsOptional()
  @IsString()
  @Length(1, 128)
  @Matches(/^[\x21-\x7e]+$/, { message: 'must be printable ASCII without spaces' })
  batchId?: string | null;

  @ApiProperty({ description: `1 to ${MAX_BULK_MESSAGES} messages, sent in this order.`, type: [BulkMessageIn] })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_BULK_MESSAGES)
  @ValidateNested({ each: true })
  @Type(() => BulkMessageIn)
  messages: BulkMessageIn[];

  @ApiPropertyOptional({ description: 'How they are sent.', type: BulkOptionsIn, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => BulkOptionsIn)
  options?: BulkOptionsIn | null;
}

export function toBulkRequest({ profileId, batchId, messages, options }: BulkSendIn): BulkRequest {
  return {
    profileId,
    reference: batchId ?? undefined,
    messages,
    delayMs: options?.delayBetweenMessages ?? 3000,
    randomize: options?.randomizeDelay ?? true,
    stopOnError: options?.stopOnError ?? false,
  };
}

export class BulkSendOut {
  @ApiProperty({
    description: 'Your name for the batch, or else our id. Use it in the other calls.',
    example: 'newsletter-2026-11',
  })
  batchId: string;

  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'All messages are queued.', enum: ['processing'], example: 'processing' })
  status: string;

  @ApiProperty({ description: 'How many messages.', example: 2 })
  totalMessages: number;

  @ApiProperty({
    description: 'When the last message may go out at the earliest, by the pauses.',
    format: 'date-time',
    example: '2026-11-21T08:30:06.000Z',
  })
  estimatedCompletionTime: string;

  @ApiProperty({
    description: 'Where to see how far it is.',
    example: '/api/v1/bulk/batch/newsletter-2026-11?profileId=0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  statusUrl: string;
}

export function presentAccepted(batch: BatchRow): BulkSendOut {
  const batchId = batch.reference ?? batch.id;
  return {
    batchId,
    id: batch.id,
    status: batch.state,
    totalMessages: batch.total,
    estimatedCompletionTime: batch.estimatedEndAt.toISOString(),
    statusUrl: `/api/v1/bulk/batch/${encodeURIComponent(batchId)}?profileId=${batch.profileId}`,
  };
}

export class BatchesQuery extends OffsetPageQuery {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;
}

export class BatchQuery {
  @ApiPropertyOptional({
    description: 'The profile. Needed when the batch is named by your own `batchId`.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsOptional()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;
}

class BatchProgressOut implements BatchProgress {
  @ApiProperty({ description: 'All messages. The next five add up to it.', example: 200 })
  total: number;

  @ApiProperty({ description: 'WhatsApp has them, delivered and read ones included.', example: 120 })
  sent: number;

  @ApiProperty({ description: 'Failed or expired.', example: 1 })
  failed: number;

  @ApiProperty({ description: 'Queued or being sent.', example: 79 })
  pending: number;

  @ApiProperty({ description: 'Cancelled before they were sent.', example: 0 })
  cancelled: number;

  @ApiProperty({ description: 'Went out without an acknowledgement; they may have arrived.', example: 0 })
  unknown: number;

  @ApiProperty({ description: 'Of the sent ones: on a device of the recipient.', example: 110 })
  delivered: number;

  @ApiProperty({ description: 'Of the delivered ones: read.', example: 64 })
  read: number;
}

class BatchErrorOut {
  @ApiProperty({ description: 'Stable code.', example: 'recipient_not_on_whatsapp' })
  code: string;

  @ApiProperty({ description: 'What it means.', example: 'The message failed: recipient_not_on_whatsapp.' })
  message: string;
}

class BatchResultOut {
  @ApiProperty({ description: 'The recipient as you wrote it.', example: '628123456789@c.us' })
  chatId: string;

  @ApiProperty({ description: 'The state of the message.', example: 'delivered' })
  status: string;

  @ApiProperty({
    description: 'Our id of the message.',
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  messageId: string;

  @ApiProperty({ description: 'WhatsApp’s id of the message.', example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061' })
  waMessageId: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({ description: 'Why it was not sent.', type: BatchErrorOut, nullable: true, example: null })
  error: BatchErrorOut | null;
}

export class BatchOut {
  @ApiProperty({ description: 'Your name for the batch, or else our id.', example: 'newsletter-2026-11' })
  batchId: string;

  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({
    description: '`completed` once every message is settled.',
    enum: ['processing', 'completed', 'cancelled'],
    example: 'processing',
  })
  status: string;

  @ApiProperty({ description: 'Counted from the messages at this moment.', type: BatchProgressOut })
  progress: BatchProgressOut;

  @ApiProperty({ description: 'When it was accepted.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  startedAt: string;

  @ApiProperty({
    description: 'When it was completed or cancelled.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  completedAt: string | null;

  @ApiProperty({
    description: 'When the last message may go out at the earliest, by the pauses.',
    format: 'date-time',
    example: '2026-11-21T08:46:00.000Z',
  })
  estimatedCompletionTime: string;
}

export class BatchWithResultsOut extends BatchOut {
  @ApiProperty({ description: 'Every message, in your order.', type: [BatchResultOut] })
  results: BatchResultOut[];
}

export function presentBatch(batch: BatchWithProgress): BatchOut {
  return {
    batchId: batch.reference ?? batch.id,
    id: batch.id,
    profileId: batch.profileId,
    status: batch.state,
    progress: batch.progress,
    startedAt: batch.createdAt.toISOString(),
    completedAt: batch.endedAt?.toISOString() ?? null,
    estimatedCompletionTime: batch.estimatedEndAt.toISOString(),
  };
}

export function presentBatchWithResults(batch: BatchWithItems): BatchWithResultsOut {
  return { ...presentBatch(batch), results: batch.items.map(presentResult) };
}

const withoutSuccess: readonly DeliveryState[] = ['failed', 'cancelled', 'expired', 'unknown'];

const sentences: Partial<Record<DeliveryState, string>> = {
  failed: 'The message failed',
  cancelled: 'The message was cancelled before it was sent',
  expired: 'The time of the message ran out before it could be sent',
  unknown: 'The message went out, but no acknowledgement came; it may have arrived',
};

function presentResult(item: BatchItemRow): BatchResultOut {
  const { chatId, state, stateReason, messageId, waMessageId, conversationId } = item;
  const code = stateReason ?? 'SEND_FAILED';
  const error = withoutSuccess.includes(state) ? { code, message: `${sentences[state]}: ${code}.` } : null;
  return { chatId, status: state, messageId, waMessageId, conversationId, error };
}
