import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '@nestjs/swagger';
import { IsObject, IsString, IsUUID, MaxLength } from 'class-validator';
import type { WorkspaceId } from '#contracts';
import type { AccountRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';

export class CreateAccountIn {
  @ApiProperty({ description: 'Name for people.', maxLength: 100, example: 'Shop numbers' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description: 'The workspace it belongs to. Default: the oldest of the organization.',
    format: 'uuid',
    example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  workspaceId?: WorkspaceId;

  @ApiPropertyOptional({ description: 'What it is for.', maxLength: 1000, example: 'The numbers of the web shop' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  description?: string;

  @ApiPropertyOptional({
    description: 'Anything of yours; kept as it is.',
    type: Object,
    additionalProperties: true,
    example: { region: 'north' },
  })
  @IfGiven()
  @IsObject()
  settings?: Record<string, unknown>;
}

/** Fields that are left out stay as they are. */
export class UpdateAccountIn extends PartialType(OmitType(CreateAccountIn, ['workspaceId']), {
  skipNullProperties: false,
}) {}

export class AccountsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only accounts of this workspace.',
    format: 'uuid',
    example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a',
  })
  @IfGiven()
  @IsUUID(undefined, { message: 'must be a UUID' })
  workspaceId?: WorkspaceId;
}

export class AccountOut {
  @ApiProperty({ description: 'Id of the account.', format: 'uuid', example: '0198c2f0-7b1a-7d22-a3b5-2a3b4c5d6e7f' })
  id: string;

  @ApiProperty({ description: 'Its workspace.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  workspaceId: string;

  @ApiProperty({ description: 'Name for people.', example: 'Shop numbers' })
  name: string;

  @ApiProperty({ description: 'What it is for.', type: String, nullable: true, example: 'The numbers of the web shop' })
  description: string | null;

  @ApiProperty({ description: 'As given.', type: Object, additionalProperties: true, example: { region: 'north' } })
  settings: Record<string, unknown>;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export class DeletedAccountOut {
  @ApiProperty({ description: 'Id of the account.', format: 'uuid', example: '0198c2f0-7b1a-7d22-a3b5-2a3b4c5d6e7f' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentAccount(row: AccountRow): AccountOut {
  return {
    id: row.id,
    workspaceId: row.workspaceId,
    name: row.name,
    description: row.description,
    settings: row.settings,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
