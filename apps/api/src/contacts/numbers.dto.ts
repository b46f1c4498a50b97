import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsString, IsUUID, Max, MaxLength, Min } from 'class-validator';
import type { ProfileId } from '#contracts';
import { CHECK_MAX_AGE_HOURS, type CheckedNumber, NUMBERS_AT_ONCE, type NumberCheckOutcome } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { profileExample } from './contacts.dto.js';
import { IsCountry } from './is-contact-input.js';

const MAX_AGE = {
  description: 'An answer of WhatsApp that is not older is not asked for again; 0: always ask.',
  type: Number,
  minimum: 0,
  maximum: 8760,
  default: CHECK_MAX_AGE_HOURS,
  example: 24,
};
const COUNTRY = {
  description: 'Where numbers without country code are dialled. Default: the country of the profile’s own number.',
  minLength: 2,
  maxLength: 2,
  example: 'ID',
};

export class ValidateNumberQuery {
  @ApiPropertyOptional(MAX_AGE)
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(8760)
  maxAgeHours?: number;

  @ApiPropertyOptional(COUNTRY)
  @IfGiven()
  @IsCountry()
  country?: string;
}

export class ValidateNumbersIn {
  @ApiProperty({
    description: `Phone numbers, as people write them or as \`<phone>@c.us\`; at most ${NUMBERS_AT_ONCE}. WhatsApp takes a hundred to a question and twenty questions a minute.`,
    type: [String],
    example: ['+62 812-3456-789'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(NUMBERS_AT_ONCE)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  phones: string[];

  @ApiPropertyOptional(MAX_AGE)
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(8760)
  maxAgeHours?: number;

  @ApiPropertyOptional(COUNTRY)
  @IfGiven()
  @IsCountry()
  country?: string;
}

export class CheckedNumberOut {
  @ApiProperty({ description: 'Digits with country code.', example: '628123456789' })
  phone: string;

  @ApiProperty({ description: 'As it was asked.', example: '+62 812-3456-789' })
  originalPhone: string;

  @ApiProperty({
    description:
      'Whether it can be a number: 7 to 15 digits with country code. WhatsApp is asked about each of them, also about those that no numbering plan knows (yet).',
    example: true,
  })
  validFormat: boolean;

  @ApiProperty({ description: 'Whether it is a number of Indonesia.', example: true })
  isIndonesian: boolean;

  @ApiProperty({
    description: 'Its country, two letters; null: no numbering plan has it, as with ranges that are new.',
    type: String,
    nullable: true,
    example: 'ID',
  })
  countryCode: string | null;

  @ApiProperty({
    description: 'What WhatsApp answered; null: it could not be asked, `reason` says why.',
    type: Boolean,
    nullable: true,
    example: true,
  })
  onWhatsApp: boolean | null;

  @ApiProperty({
    description: 'WhatsApp’s other id of the account, where it is told.',
    type: String,
    nullable: true,
    example: '271829318273',
  })
  lid: string | null;

  @ApiProperty({
    description: 'When WhatsApp answered. ISO 8601.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-05-01T10:00:00.000Z',
  })
  checkedAt: string | null;

  @ApiProperty({
    description: 'How old the answer is.',
    type: Number,
    format: 'double',
    nullable: true,
    example: 0,
  })
  ageHours: number | null;

  @ApiProperty({
    description: 'Why WhatsApp was not asked: `INVALID_NUMBER`, or an error code such as `PROFILE_NOT_CONNECTED`.',
    type: String,
    nullable: true,
    example: null,
  })
  reason: string | null;

  @ApiProperty({ description: 'State of the profile that asks.', example: 'connected' })
  profileStatus: string;
}

export class CheckedNumbersOut {
  @ApiProperty({ description: 'How many were asked.', example: 1 })
  total: number;

  @ApiProperty({ description: 'Those of them that are numbers by their form.', example: 1 })
  valid: number;

  @ApiProperty({ description: 'Those of them that WhatsApp knows.', example: 1 })
  onWhatsApp: number;

  @ApiProperty({ description: 'In the order of asking.', type: [CheckedNumberOut] })
  results: CheckedNumberOut[];
}

export class SyncContactsIn {
  @ApiProperty({ description: 'The profile whose phone is asked.', format: 'uuid', example: profileExample })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;
}

export class SyncedContactsOut {
  @ApiProperty({ description: 'Whether the address book could be read.', example: true })
  success: boolean;

  @ApiProperty({
    description: 'The outcome in words.',
    example: 'The phone’s address book has 3 contacts: 1 new, 0 changed.',
  })
  message: string;

  @ApiProperty({ description: 'Contacts that are in the address book of the phone.', example: 3 })
  synced: number;

  @ApiProperty({
    description: 'Those that a sync brought for the first time; they have the tag `whatsapp-sync` now.',
    example: 1,
  })
  created: number;

  @ApiProperty({ description: 'Those that the phone calls otherwise now.', example: 0 })
  updated: number;

  @ApiProperty({ description: 'What could not be read.', type: [String], example: [] })
  errors: string[];
}

const HOUR_MS = 3_600_000;

export function presentNumber(number: CheckedNumber, profileStatus: string): CheckedNumberOut {
  const { checkedAt, country, ...rest } = number;
  const ageHours = checkedAt && Math.max(0, Math.round(((Date.now() - checkedAt.getTime()) / HOUR_MS) * 100) / 100);
  return {
    ...rest,
    isIndonesian: country === 'ID',
    countryCode: country,
    checkedAt: checkedAt?.toISOString() ?? null,
    ageHours,
    profileStatus,
  };
}

export function presentNumbers({ numbers, profileStatus }: NumberCheckOutcome): CheckedNumbersOut {
  return {
    total: numbers.length,
    valid: numbers.filter((number) => number.validFormat).length,
    onWhatsApp: numbers.filter((number) => number.onWhatsApp).length,
    results: numbers.map((number) => presentNumber(number, profileStatus)),
  };
}
