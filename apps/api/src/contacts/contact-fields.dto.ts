import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsString, IsUUID, MaxLength, MinLength } from 'class-validator';
import { type ContactFieldType, contactFieldTypes, type ProfileId } from '#contracts';
import type { ContactFieldRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { profileExample } from './contacts.dto.js';

export class ContactFieldsQuery {
  @ApiProperty({ description: 'The profile.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;
}

export class CreateContactFieldIn {
  @ApiProperty({
    description: 'The profile whose contacts have it; with `everywhere` the contacts of all profiles have it.',
    format: 'uuid',
    example: profileExample,
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @ApiPropertyOptional({ description: 'For all profiles of the organization.', default: false, example: false })
  @IfGiven()
  @IsBoolean()
  everywhere: boolean = false;

  @ApiProperty({
    description: 'Its key in `metadata`; filters call it `custom.<key>`.',
    maxLength: 64,
    example: 'plan',
  })
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  key: string;

  @ApiPropertyOptional({ description: 'What people call it. Default: the key.', maxLength: 100, example: 'Plan' })
  @IfGiven()
  @IsName()
  label?: string;

  @ApiProperty({ description: 'What it holds.', enum: contactFieldTypes, example: 'choice' })
  @IsIn(contactFieldTypes)
  type: ContactFieldType;

  @ApiPropertyOptional({ description: 'Of a choice: what there is to choose.', type: [String], example: ['gold'] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  choices?: string[];
}

export class UpdateContactFieldIn {
  @ApiPropertyOptional({ description: 'What people call it.', maxLength: 100, example: 'Plan' })
  @IfGiven()
  @IsName()
  label?: string;

  @ApiPropertyOptional({
    description: 'Of a choice: all there is to choose.',
    type: [String],
    example: ['gold', 'blue'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  choices?: string[];
}

export class ContactFieldOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f6-7b8c-7d9e-8fa0-b1c2d3e4f5a6' })
  id: string;

  @ApiProperty({
    description: 'The profile whose contacts have it; null: the contacts of all profiles.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: profileExample,
  })
  profileId: string | null;

  @ApiProperty({ description: 'Its key in `metadata`.', example: 'plan' })
  key: string;

  @ApiProperty({ description: 'What people call it.', example: 'Plan' })
  label: string;

  @ApiProperty({ description: 'What it holds.', enum: contactFieldTypes, example: 'choice' })
  type: ContactFieldType;

  @ApiProperty({ description: 'Of a choice: what there is to choose.', type: [String], example: ['gold'] })
  choices: string[];

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'ISO 8601.', format: 'date-time', example: '2026-05-01T10:00:00.000Z' })
  updatedAt: string;
}

export class DeletedContactFieldOut {
  @ApiProperty({ description: 'Its id.', format: 'uuid', example: '0198c2f6-7b8c-7d9e-8fa0-b1c2d3e4f5a6' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentContactField(row: ContactFieldRow): ContactFieldOut {
  const { id, profileId, key, label, type, choices } = row;
  const times = { createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
  return { id, profileId, key, label, type, choices, ...times };
}
