import { ApiProperty } from '@nestjs/swagger';
import { IsNotEmpty, IsString, MaxLength } from 'class-validator';
import { systemRoleIds } from '#contracts';
import type { RoleAssignmentRow } from '#database';
import { knownSystemRole, type Member, permissionsOfAssignment } from '#domain';

export const ROLE_SENTENCE =
  'A system role (`owner`, `admin`, `manager`, `operator`, `viewer`; `member` is taken as `operator`), or the id of a role.';

export class SetRoleIn {
  @ApiProperty({ description: ROLE_SENTENCE, maxLength: 100, example: 'manager' })
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  role: string;
}

export class RoleAssignmentOut {
  @ApiProperty({
    description: 'Id of the assignment.',
    format: 'uuid',
    example: '0198c2f0-9c3d-7a10-b2c3-d4e5f6a7b8c9',
  })
  id: string;

  @ApiProperty({ description: 'Id of the role.', format: 'uuid', example: systemRoleIds.manager })
  roleId: string;

  @ApiProperty({ description: 'Name of the role.', example: 'manager' })
  role: string;

  @ApiProperty({
    description: 'The only workspace in which it holds; null when it is not limited to one.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  workspaceId: string | null;

  @ApiProperty({
    description: 'The only profile for which it holds; null when it is not limited to one.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
  })
  profileId: string | null;

  @ApiProperty({
    description: 'What it gives there. A role in a workspace gives nothing that is about the organization.',
    type: [String],
    example: ['profiles.read', 'messages.read', 'messages.send'],
  })
  permissions: string[];

  @ApiProperty({ description: 'When it was given.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;
}

export class MemberOut {
  @ApiProperty({ description: 'Id of the user.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  id: string;

  @ApiProperty({ description: 'E-mail address, the login name.', example: 'bo@example.com' })
  email: string;

  @ApiProperty({ description: 'Name for people.', example: 'Bo Example' })
  name: string;

  @ApiProperty({
    description: 'Name of the role for the whole organization; null when every role is limited to places.',
    type: String,
    nullable: true,
    example: 'manager',
  })
  role: string | null;

  @ApiProperty({ description: 'All roles, with where they hold.', type: [RoleAssignmentOut] })
  roles: RoleAssignmentOut[];

  @ApiProperty({ description: 'False while deactivated: no login, and API keys are refused.', example: true })
  isActive: boolean;

  @ApiProperty({
    description: 'When the person last logged in.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-21T09:12:00.000Z',
  })
  lastLoginAt: string | null;

  @ApiProperty({ description: 'When the person joined.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;
}

export class RemovedMemberOut {
  @ApiProperty({ description: 'Id of the user.', format: 'uuid', example: '0198c2f0-7b1a-7c3e-9d4e-5f6a7b8c9d0e' })
  id: string;

  @ApiProperty({ description: 'Always true: sessions and keys are refused from now on.', example: true })
  deleted: boolean;
}

export function presentAssignment(row: RoleAssignmentRow): RoleAssignmentOut {
  const system = row.systemRole === null ? null : knownSystemRole(row.systemRole);
  return {
    id: row.id,
    roleId: system?.id ?? row.roleId!,
    role: system?.name ?? row.roleName!,
    workspaceId: row.workspaceId,
    profileId: row.profileId,
    permissions: [...permissionsOfAssignment(row)],
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentMember(member: Member): MemberOut {
  const roles = member.assignments.map(presentAssignment);
  const whole = roles.find(({ workspaceId, profileId }) => workspaceId === null && profileId === null);
  return {
    id: member.id,
    email: member.email,
    name: member.name,
    role: whole?.role ?? null,
    roles,
    isActive: member.isActive,
    lastLoginAt: member.lastLoginAt?.toISOString() ?? null,
    createdAt: member.createdAt.toISOString(),
  };
}
