import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsString, Length } from 'class-validator';
import { type ExistingContacts, existingContacts, importLimits } from '#contracts';
import type { Mapping } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsCountry } from './is-contact-input.js';
import { IsMapping } from './is-mapping.js';

/** How contacts are imported, wherever they come from. */
export class ImportOptionsIn {
  @ApiPropertyOptional({
    description:
      'Country of numbers without plus, by its code of two letters. They are read as they are dialled there (0812…, or 812… where the 0 got lost); digits that are no number there are one with country code (1212…), and what could be both fails. Without it all have a country code, and 0812… fails.',
    pattern: '^[A-Za-z]{2}$',
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
