import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsInt, IsUUID, Matches, Max, MaxLength, Min } from 'class-validator';
import { type ContactId, type OptOutSource, optOutSources, type ProfileId } from '#contracts';
import { type ContactActivity, type DuplicateCandidates, MERGED_AT_ONCE, messageView } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { PageQuery } from '../http/page.js';
import { MessageOut } from '../messages/message.dto.js';
import { ContactOut, presentContact } from './contact.dto.js';
import { profileExample } from './contacts.dto.js';

export class DuplicatesQuery extends PageQuery {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description: 'What is the same: `name`, or a custom field as `custom.<key>`.',
    default: 'name',
    maxLength: 80,
    example: 'custom.email',
  })
  @IfGiven()
  @MaxLength(80)
  @Matches(/^(name|custom\..{1,64})$/su, { message: 'must be `name` or `custom.<key>`' })
  by: string = 'name';
}

export class DuplicatesOut {
  @ApiProperty({ description: 'What is the same, in lower case.', example: 'ana' })
  value: string;

  @ApiProperty({ description: 'The contacts, oldest first; at most twenty.', type: [ContactOut] })
  contacts: ContactOut[];
}

export class MergeContactsIn {
  @ApiProperty({
    description: `Contacts of the same profile that become part of this one, at most ${MERGED_AT_ONCE}.`,
    type: [String],
    format: 'uuid',
    example: ['0198c2f4-5f6a-7b7c-8d8e-9fa0b1c2d3e4'],
  })
  @IsIds(MERGED_AT_ONCE)
  @ArrayMinSize(1)
  mergeIds: ContactId[];
}

export class ActivityQuery {
  @ApiPropertyOptional({ description: 'Most messages.', minimum: 1, maximum: 100, default: 20, example: 20 })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}

export class OptChangeOut {
  @ApiProperty({ description: 'Opted out, or in again.', example: true })
  optedOut: boolean;

  @ApiProperty({ description: 'How.', enum: optOutSources, example: 'keyword' })
  source: OptOutSource;

  @ApiProperty({ description: 'Why, or the keyword.', type: String, nullable: true, example: 'STOP' })
  reason: string | null;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  at: string;
}

export class ContactActivityOut {
  @ApiProperty({ description: 'The contact.', type: ContactOut })
  contact: ContactOut;

  @ApiProperty({ description: 'The last messages, newest first.', type: [MessageOut] })
  messages: MessageOut[];

  @ApiProperty({ description: 'When the person opted out and in, newest first.', type: [OptChangeOut] })
  optOuts: OptChangeOut[];
}

export function presentDuplicates({ value, contacts }: DuplicateCandidates): DuplicatesOut {
  return { value, contacts: contacts.map(presentContact) };
}

export function presentActivity({ contact, messages, optOuts }: ContactActivity): ContactActivityOut {
  return {
    contact: presentContact(contact),
    messages: messages.map(messageView),
    optOuts: optOuts.map(({ isOptedOut, source, reason, at }) => {
      return { optedOut: isOptedOut, source, reason, at: at.toISOString() };
    }),
  };
}
