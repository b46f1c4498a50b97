import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsObject,
  IsString,
  IsUUID,
  Length,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { importLimits, type ProfileId } from '#contracts';
import type { ContactGiven, DirectImport } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { ImportMappingIn, ImportOptionsIn } from './import-options.dto.js';
import { IsFields } from './is-mapping.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
/** Most errors of an answer; how many there were is in `failed`. */
const MOST_TOLD = 1000;
const MOST_CSV_CHARACTERS = 5_000_000;

class ImportedContactIn {
  @ApiProperty({
    description: 'The phone number, in any notation.',
    minLength: 1,
    maxLength: 100,
    example: '+62 812-3456-7890',
  })
  @IsString()
  @Length(1, 100)
  phone: string;

  @ApiPropertyOptional({ description: 'The name.', minLength: 0, maxLength: 1000, example: 'Jane Doe' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  name?: string;

  @ApiPropertyOptional({ description: 'Put on beside those that the contact has.', type: [String], example: ['vip'] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(importLimits.tags)
  @IsString({ each: true })
  @Length(1, importLimits.tagCharacters, { each: true })
  tags?: string[];

  @ApiPropertyOptional({
    description: 'Custom fields by their key.',
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    example: { plan: 'gold' },
  })
  @IfGiven()
  @IsFields()
  customFields?: Record<string, unknown>;

  @ApiPropertyOptional({
    description: 'Older name of `customFields`.',
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
    example: { city: 'Bandung' },
  })
  @IfGiven()
  @IsFields()
  metadata?: Record<string, unknown>;
}

export class ImportContactsIn extends ImportOptionsIn {
  @ApiProperty({ description: 'Whose address book.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: 'The contacts. Those that cannot be taken are told; the others are imported.',
    type: [ImportedContactIn],
    minItems: 1,
    maxItems: importLimits.atOnce,
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(importLimits.atOnce)
  @IsObject({ each: true, message: 'must hold objects' })
  @ValidateNested({ each: true })
  @Type(() => ImportedContactIn)
  contacts: ImportedContactIn[];
}

export class ImportCsvIn extends ImportMappingIn {
  @ApiProperty({ description: 'Whose address book.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiProperty({
    description: `The text of the file: up to ${importLimits.csvRowsAtOnce} rows. The delimiter is found out.`,
    minLength: 1,
    maxLength: MOST_CSV_CHARACTERS,
    example: 'name;Mobile no.;Plan\nJane Doe;+6281234567890;gold\n',
  })
  @IsString()
  @Length(1, MOST_CSV_CHARACTERS)
  csvData: string;
}

class ImportErrorOut {
  @ApiProperty({ description: 'Which contact of the request it was, from 0.', example: 3 })
  index: number;

  @ApiProperty({ description: 'The line of the text, or the number of the contact, from 1.', example: 4 })
  line: number;

  @ApiProperty({
    description: 'The field at fault; null: the whole row.',
    type: String,
    nullable: true,
    example: 'phone',
  })
  field: string | null;

  @ApiProperty({ description: 'Stable code of the reason.', type: String, nullable: true, example: 'phone_invalid' })
  code: string | null;

  @ApiProperty({
    description: 'The reason, for people.',
    type: String,
    nullable: true,
    example: 'must be a phone number: digits, blanks, dashes, brackets and a plus in front',
  })
  message: string | null;

  @ApiProperty({ description: 'What stood there, shortened.', type: String, nullable: true, example: 'none' })
  value: string | null;
}

export class ImportAnswerOut {
  @ApiProperty({ description: 'New contacts.', example: 40 })
  created: number;

  @ApiProperty({ description: 'Contacts that were there, and have something else now.', example: 2 })
  updated: number;

  @ApiProperty({ description: 'Contacts that were there and are as they were.', example: 0 })
  unchanged: number;

  @ApiProperty({ description: 'Rows that were left out: repeats, or contacts that were there.', example: 0 })
  skipped: number;

  @ApiProperty({ description: 'Rows that cannot be taken.', example: 1 })
  failed: number;

  @ApiProperty({ description: `Why they cannot: the first ${MOST_TOLD}.`, type: [ImportErrorOut] })
  errors: ImportErrorOut[];
}

export function presentDirectImport({ counts, results }: DirectImport): ImportAnswerOut {
  const failed = results.filter(({ outcome }) => outcome === 'failed').slice(0, MOST_TOLD);
  const errors = failed.map(({ position: index, line, field, code, message, value }) => {
    return { index, line, field, code, message, value };
  });
  return { ...counts, errors };
}

export function toOptions({ defaultCountry, existing, tags }: ImportOptionsIn) {
  return { defaultCountry: defaultCountry ?? null, existing, tags };
}

export function toContactsGiven(contacts: ImportedContactIn[]): ContactGiven[] {
  return contacts.map(({ phone, name, tags, customFields, metadata }) => {
    return { phone, name, tags, customFields: { ...metadata, ...customFields } };
  });
}
