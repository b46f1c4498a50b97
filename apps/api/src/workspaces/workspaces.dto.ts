import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsObject, IsString, Matches, MaxLength } from 'class-validator';
import type { WorkspaceRow } from '#database';
import { IfGiven } from '../http/if-given.js';
import { IsName } from '../http/is-name.js';

export class CreateWorkspaceIn {
  @ApiProperty({ description: 'Name for people.', maxLength: 100, example: 'Sales' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description: 'For addresses; unique in the organization. Default: made of the name.',
    pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
    maxLength: 60,
    example: 'sales',
  })
  @IfGiven()
  @Matches(/^[a-z0-9]+(-[a-z0-9]+)*$/, { message: 'must be lower-case letters and digits, joined by single hyphens' })
  @MaxLength(60)
  slug?: string;

  @ApiPropertyOptional({ description: 'What it is for.', maxLength: 1000, example: 'Everyone who answers customers' })
  @IfGiven()
  @IsString()
  @MaxLength(1000)
  description?: string;

  @ApiPropertyOptional({
    description: 'Anything of yours; kept as it is.',
    type: Object,
    additionalProperties: true,
    example: { costCentre: '4711' },
  })
  @IfGiven()
  @IsObject()
  settings?: Record<string, unknown>;
}

/** Fields that are left out stay as they are. */
export class UpdateWorkspaceIn extends PartialType(CreateWorkspaceIn, { skipNullProperties: false }) {}

export class WorkspaceOut {
  @ApiProperty({ description: 'Id of the workspace.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  id: string;

  @ApiProperty({ description: 'Name for people.', example: 'Sales' })
  name: string;

  @ApiProperty({ description: 'For addresses.', example: 'sales' })
  slug: string;

  @ApiProperty({
    description: 'What it is for.',
    type: String,
    nullable: true,
    example: 'Everyone who answers customers',
  })
  description: string | null;

  @ApiProperty({
    description: 'As given.',
    type: Object,
    additionalProperties: true,
    example: { costCentre: '4711' },
  })
  settings: Record<string, unknown>;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ description: 'When it was last changed.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  updatedAt: string;
}

export class DeletedWorkspaceOut {
  @ApiProperty({ description: 'Id of the workspace.', format: 'uuid', example: '0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a' })
  id: string;

  @ApiProperty({ description: 'Always true.', example: true })
  deleted: boolean;
}

export function presentWorkspace(row: WorkspaceRow): WorkspaceOut {
  return {
    id: row.id,
    name: row.name,
    slug: row.slug,
    description: row.description,
    settings: row.settings,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
