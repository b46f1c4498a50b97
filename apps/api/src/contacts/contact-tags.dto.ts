import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMinSize, IsObject, IsString, IsUUID, MaxLength, MinLength } from 'class-validator';
import { type ContactId, type ProfileId, tagLimits } from '#contracts';
import { NAMED_AT_ONCE, TAGGED_AT_ONCE } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { PageQuery } from '../http/page.js';
import { profileExample } from './contacts.dto.js';
import { IsTags } from './is-contact-input.js';

export class TagsQuery extends PageQuery {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({ description: 'Part of a tag.', minLength: 0, maxLength: 100, example: 'vi' })
  @IfGiven()
  @IsString()
  @MaxLength(100)
  search?: string;
}

export class TagIn {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: 'The tag; compared without case.', maxLength: tagLimits.characters, example: 'vip' })
  @IsString()
  @MinLength(1)
  @MaxLength(tagLimits.characters)
  tag: string;
}

export class RenameTagIn extends TagIn {
  @ApiProperty({ description: 'Its new name.', maxLength: tagLimits.characters, example: 'VIP customer' })
  @IsString()
  @MinLength(1)
  @MaxLength(tagLimits.characters)
  newTag: string;
}

export class TagOut {
  @ApiProperty({ description: 'The tag.', example: 'vip' })
  tag: string;

  @ApiProperty({ description: 'How many contacts have it.', example: 12 })
  count: number;
}

export class TagChangedOut {
  @ApiProperty({ description: 'The tag as it was.', example: 'vip' })
  tag: string;

  @ApiProperty({ description: 'How many contacts had it.', example: 12 })
  contacts: number;
}

export class BulkTagsIn {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description: `These contacts, at most ${NAMED_AT_ONCE}. With \`filter\` as well: those of them whom it means.`,
    type: [String],
    format: 'uuid',
    example: ['0198c2f4-5f6a-7b7c-8d8e-9fa0b1c2d3e4'],
  })
  @IfGiven()
  @IsIds(NAMED_AT_ONCE)
  @ArrayMinSize(1)
  contactIds?: ContactId[];

  @ApiPropertyOptional({
    description: 'Whom this filter means (docs/guides/contacts.md).',
    type: Object,
    additionalProperties: true,
    example: { field: 'lastInboundAt', op: 'within_days', value: 30 },
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  filter?: Record<string, unknown>;

  @ApiPropertyOptional({ description: 'Tags to put on.', type: [String], example: ['active'] })
  @IfGiven()
  @IsTags()
  add: string[] = [];

  @ApiPropertyOptional({ description: 'Tags to take off.', type: [String], example: ['lost'] })
  @IfGiven()
  @IsTags()
  remove: string[] = [];

  @ApiPropertyOptional({
    description: `\`nextCursor\` of the request before: a request goes through at most ${TAGGED_AT_ONCE} contacts.`,
    maxLength: 1000,
    example: 'WyIwMTk4YzJmNC01ZjZhLTdiN2MtOGQ4ZS05ZmEwYjFjMmQzZTQiXQ',
  })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  cursor?: string;
}

export class BulkTagsOut {
  @ApiProperty({ description: 'Contacts that were meant.', example: 5 })
  matched: number;

  @ApiProperty({ description: 'Those of them that have other tags now.', example: 3 })
  changed: number;

  @ApiProperty({
    description: 'Repeat the request with it as `cursor` for the others; null: that was all.',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}
