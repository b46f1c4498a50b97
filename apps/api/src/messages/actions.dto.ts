import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, Matches, MaxLength, ValidateIf } from 'class-validator';
import { whatsAppCapabilities } from '#engine';
import { SendIn } from './send.dto.js';

const { pinSeconds, poll } = whatsAppCapabilities.content;
const answers = ['going', 'not_going', 'maybe'] as const;
const messageId = '0198c2f3-5e6f-7a1b-9c2d-3e4f5a6b7c8d';

/** Signs that make pictures, joined to one; also as some keyboards write them, without the selector of each. */
const joined = '\\p{Extended_Pictographic}(?:\\p{Emoji_Modifier}|\\uFE0F|\\u200D\\p{Extended_Pictographic})*';
const emojiOrNothing = new RegExp(`^(?:\\p{RGI_Emoji}|${joined})?$`, 'v');

/** What every action says: by whom, and to which message. */
export class ActionIn extends PickType(SendIn, ['profileId', 'wait']) {
  @ApiProperty({ description: 'The message: our id or WhatsApp’s.', maxLength: 128, example: messageId })
  @IsString()
  @Length(1, 128)
  messageId: string;
}

export class ReactionIn extends ActionIn {
  @ApiProperty({ description: 'One emoji; empty takes the reaction back.', minLength: 0, maxLength: 32, example: '👍' })
  @IsString()
  @MaxLength(32)
  @Matches(emojiOrNothing, { message: 'emoji must be one emoji, or empty to take the reaction back' })
  emoji: string;
}

export class EditIn extends ActionIn {
  @ApiProperty({
    description: 'The new text, or the new caption of a file.',
    maxLength: 65_536,
    example: 'At 7, not at 6.',
  })
  @IsString()
  @Length(1, 65_536)
  text: string;
}

export class PinMessageIn extends ActionIn {
  @ApiProperty({
    description: `Seconds for which it stays pinned: ${pinSeconds.join(', ')}; null unpins.`,
    enum: pinSeconds,
    nullable: true,
    example: 604_800,
  })
  @ValidateIf((_, value) => value !== null)
  @IsIn(pinSeconds)
  seconds: number | null;
}

export class VoteIn extends ActionIn {
  @ApiProperty({
    description: 'All options that are chosen now, by their words; an empty list takes the vote back.',
    type: [String],
    example: ['Pizza'],
  })
  @IsArray()
  @ArrayMaxSize(poll.maxOptions)
  @IsString({ each: true })
  options: string[];
}

export class EventAnswerIn extends ActionIn {
  @ApiProperty({ description: 'Whether this account comes.', enum: answers, example: 'going' })
  @IsIn(answers)
  response: (typeof answers)[number];
}

export class ActionOut {
  @ApiProperty({ description: 'False only when it certainly was not done and will not be.', example: true })
  success: boolean;

  @ApiProperty({
    description: 'Our id of the action; events `action.changed` carry it.',
    format: 'uuid',
    example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  actionId: string;

  @ApiProperty({ description: 'The message that it is done to: our id.', format: 'uuid', example: messageId })
  messageId: string;

  @ApiProperty({ description: 'The chat.', format: 'uuid', example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c' })
  conversationId: string;

  @ApiProperty({ description: 'WhatsApp’s id of the action.', example: '3EB0C431C26A1916E07A7F5D6A3B1C2D3E4F5061' })
  waMessageId: string;

  @ApiProperty({
    description: '`queued` while it is under way, `sent` once WhatsApp has it and it shows, or how it ended.',
    enum: ['queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'cancelled', 'expired', 'unknown'],
    example: 'sent',
  })
  status: string;

  @ApiPropertyOptional({
    description: 'Why it failed: a stable code. Null otherwise.',
    type: String,
    nullable: true,
    example: null,
  })
  error: string | null;
}
