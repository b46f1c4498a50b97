import { ApiProperty } from '@nestjs/swagger';
import {
  type AudiencePart,
  type BroadcastCounts,
  type BroadcastMessage,
  type BroadcastSettings,
  type BroadcastState,
  broadcastStates,
  DEFAULT_BROADCAST_LATE_SECONDS,
} from '#contracts';
import { type BroadcastView, comingOccurrences, type StartedBroadcast } from '#domain';

const id = '0198c2f4-6f7a-7b2c-8d3e-4f5a6b7c8d9e';
const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';

/** Times that are told of one that repeats. */
const SHOWN_OCCURRENCES = 5;

/** Names that the older product has mean the same here; the rest stands beside. */
export class BroadcastStatsOut {
  @ApiProperty({ description: 'All recipients, without those who were left out.', example: 200 })
  total: number;

  @ApiProperty({ description: 'Not sent yet: they wait, or their message is on its way.', example: 79 })
  pending: number;

  @ApiProperty({ description: 'WhatsApp has them, delivered and read ones included.', example: 120 })
  sent: number;

  @ApiProperty({ description: 'Reached a device of the recipient, by its receipt.', example: 110 })
  delivered: number;

  @ApiProperty({ description: 'Were read, by receipts; people can switch those off.', example: 64 })
  read: number;

  @ApiProperty({ description: 'Failed, or their time ran out before they could be sent.', example: 1 })
  failed: number;

  @ApiProperty({ description: 'Percent sent of those that have an outcome.', format: 'double', example: 99.17 })
  successRate: number;

  @ApiProperty({ description: 'Percent of all recipients that have an outcome.', format: 'double', example: 60.5 })
  progress: number;

  @ApiProperty({ description: 'Of the pending ones: their message waits at a number or is being sent.', example: 7 })
  queued: number;

  @ApiProperty({ description: 'Cancelled before they were sent.', example: 0 })
  cancelled: number;

  @ApiProperty({ description: 'Of the failed ones: their time ran out.', example: 0 })
  expired: number;

  @ApiProperty({ description: 'Went out without an acknowledgement; they may have arrived.', example: 0 })
  unknown: number;

  @ApiProperty({ description: 'Left out, each with a reason.', example: 12 })
  excluded: number;

  @ApiProperty({ description: 'Wrote within the reply window.', example: 9 })
  replied: number;

  @ApiProperty({ description: 'Opted out within the reply window.', example: 1 })
  optedOut: number;
}

export function presentCounts(counts: BroadcastCounts): BroadcastStatsOut {
  const { total, sent, expired, unknown, cancelled, excluded, replied, optedOut, delivered, read, queued } = counts;
  const failed = counts.failed + expired;
  const pending = counts.pending + queued;
  const ended = total - pending;
  return {
    total,
    pending,
    sent,
    delivered,
    read,
    failed,
    successRate: percent(sent, sent + failed + unknown),
    progress: percent(ended, total),
    queued,
    cancelled,
    expired,
    unknown,
    excluded,
    replied,
    optedOut,
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}

export class BroadcastSenderOut {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({
    description: 'Why it does not send now: `not_linked`, `restricted`, `time_locked` or `offline`; null: it does.',
    type: String,
    nullable: true,
    example: null,
  })
  heldFor: string | null;

  @ApiProperty({ description: 'Since when.', type: String, format: 'date-time', nullable: true, example: null })
  heldSince: string | null;
}

export class BroadcastVariantOut {
  @ApiProperty({ description: 'Its name.', example: 'A' })
  name: string;

  @ApiProperty({ description: 'Its share, beside those of the others.', example: 1 })
  share: number;

  @ApiProperty({
    description: 'What it says.',
    type: Object,
    additionalProperties: true,
    example: { type: 'text', text: 'Hi!' },
  })
  message: BroadcastMessage;
}

export class BroadcastAudienceOut {
  @ApiProperty({ description: 'How they are named.', example: 'tags' })
  type: string;

  @ApiProperty({
    description: 'The names; of `filter` the filter alone, of `file` the file with what its columns are taken for.',
    type: 'array',
    items: { oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }] },
    example: ['customers'],
  })
  value: unknown[];

  @ApiProperty({
    description: 'More recipients.',
    type: Object,
    isArray: true,
    additionalProperties: true,
    example: [],
  })
  more: object[];
}

export class BroadcastOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: id })
  id: string;

  @ApiProperty({ description: 'The profile whose broadcast it is.', format: 'uuid', example: profileId })
  profileId: string;

  @ApiProperty({ description: 'Its name.', example: 'November offer' })
  name: string;

  @ApiProperty({
    description: 'What it says; with variants the first of them.',
    type: Object,
    additionalProperties: true,
    example: { type: 'text', text: 'Hi!' },
  })
  message: BroadcastMessage;

  @ApiProperty({ description: 'All that it says.', type: [BroadcastVariantOut] })
  variants: BroadcastVariantOut[];

  @ApiProperty({ description: 'Whom it is for.', type: BroadcastAudienceOut })
  recipients: BroadcastAudienceOut;

  @ApiProperty({
    description: 'How it sends.',
    type: Object,
    additionalProperties: true,
    example: { delayMin: 3000, delayMax: 10000 },
  })
  settings: BroadcastSettings;

  @ApiProperty({ description: 'Where it stands.', enum: broadcastStates, example: 'running' })
  status: BroadcastState;

  @ApiProperty({
    description:
      'Why, when nobody asked for it, such as `sender_not_linked`, `sender_deleted`, `file_unreadable` or `missed`.',
    type: String,
    nullable: true,
    example: null,
  })
  statusReason: string | null;

  @ApiProperty({
    description: 'Of a started one: whether its recipients are still being written down.',
    example: false,
  })
  expanding: boolean;

  @ApiProperty({
    description: 'How many recipients are written down so far, those who are left out included.',
    example: 200,
  })
  listed: number;

  @ApiProperty({
    description: 'Of one for files: how many lines they have; null until they are counted, after its start.',
    type: Number,
    nullable: true,
    example: null,
  })
  fileLines: number | null;

  @ApiProperty({ description: 'Figures at this moment.', type: BroadcastStatsOut })
  stats: BroadcastStatsOut;

  @ApiProperty({ description: 'The numbers that send.', type: [BroadcastSenderOut] })
  senders: BroadcastSenderOut[];

  @ApiProperty({ description: 'Time zone of its windows and dates.', example: 'Europe/Berlin' })
  timeZone: string;

  @ApiProperty({
    description: 'When it starts by itself; of one that repeats, the next time.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  scheduledAt: string | null;

  @ApiProperty({
    description: 'The rule by which it repeats; null: it does not. Its occurrences are broadcasts of their own.',
    type: String,
    nullable: true,
    example: null,
  })
  recurrence: string | null;

  @ApiProperty({
    description: 'How late it, or an occurrence, may begin, seconds.',
    example: DEFAULT_BROADCAST_LATE_SECONDS,
  })
  lateWindowSeconds: number;

  @ApiProperty({
    description: `Its next ${SHOWN_OCCURRENCES} times, if there are so many.`,
    type: [String],
    example: [],
  })
  nextOccurrences: string[];

  @ApiProperty({ description: 'How often occurrences were left out because they came too late.', example: 0 })
  missedCount: number;

  @ApiProperty({
    description: 'Of an occurrence: the broadcast that repeats.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  parentId: string | null;

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

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export function presentBroadcast({ broadcast, senders, figures }: BroadcastView): BroadcastOut {
  const { audience, variants } = broadcast;
  return {
    id: broadcast.id,
    profileId: broadcast.profileId,
    name: broadcast.name,
    message: variants[0]!.message,
    variants,
    recipients: presentAudience(audience),
    settings: broadcast.settings,
    status: broadcast.state,
    statusReason: broadcast.stateReason,
    expanding: ['running', 'paused'].includes(broadcast.state) && broadcast.expandedAt === null,
    listed: broadcast.written,
    fileLines: broadcast.fileRows,
    stats: presentCounts(figures.counts),
    senders: senders.map(({ profileId, heldFor, heldSince }) => ({ profileId, heldFor, heldSince: iso(heldSince) })),
    timeZone: broadcast.timeZone,
    scheduledAt: iso(broadcast.scheduledAt),
    recurrence: broadcast.recurrence,
    lateWindowSeconds: broadcast.lateWindowSeconds,
    nextOccurrences: comingOccurrences(broadcast, SHOWN_OCCURRENCES).map((at) => at.toISOString()),
    missedCount: broadcast.missedCount,
    parentId: broadcast.parentId,
    startedAt: iso(broadcast.startedAt),
    completedAt: iso(broadcast.endedAt),
    createdAt: broadcast.createdAt.toISOString(),
    updatedAt: broadcast.updatedAt.toISOString(),
  };
}

/** The parts as they were asked for; what was given as contacts and is numbers stands by itself. */
function presentAudience([first, ...more]: AudiencePart[]): BroadcastAudienceOut {
  return { type: first!.type, value: 'value' in first! ? [first.value].flat() : [], more };
}

export const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

export class StartedBroadcastOut {
  @ApiProperty({ description: 'Always true.', example: true })
  success: boolean;

  @ApiProperty({ description: 'In words.', example: 'Broadcast started' })
  message: string;

  @ApiProperty({
    description:
      'How many its recipients name: repeats, and those who will be left out, included. Null: it is for a file, whose lines are counted next.',
    type: Number,
    nullable: true,
    example: 200,
  })
  recipientCount: number | null;

  @ApiProperty({ description: 'Where it stands.', enum: broadcastStates, example: 'running' })
  status: BroadcastState;
}

export function presentStarted({ broadcast, recipientCount }: StartedBroadcast): StartedBroadcastOut {
  return { success: true, message: 'Broadcast started', recipientCount, status: broadcast.state };
}

export class DeletedBroadcastOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: id })
  id: string;

  @ApiProperty({ description: 'It is gone.', example: true })
  deleted: boolean;
}
