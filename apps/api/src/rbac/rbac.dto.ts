import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsNotEmpty, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import {
  levelOf,
  type Permission,
  type ProfileId,
  permissionCatalogue,
  permissions,
  reachOf,
  systemRoleIds,
  type UserId,
  type WorkspaceId,
} from '#contracts';
import type { Rights, RoleView } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { IsName } from '../http/is-name.js';

export class PermissionOut {
  @ApiProperty({ description: 'Name of the permission.', enum: permissions, example: 'messages.send' })
  key: string;

  @ApiProperty({ description: 'What it allows.', example: 'Send messages, single and in bulk.' })
  description: string;

  @ApiProperty({ description: 'What it is about.', example: 'messages' })
  category: string;

  @ApiProperty({
    description: 'The smallest thing to which it can be limited.',
    enum: ['profile', 'workspace', 'organization'],
    example: 'profile',
  })
  level: string;
}

export class CreateRoleIn {
  @ApiProperty({ description: 'Name for people; unique in the organization.', maxLength: 100, example: 'Night shift' })
  @IsName()
  name: string;

  @ApiPropertyOptional({
    description: 'What it is for.',
    type: String,
    nullable: true,
    maxLength: 500,
    example: 'Answers customers after hours',
  })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  description?: string | null;

  @ApiProperty({
    description:
      'What it holds, of `GET /rbac/permissions`. The names of the older product (`message:send` …) are understood too.',
    type: [String],
    maxItems: 100,
    example: ['profiles.read', 'messages.read', 'messages.send'],
  })
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  permissions: string[];
}

/** Fields that are left out stay as they are. */
export class UpdateRoleIn extends PartialType(CreateRoleIn, { skipNullProperties: false }) {}

export class RoleOut {
  @ApiProperty({ description: 'Id of the role.', format: 'uuid', example: '0198c2f0-bf50-7a10-9d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'Name.', example: 'Night shift' })
  name: string;

  @ApiProperty({
    description: 'What it is for.',
    type: String,
    nullable: true,
    example: 'Answers customers after hours',
  })
  description: string | null;

  @ApiProperty({
    description: 'What it holds.',
    type: [String],
    example: ['profiles.read', 'messages.read', 'messages.send'],
  })
  permissions: string[];

  @ApiProperty({ description: 'Whether it belongs to the system and cannot be changed.', example: false })
  isSystem: boolean;

  @ApiProperty({ description: 'How many members and open invitations have it.', example: 2 })
  uses: number;

  @ApiProperty({
    description: 'When it was made; null for system roles.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  createdAt: string | null;

  @ApiProperty({
    description: 'When it was last changed; null for system roles.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T08:30:00.000Z',
  })
  updatedAt: string | null;
}

export class DeletedRoleOut {
  @ApiProperty({ description: 'Id of the role.', format: 'uuid', example: '0198c2f0-bf50-7a10-9d3e-4f5a6b7c8d9e' })
  id: string;

  @ApiProperty({ description: 'Always true: it is gone.', example: true })
  deleted: boolean;
}

export class AssignRoleIn {
  @ApiProperty({ description: 'The member.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  @IsUUID(undefined, { message: 'must be a UUID' })
  userId: UserId;

  @ApiProperty({
    description: 'Id of the role, or the name of a system role.',
    maxLength: 100,
    example: systemRoleIds.operator,
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  roleId: string;

  @ApiPropertyOptional({
    description:
      'Workspaces in which the role holds, besides the roles that the member has. Without any places it holds in the whole organization, in place of the role that the member had there.',
    type: [String],
    format: 'uuid',
    maxItems: 100,
    example: [],
  })
  @IfGiven()
  @IsIds(100)
  workspaceIds?: WorkspaceId[];

  @ApiPropertyOptional({
    description: 'Profiles for which the role holds, besides the roles that the member has.',
    type: [String],
    format: 'uuid',
    maxItems: 100,
    example: [],
  })
  @IfGiven()
  @IsIds(100)
  profileIds?: ProfileId[];
}

export class HeldPermissionOut {
  @ApiProperty({ description: 'Name of the permission.', enum: permissions, example: 'messages.send' })
  permission: string;

  @ApiProperty({ description: 'Whether it is held in the whole organization.', example: false })
  everywhere: boolean;

  @ApiProperty({
    description: 'Otherwise: the workspaces in which it is held, with all their profiles.',
    type: [String],
    format: 'uuid',
    example: ['0198c2f0-7b19-7c11-b2a4-1f2e3d4c5b6a'],
  })
  workspaceIds: string[];

  @ApiProperty({
    description: 'Otherwise: the profiles for which it is held.',
    type: [String],
    format: 'uuid',
    example: [],
  })
  profileIds: string[];
}

export function permissionList(): PermissionOut[] {
  return permissions.map((key) => ({
    key,
    description: permissionCatalogue[key],
    category: key.split('.')[0]!,
    level: levelOf(key),
  }));
}

export function presentRole(role: RoleView): RoleOut {
  return {
    id: role.id,
    name: role.name,
    description: role.description,
    permissions: [...role.permissions],
    isSystem: role.isSystem,
    uses: role.uses,
    createdAt: role.createdAt?.toISOString() ?? null,
    updatedAt: role.updatedAt?.toISOString() ?? null,
  };
}

export function presentRights(rights: Rights): HeldPermissionOut[] {
  return permissions.filter((permission) => rights.permissions.has(permission)).map((each) => held(rights, each));
}

function held(rights: Rights, permission: Permission): HeldPermissionOut {
  const reach = reachOf(rights, permission);
  if (reach === 'everywhere') return { permission, everywhere: true, workspaceIds: [], profileIds: [] };
  return { permission, everywhere: false, workspaceIds: [...reach.workspaceIds], profileIds: [...reach.profileIds] };
}
