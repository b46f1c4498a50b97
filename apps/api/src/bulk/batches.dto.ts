import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import type { ProfileId } from '#contracts';
import type { BatchItemRow } from '#database';
import type { BatchProgress, BatchWithItems, BatchWithProgress } from '#domain';
import { OffsetPageQuery } from '../http/page.js';

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
  @ApiProperty({ description: 'All messages. The next six add up to it.', example: 200 })
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

  @ApiProperty({ description: 'Left out, because the recipient wants no campaigns.', example: 0 })
  skipped: number;

  @ApiProperty({ description: 'Of the sent ones: on a device of the recipient.', example: 110 })
  delivered: number;

  @ApiProperty({ description: 'Of the delivered ones: read.', example: 64 })
  read: number;
}

class BatchErrorOut {
  @ApiProperty({ description: 'Stable code.', example: 'recipient_not_on_whatsapp' })
  code: string;

  @ApiProperty({ description: 'What it means.', example: 'The message failed: this number is not on WhatsApp.' })
  message: string;
}

class BatchResultOut {
  @ApiProperty({ description: 'The recipient as you wrote it.', example: '628123456789@c.us' })
  chatId: string;

  @ApiProperty({ description: 'The state of the message; `skipped`: none was made.', example: 'delivered' })
  status: string;

  @ApiProperty({
    description: 'Our id of the message; null when none was made.',
    type: String,
    nullable: true,
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  messageId: string | null;

  @ApiProperty({
    description: 'WhatsApp’s id of the message.',
    type: String,
    nullable: true,
    example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061',
  })
  waMessageId: string | null;

  @ApiProperty({
    description: 'The chat.',
    type: String,
    nullable: true,
    format: 'uuid',
    example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c',
  })
  conversationId: string | null;

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

/** Of the reasons that callers see most; others are told by their code. */
const reasons: Record<string, string> = {
  recipient_not_on_whatsapp: 'this number is not on WhatsApp',
  not_allowed: 'WhatsApp does not let this account write there',
  batch_stopped_on_error: 'another message of the batch failed',
};

const withoutSuccess: readonly BatchItemRow['state'][] = ['failed', 'cancelled', 'expired', 'unknown', 'skipped'];

const sentences: Partial<Record<BatchItemRow['state'], string>> = {
  skipped: 'No message was made: the recipient wants none',
  failed: 'The message failed',
  cancelled: 'The message was cancelled before it was sent',
  expired: 'The time of the message ran out before it could be sent',
  unknown: 'The message went out, but no acknowledgement came; it may have arrived',
};

function presentResult(item: BatchItemRow): BatchResultOut {
  const { chatId, state, stateReason, messageId, waMessageId, conversationId } = item;
  const code = stateReason ?? 'SEND_FAILED';
  const error = withoutSuccess.includes(state)
    ? { code, message: `${sentences[state]}: ${reasons[code] ?? code}.` }
    : null;
  return { chatId, status: state, messageId, waMessageId, conversationId, error };
}
