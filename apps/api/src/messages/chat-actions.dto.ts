import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Max, Min } from 'class-validator';
import type { ProfileId } from '#contracts';
import { MAX_TYPING_MS, type ReadOutcome } from '#domain';

class ProfileIn {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b' })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;
}

const states = ['composing', 'recording', 'paused', 'available'] as const;

export class TypingIn extends ProfileIn {
  @ApiProperty({ description: 'Who sees it: a phone number or address as for sends.', example: '628123456789' })
  @IsString()
  @Length(1, 100)
  to: string;

  @ApiPropertyOptional({
    description: '`composing` shows “typing…”, `recording` “recording audio…”; `paused` (or `available`) ends it.',
    type: String,
    nullable: true,
    enum: states,
    default: 'composing',
    example: 'composing',
  })
  @IsOptional()
  @IsIn(states)
  state?: (typeof states)[number] | null;

  @ApiPropertyOptional({
    description: 'Ends it by itself after so many milliseconds. WhatsApp forgets it after 25 seconds in any case.',
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: MAX_TYPING_MS,
    example: 3000,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_TYPING_MS)
  duration?: number | null;
}

export class TypingOut {
  @ApiProperty({ description: 'WhatsApp was told.', example: true })
  success: boolean;

  @ApiProperty({ description: 'What is shown.', enum: states, example: 'composing' })
  state: string;

  @ApiProperty({ description: 'As given.', example: '628123456789' })
  to: string;
}

export class MarkReadIn extends ProfileIn {
  @ApiProperty({
    description: 'The chat: a phone number or address as for sends, also of a group.',
    example: '628123456789@s.whatsapp.net',
  })
  @IsString()
  @Length(1, 100)
  chatId: string;

  @ApiPropertyOptional({
    description:
      'WhatsApp ids of received messages. Absent or empty: all unread ones of the chat. A receipt goes out for each given message, also when it was read before.',
    type: [String],
    nullable: true,
    maxItems: 1000,
    example: ['3A5F0C2B9D8E7F6A5B4C'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @Length(1, 128, { each: true })
  messageIds?: string[] | null;
}

/** What marking read did. */
export class ReadOut {
  @ApiProperty({ description: 'The messages are read here.', example: true })
  success: boolean;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({ description: 'The address of the chat.', example: '628123456789@s.whatsapp.net' })
  chatId: string;

  @ApiProperty({ description: 'How many messages were unread before.', example: 2 })
  count: number;

  @ApiProperty({
    description: 'WhatsApp ids of the messages that a read receipt was due for.',
    type: [String],
    example: ['3A5F0C2B9D8E7F6A5B4C'],
  })
  messageIds: string[];

  @ApiProperty({
    description:
      'Whether WhatsApp was told. False when nothing was to be told, or when the profile could not be reached (`reason`): then repeat POST /messages/mark-read with these `messageIds` once it is connected.',
    example: true,
  })
  receiptSent: boolean;

  @ApiProperty({
    description: 'Why WhatsApp could not be told: an error code.',
    type: String,
    nullable: true,
    example: null,
  })
  reason: string | null;
}

export function presentRead(outcome: ReadOutcome): ReadOut {
  const { conversation, count, waMessageIds, receiptSent, reason } = outcome;
  return {
    success: true,
    conversationId: conversation.id,
    chatId: conversation.chat.id,
    count,
    messageIds: waMessageIds,
    receiptSent,
    reason,
  };
}
