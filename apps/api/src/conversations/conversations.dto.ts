import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsUUID } from 'class-validator';
import type { ProfileId } from '#contracts';
import { type ConversationRecord, messageView } from '#domain';
import { OffsetPageQuery } from '../http/page.js';
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

  @ApiPropertyOptional({ description: 'Only conversations with unread messages.', default: false, example: false })
  @IsOptional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  unread?: boolean;
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
    createdAt: record.createdAt.toISOString(),
  };
}
