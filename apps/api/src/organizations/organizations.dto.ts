import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsObject, IsUUID } from 'class-validator';
import type { UserId } from '#contracts';
import type { OrganizationRow } from '#database';
import { ReauthenticationIn } from '../auth/reauthentication.dto.js';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';

/** Fields that are left out stay as they are. */
export class UpdateOrganizationIn {
  @ApiPropertyOptional({ description: 'Name for people.', maxLength: 100, example: 'Example Ltd.' })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({
    description: 'Anything of yours; replaced as a whole and kept as it is.',
    type: Object,
    additionalProperties: true,
    example: { timezone: 'Asia/Jakarta' },
  })
  @IfGiven()
  @IsObject()
  settings?: Record<string, unknown>;
}

export class TransferOwnershipIn extends ReauthenticationIn {
  @ApiProperty({
    description: 'The member who is to be the owner.',
    format: 'uuid',
    example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e',
  })
  @IsUUID(undefined, { message: 'must be a UUID' })
  userId: UserId;
}

export class OrganizationOut {
  @ApiProperty({
    description: 'Id of the organization.',
    format: 'uuid',
    example: '0198c2f0-7b18-7a10-a1b2-0c1d2e3f4a5b',
  })
  id: string;

  @ApiProperty({ description: 'Name for people.', example: 'Example Ltd.' })
  name: string;

  @ApiProperty({ description: 'For addresses; unique on the installation.', example: 'example-ltd-5f2c19ab3d' })
  slug: string;

  @ApiProperty({
    description: 'As given.',
    type: Object,
    additionalProperties: true,
    example: { timezone: 'Asia/Jakarta' },
  })
  settings: Record<string, unknown>;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export function presentOrganization(row: OrganizationRow): OrganizationOut {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    settings: row.settings,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
