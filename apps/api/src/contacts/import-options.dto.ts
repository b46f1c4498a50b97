import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length, ValidateBy } from 'class-validator';
import { type ExistingContacts, existingContacts, importLimits } from '#contracts';
import { isCountry, type Mapping } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsMapping } from './is-mapping.js';

/** A country whose numbers we can read, by its code of two letters. */
export const IsCountry = () =>
  ValidateBy({
    name: 'isCountry',
    validator: {
      validate: (value) => typeof value === 'string' && isCountry(value),
      defaultMessage: () => 'must be a country code of two letters, such as ID',
    },
  });

/** How contacts are imported, wherever they come from. */
export class ImportOptionsIn {
  @ApiPropertyOptional({
    description:
      'Country of numbers that are written as they are dialled at home (0812…), by its code of two letters. Without it such numbers fail.',
    pattern: '^[A-Z]{2}$',
    example: 'ID',
  })
  @IfGiven()
  @IsCountry()
  defaultCountry?: string;

  @ApiPropertyOptional({
    description:
      'What to do with who is a contact already: `update` sets name and fields that are given and adds tags; `merge_tags` only adds tags; `skip` leaves them as they are.',
    enum: existingContacts,
    default: 'update',
    example: 'update',
  })
  @IfGiven()
  @IsIn(existingContacts)
  existing: ExistingContacts = 'update';

  @ApiPropertyOptional({
    description: 'Tags for everybody who is imported.',
    type: [String],
    maxItems: importLimits.tags,
    example: ['trade-fair-2026'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(importLimits.tags)
  @IsString({ each: true })
  @Length(1, importLimits.tagCharacters, { each: true })
  tags: string[] = [];
}

/** How a file of contacts is read. */
export class ImportMappingIn extends ImportOptionsIn {
  @ApiPropertyOptional({
    description:
      'What columns are taken for, by their title or their number from 1: `phone`, `name`, `first_name`, `last_name`, `tags`, `opted_out`, `custom.<key>` or `ignore`. Usual titles (phone, nomor, hp, whatsapp, name, nama, tags, label, email …) are known without it; other columns are ignored.',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'Mobile no.': 'phone', Plan: 'custom.plan' },
  })
  @IfGiven()
  @IsMapping()
  mapping: Mapping = {};
}
