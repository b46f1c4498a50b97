import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsIn, IsISO8601, IsOptional, IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';
import {
  type Actor,
  type ConversationStatus,
  conversationStatuses,
  type MemberShown,
  type ProfileId,
} from '#contracts';
import type { UnreadCount } from '#database';
import { type ConversationRecord, type InboxFilter, messageView, searchLimits } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { OffsetPageQuery } from '../http/page.js';
import { List, YesOrNo } from '../http/query-values.js';
import { MessageOut, PartyOut } from '../messages/message.dto.js';

const types = ['user', 'group', 'newsletter', 'broadcast', 'status'] as const;

export class ConversationsQuery extends OffsetPageQuery {
  @ApiProperty({
    description: 'The profile whose inbox is listed.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({ description: 'Only conversations of this type.', enum: types, example: 'user' })
  @IsOptional()
  @IsIn(types)
  type?: (typeof types)[number];

  @ApiPropertyOptional({
    description: 'Only conversations with something unread, or marked as unread by hand. `false` leaves nothing out.',
    default: false,
    example: false,
  })
  @YesOrNo()
  unread?: boolean;

  @ApiPropertyOptional({ description: 'Only archived ones, or only those that are not.', example: false })
  @YesOrNo()
  archived?: boolean;

  @ApiPropertyOptional({ description: 'Only pinned ones, or only those that are not.', example: true })
  @YesOrNo()
  pinned?: boolean;

  @ApiPropertyOptional({ description: 'Only muted ones, or only those that are not.', example: false })
  @YesOrNo()
  muted?: boolean;

  @ApiPropertyOptional({
    description: 'Only of this status, several apart by commas.',
    enum: conversationStatuses,
    isArray: true,
    example: ['open', 'snoozed'],
  })
  @IfGiven()
  @List()
  @IsArray()
  @IsIn(conversationStatuses, { each: true })
  status?: ConversationStatus[];

  @ApiPropertyOptional({
    description: 'Only of this member: an id, `me`, or `nobody`.',
    maxLength: 36,
    example: 'nobody',
  })
  @IfGiven()
  @Matches(/^(me|nobody|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i, { message: 'must be a UUID, me or nobody' })
  assignee?: string;

  @ApiPropertyOptional({
    description: 'Only with this label.',
    format: 'uuid',
    example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  labelId?: string;

  @ApiPropertyOptional({
    description: 'Whose newest message was sent then or later.',
    format: 'date-time',
    example: '2026-11-01T00:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  activeSince?: string;

  @ApiPropertyOptional({
    description: 'Whose newest message was sent before.',
    format: 'date-time',
    example: '2026-12-01T00:00:00Z',
  })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  activeBefore?: string;

  @ApiPropertyOptional({
    description: 'Words of the name (each anywhere in it, case and accents do not matter), or a part of the number.',
    maxLength: 100,
    example: 'ana lop',
  })
  @IfGiven()
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  search?: string;

  @ApiPropertyOptional({
    description:
      'Words in the messages, as in `GET /messages/search`; the 500 newest messages with them are looked at.',
    maxLength: searchLimits.maxLength,
    example: 'invoice',
  })
  @IfGiven()
  @IsString()
  @MinLength(1)
  @MaxLength(searchLimits.maxLength)
  text?: string;
}

export class AssigneeOut implements MemberShown {
  @ApiProperty({ description: 'The member.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  userId: string;

  @ApiProperty({ description: 'The member’s name.', example: 'Budi' })
  name: string;
}

export class LabelOnOut {
  @ApiProperty({ description: 'The label.', format: 'uuid', example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  id: string;

  @ApiProperty({ description: 'What it is called.', example: 'New customer' })
  name: string;

  @ApiProperty({ description: 'One of WhatsApp’s colours, 0 to 19.', minimum: 0, maximum: 19, example: 3 })
  color: number;
}

export class ConversationOut {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({
    description: 'A chat with one person, a group, a newsletter (channel), a broadcast list, or the statuses.',
    enum: types,
    example: 'user',
  })
  type: string;

  @ApiProperty({ description: 'The address to send to.', example: '628123456789@s.whatsapp.net' })
  jid: string;

  @ApiProperty({
    description: 'What to call it: the person’s name, else the number; of a group or newsletter its name, else its id.',
    example: 'Ana',
  })
  name: string;

  @ApiProperty({ description: 'The person’s name, where it is known.', type: String, nullable: true, example: 'Ana' })
  contactName: string | null;

  @ApiProperty({
    description: 'The person’s number, where it is known.',
    type: String,
    nullable: true,
    example: '628123456789',
  })
  contactPhone: string | null;

  @ApiProperty({ description: 'The other person of a chat of two.', type: PartyOut, nullable: true })
  contact: PartyOut | null;

  @ApiProperty({ description: 'Received messages that nobody has read.', example: 2 })
  unreadCount: number;

  @ApiProperty({ description: 'The newest message.', type: MessageOut, nullable: true })
  lastMessage: MessageOut | null;

  @ApiProperty({
    description: 'When the newest message was sent.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  lastMessageAt: string | null;

  @ApiProperty({ description: 'Archived on the phone or here.', example: false })
  isArchived: boolean;

  @ApiProperty({
    description: 'When it was pinned to the top; null: it is not.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  pinnedAt: string | null;

  @ApiProperty({
    description: 'Until when it is muted; far in the future for always, null: not muted.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  mutedUntil: string | null;

  @ApiProperty({ description: 'Marked as unread by hand.', example: false })
  isMarkedUnread: boolean;

  @ApiProperty({
    description: 'New messages disappear after so many seconds; null: they stay.',
    type: Number,
    nullable: true,
    example: null,
  })
  disappearsInSeconds: number | null;

  @ApiProperty({
    description: 'Whether there is work left: open, snoozed until a moment, or closed. WhatsApp knows nothing of it.',
    enum: conversationStatuses,
    example: 'open',
  })
  status: ConversationStatus;

  @ApiProperty({
    description: 'Of a snoozed one: when it opens by itself.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  snoozedUntil: string | null;

  @ApiProperty({ description: 'The next message of the other party opens it, when it is not open.', example: true })
  reopens: boolean;

  @ApiProperty({ description: 'Who works on it; null: nobody.', type: AssigneeOut, nullable: true })
  assignee: AssigneeOut | null;

  @ApiProperty({ description: 'Labels on the chat.', type: [LabelOnOut] })
  labels: LabelOnOut[];

  @ApiProperty({ description: 'When the chat began here.', format: 'date-time', example: '2026-11-20T10:00:00.000Z' })
  createdAt: string;
}

export class ConversationsOut {
  @ApiProperty({ description: 'The page.', type: [ConversationOut] })
  conversations: ConversationOut[];

  @ApiProperty({ description: 'How many there are in all.', example: 1 })
  total: number;

  @ApiProperty({
    description: '`cursor` of the next page; null on the last one.',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;

  @ApiProperty({
    description: '`cursor` of the page before, towards newer ones; null without a cursor in the request.',
    type: String,
    nullable: true,
    example: null,
  })
  previousCursor: string | null;
}

export class UnreadCountQuery {
  @ApiPropertyOptional({
    description: 'Only of this profile. Absent: of all that you may see.',
    format: 'uuid',
    example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;
}

export class ProfileUnreadOut implements UnreadCount {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({ description: 'Received messages that nobody has read.', example: 12 })
  messages: number;

  @ApiProperty({ description: 'Conversations with such messages, or marked as unread by hand.', example: 4 })
  conversations: number;

  @ApiProperty({ description: 'Those of them that are neither archived nor muted: for a badge.', example: 3 })
  notable: number;
}

export class UnreadCountOut {
  @ApiProperty({ description: 'Unread messages in all.', example: 12 })
  messages: number;

  @ApiProperty({ description: 'Unread conversations in all.', example: 4 })
  conversations: number;

  @ApiProperty({ description: 'Those that are neither archived nor muted.', example: 3 })
  notable: number;

  @ApiProperty({ description: 'The same by profile.', type: [ProfileUnreadOut] })
  profiles: ProfileUnreadOut[];
}

export function toInboxFilter(actor: Actor, query: ConversationsQuery): InboxFilter {
  const { type, unread, archived, pinned, muted, status, assignee, labelId, activeSince, activeBefore } = query;
  return {
    ...{ kind: type, unread: unread || undefined, archived, pinned, muted, statuses: status, labelId },
    assignee: assignee?.toLowerCase() === 'me' ? actor.userId : assignee?.toLowerCase(),
    activeSince: activeSince === undefined ? undefined : new Date(activeSince),
    activeBefore: activeBefore === undefined ? undefined : new Date(activeBefore),
    name: query.search,
    words: query.text,
  };
}

export function presentUnread(profiles: UnreadCount[]): UnreadCountOut {
  const sum = (of: (each: UnreadCount) => number) => profiles.reduce((all, each) => all + of(each), 0);
  return {
    messages: sum((each) => each.messages),
    conversations: sum((each) => each.conversations),
    notable: sum((each) => each.notable),
    profiles,
  };
}

export function presentConversation(record: ConversationRecord): ConversationOut {
  const { chat, party } = record;
  return {
    id: record.id,
    profileId: record.profileId,
    type: chat.kind,
    jid: chat.id,
    name: chat.name ?? party?.name ?? party?.phone ?? party?.lid ?? chat.id,
    contactName: party?.name ?? null,
    contactPhone: party?.phone ?? null,
    contact: party,
    unreadCount: record.unreadCount,
    lastMessage: record.lastMessage && messageView(record.lastMessage),
    lastMessageAt: record.lastMessageAt?.toISOString() ?? null,
    isArchived: record.isArchived,
    pinnedAt: record.pinnedAt?.toISOString() ?? null,
    mutedUntil: record.mutedUntil?.toISOString() ?? null,
    isMarkedUnread: record.isMarkedUnread,
    disappearsInSeconds: record.disappearsInSeconds,
    status: record.status,
    snoozedUntil: record.snoozedUntil?.toISOString() ?? null,
    reopens: record.reopens,
    assignee: record.assignee,
    labels: record.labels.map(({ id, name, color }) => ({ id, name, color })),
    createdAt: record.createdAt.toISOString(),
  };
}
