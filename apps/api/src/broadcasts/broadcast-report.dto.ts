import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, IsUUID, Length, Max, Min } from 'class-validator';
import {
  type BroadcastId,
  type BroadcastState,
  broadcastStates,
  type ProfileId,
  type RecipientState,
  recipientStates,
} from '#contracts';
import { MOST_MOMENTS, MOST_REASONS, type RecipientMoment, type RecipientRow } from '#database';
import type { BroadcastView, ReasonCount } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { OffsetPageQuery } from '../http/page.js';
import { BroadcastStatsOut, iso, presentCounts } from './broadcast-out.dto.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
const uuid = { format: 'uuid', example: profileId };

export class BroadcastsQuery extends OffsetPageQuery {
  @ApiPropertyOptional({ description: 'Only those of this profile.', ...uuid })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;

  @ApiPropertyOptional({ description: 'Only those that stand here.', enum: broadcastStates, example: 'running' })
  @IfGiven()
  @IsIn(broadcastStates)
  status?: BroadcastState;

  @ApiPropertyOptional({ description: 'Only the occurrences of this one, which repeats.', ...uuid })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  parentId?: BroadcastId;
}

export class BroadcastStatsQuery {
  @ApiPropertyOptional({
    description: 'Seconds of one step of the course over time.',
    minimum: 10,
    maximum: 86_400,
    default: 3600,
    example: 3600,
  })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(10)
  @Max(86_400)
  step: number = 3600;
}

export class BroadcastReasonOut implements ReasonCount {
  @ApiProperty({ description: 'Stable code.', example: 'opted_out' })
  reason: string;

  @ApiProperty({ description: 'How many.', example: 12 })
  count: number;
}

export class BroadcastVariantStatsOut extends BroadcastStatsOut {
  @ApiProperty({ description: 'Name of the variant.', example: 'A' })
  name: string;
}

export class BroadcastSenderStatsOut extends BroadcastStatsOut {
  @ApiProperty({ description: 'The sending profile.', ...uuid })
  profileId: string;
}

export class BroadcastMomentOut {
  @ApiProperty({ description: 'Beginning of the step.', format: 'date-time', example: '2026-11-21T08:00:00.000Z' })
  at: string;

  @ApiProperty({ description: 'Queued within it, by our clock; the newest try of each.', example: 40 })
  queued: number;

  @ApiProperty({ description: 'Sent within it.', example: 40 })
  sent: number;

  @ApiProperty({ description: 'Delivered within it.', example: 38 })
  delivered: number;

  @ApiProperty({ description: 'Read within it.', example: 12 })
  read: number;

  @ApiProperty({ description: 'Answered within it.', example: 2 })
  replied: number;

  @ApiProperty({ description: 'Opted out within it.', example: 0 })
  optedOut: number;

  @ApiProperty({ description: 'Failed within it, or their time ran out.', example: 3 })
  failed: number;

  @ApiProperty({
    description: `Why, most frequent first, at most ${MOST_REASONS}; with those whose outcome became \`unknown\` within it. Added up over all steps they are \`failures\` of the whole: what was tried again with success is in neither.`,
    type: [BroadcastReasonOut],
    example: [{ reason: 'recipient_not_on_whatsapp', count: 3 }],
  })
  failures: BroadcastReasonOut[];
}

export class BroadcastReportOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'Its name.', example: 'November offer' })
  name: string;

  @ApiProperty({ description: 'Where it stands.', enum: broadcastStates, example: 'running' })
  status: BroadcastState;

  @ApiProperty({
    description: 'When it starts by itself.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  scheduledAt: string | null;

  @ApiProperty({
    description: 'When it was started.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  startedAt: string | null;

  @ApiProperty({ description: 'When it ended.', type: String, format: 'date-time', nullable: true, example: null })
  completedAt: string | null;

  @ApiProperty({ description: 'Counted from the recipients at this moment.', type: BroadcastStatsOut })
  stats: BroadcastStatsOut;

  @ApiProperty({
    description: 'Milliseconds since it was started, until it ended.',
    type: Number,
    nullable: true,
    example: 61000,
  })
  duration: number | null;

  @ApiProperty({ description: 'Why messages failed, most frequent first.', type: [BroadcastReasonOut] })
  failures: BroadcastReasonOut[];

  @ApiProperty({ description: 'Why recipients were left out.', type: [BroadcastReasonOut] })
  exclusions: BroadcastReasonOut[];

  @ApiProperty({ description: 'The same figures of each variant.', type: [BroadcastVariantStatsOut] })
  variants: BroadcastVariantStatsOut[];

  @ApiProperty({
    description: 'The same figures of each number, of what it has taken on.',
    type: [BroadcastSenderStatsOut],
  })
  senders: BroadcastSenderStatsOut[];

  @ApiProperty({
    description: `What happened when; steps without anything are absent. The first ${MOST_MOMENTS} steps: take a longer \`step\` for a course that has more.`,
    type: [BroadcastMomentOut],
  })
  timeline: BroadcastMomentOut[];
}

export function presentReport({
  broadcast,
  figures,
  moments,
}: BroadcastView & { moments: RecipientMoment[] }): BroadcastReportOut {
  const { startedAt, endedAt, variants } = broadcast;
  const until = endedAt ?? new Date();
  return {
    id: broadcast.id,
    name: broadcast.name,
    status: broadcast.state,
    scheduledAt: iso(broadcast.scheduledAt),
    startedAt: iso(startedAt),
    completedAt: iso(endedAt),
    stats: presentCounts(figures.counts),
    duration: startedAt && until.getTime() - startedAt.getTime(),
    failures: figures.failures,
    exclusions: figures.exclusions,
    variants: figures.variants.map(({ variant, counts }) => ({
      name: variants[variant]!.name,
      ...presentCounts(counts),
    })),
    senders: figures.senders.map(({ profileId, counts }) => ({ profileId, ...presentCounts(counts) })),
    timeline: moments.map(({ at, ...counts }) => ({ at: at.toISOString(), ...counts })),
  };
}

export class BroadcastRecipientFilters {
  @ApiPropertyOptional({ description: 'Only those that stand here.', enum: recipientStates, example: 'failed' })
  @IfGiven()
  @IsIn(recipientStates)
  status?: RecipientState;

  @ApiPropertyOptional({
    description: 'Only those with this reason.',
    minLength: 1,
    maxLength: 100,
    example: 'opted_out',
  })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  reason?: string;

  @ApiPropertyOptional({ description: 'Only those of this variant.', maxLength: 100, example: 'A' })
  @IfGiven()
  @IsName()
  variant?: string;

  @ApiPropertyOptional({ description: 'Only those of this number.', ...uuid })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  senderId?: string;

  @ApiPropertyOptional({
    description: 'Only those who answered (`true`), or did not.',
    enum: ['true', 'false'],
    example: 'true',
  })
  @IfGiven()
  @IsIn(['true', 'false'])
  replied?: 'true' | 'false';
}

export class BroadcastRecipientsQuery extends IntersectionType(OffsetPageQuery, BroadcastRecipientFilters) {}

export class BroadcastRecipientOut {
  @ApiProperty({ description: 'Its place in the list, from 0.', example: 0 })
  position: number;

  @ApiProperty({
    description: 'The recipient as v1 clients know it; of what could not be read what was given.',
    example: '4915112345678@s.whatsapp.net',
  })
  chatId: string;

  @ApiProperty({
    description: 'Digits of the number, if it is one.',
    type: String,
    nullable: true,
    example: '4915112345678',
  })
  phone: string | null;

  @ApiProperty({
    description: 'Name of the person, as far as it is known.',
    type: String,
    nullable: true,
    example: 'Ada',
  })
  name: string | null;

  @ApiProperty({
    description: 'Of one from a file: the line, or the row of the sheet, from 1.',
    type: Number,
    nullable: true,
    example: null,
  })
  line: number | null;

  @ApiProperty({ description: 'Where it stands.', enum: recipientStates, example: 'delivered' })
  status: RecipientState;

  @ApiProperty({
    description: 'Why it was left out, failed or is tried again.',
    type: String,
    nullable: true,
    example: null,
  })
  reason: string | null;

  @ApiProperty({ description: 'Name of the variant.', example: 'A' })
  variant: string;

  @ApiProperty({ description: 'The number that sends to it.', type: String, nullable: true, ...uuid })
  senderId: string | null;

  @ApiProperty({ description: 'Its message.', type: String, nullable: true, format: 'uuid', example: null })
  messageId: string | null;

  @ApiProperty({ description: 'Its chat.', type: String, nullable: true, format: 'uuid', example: null })
  conversationId: string | null;

  @ApiProperty({ description: 'How often it was tried.', example: 1 })
  attempts: number;

  @ApiProperty({
    description: 'When it is tried again at the earliest.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  retryAt: string | null;

  @ApiProperty({
    description: 'When its message was queued.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  queuedAt: string | null;

  @ApiProperty({
    description: 'By WhatsApp’s clock.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  sentAt: string | null;

  @ApiProperty({ description: 'By its receipt.', type: String, format: 'date-time', nullable: true, example: null })
  deliveredAt: string | null;

  @ApiProperty({ description: 'By its receipt.', type: String, format: 'date-time', nullable: true, example: null })
  readAt: string | null;

  @ApiProperty({
    description: 'When the person first wrote.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  repliedAt: string | null;

  @ApiProperty({
    description: 'When the person opted out.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  optedOutAt: string | null;
}

export class BroadcastRecipientsOut {
  @ApiProperty({ description: 'In the order of the list.', type: [BroadcastRecipientOut] })
  recipients: BroadcastRecipientOut[];

  @ApiProperty({ description: 'How many fit the filters.', example: 200 })
  total: number;

  @ApiProperty({ description: 'Most of this page.', example: 50 })
  limit: number;

  @ApiProperty({ description: 'How many were skipped.', example: 0 })
  offset: number;

  @ApiProperty({ description: 'For the next page; null on the last.', type: String, nullable: true, example: null })
  nextCursor: string | null;
}

export function presentRecipient(row: RecipientRow, variants: readonly string[]): BroadcastRecipientOut {
  const { address } = row;
  return {
    position: row.position,
    chatId: chatIdOf(address),
    phone: address.startsWith('phone:') ? address.slice('phone:'.length) : null,
    name: row.name,
    line: row.line,
    status: row.state,
    reason: row.reason,
    variant: variants[row.variant] ?? 'A',
    senderId: row.senderId,
    messageId: row.messageId,
    conversationId: row.conversationId,
    attempts: row.attempts,
    retryAt: iso(row.retryAt),
    queuedAt: iso(row.queuedAt),
    sentAt: iso(row.sentAt),
    deliveredAt: iso(row.deliveredAt),
    readAt: iso(row.readAt),
    repliedAt: iso(row.repliedAt),
    optedOutAt: iso(row.optedOutAt),
  };
}

const servers: Record<string, string> = {
  phone: 's.whatsapp.net',
  lid: 'lid',
  group: 'g.us',
  newsletter: 'newsletter',
};

function chatIdOf(address: string): string {
  const at = address.indexOf(':');
  const server = servers[address.slice(0, at)];
  return server ? `${address.slice(at + 1)}@${server}` : address;
}
