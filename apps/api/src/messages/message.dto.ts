import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsUUID } from 'class-validator';
import type { MessageContent, MessageId, MessageParty } from '#contracts';
import type { ContentView, MessageView } from '#domain';
import { OffsetPageQuery, PageQuery } from '../http/page.js';

const kinds: MessageContent['kind'][] = ['text', 'image', 'video', 'audio', 'document', 'unsupported', 'undecryptable'];

export class PartyOut implements MessageParty {
  @ApiProperty({
    description: 'The person, one for all profiles of the organization.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: '0198c2f2-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
  })
  personId: string | null;

  @ApiProperty({
    description: 'Phone number, digits with country code. Null while WhatsApp has told only the LID.',
    type: String,
    nullable: true,
    example: '628123456789',
  })
  phone: string | null;

  @ApiProperty({
    description: 'WhatsApp’s own id of the account.',
    type: String,
    nullable: true,
    example: '113456789012345',
  })
  lid: string | null;

  @ApiProperty({
    description: 'Name in the profile’s address book, else the one that the person shows.',
    type: String,
    nullable: true,
    example: 'Ana',
  })
  name: string | null;
}

export class ContentOut implements ContentView {
  @ApiPropertyOptional({ description: 'Of texts.', example: 'Is my order ready?' })
  text?: string;

  @ApiPropertyOptional({ description: 'Of images, videos and documents.', example: 'The new ones' })
  caption?: string;

  @ApiPropertyOptional({
    description: 'Path of the file on this server; null until an incoming file has been downloaded from WhatsApp.',
    type: String,
    nullable: true,
    example: '/api/v1/messages/0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d/media',
  })
  url?: string | null;

  @ApiPropertyOptional({ description: 'Media type.', example: 'image/jpeg' })
  mimetype?: string;

  @ApiPropertyOptional({ description: 'Name of the file.', example: 'shoes.jpg' })
  filename?: string;

  @ApiPropertyOptional({ description: 'Size of the file in bytes.', type: Number, nullable: true, example: 48123 })
  sizeBytes?: number | null;

  @ApiPropertyOptional({
    description: 'SHA-256 of the file, lower-case hex.',
    type: String,
    nullable: true,
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  sha256?: string | null;

  @ApiPropertyOptional({ description: 'Width in pixels, where it is known.', example: 1280 })
  widthPx?: number;

  @ApiPropertyOptional({ description: 'Height in pixels, where it is known.', example: 960 })
  heightPx?: number;

  @ApiPropertyOptional({ description: 'Length in seconds, where it is known.', example: 12 })
  durationSeconds?: number;

  @ApiPropertyOptional({ description: 'Of audio: whether it is a voice message.', example: true })
  ptt?: boolean;

  @ApiPropertyOptional({
    description: 'Of a kind that is not translated yet: WhatsApp’s name of it.',
    example: 'pollCreationMessageV3',
  })
  unsupportedType?: string;

  @ApiPropertyOptional({ description: 'Of what could not be decrypted: why.', example: 'no_session' })
  reason?: string;
}

export class MessageOut implements MessageView {
  @ApiProperty({ description: 'Our id.', format: 'uuid', example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d' })
  id: string;

  @ApiProperty({
    description: 'WhatsApp’s id, under its older name.',
    example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061',
  })
  messageId: string;

  @ApiProperty({ description: 'WhatsApp’s id.', example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061' })
  waMessageId: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  profileId: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({ description: 'The address of the chat.', example: '628123456789@s.whatsapp.net' })
  chatId: string;

  @ApiProperty({ description: 'Seen from the profile.', enum: ['incoming', 'outgoing'], example: 'outgoing' })
  direction: 'incoming' | 'outgoing';

  @ApiProperty({ description: 'Whether the profile sent it (here or on the phone).', example: true })
  fromMe: boolean;

  @ApiProperty({
    description: 'Who wrote it; null when it was the profile.',
    type: PartyOut,
    nullable: true,
    example: null,
  })
  from: PartyOut | null;

  @ApiProperty({ description: 'To whom; null when it was to the profile.', type: PartyOut, nullable: true })
  to: PartyOut | null;

  @ApiProperty({
    description: 'The author’s address; null when it was the profile.',
    type: String,
    nullable: true,
    example: null,
  })
  senderJid: string | null;

  @ApiProperty({ description: 'What kind of message.', enum: kinds, example: 'text' })
  type: MessageContent['kind'];

  @ApiProperty({
    description: 'What it says; the fields depend on `type`.',
    type: ContentOut,
    example: { text: 'Your order is ready.' },
  })
  content: ContentOut;

  @ApiProperty({ description: 'Text or caption.', type: String, nullable: true, example: 'Your order is ready.' })
  body: string | null;

  @ApiProperty({ description: 'Whether there is a file.', example: false })
  hasMedia: boolean;

  @ApiProperty({
    description: 'Outgoing: the delivery state, which only moves forward. Incoming: `received`.',
    enum: [
      ...['received', 'queued', 'sending', 'sent', 'delivered', 'read', 'played'],
      ...['failed', 'cancelled', 'expired', 'unknown'],
    ],
    example: 'delivered',
  })
  status: string;

  @ApiProperty({
    description: 'Why it failed, was cancelled, expired or is unknown: a stable code.',
    type: String,
    nullable: true,
    example: null,
  })
  statusReason: string | null;

  @ApiProperty({
    description: 'WhatsApp’s id of the message that this one answers.',
    type: String,
    nullable: true,
    example: null,
  })
  quotedMessageId: string | null;

  @ApiProperty({
    description: 'The bulk request that it belongs to.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  batchId: string | null;

  @ApiProperty({
    description: 'Whether it was read: an incoming one here or on the phone, an outgoing one by the other person.',
    example: false,
  })
  isRead: boolean;

  @ApiProperty({
    description: 'When WhatsApp says that it was sent; while it is queued, when it was accepted.',
    format: 'date-time',
    example: '2026-11-21T08:30:00.000Z',
  })
  timestamp: string;

  @ApiProperty({
    description: 'When it reached the other person’s device.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:01.000Z',
  })
  deliveredAt: string | null;

  @ApiProperty({ description: 'When it was read.', type: String, format: 'date-time', nullable: true, example: null })
  readAt: string | null;
}

export class ProfileMessagesQuery extends OffsetPageQuery {
  @ApiPropertyOptional({ description: 'Only messages of this kind.', enum: kinds, example: 'text' })
  @IsOptional()
  @IsIn(kinds)
  type?: MessageContent['kind'];

  @ApiPropertyOptional({
    description: 'Only messages of this direction.',
    enum: ['incoming', 'outgoing'],
    example: 'incoming',
  })
  @IsOptional()
  @IsIn(['incoming', 'outgoing'])
  direction?: 'incoming' | 'outgoing';
}

export class ConversationMessagesQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'The messages before this one (our id). Absent, and `after` too: the newest.',
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IsOptional()
  @IsUUID(undefined, { message: 'must be a UUID' })
  before?: MessageId;

  @ApiPropertyOptional({
    description: 'The messages after this one (our id). Not together with `before`.',
    format: 'uuid',
    example: '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IsOptional()
  @IsUUID(undefined, { message: 'must be a UUID' })
  after?: MessageId;
}

export class ConversationMessagesOut {
  @ApiProperty({ description: 'Oldest first.', type: [MessageOut] })
  messages: MessageOut[];

  @ApiProperty({ description: 'Whether there are more: older ones, or with `after` newer ones.', example: true })
  hasMore: boolean;

  @ApiProperty({
    description: '`cursor` of the next page in the same direction; null on the last one.',
    type: String,
    nullable: true,
    example: 'WyJiZWZvcmUiLCIwMTk4YzJmMy01ZTZmLTdhMWItOWMyZC0zZTRmNWE2YjdjOGQiXQ',
  })
  nextCursor: string | null;
}
