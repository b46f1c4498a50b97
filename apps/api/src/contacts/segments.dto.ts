import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, MaxLength, ValidateIf } from 'class-validator';
import type { ContactFilter, ProfileId } from '#contracts';
import type { SegmentRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';
import { ContactOut } from './contact.dto.js';
import { profileExample } from './contacts.dto.js';

const filterExample = {
  and: [
    { field: 'tags', op: 'any', value: ['vip'] },
    { field: 'optedOut', op: 'is', value: false },
  ],
};
const filterDescription = 'Whom it means: the filter language of docs/guides/contacts.md.';

export class CreateSegmentIn {
  @ApiProperty({ description: 'The profile whose contacts it is about.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: 'Its name, which no other segment of the profile has.', maxLength: 100, example: 'VIPs' })
  @IsName()
  name: string;

  @ApiPropertyOptional({ description: 'What it is for.', minLength: 0, maxLength: 500, example: 'For the spring sale' })
  @IfGiven()
  @IsString()
  @MaxLength(500)
  description?: string;

  @ApiProperty({ description: filterDescription, type: Object, additionalProperties: true, example: filterExample })
  @IsObject({ message: 'must be an object' })
  filter: Record<string, unknown>;
}

export class UpdateSegmentIn {
  @ApiPropertyOptional({ description: 'Its name.', maxLength: 100, example: 'VIPs' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({
    description: 'What it is for; null: nothing in particular.',
    type: String,
    nullable: true,
    minLength: 0,
    maxLength: 500,
    example: 'For the spring sale',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsString()
  @MaxLength(500)
  description?: string | null;

  @ApiPropertyOptional({
    description: filterDescription,
    type: Object,
    additionalProperties: true,
    example: filterExample,
  })
  @IfGiven()
  @IsObject({ message: 'must be an object' })
  filter?: Record<string, unknown>;
}

export class SegmentsQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only those of this profile.', format: 'uuid', example: profileExample })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId?: ProfileId;
}

export class PreviewSegmentIn {
  @ApiProperty({ description: 'The profile whose contacts are looked at.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({ description: filterDescription, type: Object, additionalProperties: true, example: filterExample })
  @IsObject({ message: 'must be an object' })
  filter: Record<string, unknown>;
}

export class SegmentOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f5-6a7b-7c8d-8e9f-a0b1c2d3e4f5' })
  id: string;

  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  profileId: string;

  @ApiProperty({ description: 'Its name.', example: 'VIPs' })
  name: string;

  @ApiProperty({ description: 'What it is for.', type: String, nullable: true, example: 'For the spring sale' })
  description: string | null;

  @ApiProperty({ description: 'Whom it means.', type: Object, additionalProperties: true, example: filterExample })
  filter: ContactFilter;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  updatedAt: string;
}

export class CountedSegmentOut extends SegmentOut {
  @ApiProperty({ description: 'How many contacts are in it now.', example: 42 })
  count: number;
}

export class SegmentPreviewOut {
  @ApiProperty({ description: 'How many contacts it means now.', example: 42 })
  count: number;

  @ApiProperty({ description: 'The newest ten of them.', type: [ContactOut] })
  contacts: ContactOut[];
}

export class DeletedSegmentOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f5-6a7b-7c8d-8e9f-a0b1c2d3e4f5' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentSegment(row: SegmentRow): SegmentOut {
  const { id, profileId, name, description, filter } = row;
  const times = { createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
  return { id, profileId, name, description, filter, ...times };
}
