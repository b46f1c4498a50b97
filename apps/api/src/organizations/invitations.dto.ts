import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsEmail, IsInt, IsNotEmpty, IsString, Max, MaxLength, Min } from 'class-validator';
import { type ProfileId, systemRoleIds, type WorkspaceId } from '#contracts';
import type { InvitationRow } from '#database';
import { knownSystemRole, type OpenInvitation, PASSWORD_MAX, PASSWORD_MIN } from '#domain';
import { IfGiven } from '../http/if-given.js';
import { IsIds } from '../http/is-ids.js';
import { IsName } from '../http/is-name.js';
import { PageQuery } from '../http/page.js';
import { ROLE_SENTENCE } from './members.dto.js';

export class InviteIn {
  @ApiProperty({ description: 'Where the link is mailed to; the login name later.', example: 'bo@example.com' })
  @IsEmail(undefined, { message: 'must be an e-mail address' })
  @MaxLength(254)
  email: string;

  @ApiPropertyOptional({
    description: 'Name for people; the person can choose another.',
    maxLength: 100,
    example: 'Bo Example',
  })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiPropertyOptional({ description: ROLE_SENTENCE, maxLength: 100, default: 'viewer', example: 'manager' })
  @IfGiven()
  @IsString()
  @IsNotEmpty()
  @MaxLength(100)
  role: string = 'viewer';

  @ApiPropertyOptional({
    description: 'Workspaces in which alone the role will hold. Without any places: in the whole organization.',
    type: [String],
    format: 'uuid',
    maxItems: 100,
    example: [],
  })
  @IfGiven()
  @IsIds(100)
  workspaceIds?: WorkspaceId[];

  @ApiPropertyOptional({
    description: 'Profiles for which alone the role will hold.',
    type: [String],
    format: 'uuid',
    maxItems: 100,
    example: [],
  })
  @IfGiven()
  @IsIds(100)
  profileIds?: ProfileId[];

  @ApiPropertyOptional({ description: 'How long the link works.', minimum: 1, maximum: 30, default: 7, example: 7 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(30)
  expiresInDays: number = 7;
}

export class ResendInvitationIn {
  @ApiPropertyOptional({ description: 'How long the new link works.', minimum: 1, maximum: 30, default: 7, example: 7 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(30)
  expiresInDays: number = 7;
}

export class InvitationsQuery extends PageQuery {
  @ApiPropertyOptional({
    description: 'Only those that can still be accepted. Default: all.',
    default: false,
    example: true,
  })
  @IfGiven()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  open: boolean = false;
}

export class InvitationTokenIn {
  @ApiProperty({
    description: 'What stands behind `#token=` in the link.',
    maxLength: 200,
    example: 'wpi_2yXv0Qm4cT8hJ6sRr1LkZ9eWbNdUaPfGiOoVtYxKqM0',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(200)
  token: string;
}

export class AcceptInvitationIn extends InvitationTokenIn {
  @ApiPropertyOptional({
    description: 'Your name. Default: that of the invitation.',
    maxLength: 100,
    example: 'Bo Example',
  })
  @IfGiven()
  @IsName()
  name?: string;

  @ApiProperty({
    description: `The password of your new account: ${PASSWORD_MIN} to ${PASSWORD_MAX} characters, not one of those that everybody uses.`,
    format: 'password',
    example: 'seven blue lanterns',
  })
  @IsString()
  @IsNotEmpty()
  @MaxLength(4 * PASSWORD_MAX)
  password: string;
}

export class InvitationOut {
  @ApiProperty({
    description: 'Id of the invitation.',
    format: 'uuid',
    example: '0198c2f0-ae4f-7b10-8c2d-3e4f5a6b7c8d',
  })
  id: string;

  @ApiProperty({ description: 'Where the link was mailed to.', example: 'bo@example.com' })
  email: string;

  @ApiProperty({ description: 'Name, when one was given.', type: String, nullable: true, example: 'Bo Example' })
  name: string | null;

  @ApiProperty({
    description: 'Id of the role; null when it was deleted.',
    type: String,
    format: 'uuid',
    nullable: true,
    example: systemRoleIds.manager,
  })
  roleId: string | null;

  @ApiProperty({ description: 'Name of the role.', type: String, nullable: true, example: 'manager' })
  role: string | null;

  @ApiProperty({ description: 'Workspaces in which alone it will hold.', type: [String], format: 'uuid', example: [] })
  workspaceIds: string[];

  @ApiProperty({ description: 'Profiles for which alone it will hold.', type: [String], format: 'uuid', example: [] })
  profileIds: string[];

  @ApiProperty({
    description: '`open`, `accepted`, `revoked` or `expired`.',
    enum: ['open', 'accepted', 'revoked', 'expired'],
    example: 'open',
  })
  status: string;

  @ApiProperty({
    description: 'Who invited; null when that member is gone.',
    type: String,
    nullable: true,
    example: 'Ada Example',
  })
  invitedBy: string | null;

  @ApiProperty({
    description: 'When the last mail was made.',
    format: 'date-time',
    example: '2026-11-21T08:30:00.000Z',
  })
  sentAt: string;

  @ApiProperty({ description: 'Until when the link works.', format: 'date-time', example: '2026-11-28T08:30:00.000Z' })
  expiresAt: string;

  @ApiProperty({
    description: 'When it was accepted.',
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
  })
  acceptedAt: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: '2026-11-21T08:30:00.000Z' })
  createdAt: string;
}

/** What somebody learns who has the link. */
export class OpenInvitationOut {
  @ApiProperty({ description: 'Who invites.', example: 'Example Ltd.' })
  organizationName: string;

  @ApiProperty({ description: 'The address that is invited; the login name later.', example: 'bo@example.com' })
  email: string;

  @ApiProperty({ description: 'Name, when one was given.', type: String, nullable: true, example: 'Bo Example' })
  name: string | null;

  @ApiProperty({ description: 'Name of the role.', type: String, nullable: true, example: 'manager' })
  role: string | null;

  @ApiProperty({ description: 'The member who invited.', type: String, nullable: true, example: 'Ada Example' })
  invitedBy: string | null;

  @ApiProperty({ description: 'Until when the link works.', format: 'date-time', example: '2026-11-28T08:30:00.000Z' })
  expiresAt: string;
}

export function presentInvitation(row: InvitationRow): InvitationOut {
  const system = row.systemRole === null ? null : knownSystemRole(row.systemRole);
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roleId: system?.id ?? (row.roleName === null ? null : row.roleId),
    role: system?.name ?? row.roleName,
    workspaceIds: row.workspaceIds,
    profileIds: row.profileIds,
    status: statusOf(row),
    invitedBy: row.invitedByName,
    sentAt: row.sentAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

export function presentOpenInvitation(row: OpenInvitation): OpenInvitationOut {
  const { email, name, role, invitedBy, expiresAt } = presentInvitation(row);
  return { organizationName: row.organizationName, email, name, role, invitedBy, expiresAt };
}

function statusOf({ acceptedAt, revokedAt, expiresAt }: InvitationRow): string {
  if (acceptedAt) return 'accepted';
  if (revokedAt) return 'revoked';
  return expiresAt > new Date() ? 'open' : 'expired';
}
