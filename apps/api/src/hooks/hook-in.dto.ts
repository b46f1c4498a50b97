import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { errors, type ProfileId } from '#contracts';
import { defaultRatePerMinute, defaultToleranceSeconds, type VerificationKind, verificationKinds } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';
import { actionsDescription, exampleActions } from './hook-actions.docs.js';

const profileId = '0198c2f0-8a01-7b33-94c6-3a4b5c6d7e80';
/** Longest overlap of two addresses, seconds: a week. */
const longestOverlap = 604_800;

/** Clients of the older product post what it takes for a webhook: they are told where that goes. */
function refuseOutgoing(): never {
  const message =
    'does not belong to a hook: a hook receives. To be told of events, POST {profileId, url, events} to /api/v1/webhooks';
  throw errors.validation({ fields: [{ path: 'url', message }] });
}

export class HookVerificationIn {
  @ApiProperty({
    description:
      'How a request proves where it comes from. `none`: the secret address has to do. `bearer`, `basic`: by the header Authorization. `github`, `shopify`, `stripe`, `standard-webhooks`: as these sign. `hmac-sha256`: HMAC of the body in a header, for all others that sign.',
    enum: verificationKinds,
    example: 'hmac-sha256' satisfies VerificationKind,
  })
  @IsIn(verificationKinds)
  kind: VerificationKind;

  @ApiPropertyOptional({
    description:
      'The key to sign with, or the bearer token. Left out: one is made and shown once (not for `stripe` and `shopify`, which make it themselves); on a change of the same kind the present one stays.',
    maxLength: 500,
    example: 'a-long-and-random-secret',
  })
  @IfGiven()
  @IsString()
  @Length(8, 500)
  secret?: string;

  @ApiPropertyOptional({ description: 'For `basic`.', maxLength: 200, example: 'shop' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  username?: string;

  @ApiPropertyOptional({ description: 'For `basic`.', maxLength: 200, example: 'a-long-and-random-password' })
  @IfGiven()
  @IsString()
  @Length(8, 200)
  password?: string;

  @ApiPropertyOptional({
    description: 'For `hmac-sha256`: the header with the signature.',
    maxLength: 100,
    default: 'x-signature',
    example: 'x-signature',
  })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  header?: string;

  @ApiPropertyOptional({
    description: 'For `hmac-sha256`: what stands before the signature.',
    minLength: 0,
    maxLength: 50,
    example: 'sha256=',
  })
  @IfGiven()
  @IsString()
  @MaxLength(50)
  prefix?: string;

  @ApiPropertyOptional({
    description: 'For `hmac-sha256`: how the signature is written.',
    enum: ['hex', 'base64'],
    default: 'hex',
    example: 'hex',
  })
  @IfGiven()
  @IsIn(['hex', 'base64'])
  encoding?: 'hex' | 'base64';

  @ApiPropertyOptional({
    description:
      'For `hmac-sha256`: the header with the time of signing in seconds. Then `<time>.<body>` is what is signed, otherwise the body alone.',
    maxLength: 100,
    example: 'x-timestamp',
  })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  timestampHeader?: string;

  @ApiPropertyOptional({
    description: 'How old, or how far ahead, a time of signing may be, seconds.',
    minimum: 1,
    maximum: 86_400,
    default: defaultToleranceSeconds,
    example: 300,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(86_400)
  toleranceSeconds?: number;
}

export class HookDeduplicationIn {
  @ApiPropertyOptional({ description: 'A header.', maxLength: 100, example: 'x-delivery-id' })
  @ValidateIf(({ path }) => path === undefined)
  @IsString()
  @Length(1, 100)
  header?: string;

  @ApiPropertyOptional({ description: 'A place in the body, JSON Pointer.', maxLength: 500, example: '/body/id' })
  @IfGiven()
  @IsString()
  @MaxLength(500)
  path?: string;
}

class HookSettingsIn {
  @ApiPropertyOptional({
    description:
      'Where a request says its own id: a second one with the same id is answered like the first and does nothing. Left out: where the sender of the `kind` has it, otherwise the header Idempotency-Key. Null: nowhere.',
    type: HookDeduplicationIn,
    nullable: true,
    example: { header: 'x-delivery-id' },
  })
  @ValidateIf(({ deduplicateBy }) => deduplicateBy !== undefined && deduplicateBy !== null)
  @IsObject()
  @ValidateNested()
  @Type(() => HookDeduplicationIn)
  deduplicateBy?: HookDeduplicationIn | null;

  @ApiPropertyOptional({
    description: 'Addresses or CIDR ranges from which it takes requests. Empty: from anywhere.',
    type: [String],
    example: ['203.0.113.0/24'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(50, { each: true })
  allowedIps?: string[];

  @ApiPropertyOptional({
    description: 'Requests per minute; more are answered with 429.',
    minimum: 1,
    maximum: 6000,
    default: defaultRatePerMinute,
    example: 120,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(6000)
  ratePerMinute?: number;

  @ApiPropertyOptional({
    description: 'Country of phone numbers that come without country code: two letters of ISO 3166. Null: none.',
    type: String,
    nullable: true,
    example: 'DE',
  })
  @IsOptional()
  @IsString()
  @Length(2, 2)
  defaultCountry?: string | null;

  @ApiPropertyOptional({
    description: 'Switched off, its address answers as if there were none. What was received before is worked on.',
    default: true,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}

export class CreateHookIn extends HookSettingsIn {
  @ApiProperty({ description: 'The profile that acts.', format: 'uuid', example: profileId })
  @IsUUID(undefined, { message: 'must be a UUID' })
  profileId: ProfileId;

  @Transform(refuseOutgoing)
  @IsOptional()
  url?: never;

  @ApiProperty({ description: 'What it is called.', maxLength: 100, example: 'Orders of the shop' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description: 'How requests prove where they come from. Default: HMAC of the body, with a key that is made.',
    type: HookVerificationIn,
    example: { kind: 'github' },
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => HookVerificationIn)
  verification?: HookVerificationIn;

  @ApiProperty({
    description: actionsDescription,
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: exampleActions,
  })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  actions: Record<string, unknown>[];
}

export class UpdateHookIn extends HookSettingsIn {
  @ApiPropertyOptional({ description: 'What it is called.', maxLength: 100, example: 'Orders' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({
    description: 'Replaced as a whole.',
    type: HookVerificationIn,
    example: { kind: 'bearer', secret: 'a-long-and-random-secret' },
  })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => HookVerificationIn)
  verification?: HookVerificationIn;

  @ApiPropertyOptional({
    description: `Replaced as a whole. ${actionsDescription}`,
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: exampleActions,
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(10)
  @IsObject({ each: true })
  actions?: Record<string, unknown>[];
}

export class RotateHookIn {
  @ApiPropertyOptional({
    description: 'How long the present address goes on, seconds. 0: not at all.',
    minimum: 0,
    maximum: longestOverlap,
    default: 0,
    example: 3600,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(longestOverlap)
  overlapSeconds?: number;
}

export class HooksQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only the hooks of this profile.', format: 'uuid', example: profileId })
  @IsOptional()
  @IsUUID()
  profileId?: ProfileId;
}

export class HookStatisticsQuery {
  @ApiPropertyOptional({ description: 'How many days, with today.', minimum: 1, maximum: 90, default: 30, example: 7 })
  @IfGiven()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(90)
  days: number = 30;
}
