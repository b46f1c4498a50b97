import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsString, IsUUID, MaxLength, MinLength, ValidateIf } from 'class-validator';
import {
  type ContactFilter,
  contactFilterLimits,
  customFieldLimits,
  errors,
  type ProfileId,
  parseContactFilter,
  type SegmentId,
} from '#contracts';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { OffsetPageQuery } from '../http/page.js';
import { ContactOut } from './contact.dto.js';
import { IsCountry, IsMetadata, IsTags } from './is-contact-input.js';

export const profileExample = '0198c2f1-1c2d-7e3f-8a4b-5c6d7e8f9a0b';

export class KeepContactIn {
  @ApiProperty({ description: 'The profile whose contact it is.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description:
      'Phone number with country code, as people write it; `<lid>@lid` works too. A number without country code is one of `country`.',
    maxLength: 64,
    example: '+62 812-3456-789',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  phone: string;

  @ApiPropertyOptional({
    description: 'Where a number without country code is dialled. Default: the country of the profile’s own number.',
    minLength: 2,
    maxLength: 2,
    example: 'ID',
  })
  @IfGiven()
  @IsCountry()
  country?: string;

  @ApiPropertyOptional({ description: 'What to call the person.', maxLength: 100, example: 'Ana' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({ description: 'Tags, put on beside those that are there.', type: [String], example: ['vip'] })
  @IfGiven()
  @IsTags()
  tags?: string[];

  @ApiPropertyOptional({
    description: `Custom fields, set beside those that are there: any JSON, up to ${customFieldLimits.bytes} bytes in all; what is defined (\`/contacts/fields\`) has to be of its type.`,
    type: Object,
    additionalProperties: true,
    example: { plan: 'gold' },
  })
  @IfGiven()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

export class UpdateContactIn {
  @ApiPropertyOptional({
    description: 'What to call the person; null: what the phone’s address book says.',
    type: String,
    nullable: true,
    maxLength: 100,
    example: 'Ana',
  })
  @ValidateIf((_, value) => value !== undefined && value !== null)
  @IsName()
  name?: string | null;

  @ApiPropertyOptional({ description: 'All tags.', type: [String], example: ['vip', 'lead'] })
  @IfGiven()
  @IsTags()
  tags?: string[];

  @ApiPropertyOptional({
    description: 'All custom fields.',
    type: Object,
    additionalProperties: true,
    example: { plan: 'gold' },
  })
  @IfGiven()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

export class ContactTagsIn {
  @ApiProperty({ description: 'Tags; compared without case.', type: [String], example: ['vip'] })
  @IsTags()
  tags: string[];
}

export class OptOutIn {
  @ApiPropertyOptional({
    description: 'Why, for the record.',
    minLength: 0,
    maxLength: 500,
    example: 'Asked on the phone',
  })
  @IfGiven()
  @IsString()
  @MaxLength(500)
  reason?: string;
}

export class ContactsQuery extends OffsetPageQuery {
  @ApiProperty({ description: 'The profile whose contacts are listed.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({
    description: 'Part of a name, or digits of a phone number.',
    minLength: 0,
    maxLength: 100,
    example: 'ana',
  })
  @IfGiven()
  @IsString()
  @MaxLength(100)
  search?: string;

  @ApiPropertyOptional({
    description: 'Only those with at least one of these tags, separated by commas.',
    minLength: 0,
    maxLength: 4000,
    example: 'vip,lead',
  })
  @IfGiven()
  @IsString()
  @MaxLength(4000)
  tags?: string;

  @ApiPropertyOptional({
    description: 'Only those that a filter means: its JSON (docs/guides/contacts.md).',
    maxLength: 8000,
    example: '{"field":"optedOut","op":"is","value":false}',
  })
  @IfGiven()
  @IsString()
  @MaxLength(8000)
  filter?: string;

  @ApiPropertyOptional({
    description: 'Only those in this segment.',
    format: 'uuid',
    example: '0198c2f5-6a7b-7c8d-8e9f-a0b1c2d3e4f5',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  segmentId?: SegmentId;
}

export class ContactsOut {
  @ApiProperty({ description: 'The page.', type: [ContactOut] })
  contacts: ContactOut[];

  @ApiProperty({ description: 'How many there are in all.', example: 1 })
  total: number;

  @ApiProperty({ description: 'Most contacts of the page.', example: 50 })
  limit: number;

  @ApiProperty({ description: 'How many were skipped.', example: 0 })
  offset: number;

  @ApiProperty({
    description: 'Cursor of the next page; null on the last one.',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export class DeletedContactOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f4-5f6a-7b7c-8d8e-9fa0b1c2d3e4' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export class PictureQuery {
  @ApiPropertyOptional({ description: 'How large.', enum: ['preview', 'full'], default: 'full', example: 'full' })
  @IfGiven()
  @IsIn(['preview', 'full'])
  size: 'preview' | 'full' = 'full';
}

/** Tags in a query parameter, separated by commas. @throws validation */
export function tagsOf(text: string | undefined): string[] | undefined {
  const tags = (text ?? '').split(',').flatMap((tag) => tag.trim() || []);
  if (tags.length > contactFilterLimits.values) {
    throw errors.validation({
      fields: [{ path: 'tags', message: `must be at most ${contactFilterLimits.values} tags` }],
    });
  }
  return tags.length === 0 ? undefined : tags;
}

/** A filter in a query parameter. @throws validation */
export function filterOf(json: string | undefined): ContactFilter | undefined {
  if (json === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw errors.validation({ fields: [{ path: 'filter', message: 'must be JSON' }] });
  }
  return parseContactFilter(value);
}
