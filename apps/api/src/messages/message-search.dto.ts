import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsArray, IsIn, IsISO8601, IsString, IsUUID, MaxLength, MinLength } from 'class-validator';
import type { ConversationId, MessageContent, MessageId, ProfileId } from '#contracts';
import { type FoundMessage, type MessageQuestion, messageView, type Snippet, searchLimits } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { PageQuery } from '../http/page.js';
import { List, YesOrNo } from '../http/query-values.js';
import { MessageOut, messageKinds } from './message.dto.js';

export class MessageSearchQuery extends PageQuery {
  @ApiProperty({
    description:
      'Words that a message has all of, in any order; a phrase in double quotes. The last word may be the beginning of one. Case and accents do not matter.',
    minLength: 1,
    maxLength: searchLimits.maxLength,
    example: 'invoice "last week" deliv',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(searchLimits.maxLength)
  q: string;

  @ApiPropertyOptional({
    description: 'Only of these profiles, several apart by commas. Absent: all that you may see.',
    type: [String],
    format: 'uuid',
    example: ['0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b'],
  })
  @IfGiven()
  @List()
  @IsIds(200)
  profileId?: ProfileId[];

  @ApiPropertyOptional({
    description: 'Only in this chat.',
    format: 'uuid',
    example: '0198c2f2-3d4e-7f5a-8b6c-7d8e9f0a1b2c',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  conversationId?: ConversationId;

  @ApiPropertyOptional({ description: 'Seen from the profile.', enum: ['incoming', 'outgoing'], example: 'incoming' })
  @IfGiven()
  @IsIn(['incoming', 'outgoing'])
  direction?: 'incoming' | 'outgoing';

  @ApiPropertyOptional({
    description: 'Only these kinds, several apart by commas.',
    enum: messageKinds,
    isArray: true,
    example: ['document'],
  })
  @IfGiven()
  @List()
  @IsArray()
  @IsIn(messageKinds, { each: true })
  type?: MessageContent['kind'][];

  @ApiPropertyOptional({
    description: 'Who wrote it: `me` (the profile), the id of a person, a phone number or a JID.',
    maxLength: 60,
    example: '628123456789',
  })
  @IfGiven()
  @IsString()
  @MinLength(1)
  @MaxLength(60)
  sender?: string;

  @ApiPropertyOptional({ description: 'Only messages with a file, or only those without.', example: true })
  @YesOrNo()
  hasMedia?: boolean;

  @ApiPropertyOptional({
    description: 'Only with this label, on the message or on its chat.',
    format: 'uuid',
    example: '0198c2f4-5e6f-7a1b-9c2d-3e4f5a6b7c8d',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  labelId?: string;

  @ApiPropertyOptional({ description: 'Sent then or later.', format: 'date-time', example: '2026-11-01T00:00:00Z' })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  from?: string;

  @ApiPropertyOptional({ description: 'Sent before.', format: 'date-time', example: '2026-12-01T00:00:00Z' })
  @IfGiven()
  @IsISO8601({ strict: true, strictSeparator: true })
  to?: string;
}

export class HighlightOut {
  @ApiProperty({ description: 'Position of its first character in `text` (UTF-16 units).', example: 5 })
  from: number;

  @ApiProperty({ description: 'Position after its last character.', example: 12 })
  to: number;
}

export class SnippetOut implements Snippet {
  @ApiProperty({
    description: 'A piece of the message around what was found; … where it is cut.',
    minLength: 0,
    example: 'Your invoice is attached.',
  })
  text: string;

  @ApiProperty({ description: 'What was found, in order.', type: [HighlightOut] })
  highlights: HighlightOut[];
}

export class FoundMessageOut extends MessageOut {
  @ApiProperty({ description: 'Where it has the words.', type: SnippetOut })
  snippet: SnippetOut;
}

export function toMessageQuestion(query: MessageSearchQuery, before: MessageId | undefined): MessageQuestion {
  const { q, profileId, conversationId, direction, type, sender, hasMedia, labelId, from, to, limit } = query;
  return {
    ...{ q, profileIds: profileId, conversationId, direction, kinds: type, sender, hasMedia, labelId, before },
    from: from === undefined ? undefined : new Date(from),
    until: to === undefined ? undefined : new Date(to),
    limit: limit + 1,
  };
}

export function presentFound({ message, snippet }: FoundMessage): FoundMessageOut {
  return { ...messageView(message), snippet };
}
