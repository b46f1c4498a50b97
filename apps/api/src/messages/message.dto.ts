import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsArray, IsIn, IsISO8601, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import type { AnswerView, MessageView, ReactionView } from '#contracts';
import {
  type ChatKind,
  type MessageContent,
  type MessageId,
  type MessageParty,
  type SendHoldCode,
  sendHolds,
} from '#contracts';
import type { MessagesAsked } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { OffsetPageQuery, PageQuery } from '../http/page.js';
import { List, YesOrNo } from '../http/query-values.js';
import { ContentOut } from './content.dto.js';

export const messageKinds: MessageContent['kind'][] = [
  ...(['text', 'image', 'video', 'audio', 'document', 'sticker', 'location', 'live_location', 'contacts'] as const),
  ...(['poll', 'event', 'group_invite', 'album', 'choice', 'buttons', 'list', 'carousel'] as const),
  ...(['unsupported', 'undecryptable'] as const),
];
const statuses = [
  ...(['received', 'queued', 'sending', 'sent', 'delivered', 'read', 'played'] as const),
  ...(['failed', 'cancelled', 'expired', 'unknown'] as const),
];
const chatTypes: ChatKind[] = ['user', 'group', 'newsletter', 'broadcast', 'status'];

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

export class ReactionOut implements ReactionView {
  @ApiProperty({ description: 'The emoji.', example: '👍' })
  emoji: string;

  @ApiProperty({ description: 'How many chose it.', example: 2 })
  count: number;

  @ApiProperty({ description: 'Whether the profile is among them.', example: false })
  fromMe: boolean;
}

export class AnswerOut implements AnswerView {
  @ApiProperty({ description: 'An option of the poll; of an event `going`, `not_going` or `maybe`.', example: 'Yes' })
  value: string;

  @ApiProperty({ description: 'How many chose it.', example: 3 })
  count: number;

  @ApiProperty({ description: 'Whether the profile is among them.', example: true })
  fromMe: boolean;
}

export class WaitingForOut {
  @ApiProperty({ description: 'Stable code of the reason.', enum: Object.keys(sendHolds), example: 'quiet_hours' })
  code: SendHoldCode;

  @ApiProperty({ description: 'The reason for people.', example: sendHolds.quiet_hours.sentence })
  sentence: string;

  @ApiProperty({
    description: 'Not before this moment; null when that is not known.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-22T01:00:00.000Z',
  })
  until: string | null;
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

  @ApiProperty({ description: 'What kind of chat.', enum: chatTypes, example: 'user' })
  chatType: ChatKind;

  @ApiProperty({
    description: 'What a group, newsletter or list is called, where it is known; null for chats of two.',
    type: String,
    nullable: true,
    example: null,
  })
  chatName: string | null;

  @ApiProperty({ description: 'Seen from the profile.', enum: ['incoming', 'outgoing'], example: 'outgoing' })
  direction: 'incoming' | 'outgoing';

  @ApiProperty({ description: 'Whether the profile sent it (here or on the phone).', example: true })
  fromMe: boolean;

  @ApiProperty({
    description: 'Who wrote it, also in a group; null when it was the profile, or a newsletter.',
    type: PartyOut,
    nullable: true,
    example: null,
  })
  from: PartyOut | null;

  @ApiProperty({
    description: 'To whom; null when it was to the profile, and in all but chats of two.',
    type: PartyOut,
    nullable: true,
  })
  to: PartyOut | null;

  @ApiProperty({
    description: 'The author’s address, of a newsletter its own; null when it was the profile.',
    type: String,
    nullable: true,
    example: null,
  })
  senderJid: string | null;

  @ApiProperty({ description: 'What kind of message.', enum: messageKinds, example: 'text' })
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

  @ApiProperty({ description: 'Starred on the phone or here.', example: false })
  isStarred: boolean;

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

  @ApiProperty({
    description: 'When its author last changed its words.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  editedAt: string | null;

  @ApiProperty({
    description: 'When it was deleted for everyone. Then `content` is empty and `body` null.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  deletedAt: string | null;

  @ApiProperty({
    description: 'Until when it is pinned in its chat.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  pinnedUntil: string | null;

  @ApiProperty({
    description: 'Why a queued message waits, looked up when it is read; null when it does not wait.',
    type: WaitingForOut,
    nullable: true,
  })
  waitingFor: WaitingForOut | null;

  @ApiProperty({ description: 'Reactions, the most frequent first.', type: [ReactionOut] })
  reactions: ReactionOut[];

  @ApiProperty({
    description: 'Of polls and events: how many chose what. Options that nobody chose are absent.',
    type: [AnswerOut],
  })
  answers: AnswerOut[];
}

/** Which messages of a list are wanted; all of it has to fit. */
class MessageFilterQuery {
  @ApiPropertyOptional({
    description: 'Only these kinds, several apart by commas.',
    enum: messageKinds,
    isArray: true,
    example: ['text'],
  })
  @IfGiven()
  @List()
  @IsArray()
  @IsIn(messageKinds, { each: true })
  type?: MessageContent['kind'][];

  @ApiPropertyOptional({
    description: 'Only messages of this direction.',
    enum: ['incoming', 'outgoing'],
    example: 'incoming',
  })
  @IsOptional()
  @IsIn(['incoming', 'outgoing'])
  direction?: 'incoming' | 'outgoing';

  @ApiPropertyOptional({
    description: 'Only messages in these states, several apart by commas.',
    enum: statuses,
    isArray: true,
    example: ['failed'],
  })
  @IfGiven()
  @List()
  @IsArray()
  @IsIn(statuses, { each: true })
  status?: string[];

  @ApiPropertyOptional({ description: 'Sent then or later.', format: 'date-time', example: '2026-11-01T00:00:00Z' })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  from?: string;

  @ApiPropertyOptional({ description: 'Sent before.', format: 'date-time', example: '2026-12-01T00:00:00Z' })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  to?: string;

  @ApiPropertyOptional({
    description: 'Who wrote it: `me` (the profile), the id of a person, a phone number or a JID.',
    maxLength: 60,
    example: '628123456789',
  })
  @IfGiven()
  @IsString()
  @Length(1, 60)
  sender?: string;

  @ApiPropertyOptional({ description: 'Only messages with a file, or only those without.', example: true })
  @YesOrNo()
  hasMedia?: boolean;

  @ApiPropertyOptional({ description: 'Only starred messages, or only others.', example: true })
  @YesOrNo()
  starred?: boolean;

  @ApiPropertyOptional({
    description: 'Only with this label, on the message or on its chat.',
    format: 'uuid',
    example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  labelId?: string;
}

class MessageWindowQuery {
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

export class ProfileMessagesQuery extends IntersectionType(OffsetPageQuery, MessageWindowQuery, MessageFilterQuery) {}
export class ConversationMessagesQuery extends IntersectionType(PageQuery, MessageWindowQuery, MessageFilterQuery) {}

export function toMessageFilter(query: MessageFilterQuery): MessagesAsked['filter'] {
  const { type, direction, status, from, to, sender, hasMedia, starred, labelId } = query;
  return {
    ...{ kinds: type, direction, states: status, sender, hasMedia, isStarred: starred, labelId },
    from: from === undefined ? undefined : new Date(from),
    until: to === undefined ? undefined : new Date(to),
  };
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
