import { ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { errors, type ProfileId } from '#contracts';
import type { ApiKeyRow } from '#database';
import type { ApiKeyDraft } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { IsName } from '../http/is-name.js';

const DAY_MS = 86_400_000;

export class CreateApiKeyIn {
  @ApiProperty({ description: 'For recognition.', maxLength: 100, example: 'Web shop' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description:
      'What the key may do: names of the permission catalogue, or `*` (the default) for all that its user may do. It never exceeds what the user may do at that moment. The names of the older product (`messages:write`, `message:read` …) are understood too.',
    type: [String],
    default: ['*'],
    example: ['messages.send', 'messages.read'],
  })
  @IfGiven()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  permissions?: string[];

  @ApiPropertyOptional({
    description:
      'The only profiles that the key reaches. Absent or empty: all that its user reaches. A key with profiles does nothing else: no workspaces, members or keys.',
    type: [String],
    format: 'uuid',
    maxItems: 500,
    example: [],
  })
  @IfGiven()
  @IsIds(500)
  profileIds?: ProfileId[];

  @ApiPropertyOptional({
    description:
      'The only addresses from which the key works: addresses or CIDR ranges, IPv4 and IPv6. Absent or empty: from anywhere. Behind a proxy set TRUSTED_PROXIES, or its address is what counts.',
    type: [String],
    maxItems: 100,
    example: ['203.0.113.0/24', '2001:db8::/32'],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(60, { each: true })
  ipRanges?: string[];

  @ApiPropertyOptional({
    description: 'Requests per minute. Absent or null: what every caller has (RATE_LIMIT_PER_MINUTE).',
    type: Number,
    nullable: true,
    minimum: 1,
    maximum: 1_000_000,
    example: 120,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  ratePerMinute?: number | null;

  @ApiPropertyOptional({
    description: 'After so many days the key is refused. Absent: it does not expire.',
    minimum: 1,
    maximum: 3650,
    example: 365,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(3650)
  expiresInDays?: number;
}

/** Fields that are left out stay as they are. */
export class UpdateApiKeyIn extends PartialType(
  PickType(CreateApiKeyIn, ['name', 'permissions', 'profileIds', 'ipRanges', 'ratePerMinute'] as const),
  { skipNullProperties: false },
) {
  @ApiPropertyOptional({
    description: 'When the key stops working; null: it does not expire.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2027-11-21T08:30:00.000Z',
  })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  expiresAt?: string | null;
}

export class RotateApiKeyIn {
  @ApiPropertyOptional({
    description: 'How long the present secret goes on working, in seconds. 0 ends it at once.',
    minimum: 0,
    maximum: 2_592_000,
    default: 86_400,
    example: 86_400,
  })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(2_592_000)
  overlapSeconds: number = 86_400;
}

export class ApiKeyOut {
  @ApiProperty({ description: 'Id of the key.', format: 'uuid', example: '0198c2f0-8d2b-7f41-a1b2-c3d4e5f6a7b8' })
  id: string;

  @ApiProperty({ description: 'For recognition.', example: 'Web shop' })
  name: string;

  @ApiProperty({ description: 'The first characters of the key.', example: 'wp_7Hc2QxLd' })
  prefix: string;

  @ApiProperty({ description: 'Its scopes, or `*`.', type: [String], example: ['messages.send', 'messages.read'] })
  permissions: string[];

  @ApiProperty({
    description: 'The only profiles that it reaches; empty: all that its user reaches.',
    type: [String],
    format: 'uuid',
    example: [],
  })
  profileIds: string[];

  @ApiProperty({
    description: 'The only addresses from which it works; empty: from anywhere.',
    type: [String],
    example: ['203.0.113.0/24'],
  })
  ipRanges: string[];

  @ApiProperty({
    description: 'Its own limit of requests per minute; null: what every caller has.',
    type: Number,
    nullable: true,
    example: 120,
  })
  ratePerMinute: number | null;

  @ApiProperty({ description: 'Whose rights it has.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  userId: string;

  @ApiProperty({
    description: 'When it stops working.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2027-11-21T08:30:00.000Z',
  })
  expiresAt: string | null;

  @ApiProperty({
    description: 'When it got its present secret by rotation; null: it has the first one.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  rotatedAt: string | null;

  @ApiProperty({
    description: 'Until when the secret before that works too; null: it does not.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  previousUntil: string | null;

  @ApiProperty({
    description: 'When it was last used, to the minute.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:12:00.000Z',
  })
  lastUsedAt: string | null;

  @ApiProperty({ description: 'From where that was.', type: String, nullable: true, example: '203.0.113.9' })
  lastUsedIp: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;
}

export class CreatedApiKeyOut extends ApiKeyOut {
  @ApiProperty({
    description: 'The key, for the header `x-api-key`. Shown only here.',
    example: 'wp_7Hc2QxLdT0vWn4Ry9ZkB1mEs6UpJg8AoXfKqVhDCi3rYt0a1B2',
  })
  key: string;
}

export class RevokedApiKeyOut {
  @ApiProperty({ description: 'Id of the key.', format: 'uuid', example: '0198c2f0-8d2b-7f41-a1b2-c3d4e5f6a7b8' })
  id: string;

  @ApiProperty({ description: 'Always true: it is refused from now on.', example: true })
  deleted: boolean;
}

export function draftOf({ expiresInDays, permissions = ['*'], ...body }: CreateApiKeyIn): ApiKeyDraft {
  const expiresAt = expiresInDays === undefined ? null : new Date(Date.now() + expiresInDays * DAY_MS);
  return { ...body, permissions, expiresAt };
}

/** @throws validation */
export function changesOf({ expiresAt, ...body }: UpdateApiKeyIn): Partial<ApiKeyDraft> {
  if (expiresAt === undefined || expiresAt === null) return { ...body, ...(expiresAt === null && { expiresAt }) };
  const at = new Date(expiresAt);
  if (Number.isNaN(at.getTime())) {
    throw errors.validation({ fields: [{ path: 'expiresAt', message: 'must be a date and time' }] });
  }
  return { ...body, expiresAt: at };
}

export function presentApiKey(row: ApiKeyRow): ApiKeyOut {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    permissions: row.permissions,
    profileIds: row.profileIds,
    ipRanges: row.ipRanges,
    ratePerMinute: row.ratePerMinute,
    userId: row.userId,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    rotatedAt: row.rotatedAt?.toISOString() ?? null,
    previousUntil: row.previousUntil?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    lastUsedIp: row.lastUsedIp,
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentCreatedApiKey({ row, key }: { row: ApiKeyRow; key: string }): CreatedApiKeyOut {
  return { ...presentApiKey(row), key };
}
