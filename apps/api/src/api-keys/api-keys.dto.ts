import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayNotEmpty, IsArray, IsInt, IsString, Max, Min } from 'class-validator';
import type { ApiKeyRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';

export class CreateApiKeyIn {
  @ApiProperty({ description: 'For recognition.', maxLength: 100, example: 'Web shop' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description:
      'What the key may do: names of the permission catalogue, or `*` (the default) for all that its user may do. It never exceeds what the user may do at that moment. `messages:write`, `message:send`, `messages:read` and `message:read` are understood too.',
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

export class ApiKeyOut {
  @ApiProperty({ description: 'Id of the key.', format: 'uuid', example: '0198c2f0-8d2b-7f41-a1b2-c3d4e5f6a7b8' })
  id: string;

  @ApiProperty({ description: 'For recognition.', example: 'Web shop' })
  name: string;

  @ApiProperty({ description: 'The first characters of the key.', example: 'wp_7Hc2QxLd' })
  prefix: string;

  @ApiProperty({ description: 'Its scopes, or `*`.', type: [String], example: ['messages.send', 'messages.read'] })
  permissions: string[];

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
    description: 'When it was last used, to the minute.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:12:00.000Z',
  })
  lastUsedAt: string | null;

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

export function presentApiKey(row: ApiKeyRow): ApiKeyOut {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    permissions: row.permissions,
    userId: row.userId,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentCreatedApiKey({ row, key }: { row: ApiKeyRow; key: string }): CreatedApiKeyOut {
  return { ...presentApiKey(row), key };
}
